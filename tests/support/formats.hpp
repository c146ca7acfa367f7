// SPDX-License-Identifier: BSL-1.0
// The 16-bit formats, said once more: what their bits mean, and the numbers where rounding is decided.
#pragma once

#include <smx/simd/half.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace smx_test {

template <class S> struct format;
template <> struct format<smx::bfloat16> {
    static constexpr int precision = 8, lowest = -126, highest = 127;
    static constexpr double bound = 0.502;
    static constexpr char const* name = "bfloat16";
};
template <> struct format<smx::float16> {
    static constexpr int precision = 11, lowest = -14, highest = 15;
    static constexpr double bound = 0.512;
    static constexpr char const* name = "float16";
};
template <> struct format<float> {
    static constexpr int precision = 24, lowest = -126;
    static constexpr double bound = 6;
    static constexpr char const* name = "float";
};

template <class S> double meaning_of(std::uint32_t bits) {
    using f = format<S>;
    std::uint32_t const field = bits & 0x7FFFU;
    int const exponent = static_cast<int>(field >> (f::precision - 1));
    double const fraction = static_cast<double>(field & ((1U << (f::precision - 1)) - 1U));
    double const sign = (bits & 0x8000U) != 0 ? -1 : 1;
    if (exponent == f::highest - f::lowest + 2)
        return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    if (exponent == 0) return sign * std::ldexp(fraction, f::lowest - (f::precision - 1));
    return sign * std::ldexp(std::ldexp(1, f::precision - 1) + fraction, f::lowest + exponent - 1 - (f::precision - 1));
}

template <class S> bool equal(S a, S b) {
    if constexpr (std::is_same_v<S, float>) {
        return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b) || (std::isnan(a) && std::isnan(b));
    } else {
        return a.bits == b.bits || (std::isnan(float(a)) && std::isnan(float(b)));
    }
}

struct rounding_case {
    float from;
    std::uint16_t to; // the sign apart
};

/// Every pair of neighbours with the numbers around the middle between them: to nearest, ties to even.
template <class S> std::vector<rounding_case> rounding_cases() {
    std::vector<rounding_case> cases;
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::uint32_t const infinite = S(infinity).bits;
    for (std::uint32_t bits = 0; bits != infinite; ++bits) {
        double const low = meaning_of<S>(bits);
        // The number above the largest one would be 2^(highest + 1).
        double const high = bits + 1 != infinite ? meaning_of<S>(bits + 1) : std::ldexp(1, format<S>::highest + 1);
        double const middle = (low + high) / 2;
        auto const down = static_cast<std::uint16_t>(bits), up = static_cast<std::uint16_t>(bits + 1);
        cases.push_back({static_cast<float>(low), down});
        if (middle <= std::numeric_limits<float>::max()) {
            float const m = static_cast<float>(middle);
            cases.push_back({std::nextafter(m, 0.0F), down});
            cases.push_back({m, bits % 2 == 0 ? down : up});
            cases.push_back({std::nextafter(m, infinity), up});
        }
    }
    cases.push_back({std::numeric_limits<float>::max(), static_cast<std::uint16_t>(infinite)});
    cases.push_back({infinity, static_cast<std::uint16_t>(infinite)});
    return cases;
}

/// Quiet and signalling, with payloads that rounding would carry into the exponent or lose.
inline std::vector<float> nans() {
    std::vector<float> result;
    for (std::uint32_t bits :
         {0x7FC00000U, 0x7FFFFFFFU, 0xFFFFFFFFU, 0x7FFF8000U, 0x7F800001U, 0xFF800001U, 0xFFC00000U})
        result.push_back(std::bit_cast<float>(bits));
    return result;
}

} // namespace smx_test
