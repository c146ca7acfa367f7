// SPDX-License-Identifier: BSL-1.0
// A register of short rows, transposed on the stack into a tile of columns, and back.
#pragma once

#include <smx/algorithm/kept_sum.hpp>
#include <smx/driver/kernel.hpp>
#include <smx/driver/row.hpp>
#include <smx/simd/transpose.hpp>

SMX_BEGIN
namespace driver {

/// The longest row that is taken many at a time (short_rows.hpp), and so that it stays in registers. Beyond 48 floats
/// rows out of the cache are faster one by one (64: .94 ns an element, 1.20 in tiles), though in L2 tiles win up to 100
/// (64: 1.01 and 1.30); of doubles, 8 take 1.9 ns an element and not 5.6, 24 take 2.6 and not 3.1, and 32 out of the
/// cache 2.7 and not 2.3. Registers gain 25 % up to 16 floats and 30 % at 24; nothing at 32, for code that doubles with
/// the length.
template <class T> inline constexpr std::size_t short_row = 192 / sizeof(T);
template <class T> inline constexpr std::size_t register_row = simd::line<T>;

/// Rows in columns on the stack, which has place for a slice that is not full.
template <class V> inline constexpr std::size_t stack_size = (short_row<simd::element_of<V>> + 3) * V::size;
template <class V> struct stacked_tile {
    using T = simd::element_of<V>;
    using P = simd::pack<V, 1>;
    T* stack;
    T* waiting; // where weights wait

    SMX_INLINE std::size_t columns() const { return V::size; }
    SMX_INLINE P load(std::size_t i) const { return {{V::load_aligned(stack + i * V::size)}}; }
    SMX_INLINE void store(std::size_t i, P const& v) const { v.part[0].store_aligned(stack + i * V::size); }
    SMX_INLINE void keep(std::size_t i, P const& w) const { w.part[0].store_aligned(waiting + i * V::size); }
    SMX_INLINE P kept(std::size_t i) const { return {{V::load_aligned(waiting + i * V::size)}}; }
    /// Some rows of the tile at once, as they follow each other.
    static constexpr bool is_stacked = true;
    template <class Rows> SMX_INLINE Rows load_rows(std::size_t i) const {
        return simd::load_pack<Rows>(stack + i * V::size, simd::whole{}, V(T(0)));
    }
    template <class Rows> SMX_INLINE void keep_rows(std::size_t i, Rows const& w) const {
        simd::store(waiting + i * V::size, w, simd::whole{});
    }
    static constexpr bool keeps_whole_registers = true;
    SMX_INLINE algorithm::weights_at<T> kept_matrix() const { return {waiting, V::size}; }
    SMX_INLINE void fill(std::size_t column, std::size_t n, T value) const {
        for (std::size_t i = 0; i != n; ++i) stack[i * V::size + column] = value;
    }
};

/// The register of rows that begins with x and y.
template <class V, class Kernel, class T>
SMX_OUTER bool map_stacked(Kernel const& kernel, T const* x, std::size_t x_stride, T* y, std::size_t y_stride,
                           std::size_t n, algorithm::row_scale<T> const& scale, tries_windows<Kernel, V>& windows) {
    alignas(64) T stack[stack_size<V>];
    simd::load_transposed<V>(x, x_stride, n, stack);
    bool const mapped = windows(kernel, [&](auto const& in_windows) SMX_OUTER_LAMBDA {
        alignas(64) T waiting[stack_size<V>];
        return in_windows.template tile_in_window<simd::pack<V, 1>>(stacked_tile<V>{stack, waiting}, n, scale);
    });
    if (!mapped && !kernel.template tile<simd::pack<V, 1>>(stacked_tile<V>{stack, stack}, n, scale)) return false;
    simd::store_transposed<V>(y, y_stride, n, stack);
    return true;
}

/// Tiles in halves: half_done<V> is what the first leaves to the second, of which value_of() takes longest.
template <class Kernel, class V> inline constexpr bool takes_tiles_in_halves = requires {
    typename Kernel::template half_done<V>;
};

/// The rows from `first` on: the first half of a tile stands between the value that the one before it waits for longest
/// and its results. Rows of 4 to 16 floats of log_softmax take .75 to .9 of the time, of 24 to 48 .91 to .95. Returns
/// the row where it ends: at rows that a tile cannot take, or that fill no register.
template <class V, class Kernel, class T>
SMX_OUTER std::size_t map_stacked_in_halves(Kernel const& kernel, matrix_view<T const> const& x,
                                            matrix_view<T> const& y, std::size_t first, std::size_t last,
                                            algorithm::row_scale<T> const& scale) {
    using half_done = typename Kernel::template half_done<V>;
    alignas(64) T stacks[2][stack_size<V>];
    half_done halves[2];
    auto value = kernel.value_of(halves[0]);
    std::size_t const n = x.cols, ahead = prefetch_in(x);
    for (bool waits = false;; waits = true, first += V::size) {
        std::size_t const turn = first / V::size % 2;
        auto const tile_of = [&](std::size_t t) { return stacked_tile<V>{stacks[t], stacks[t]}; };
        bool halved = last - first >= V::size;
        if (waits) value = kernel.value_of(halves[1 - turn]);
        if (halved) {
            T const* const from = x.data + first * x.row_stride;
            prefetch_rows<V>(from, y.data + first * y.row_stride, x.row_stride, ahead);
            simd::load_transposed<V>(from, x.row_stride, n, stacks[turn]);
            halved = kernel.first_half_of_tile(halves[turn], tile_of(turn), n, scale);
        }
        if (waits) {
            kernel.second_half_of_tile(halves[1 - turn], value, tile_of(1 - turn), n, scale);
            simd::store_transposed<V>(y.data + (first - V::size) * y.row_stride, y.row_stride, n, stacks[1 - turn]);
        }
        if (!halved) return first;
    }
}

} // namespace driver
SMX_END
