// SPDX-License-Identifier: BSL-1.0
// The two accuracies, and what each chooses; and what the first becomes for 16-bit results.
#pragma once

#include <smx/detail/config.hpp>

#include <cstddef>

SMX_BEGIN

/// The default: an exponential that is as good as the rounding of its result, at top speed.
struct standard_t {
    /// Lines summed in the row's own type before the sum moves to the wide total.
    static constexpr std::size_t lines_per_run = 8;
};

/// Every element within 4 ULP of the true value, at every gap and every length.
struct precise_t {
    static constexpr std::size_t lines_per_run = 1;
};

/// What standard becomes where results are rounded to 16 bits and exponentials are polynomials alone (no FMA): a
/// shorter one, still far below that rounding. Results of softmax are within 0.502 ULP (bfloat16) and 0.512 ULP
/// (float16) of the true value, denormal ones included (tests/half_test.cpp): half an ULP, and twice the polynomial's
/// 2.61e-6 in units of the last place.
struct half_t {
    static constexpr std::size_t lines_per_run = 8;
};

inline constexpr standard_t standard{};
inline constexpr precise_t precise{};

SMX_END
