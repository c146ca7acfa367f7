// SPDX-License-Identifier: BSL-1.0
// Which shapes are measured.
#pragma once

#include "problem.hpp"

#include <initializer_list>
#include <vector>

namespace bench {

/// Rows from a register to far beyond the caches, of vocabularies too; matrices as classifiers, attention and
/// segmentation have them.
inline std::vector<shape> shapes() {
    constexpr std::size_t ki = 1024, mi = ki * ki;
    std::vector<shape> all;
    auto const rows_of = [&all](std::size_t rows, std::initializer_list<std::size_t> lengths) {
        for (auto const n : lengths) all.push_back({rows, n});
    };
    rows_of(1, {16, 64, 128, 256, 512, ki, 4 * ki, 32000, 32 * ki, 50257, 64 * ki, 128256, 128 * ki, 256000, 256 * ki,
                mi, 4 * mi, 16 * mi, 64 * mi});
    rows_of(64 * ki, {4, 8, 10, 16, 32, 64, 100, 128}); // out of cache
    rows_of(256, {128, 256, 512});                      // a head of attention, in L2
    rows_of(6144, {512});
    rows_of(4096, {1000, 2048});
    all.push_back({21, 512 * 512, axis::columns});
    return all;
}

} // namespace bench
