// SPDX-License-Identifier: BSL-1.0
// A number that is known to twice the precision of double, and the distance of a float or double from it in ULP.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace smx_test {

/// (hi + lo) * 2^exponent with hi in [0.5, 1] and |lo| <= ulp(hi) / 2; or 0; or NaN (in hi). Never negative.
/// The oracles end here, so what compares results needs neither MPFR nor quad precision, and loses nothing: a result
/// near the exact value differs from hi by an exact number.
struct exact_value {
    double hi = 0, lo = 0;
    long exponent = 0;

    static exact_value not_a_number() { return {std::numeric_limits<double>::quiet_NaN(), 0, 0}; }
    /// Positive, and far below every float and double.
    static exact_value negligible() { return {0.5, 0, -100000}; }

    bool is_nan() const { return std::isnan(hi); }
    bool is_zero() const { return hi == 0; }
    /// The k of 2^k <= value < 2^(k + 1).
    long binade() const { return hi == 1 && lo >= 0 ? exponent : exponent - 1; }
    /// For messages.
    double approximate() const { return std::ldexp(hi, static_cast<int>(std::max(exponent, -5000L))); }
};

/// Below the smallest normal number of T.
template <class T> bool below_normal(exact_value const& exact) {
    return exact.is_zero() || exact.binade() < std::numeric_limits<T>::min_exponent - 1;
}

/// (got - exact) / ulp, where ulp is the distance between neighbours of T at the exact value (of denormals below the
/// smallest normal number). Infinite if got is not finite.
template <class T> double signed_error_in_ulp(T got, exact_value const& exact) {
    if (!std::isfinite(got)) return std::numeric_limits<double>::infinity();
    constexpr int precision = std::numeric_limits<T>::digits;
    constexpr long lowest = std::numeric_limits<T>::min_exponent - 1;
    long const ulp = (exact.is_zero() ? lowest : std::max(exact.binade(), lowest)) - (precision - 1);
    long const e = exact.is_zero() ? ulp : exact.exponent;
    double const difference = (std::ldexp(static_cast<double>(got), static_cast<int>(-e)) - exact.hi) - exact.lo;
    return std::ldexp(difference, static_cast<int>(e - ulp));
}

template <class T> double error_in_ulp(T got, exact_value const& exact) {
    return std::abs(signed_error_in_ulp(got, exact));
}

} // namespace smx_test
