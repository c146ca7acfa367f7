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

/// to[i] = element i of rows p, p + stride, ..., for i < width <= 4; the others of the four are 0. Rows and lanes are
/// matched in an order of their own, the same for loads and stores.
template <one_register V>
SMX_INLINE void load_quads(element_of<V> const* p, std::size_t stride, std::size_t width, V* to) {
    for (std::size_t i = 0; i != 4; ++i) to[i] = V(native::load_quads(p + i * stride, 4 * stride, width, V(0).data));
    native::transpose_quads(to[0].data, to[1].data, to[2].data, to[3].data);
}

/// The reverse; nothing outside the rows is written.
template <one_register V>
SMX_INLINE void store_quads(element_of<V>* p, std::size_t stride, std::size_t width, V const* from) {
    V quad[4] = {from[0], from[1], from[2], from[3]};
    native::transpose_quads(quad[0].data, quad[1].data, quad[2].data, quad[3].data);
    for (std::size_t i = 0; i != 4; ++i) native::store_quads(p + i * stride, 4 * stride, width, quad[i].data);
}

/// columns[i] = element i of the rows, for i < n, n > 0; up to 3 columns beyond are written, too.
template <one_register V>
SMX_INLINE void load_transposed(element_of<V> const* p, std::size_t stride, std::size_t n, element_of<V>* columns) {
    std::size_t i = 0;
    do { // once at least: g++ would else take the first column for uninitialized
        V quad[4];
        simd::load_quads(p + i, stride, n - i < 4 ? n - i : 4, quad);
        for (std::size_t j = 0; j != 4; ++j) quad[j].store_aligned(columns + (i + j) * V::size);
        i += 4;
    } while (i < n);
}
template <one_register V>
SMX_INLINE void store_transposed(element_of<V>* p, std::size_t stride, std::size_t n, element_of<V> const* columns) {
    for (std::size_t i = 0; i < n; i += 4) {
        V quad[4];
        for (std::size_t j = 0; j != 4; ++j) quad[j] = V::load_aligned(columns + (i + j) * V::size);
        simd::store_quads(p + i, stride, n - i < 4 ? n - i : 4, quad);
    }
}

} // namespace simd
SMX_END
