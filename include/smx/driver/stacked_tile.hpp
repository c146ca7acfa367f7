// SPDX-License-Identifier: BSL-1.0
// A register of short rows, transposed on the stack into a tile of columns, and back.
#pragma once

#include <smx/algorithm/kept_sum.hpp>
#include <smx/driver/kernel.hpp>
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

} // namespace driver
SMX_END
