// SPDX-License-Identifier: BSL-1.0
// What the classifier sees of a scan: its pixels, and the strokes that run through pairs of neighbours.
#pragma once

#include "scan.hpp"

#include <array>
#include <cstddef>
#include <iterator>
#include <span>

namespace digits {

/// Where a scan is shown: moved by this many pixels, to the right and down. Ink that leaves the frame is lost.
struct displacement {
    int right = 0;
    int down = 0;
};

/// A pair of neighbours: this far to the right and down of a pixel.
inline constexpr displacement strokes[] = {{1, 0}, {0, 1}, {1, 1}, {-1, 1}};

/// A constant, then the ink of each pixel, then for each stroke and pixel the product of the ink at its two ends: high
/// only if the pen went through both. A linear classifier of these can tell how strokes run, of pixels alone it cannot.
inline constexpr std::size_t feature_count = 1 + pixels * (1 + std::size(strokes));

inline void show(scan const& s, displacement moved, std::span<float, feature_count> features) {
    // The picture within a frame of paper one pixel wide, so that every pixel has neighbours.
    constexpr int size = static_cast<int>(side), pitch = size + 2;
    constexpr auto at = [](int column, int row) { return static_cast<std::size_t>((row + 1) * pitch + column + 1); };
    std::array<float, pitch * pitch> framed{};
    std::array<std::size_t, pixels> places;
    std::size_t pixel = 0;
    for (int row = 0; row < size; ++row)
        for (int column = 0; column < size; ++column) {
            int const to_row = row + moved.down, to_column = column + moved.right;
            if (to_row >= 0 && to_row < size && to_column >= 0 && to_column < size)
                framed[at(to_column, to_row)] = static_cast<float>(s.ink[pixel]) / full_ink;
            places[pixel++] = at(column, row);
        }

    float* next = features.data();
    *next++ = 1;
    for (std::size_t const place : places) *next++ = framed[place];
    for (displacement const to : strokes) {
        std::size_t const across = at(to.right, to.down) - at(0, 0);
        for (std::size_t const place : places) *next++ = framed[place] * framed[place + across];
    }
}

} // namespace digits
