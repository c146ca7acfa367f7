// SPDX-License-Identifier: BSL-1.0
// Which exponents have a place in the numbers that carry them, and which sums in those that divide by them.
#pragma once

#include <smx/math/exp2_fraction.hpp>

SMX_BEGIN
namespace math {

/// Limits of a type. `magic` + k carries the integer k in its low bits, and so does `carrier`, which has eighths of it
/// where exponents have (has_eighths): 8 k + i for k + i / 8. A weight of exponent k has biased exponent k + bias, so
/// that weights down to 2^-126 of the largest (2^-1022 for double) and sums of 2^60 of them stay normal numbers.
template <class T> struct exp_limits;
template <> struct exp_limits<float> {
    static constexpr float magic = 0x1.8p23F, carrier = has_eighths<float> ? 0x1.8p20F : magic;
    static constexpr float one = 127; // biased exponent of 1
    static constexpr float bias = one + 63;
    static constexpr float headroom = 40; // how far above a guess a reference is
    // Sums up to here have an inverse in two normal parts; no weight in them is more than headroom above a reference.
    static constexpr double most = 0x1p90;
    static constexpr float highest = 25; // exponents up to here, above a reference, have weights below that
    static constexpr double smallest_normal = 0x1p-126;
};
template <> struct exp_limits<double> {
    static constexpr double magic = 0x1.8p52, carrier = magic;
    static constexpr double one = 1023;
    static constexpr double bias = one + 511;
    static constexpr double headroom = 300;
    static constexpr double most = 0x1p812;
    static constexpr double highest = 299;
    static constexpr double smallest_normal = 0x1p-1022;
};

/// Exponents up to this size are near: there x lo, at most 2^-24 of x hi, keeps |f| <= 0.5005.
inline constexpr double near_exponent = 0x1p13;

} // namespace math
SMX_END
