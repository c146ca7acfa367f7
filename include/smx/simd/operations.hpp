// SPDX-License-Identifier: BSL-1.0
// The vocabulary of one register V. Plain arithmetic (+ - *) is xsimd's; what needs care is here.
// Products and sums are never written as a * b + c: compilers contract that or not as they like. Use simd::fma, and
// write the namespace: argument-dependent lookup would find xsimd's function of the same name first.
#pragma once

#include <smx/simd/arch.hpp>
#include <smx/simd/neon.hpp>
#include <smx/simd/x86.hpp>

#include <limits>

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

/// `v`, but the compiler can neither reassociate nor contract across it. Free: no instruction.
/// Used where the order of roundings is the point and the user may have said -ffast-math.
template <one_register V> SMX_INLINE V barrier(V v) {
#if defined(__GNUC__) && defined(__AVX512F__)
    asm("" : "+v"(v.data));
#elif defined(__GNUC__) && (defined(__x86_64__) || defined(__SSE2__))
    asm("" : "+x"(v.data));
#elif defined(__GNUC__) && defined(__aarch64__)
    asm("" : "+w"(v.data));
#endif
    return v;
}

SMX_INLINE double barrier(double v) {
#if defined(__GNUC__) && defined(__SSE2__)
    asm("" : "+x"(v));
#elif defined(__GNUC__) && defined(__aarch64__)
    asm("" : "+w"(v));
#endif
    return v;
}

/// n, but the compiler cannot know it: a loop of so many turns is not unrolled.
SMX_INLINE std::size_t barrier(std::size_t n) {
#if defined(__GNUC__)
    asm("" : "+r"(n));
#endif
    return n;
}

/// a * b + c with one rounding where has_fma, two elsewhere. Not xsimd::fma: up to version 10 that is a * b + c on
/// AVX-512.
template <one_register V> SMX_INLINE V fma(V a, V b, V c) {
    if constexpr (requires { native::fma(a.data, b.data, c.data); })
        return V(native::fma(a.data, b.data, c.data));
    else
        return a * b + c;
}

template <one_register To, one_register From> SMX_INLINE To cast_bits(From v) {
#if XSIMD_VERSION_MAJOR >= 11
    return xsimd::bitwise_cast<element_of<To>>(v);
#else
    return xsimd::bitwise_cast<To>(v);
#endif
}

/// The bits of a float as an integer, and back.
template <one_register V> SMX_INLINE integers_of<V> to_bits(V v) {
    if constexpr (requires { native::to_bits(v.data); })
        return integers_of<V>(native::to_bits(v.data));
    else
        return simd::cast_bits<integers_of<V>>(v);
}
template <one_register V> SMX_INLINE V from_bits(integers_of<V> v) {
    if constexpr (requires { native::from_bits(v.data); })
        return V(native::from_bits(v.data));
    else
        return simd::cast_bits<V>(v);
}

/// Shifts of integers, that to the right with the sign. On 64-bit Arm xsimd 8.1 makes a call of each.
template <class I> SMX_INLINE I shift_left(I v, int count) {
    if constexpr (requires { native::shift_left(v.data, count); })
        return I(native::shift_left(v.data, count));
    else
        return v << count;
}
template <class I> SMX_INLINE I shift_right(I v, int count) {
    if constexpr (requires { native::shift_left(v.data, count); })
        return I(native::shift_left(v.data, -count));
    else
        return v >> count;
}

/// How many bits of a float lie below the exponent.
template <class T> inline constexpr int mantissa_bits = sizeof(T) == 4 ? 23 : 52;

/// The integer that `magic` (1.5 * 2^mantissa_bits) carries in its low bits, put where the exponent lives: 2^(k - bias)
/// for magic + k, and +0 for k = 0. One shift: the high bits of `magic` leave at the top.
template <one_register V> SMX_INLINE V exponent_from_magic(V v) {
    return from_bits<V>(simd::shift_left(to_bits(v), mantissa_bits<element_of<V>>));
}

/// True where times_power_or_zero is an instruction or two.
template <one_register V> constexpr bool has_times_power() {
    return requires(V v) { native::times_power_or_zero(v.data, v.data, v.data); };
}
/// v 2^k for integers k that are not below `least`, with +inf where that is too large; 0 below, NaN for NaN.
template <one_register V> SMX_INLINE V times_power_or_zero(V v, V k, V least) {
    return V(native::times_power_or_zero(v.data, k.data, least.data));
}

