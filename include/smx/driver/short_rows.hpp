// SPDX-License-Identifier: BSL-1.0
// Many short rows: as many as a register has lanes at a time, transposed into a tile of columns and back.
// Bits are those of a row, as for columns. One design for every length up to the limit, and no masked stores.
#pragma once

#include <smx/algorithm/across.hpp>
#include <smx/matrix.hpp>
#include <smx/simd/transpose.hpp>

SMX_BEGIN
namespace driver {

/// The longest row that is taken so.
inline constexpr std::size_t short_row = 32;

/// Softmax of blocks of rows; returns how many rows are done: all but the last few, and those from a block on that a
/// tile cannot take. x and y have rows of at most short_row elements.
template <class Accuracy, class V, class Finish>
std::size_t normalize_short_rows(matrix_view<simd::element_of<V> const> const& x,
                                 matrix_view<simd::element_of<V>> const& y,
                                 algorithm::row_scale<simd::element_of<V>> const& scale, Finish const& finish) {
    using T = simd::element_of<V>;
    using P = simd::pack<V, 1>;
    if (!scale.ordinary) return 0;
    alignas(64) T columns[(short_row + 3) * V::size];
    std::size_t r = 0;
    auto const load = [&](std::size_t i) SMX_INLINE_LAMBDA { return P{{V::load_aligned(columns + i * V::size)}}; };
    auto const store = [&](std::size_t i, P const& v)
                           SMX_INLINE_LAMBDA { v.part[0].store_aligned(columns + i * V::size); };
    auto const special = [&](std::size_t lane, double sum) {
        T const value = algorithm::value_without_weights<T>(sum, finish.fully_masked);
        for (std::size_t i = 0; i != x.cols; ++i) columns[i * V::size + lane] = value;
    };
    for (; x.rows - r >= V::size; r += V::size) {
        simd::load_transposed<V>(x.data + r * x.row_stride, x.row_stride, x.cols, columns);
        if (!algorithm::normalize_tile<Accuracy, P>(x.cols, V::size, scale.k, load, store, load, finish, special))
            break;
        simd::store_transposed<V>(y.data + r * y.row_stride, y.row_stride, x.cols, columns);
    }
    return r;
}

} // namespace driver
SMX_END
