// SPDX-License-Identifier: BSL-1.0
// A register V of floats by its bits: exponents put in and taken out, halves of a mantissa.
#pragma once

#include <smx/simd/operations.hpp>

#include <concepts>

SMX_BEGIN
namespace simd {

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

/// x > 0 without what a float cannot hold, rounded down.
template <one_register V> SMX_INLINE V float_below(V x) {
    return from_bits<V>(to_bits(x) & integers_of<V>(-(std::int64_t(1) << 29)));
}
template <std::same_as<double> D> SMX_INLINE double float_below(D x) {
    if constexpr (requires { native::float_below(x); })
        return native::float_below(x);
    else
        return __builtin_bit_cast(double, __builtin_bit_cast(std::int64_t, x) & -(std::int64_t(1) << 29));
}

/// The same for 8 k + i, 0 <= i < 8, in the low bits of a float.
template <one_register V> SMX_INLINE V exponent_from_eighths(V v) {
    constexpr int eighth = mantissa_bits<element_of<V>> - 3;
    return from_bits<V>(simd::shift_left(to_bits(v), eighth) & integers_of<V>(0x7F800000));
}

/// v * 2^k for the integer k >= 0 in the low bits of `carrier`; v > 0 and the result are normal. As many bits of the
/// carrier as the exponent has leave at the top.
template <one_register V> SMX_INLINE V raised(V v, V carrier) {
    return from_bits<V>(to_bits(v) + simd::shift_left(to_bits(carrier), mantissa_bits<element_of<V>>));
}

/// Eight integers, twice: as many as a register of 64 bytes holds.
struct table_of_eight {
    std::int32_t at[16];
};
/// table[i] for the integer i in the last three bits of `by`. One instruction on AVX2 and AVX-512.
template <one_register V> SMX_INLINE integers_of<V> lookup(table_of_eight const& table, V by) {
    if constexpr (requires { native::lookup(table.at, by.data); }) {
        return integers_of<V>(native::lookup(table.at, by.data));
    } else {
        alignas(64) std::int32_t lanes[V::size];
        to_bits(by).store_aligned(lanes);
        for (auto& lane : lanes) lane = table.at[lane & 7];
        return integers_of<V>::load_aligned(lanes);
    }
}

/// The same for 8 k + i in the low bits of a float, where the bits of v have been lowered by i eighths of an exponent.
template <one_register V> SMX_INLINE V raised_by_eighths(V v, V carrier) {
    return from_bits<V>(to_bits(v) + simd::shift_left(to_bits(carrier), mantissa_bits<element_of<V>> - 3));
}

/// True if one of these bits is set in some lane.
template <class I> SMX_INLINE bool any_bit(I v, I bits) {
    if constexpr (requires { native::any_bit(v.data, bits.data); })
        return native::any_bit(v.data, bits.data);
    else
        return xsimd::any((v & bits) != I(0));
}

/// v * 2^k by adding k to the exponent bits. For finite normal v whose result is normal.
template <one_register V> SMX_INLINE V shift_exponent(V v, int k) {
    using bits = element_of<integers_of<V>>;
    integers_of<V> const power(static_cast<bits>(static_cast<bits>(k) * (bits(1) << mantissa_bits<element_of<V>>)));
    return from_bits<V>(to_bits(v) + power);
}

/// The magnitude of a with the sign bit of b.
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
