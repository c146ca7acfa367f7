// SPDX-License-Identifier: BSL-1.0
// As many rows as a register has lanes, turned into columns and back: for rows too short to fill a register.
//
// Four columns at a time. Lane l of register j is loaded with four elements of row 4 l + j; transposing the four
// registers inside their 128-bit lanes gives four columns whose lanes are the rows in order.
#pragma once

#include <smx/simd/memory.hpp>

SMX_BEGIN
namespace simd {

/// Machines that can: those with quads of floats.
template <one_register V> constexpr bool transposes() {
    return requires(V v, element_of<V> * p) {
        native::transpose_quads(v.data, v.data, v.data, v.data);
        native::store_quads(p, std::size_t(1), std::size_t(4), v.data);
    };
}

/// columns[i] = element i of rows p, p + stride, ..., for i < n; up to 3 columns beyond are written, too.
template <one_register V>
SMX_INLINE void load_transposed(element_of<V> const* p, std::size_t stride, std::size_t n, element_of<V>* columns) {
    for (std::size_t i = 0; i < n; i += 4) {
        std::size_t const width = n - i < 4 ? n - i : 4;
        V a(native::load_quads(p + i, 4 * stride, width, V(0).data));
        V b(native::load_quads(p + i + stride, 4 * stride, width, V(0).data));
        V c(native::load_quads(p + i + 2 * stride, 4 * stride, width, V(0).data));
        V d(native::load_quads(p + i + 3 * stride, 4 * stride, width, V(0).data));
        native::transpose_quads(a.data, b.data, c.data, d.data);
        a.store_aligned(columns + i * V::size);
        b.store_aligned(columns + (i + 1) * V::size);
        c.store_aligned(columns + (i + 2) * V::size);
        d.store_aligned(columns + (i + 3) * V::size);
    }
}

/// The reverse; nothing outside the rows is written.
template <one_register V>
SMX_INLINE void store_transposed(element_of<V>* p, std::size_t stride, std::size_t n, element_of<V> const* columns) {
    for (std::size_t i = 0; i < n; i += 4) {
        std::size_t const width = n - i < 4 ? n - i : 4;
        V a = V::load_aligned(columns + i * V::size), b = V::load_aligned(columns + (i + 1) * V::size),
          c = V::load_aligned(columns + (i + 2) * V::size), d = V::load_aligned(columns + (i + 3) * V::size);
        native::transpose_quads(a.data, b.data, c.data, d.data);
        native::store_quads(p + i, 4 * stride, width, a.data);
        native::store_quads(p + i + stride, 4 * stride, width, b.data);
        native::store_quads(p + i + 2 * stride, 4 * stride, width, c.data);
        native::store_quads(p + i + 3 * stride, 4 * stride, width, d.data);
    }
}

} // namespace simd
SMX_END
