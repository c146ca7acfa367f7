// SPDX-License-Identifier: BSL-1.0
// A matrix with gaps between its rows, and marks in the gaps.
#pragma once

#include "inputs.hpp"

#include <smx/matrix.hpp>

#include <vector>

namespace smx_test {

/// rows x cols elements at a stride, in memory whose gaps hold a mark.
template <class T> struct padded {
    static constexpr T mark = T(-77);
    std::size_t rows, cols, stride;
    std::vector<T> memory;

    padded(std::size_t row_count, std::size_t col_count, std::size_t row_stride)
        : rows(row_count), cols(col_count), stride(row_stride), memory(row_count * row_stride + col_count, mark) {}

    T& at(std::size_t r, std::size_t c) { return memory[r * stride + c]; }
    T at(std::size_t r, std::size_t c) const { return memory[r * stride + c]; }
    smx::matrix_view<T> view() { return {memory.data(), rows, cols, stride}; }
    smx::matrix_view<T const> view() const { return {memory.data(), rows, cols, stride}; }
    std::vector<T> row(std::size_t r) const {
        auto const first = memory.begin() + static_cast<std::ptrdiff_t>(r * stride);
        return {first, first + static_cast<std::ptrdiff_t>(cols)};
    }
    std::vector<T> column(std::size_t c) const {
        std::vector<T> result(rows);
        for (std::size_t r = 0; r != rows; ++r) result[r] = at(r, c);
        return result;
    }
    void set_column(std::size_t c, std::vector<T> const& values) {
        for (std::size_t r = 0; r != rows; ++r) at(r, c) = values[r];
    }
    bool padding_intact() const {
        for (std::size_t i = 0; i != memory.size(); ++i)
            if ((i >= rows * stride || i % stride >= cols) && memory[i] != mark) return false;
        return true;
    }
};

template <class T> padded<T> filled(std::size_t rows, std::size_t cols, std::size_t stride) {
    padded<T> m(rows, cols, stride);
    generator g(rows * 1000 + cols);
    for (std::size_t r = 0; r != rows; ++r)
        for (std::size_t c = 0; c != cols; ++c) m.at(r, c) = g.bell<T>(4);
    return m;
}

} // namespace smx_test
