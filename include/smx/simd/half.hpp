// SPDX-License-Identifier: BSL-1.0
// 16-bit floating-point numbers as memory has them. Nothing is computed in them: rows are read into float and rounded
// once, on the way back. simd/convert.hpp does that for registers; what is here is the meaning, one number at a time.
#pragma once

#include <smx/detail/config.hpp>

#include <cstdint>
#include <type_traits>

SMX_BEGIN

/// The upper half of a float: 8 bits of exponent, 8 of precision.
struct bfloat16 {
    std::uint16_t bits;

    bfloat16() = default;
    /// To nearest, ties to even, denormals included. Too large becomes infinite, a NaN stays one.
    constexpr explicit bfloat16(float v) noexcept : bits(rounded(__builtin_bit_cast(std::uint32_t, v))) {}
    constexpr operator float() const noexcept { return __builtin_bit_cast(float, std::uint32_t(bits) << 16); }

    static constexpr bfloat16 from_bits(std::uint16_t pattern) noexcept {
        bfloat16 result{};
        result.bits = pattern;
        return result;
    }

private:
    static constexpr std::uint16_t rounded(std::uint32_t v) {
        if ((v & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>(v >> 16 | 0x40U);
        return static_cast<std::uint16_t>((v + 0x7FFFU + (v >> 16 & 1U)) >> 16);
    }
};

/// IEEE binary16: 5 bits of exponent, 11 of precision; from 2^-24 (normal from 2^-14) to 65504.
struct float16 {
    std::uint16_t bits;

    float16() = default;
    /// To nearest, ties to even, denormals included. Too large becomes infinite, a NaN stays one.
    constexpr explicit float16(float v) noexcept : bits(rounded(__builtin_bit_cast(std::uint32_t, v))) {}
    constexpr operator float() const noexcept { return __builtin_bit_cast(float, widened(bits)); }

    static constexpr float16 from_bits(std::uint16_t pattern) noexcept {
        float16 result{};
        result.bits = pattern;
        return result;
    }

private:
    static constexpr std::uint16_t rounded(std::uint32_t v) {
        std::uint32_t const sign = v >> 16 & 0x8000U, size = v & 0x7FFFFFFFU;
        std::uint32_t result = 0;
        if (size > 0x7F800000U) {
            result = 0x7E00U | (size >> 13 & 0x3FFU);
        } else if (size >= 0x477FF000U) { // 65520 rounds to 2^16
            result = 0x7C00U;
        } else if (size >= 0x38800000U) { // 2^-14
            result = (size - 0x38000000U + 0xFFFU + (size >> 13 & 1U)) >> 13;
        } else if (size >= 0x33000000U) { // 2^-25: in steps of 2^-24
            std::uint32_t const shift = 126 - (size >> 23), mantissa = (size & 0x7FFFFFU) | 0x800000U;
            result = (mantissa + (1U << (shift - 1)) - 1U + (mantissa >> shift & 1U)) >> shift;
        }
        return static_cast<std::uint16_t>(sign | result);
    }
    static constexpr std::uint32_t widened(std::uint32_t v) {
        std::uint32_t const sign = (v & 0x8000U) << 16, size = v & 0x7FFFU;
        if (size > 0x7C00U) return sign | size << 13 | 0x7FC00000U;
        if (size == 0x7C00U) return sign | 0x7F800000U;
        if (size >= 0x400U) return sign | ((size << 13) + 0x38000000U);
        if (size == 0) return sign;
        std::uint32_t mantissa = size << 13, exponent = 113;
        for (; mantissa < 0x800000U; mantissa <<= 1) --exponent;
        return sign | exponent << 23 | (mantissa & 0x7FFFFFU);
    }
};

/// Says that a type is 2 bytes in the format of smx::bfloat16 or smx::float16, so that rows of it are taken:
///
///     template <> struct smx::storage_of<my::half> { using type = smx::float16; };
template <class T> struct storage_of {};
template <> struct storage_of<bfloat16> { using type = bfloat16; };
template <> struct storage_of<float16> { using type = float16; };

// _Float16 has a macro with most compilers that do not have the type. std::float16_t is _Float16 where both exist.
#if defined(__FLT16_MANT_DIG__) && defined(__clang__)
#if defined(__aarch64__) || defined(__AVX512FP16__) || (__clang_major__ >= 15 && defined(__SSE2__))
#define SMX_HAS_FLOAT16
#endif
#elif defined(__FLT16_MANT_DIG__) && defined(__GNUC__)
#if __GNUC__ >= 13 || (__GNUC__ == 12 && defined(__SSE2__))
#define SMX_HAS_FLOAT16
#endif
#endif
#if defined(SMX_HAS_FLOAT16)
template <> struct storage_of<_Float16> { using type = float16; };
#elif defined(__STDCPP_FLOAT16_T__)
template <> struct storage_of<decltype(0.0f16)> { using type = float16; };
#endif
#if defined(__STDCPP_BFLOAT16_T__)
template <> struct storage_of<decltype(0.0bf16)> { using type = bfloat16; };
#endif
#undef SMX_HAS_FLOAT16

SMX_END

namespace Eigen {
struct half;
struct bfloat16;
} // namespace Eigen

SMX_BEGIN

template <> struct storage_of<Eigen::half> { using type = float16; };
template <> struct storage_of<Eigen::bfloat16> { using type = bfloat16; };

/// The 16-bit types: bfloat16, float16 and whatever storage_of knows.
template <class T>
concept half_element = requires {
    typename storage_of<T>::type;
}
&&sizeof(T) == 2 && std::is_trivially_copyable_v<T>;

namespace simd {

template <class T> struct stored_as { using type = T; };
template <half_element T> struct stored_as<T> { using type = typename storage_of<T>::type; };

/// The type of smx that stands for T in buffers: it has no constructor of somebody else's that could run.
template <class T> using stored = typename stored_as<T>::type;

template <class T> SMX_INLINE stored<T> to_stored(T const& v) { return __builtin_bit_cast(stored<T>, v); }
template <class T> SMX_INLINE T from_stored(stored<T> v) { return __builtin_bit_cast(T, v); }

} // namespace simd
SMX_END
