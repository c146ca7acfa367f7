// SPDX-License-Identifier: BSL-1.0
// Registers of floats as registers of doubles, and back.
#pragma once

#include <smx/simd/arch.hpp>
#include <smx/simd/neon.hpp>
#include <smx/simd/x86_lanes.hpp>

SMX_BEGIN
namespace simd {

/// Half a register of floats, from lane `first` on, as doubles, where there is no instruction for it.
template <one_register V> SMX_INLINE vector<double, arch_of<V>> widen_lanes(V v, std::size_t first) {
    alignas(64) float lanes[V::size];
    alignas(64) double half[V::size / 2];
    v.store_aligned(lanes);
    for (std::size_t i = 0; i != V::size / 2; ++i) half[i] = lanes[first + i];
    return vector<double, arch_of<V>>::load_aligned(half);
}

/// The two halves of a register of floats as doubles.
template <one_register V> SMX_INLINE vector<double, arch_of<V>> widen_low(V v) {
    if constexpr (requires { native::widen_low(v.data); })
        return vector<double, arch_of<V>>(native::widen_low(v.data));
    else
        return simd::widen_lanes(v, 0);
}
template <one_register V> SMX_INLINE vector<double, arch_of<V>> widen_high(V v) {
    if constexpr (requires { native::widen_high(v.data); })
        return vector<double, arch_of<V>>(native::widen_high(v.data));
    else
        return simd::widen_lanes(v, V::size / 2);
}

/// A register of floats at p as two of doubles. Widened as they are loaded, the upper half need not be moved down.
template <one_register V> struct widened { vector<double, arch_of<V>> low, high; };
template <one_register V> SMX_INLINE widened<V> load_widened(float const* p) {
    using D = vector<double, arch_of<V>>;
    if constexpr (requires(D d) { native::load_widened(p, d.data); }) {
        D const d(0.0);
        return {D(native::load_widened(p, d.data)), D(native::load_widened(p + D::size, d.data))};
    } else {
        V const v = V::load_unaligned(p);
        return {simd::widen_low(v), simd::widen_high(v)};
    }
}

/// Two registers of doubles as one of floats, rounded to nearest.
template <one_register V> SMX_INLINE V narrow(vector<double, arch_of<V>> low, vector<double, arch_of<V>> high) {
    if constexpr (requires { native::narrow(low.data, high.data); }) {
        return V(native::narrow(low.data, high.data));
    } else {
        alignas(64) double wide[V::size];
        alignas(64) float lanes[V::size];
        low.store_aligned(wide);
        high.store_aligned(wide + V::size / 2);
        for (std::size_t i = 0; i != V::size; ++i) lanes[i] = static_cast<float>(wide[i]);
        return V::load_aligned(lanes);
    }
}

} // namespace simd
SMX_END
