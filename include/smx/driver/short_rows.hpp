// SPDX-License-Identifier: BSL-1.0
// Many short rows: as many as a register has lanes at a time, transposed into a tile of columns and back.
// Bits are those of a row, as for columns. One design for every length up to the limit, and no masked stores.
#pragma once

#include <smx/algorithm/across.hpp>
#include <smx/algorithm/short_tile.hpp>
#include <smx/driver/row.hpp>
#include <smx/simd/transpose.hpp>

SMX_BEGIN
namespace driver {

/// The longest row that is taken so, and so that it stays in registers. Beyond 48 floats rows out of the cache are
/// faster one by one (64: .94 ns an element, 1.20 in tiles), though in L2 tiles win up to 100 (64: 1.01 and 1.30);
/// of doubles, 8 take 1.9 ns an element and not 5.6, 24 take 2.6 and not 3.1, and 32 out of the cache 2.7 and not 2.3.
/// Registers gain 25 % up to 16 floats and 30 % at 24; nothing at 32, for code that doubles with the length.
template <class T> inline constexpr std::size_t short_row = 192 / sizeof(T);
template <class T> inline constexpr std::size_t register_row = simd::line<T>;

/// N columns of registers for rows of n elements, N - slice < n <= N, read and written by slices.
template <class Accuracy, class V, std::size_t N, class Finish>
SMX_INLINE bool normalize_registers(matrix_view<simd::element_of<V> const> const& x,
                                    matrix_view<simd::element_of<V>> const& y, std::size_t r,
                                    math::exp_scale<simd::element_of<V>> k, Finish const& finish) {
    constexpr std::size_t slice = simd::slice<simd::element_of<V>>;
    std::size_t const last = x.cols - (N - slice); // elements of the last slice
    auto const by_slices = [&](auto const& f) SMX_INLINE_LAMBDA {
        simd::unroll<N / slice>([&](std::size_t s)
                                    SMX_INLINE_LAMBDA { f(slice * s, s + 1 == N / slice ? last : slice); });
    };
    V tile[N];
    by_slices([&](std::size_t i, std::size_t width) SMX_INLINE_LAMBDA {
        simd::load_slices(x.data + r * x.row_stride + i, x.row_stride, width, tile + i);
    });
    if (!algorithm::normalize_short_tile<Accuracy>(tile, x.cols, k, finish)) return false;
    by_slices([&](std::size_t i, std::size_t width) SMX_INLINE_LAMBDA {
        simd::store_slices(y.data + r * y.row_stride + i, y.row_stride, width, tile + i);
    });
    return true;
}

/// A tile in memory: for longer rows, and finishes that treat every row by itself.
template <class Accuracy, class V, class Finish>
SMX_INLINE bool normalize_columns_of(matrix_view<simd::element_of<V> const> const& x,
                                     matrix_view<simd::element_of<V>> const& y, std::size_t r,
                                     math::exp_scale<simd::element_of<V>> k, Finish const& finish) {
    using T = simd::element_of<V>;
    using P = simd::pack<V, 1>;
    alignas(64) T columns[(short_row<T> + 3) * V::size];
    auto const load = [&](std::size_t i) SMX_INLINE_LAMBDA { return P{{V::load_aligned(columns + i * V::size)}}; };
    auto const store = [&](std::size_t i, P const& v)
                           SMX_INLINE_LAMBDA { v.part[0].store_aligned(columns + i * V::size); };
    auto const special = [&](std::size_t lane, double sum) {
        T const value = algorithm::value_without_weights<T>(sum, finish.fully_masked);
        for (std::size_t i = 0; i != x.cols; ++i) columns[i * V::size + lane] = value;
    };
    simd::load_transposed<V>(x.data + r * x.row_stride, x.row_stride, x.cols, columns);
    if (!algorithm::normalize_tile<Accuracy, P>(x.cols, V::size, k, load, store, load, finish, special)) return false;
    simd::store_transposed<V>(y.data + r * y.row_stride, y.row_stride, x.cols, columns);
    return true;
}

/// Softmax of the rows from `first` on, of at most short_row elements, a register of rows at a time. Returns the row
/// where it ends: at rows that a tile cannot take, or that fill no register.
template <class Accuracy, class V, std::size_t N = simd::slice<simd::element_of<V>>, class Finish>
std::size_t normalize_short_rows(matrix_view<simd::element_of<V> const> const& x,
                                 matrix_view<simd::element_of<V>> const& y, std::size_t first, std::size_t last,
                                 math::exp_scale<simd::element_of<V>> k, Finish const& finish) {
    using T = simd::element_of<V>;
    constexpr bool in_registers = Finish::is_plain && N <= register_row<T>;
    if constexpr (in_registers)
        if (x.cols > N) return normalize_short_rows<Accuracy, V, N + simd::slice<T>>(x, y, first, last, k, finish);
    std::size_t const ahead = prefetch_in(x), lines = V::size * x.row_stride / simd::line<T>;
    for (; last - first >= V::size; first += V::size) {
        if (ahead != 0)
            for (std::size_t i = 0; i <= lines; ++i) {
                std::size_t const offset = ahead + i * simd::line<T>;
                simd::prefetch(x.data + first * x.row_stride + offset);
                simd::prefetch_for_write(y.data + first * y.row_stride + offset);
            }
        if constexpr (in_registers) {
            if (!normalize_registers<Accuracy, V, N>(x, y, first, k, finish)) break;
        } else {
            if (!normalize_columns_of<Accuracy, V>(x, y, first, k, finish)) break;
        }
    }
    return first;
}

} // namespace driver
SMX_END
