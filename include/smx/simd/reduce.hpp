// SPDX-License-Identifier: BSL-1.0
// From lanes to one value, always by halving: lane j meets lane j + n/2, then n/4, ... The order decides bits.
#pragma once

#include <smx/simd/pack.hpp>

#include <bit>

SMX_BEGIN
namespace simd {

/// Combines `values[0 .. N)` by halving; the result is left in values[0]. N is a power of two.
template <std::size_t N, class T, class Combine> SMX_INLINE T halve(T* values, Combine combine) {
    static_assert((N & (N - 1)) == 0);
    if constexpr (N > 1) {
        unroll<N / 2>([&](std::size_t j) SMX_INLINE_LAMBDA { values[j] = combine(values[j], values[j + N / 2]); });
        return halve<N / 2>(values, combine);
    } else {
        return values[0];
    }
}

/// The largest lane. A NaN lane may or may not be seen.
template <one_register V> SMX_INLINE element_of<V> largest_lane(V v) {
    if constexpr (requires { native::largest_lane(v.data); }) {
        return native::largest_lane(v.data);
    } else {
        alignas(64) element_of<V> lanes[V::size];
        v.store_aligned(lanes);
        return simd::halve<V::size>(lanes, [](auto a, auto b) SMX_INLINE_LAMBDA { return a > b ? a : b; });
    }
}

/// Lanes `first` to 2 `first` of a register of doubles, in the first ones of the result; what is behind them is of no
/// use. `first` is a power of two, below the number of lanes.
template <one_register V> SMX_INLINE V lanes_from(V v, std::size_t first) {
    if constexpr (requires { native::lanes_from(v.data, first); }) {
        return V(native::lanes_from(v.data, first));
    } else {
        alignas(64) double lanes[2 * V::size];
        v.store_aligned(lanes);
        v.store_aligned(lanes + V::size);
        return V::load_unaligned(lanes + first);
    }
}

/// The sum of the lanes of a register of doubles, by halving.
template <one_register V> SMX_INLINE double sum_lanes(V v) {
    if constexpr (requires { native::sum_lanes(v.data); }) {
        return native::sum_lanes(v.data);
    } else {
        alignas(64) double lanes[V::size];
        v.store_aligned(lanes);
        return simd::halve<V::size>(lanes, [](double a, double b) SMX_INLINE_LAMBDA { return a + b; });
    }
}

/// Of any number of registers: those beyond a power of two meet the first ones.
template <class V, std::size_t K> SMX_INLINE V largest_part(pack<V, K> p) {
    constexpr std::size_t most = std::bit_floor(K);
    unroll<K - most>([&](std::size_t j) SMX_INLINE_LAMBDA { p.part[j] = simd::max(p.part[j], p.part[j + most]); });
    return halve<most>(p.part, [](V a, V b) SMX_INLINE_LAMBDA { return simd::max(a, b); });
}

} // namespace simd
SMX_END
