// SPDX-License-Identifier: BSL-1.0
// Many short rows: as many as a register has lanes at a time, transposed into a tile of columns and back.
// Bits are those of a row, as for columns. One design for every length up to the limit, and no masked stores.
#pragma once

#include <smx/algorithm/kept_sum.hpp>
#include <smx/driver/kernel.hpp>
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

/// Rows in columns on the stack, which has place for a slice that is not full.
template <class V> inline constexpr std::size_t stack_size = (short_row<simd::element_of<V>> + 3) * V::size;
template <class V> struct stacked_tile {
    using T = simd::element_of<V>;
    using P = simd::pack<V, 1>;
    T* stack;

    SMX_INLINE std::size_t columns() const { return V::size; }
    SMX_INLINE P load(std::size_t i) const { return {{V::load_aligned(stack + i * V::size)}}; }
    SMX_INLINE void store(std::size_t i, P const& v) const { v.part[0].store_aligned(stack + i * V::size); }
    SMX_INLINE void keep(std::size_t i, P const& w) const { store(i, w); }
    SMX_INLINE P kept(std::size_t i) const { return load(i); }
    static constexpr bool keeps_whole_registers = true;
    SMX_INLINE algorithm::weights_at<T> kept_matrix() const { return {stack, V::size}; }
    SMX_INLINE void fill(std::size_t column, std::size_t n, T value) const {
        for (std::size_t i = 0; i != n; ++i) stack[i * V::size + column] = value;
    }
};

/// The register of rows that begins with x and y.
template <class V, class Kernel, class T>
SMX_INLINE bool map_stacked(Kernel const& kernel, T const* x, std::size_t x_stride, T* y, std::size_t y_stride,
                            std::size_t n, algorithm::row_scale<T> const& scale) {
    alignas(64) T stack[stack_size<V>];
    simd::load_transposed<V>(x, x_stride, n, stack);
    if (!kernel.template tile<simd::pack<V, 1>>(stacked_tile<V>{stack}, n, scale)) return false;
    simd::store_transposed<V>(y, y_stride, n, stack);
    return true;
}

/// The same in N registers, N - slice < n <= N, read and written by slices.
template <class V, std::size_t N, class Kernel, class T>
SMX_INLINE bool map_in_registers(Kernel const& kernel, T const* x, std::size_t x_stride, T* y, std::size_t y_stride,
                                 std::size_t n, algorithm::row_scale<T> const& scale) {
    constexpr std::size_t slice = simd::slice<T>;
    std::size_t const last = n - (N - slice); // elements of the last slice
    auto const by_slices = [&](auto const& f) SMX_INLINE_LAMBDA {
        simd::unroll<N / slice>([&](std::size_t s)
                                    SMX_INLINE_LAMBDA { f(slice * s, s + 1 == N / slice ? last : slice); });
    };
    V tile[N];
    by_slices([&](std::size_t i, std::size_t width)
                  SMX_INLINE_LAMBDA { simd::load_slices(x + i, x_stride, width, tile + i); });
    if (!kernel.template register_tile<V>(tile, n, scale)) return false;
    by_slices([&](std::size_t i, std::size_t width)
                  SMX_INLINE_LAMBDA { simd::store_slices(y + i, y_stride, width, tile + i); });
    return true;
}

/// The rows from `first` on, of at most short_row elements, a register of rows at a time. Returns the row where it
/// ends: at rows that a tile cannot take, or that fill no register.
template <class V, class Kernel, class T, std::size_t N = simd::slice<T>>
std::size_t map_short_rows(Kernel const& kernel, matrix_view<T const> const& x, matrix_view<T> const& y,
                           std::size_t first, std::size_t last, algorithm::row_scale<T> const& scale) {
    constexpr bool in_registers = takes_registers<Kernel> && N <= register_row<T>;
    if constexpr (in_registers)
        if (x.cols > N) return map_short_rows<V, Kernel, T, N + simd::slice<T>>(kernel, x, y, first, last, scale);
    std::size_t const ahead = prefetch_in(x), lines = V::size * x.row_stride / simd::line<T>;
    for (; last - first >= V::size; first += V::size) {
        T const* const from = x.data + first * x.row_stride;
        T* const to = y.data + first * y.row_stride;
        if (ahead != 0)
            for (std::size_t i = 0; i <= lines; ++i) {
                std::size_t const offset = ahead + i * simd::line<T>;
                simd::prefetch(from + offset);
                simd::prefetch_for_write(to + offset);
            }
        if constexpr (in_registers) {
            if (!map_in_registers<V, N>(kernel, from, x.row_stride, to, y.row_stride, x.cols, scale)) break;
        } else {
            if (!map_stacked<V>(kernel, from, x.row_stride, to, y.row_stride, x.cols, scale)) break;
        }
    }
    return first;
}

} // namespace driver
SMX_END
