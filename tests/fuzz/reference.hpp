// SPDX-License-Identifier: BSL-1.0
// What a row must become, in long double (64 bits of precision or more), and how far a result may be from that.
#pragma once

#include "../support/exact_operators.hpp"
#include "check.hpp"

#include <cmath>
#include <vector>

namespace smx_fuzz {

static_assert(std::is_same_v<smx_test::number, long double>, "fuzz targets are compiled with SMX_TEST_WITH_MPFR=0");
using number = smx_test::number;
using numbers = smx_test::numbers;

/// What the operators that look at a whole row say about its NaN and infinities, seen through a factor c.
enum class row_kind { finite, masked, not_a_number };
template <class T> row_kind kind_of(std::span<T const> x, double c) {
    bool any = false;
    for (T const e : x) {
        double const v = static_cast<double>(e);
        if (std::isnan(v) || (std::isinf(v) && (c == 0 || (v > 0) == (c > 0)))) return row_kind::not_a_number;
        any = any || !std::isinf(v);
    }
    return any ? row_kind::finite : row_kind::masked;
}

/// c x less the largest of them: for operators that no shift changes.
template <class T> numbers differences(std::span<T const> x, double c) {
    number largest = 0;
    bool found = false;
    for (T const v : x) {
        if (std::isinf(static_cast<double>(v))) continue;
        number const e = static_cast<number>(v);
        if (!found || (c < 0 ? e < largest : e > largest)) largest = e;
        found = true;
    }
    numbers z;
    z.reserve(x.size());
    for (T const v : x)
        z.push_back(std::isinf(static_cast<double>(v)) ? -std::numeric_limits<number>::infinity()
                                                       : static_cast<number>(c) * (static_cast<number>(v) - largest));
    return z;
}

/// c x.
template <class T> numbers products(std::span<T const> x, double c) {
    numbers z;
    z.reserve(x.size());
    for (T const v : x)
        z.push_back(std::isinf(static_cast<double>(v)) ? -std::numeric_limits<number>::infinity()
                                                       : static_cast<number>(c) * static_cast<number>(v));
    return z;
}

/// What the reference itself may be off by, in ULP of T: it knows a score z to 2^-64 |z|.
template <class T> number slack(number z) {
    if (sizeof(T) < sizeof(double) || std::numeric_limits<number>::digits > 100) return number(0.01L);
    return number(0.6L) + (std::isinf(z) ? 0 : std::min(std::abs(z), number(1e5L)) * number(0x1p-11L));
}

/// One result within a bound in ULP of its exact value, or of `floor` if that is larger.
template <class T>
void require_near(T got, number exact, number bound, number floor, std::size_t i, char const* what = "accuracy") {
    constexpr number normal = std::numeric_limits<T>::min(), largest = std::numeric_limits<T>::max();
    number const value = static_cast<number>(got), size = std::abs(exact);
    bool right = false;
    number error = 0;
    if (std::isinf(exact) || size > largest) {
        right = std::abs(value) >= std::sqrt(largest) && (value > 0) == (exact > 0); // overflows, or nearly so
    } else if (size == 0 && floor == 0) {
        right = value == 0 && !std::signbit(got);
    } else if (value == 0 && size < normal && floor < normal) {
        right = true; // flushed, as documented
    } else {
        number const at = std::max({size, floor, normal});
        error = std::abs(value - exact) / std::ldexp(number(1), std::ilogb(at) - (std::numeric_limits<T>::digits - 1));
        right = error <= bound;
    }
    if (!right) fail(what, ": element ", i, " is ", got, ", exact ", exact, ", off by ", error, " ULP, bound ", bound);
}

/// scale / temperature is taken, as the documentation says.
inline bool is_taken(double scale, double temperature) {
    return std::isfinite(scale) && std::isfinite(temperature) && temperature > 0 && std::isfinite(scale / temperature);
}

} // namespace smx_fuzz
