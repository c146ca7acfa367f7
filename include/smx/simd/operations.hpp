// SPDX-License-Identifier: BSL-1.0
// The vocabulary of one register V. Plain arithmetic (+ - *) is xsimd's; what needs care is here.
// Products and sums are never written as a * b + c: compilers contract that or not as they like. Use simd::fma, and
// write the namespace: argument-dependent lookup would find xsimd's function of the same name first.
#pragma once

#include <smx/simd/barrier.hpp>
#include <smx/simd/neon.hpp>
#include <smx/simd/x86.hpp>
#include <smx/simd/x86_lanes.hpp>

SMX_BEGIN
namespace simd {

/// All lanes equal to `value`.
template <one_register V> SMX_INLINE V broadcast(element_of<V> value) { return V(value); }

/// Lane 0.
template <one_register V> SMX_INLINE element_of<V> first_lane(V v) {
    if constexpr (requires { native::first_lane(v.data); }) {
        return native::first_lane(v.data);
    } else {
        alignas(64) element_of<V> lanes[V::size];
        v.store_aligned(lanes);
        return lanes[0];
    }
}

/// a * b + c with one rounding where has_fma, two elsewhere. Not xsimd::fma: up to version 10 that is a * b + c on
/// AVX-512.
template <one_register V> SMX_INLINE V fma(V a, V b, V c) {
    if constexpr (requires { native::fma(a.data, b.data, c.data); })
        return V(native::fma(a.data, b.data, c.data));
    else
        return a * b + c;
}

/// True where times_power_or_zero is an instruction or two.
template <one_register V> constexpr bool has_times_power() {
    return requires(V v) { native::times_power_or_zero(v.data, v.data, v.data); };
}
/// v 2^k for integers k that are not below `least`, with +inf where that is too large; 0 below, NaN for NaN.
template <one_register V> SMX_INLINE V times_power_or_zero(V v, V k, V least) {
    return V(native::times_power_or_zero(v.data, k.data, least.data));
}

/// b - a, so that a pack may come first.
template <one_register V> SMX_INLINE V subtract_from(V a, V b) { return b - a; }

/// The larger of two, lane by lane. Which operand wins if one is NaN differs between machines.
template <one_register V> SMX_INLINE V max(V a, V b) { return xsimd::max(a, b); }

/// max(x, bound), but a NaN in x stays NaN on every machine.
template <one_register V> SMX_INLINE V at_least(V x, V bound) {
    if constexpr (requires { native::at_least(x.data, bound.data); })
        return V(native::at_least(x.data, bound.data));
    else
        return xsimd::select(x < bound, bound, x);
}

/// min(x, bound), but a NaN in x stays NaN on every machine.
template <one_register V> SMX_INLINE V at_most(V x, V bound) {
    if constexpr (requires { native::at_most(x.data, bound.data); })
        return V(native::at_most(x.data, bound.data));
    else
        return xsimd::select(bound < x, bound, x);
}

/// yes where x >= bound, no elsewhere and for NaN.
template <one_register V> SMX_INLINE V select_at_least(V x, V bound, V yes, V no) {
    return xsimd::select(x >= bound, yes, no);
}

/// yes where a == b, no elsewhere and for NaN.
template <one_register V> SMX_INLINE V select_equal(V a, V b, V yes, V no) { return xsimd::select(a == b, yes, no); }

/// sum + v where x >= bound, sum elsewhere and for NaN; and the opposite. One masked addition where there are masks.
template <one_register V> SMX_INLINE V add_at_least(V sum, V v, V x, V bound) {
    if constexpr (requires { native::add_at_least(sum.data, v.data, x.data, bound.data); })
        return V(native::add_at_least(sum.data, v.data, x.data, bound.data));
    else
        return sum + simd::select_at_least(x, bound, v, V(element_of<V>(0)));
}
template <one_register V> SMX_INLINE V add_unless_at_least(V sum, V v, V x, V bound) {
    if constexpr (requires { native::add_unless_at_least(sum.data, v.data, x.data, bound.data); })
        return V(native::add_unless_at_least(sum.data, v.data, x.data, bound.data));
    else
        return sum + simd::select_at_least(x, bound, V(element_of<V>(0)), v);
}

/// The sign bit off.
template <one_register V> SMX_INLINE V magnitude(V v) { return xsimd::abs(v); }

/// x * (hi + lo) where x >= bound, +0 elsewhere and without touching denormals there.
template <one_register V> SMX_INLINE V product_or_zero(V x, V hi, V lo, V bound) {
    if constexpr (requires { native::product_or_zero(x.data, hi.data, lo.data, bound.data); }) {
        return V(native::product_or_zero(x.data, hi.data, lo.data, bound.data));
    } else if constexpr (requires { native::zero_below(x.data, bound.data); }) {
        V const kept(native::zero_below(x.data, bound.data));
        return simd::fma(kept, lo, kept * hi);
    } else {
        V const kept = xsimd::select(x >= bound, x, V(element_of<V>(0)));
        return simd::fma(kept, lo, kept * hi);
    }
}

/// x * factor where x >= bound, +0 elsewhere, likewise.
template <one_register V> SMX_INLINE V product_or_zero(V x, V factor, V bound) {
    if constexpr (requires { native::product_or_zero(x.data, factor.data, bound.data); })
        return V(native::product_or_zero(x.data, factor.data, bound.data));
    else if constexpr (requires { native::zero_below(x.data, bound.data); })
        return V(native::zero_below(x.data, bound.data)) * factor;
    else
        return xsimd::select(x >= bound, x, V(element_of<V>(0))) * factor;
}

/// The square root, rounded correctly, so the same everywhere.
template <one_register V> SMX_INLINE V square_root(V v) { return xsimd::sqrt(v); }
SMX_INLINE double square_root(double v) { return first_lane(square_root(vector<double, default_arch>(v))); }

/// True if, in some lane, value > -inf and |exponent| > limit.
template <one_register V> SMX_INLINE bool any_far(V exponent, V limit, V value) {
    V const lowest(-simd::infinity<element_of<V>>);
    return xsimd::any((exponent > limit) | ((exponent < -limit) & (value > lowest)));
}

/// True if a > b in some lane.
template <one_register V> SMX_INLINE bool any_above(V a, V b) { return xsimd::any(a > b); }

/// True if some lane of a or b is above the bound.
template <one_register V> SMX_INLINE bool any_above(V a, V b, V bound) { return xsimd::any((a > bound) | (b > bound)); }

/// True if a > b in every lane; not if one is NaN.
template <one_register V> SMX_INLINE bool all_above(V a, V b) { return xsimd::all(a > b); }

/// True if in some lane a <= b does not hold: a is larger, or one is NaN.
template <one_register V> SMX_INLINE bool any_not_at_most(V a, V b) { return !xsimd::all(a <= b); }

} // namespace simd
SMX_END
