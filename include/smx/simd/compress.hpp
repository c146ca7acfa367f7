// SPDX-License-Identifier: BSL-1.0
// Lanes as sets: which lanes lie above a bound, and those lanes moved together. Also the square root.
#pragma once

#include <smx/simd/pack.hpp>

SMX_BEGIN
namespace simd {

/// Bit i is set if not x_i <= bound_i: a NaN counts as above.
template <one_register V> SMX_INLINE unsigned above(V x, V bound) {
    if constexpr (requires { native::above(x.data, bound.data); }) {
        return native::above(x.data, bound.data);
    } else {
        alignas(64) element_of<V> lanes[V::size], bounds[V::size];
        x.store_aligned(lanes);
        bound.store_aligned(bounds);
        unsigned set = 0;
        for (std::size_t i = 0; i != V::size; ++i)
            if (!(lanes[i] <= bounds[i])) set |= 1U << i;
        return set;
    }
}

/// How many lanes a set has.
SMX_INLINE std::size_t count_lanes(unsigned set) {
#if defined(__GNUC__)
    return static_cast<std::size_t>(__builtin_popcount(set));
#else
    std::size_t count = 0;
    for (; set != 0; set &= set - 1) ++count;
    return count;
#endif
}

/// Writes the lanes of a set, in order. What follows them, up to the size of a register, is overwritten too.
template <one_register V> SMX_INLINE void store_compressed(element_of<V>* p, V v, unsigned set) {
    if constexpr (requires { native::compress(v.data, set); }) {
        V(native::compress(v.data, set)).store_unaligned(p);
    } else {
        alignas(64) element_of<V> lanes[V::size];
        v.store_aligned(lanes);
        for (std::size_t i = 0; i != V::size; ++i) {
            *p = lanes[i];
            p += set >> i & 1U;
        }
    }
}

} // namespace simd
SMX_END