/// v * 2^k by adding k to the exponent bits. For finite normal v whose result is normal.
template <one_register V> SMX_INLINE V shift_exponent(V v, int k) {
    using bits = element_of<integers_of<V>>;
    integers_of<V> const power(static_cast<bits>(static_cast<bits>(k) * (bits(1) << mantissa_bits<element_of<V>>)));
    return from_bits<V>(to_bits(v) + power);
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

/// The sign bit off; the magnitude of a with the sign bit of b.
template <one_register V> SMX_INLINE V magnitude(V v) { return xsimd::abs(v); }
template <one_register V> SMX_INLINE V with_sign_of(V a, V b) {
    // Not bitwise_andnot: which operand it inverts depends on the version of xsimd.
    integers_of<V> const sign = to_bits(V(-element_of<V>(0)));
    return from_bits<V>(to_bits(xsimd::abs(a)) | (to_bits(b) & sign));
}

/// v >> count for v >= 0; other v give some number.
template <class I> SMX_INLINE I shift_positive(I v, int count) {
    if constexpr (sizeof(typename I::value_type) == 8 && requires { native::shift_positive(v.data, count); })
        return I(native::shift_positive(v.data, count));
    else
        return simd::shift_right(v, count);
}

/// x = fraction * 2^exponent with fraction in [sqrt(1/2), sqrt(2)), for normal x > 0.
template <class V> struct binary_parts { V fraction, exponent; };
template <one_register V> SMX_INLINE binary_parts<V> split(V x) {
    using T = element_of<V>;
    using bits = element_of<integers_of<V>>;
    constexpr bits one = bits(sizeof(T) == 4 ? 127 : 1023) << mantissa_bits<T>;
    constexpr bits root_half = sizeof(T) == 4 ? bits(0x3F3504F3) : static_cast<bits>(0x3FE6A09E667F3BCD);
    // The exponent as the low bits of a large number: the conversion of integers that every machine has.
    constexpr T large = sizeof(T) == 4 ? T(0x1p23) : T(0x1p52), bias = sizeof(T) == 4 ? T(127) : T(1023);
    integers_of<V> const steps = to_bits(x) + integers_of<V>(static_cast<bits>(one - root_half));
    integers_of<V> const exponent = simd::shift_positive(steps, mantissa_bits<T>);
    integers_of<V> const fraction = to_bits(x) + integers_of<V>(one) - simd::shift_left(exponent, mantissa_bits<T>);
    return {from_bits<V>(fraction), simd::barrier(from_bits<V>(exponent | to_bits(V(large)))) - V(large + bias)};
}

/// 1 / x to 5 %, for normal x > 0 whose inverse is normal: one subtraction of bit patterns.
template <one_register V> SMX_INLINE V inverse_estimate(V x) {
    using bits = element_of<integers_of<V>>;
    constexpr bits magic = sizeof(bits) == 4 ? bits(0x7EF311C3) : static_cast<bits>(0x7FDE623822835EEA);
    return from_bits<V>(integers_of<V>(magic) - to_bits(x));
}

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

/// True if, in some lane, value > -inf and |exponent| > limit.
template <one_register V> SMX_INLINE bool any_far(V exponent, V limit, V value) {
    V const lowest(-simd::infinity<element_of<V>>);
    return xsimd::any((exponent > limit) | ((exponent < -limit) & (value > lowest)));
}

/// True if a > b in some lane.
template <one_register V> SMX_INLINE bool any_above(V a, V b) { return xsimd::any(a > b); }

/// True if a > b in every lane; not if one is NaN.
template <one_register V> SMX_INLINE bool all_above(V a, V b) { return xsimd::all(a > b); }

/// True if in some lane a <= b does not hold: a is larger, or one is NaN.
template <one_register V> SMX_INLINE bool any_not_at_most(V a, V b) { return !xsimd::all(a <= b); }

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

/// a * b + c for a c that is within 1 of -a * b, with an error of about its own last place: the step of a range
/// reduction. One instruction where has_fma; elsewhere a and b are split into halves whose products are exact (Dekker
/// 1971).
template <one_register V> SMX_INLINE V cancel(V a, V b, V c) {
    if constexpr (has_fma) {
        return simd::fma(a, b, c);
    } else {
        using bits = element_of<integers_of<V>>;
        integers_of<V> const high_half(static_cast<bits>(-(bits(1) << (mantissa_bits<element_of<V>> / 2 + 1))));
        V const a1 = from_bits<V>(to_bits(a) & high_half), b1 = from_bits<V>(to_bits(b) & high_half);
        V const a2 = simd::barrier(a - a1), b2 = simd::barrier(b - b1);
        // From the largest product to the smallest: all but the last sum are exact.
        V const leading = simd::barrier(simd::barrier(simd::barrier(a1 * b1) + c) + a1 * b2);
        return simd::barrier(leading + a2 * b1) + a2 * b2;
    }
}

} // namespace simd
SMX_END
