// SPDX-License-Identifier: BSL-1.0
// Comparators. They judge element by element, name the worst one, and tests/support_test.cpp shows that each can fail.
#pragma once

#include "exact_value.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace smx_test {

/// What is wrong with one result; empty if nothing is.
///   NaN            for NaN, and for nothing else
///   +0             where the exact value is 0
///   +0, or within the bound   where the exact value is below the smallest normal number
///   within the bound          elsewhere
template <class T> std::string objection(T got, exact_value const& exact, double bound_in_ulp) {
    if (exact.is_nan()) return std::isnan(got) ? "" : "must be NaN";
    if (std::isnan(got)) return "is NaN";
    if (std::signbit(got)) return got == 0 ? "is -0" : "is negative";
    if (exact.is_zero()) return got == 0 ? "" : "must be exactly 0";
    if (got == 0 && below_normal<T>(exact)) return "";
    double const error = error_in_ulp(got, exact);
    if (error <= bound_in_ulp) return "";
    std::ostringstream text;
    text << "is off by " << error << " ULP, bound " << bound_in_ulp;
    return text.str();
}

/// The worst error of the rows seen, for the record.
struct witness {
    double ulp = 0;
    std::string where;
};

/// Every element within the bound. A row that must be 0 everywhere is refused: comparing it shows nothing.
template <class T>
testing::AssertionResult within(double bound_in_ulp, std::vector<T> const& x, std::vector<T> const& got,
                                std::vector<exact_value> const& exact, witness* worst = nullptr) {
    if (got.size() != exact.size() || got.size() != x.size()) return testing::AssertionFailure() << "lengths differ";
    bool tells_something = false;
    for (std::size_t i = 0; i != got.size(); ++i) {
        tells_something = tells_something || exact[i].is_nan() || !below_normal<T>(exact[i]);
        std::string const wrong = objection(got[i], exact[i], bound_in_ulp);
        if (!wrong.empty()) {
            return testing::AssertionFailure()
                   << "element " << i << " of " << got.size() << ": x = " << x[i] << " gave " << got[i] << ", which "
                   << wrong << "; exact " << exact[i].approximate();
        }
        if (worst != nullptr && !exact[i].is_nan() && !below_normal<T>(exact[i])) {
            double const error = error_in_ulp(got[i], exact[i]);
            if (error > worst->ulp) {
                std::ostringstream text;
                text.precision(17);
                text << "element " << i << " of " << got.size() << ", x = " << x[i] << ", y = " << got[i];
                *worst = {error, text.str()};
            }
        }
    }
    if (!tells_something)
        return testing::AssertionFailure() << "every exact value is 0 or negligible: nothing was compared";
    return testing::AssertionSuccess();
}

template <class T> std::uint64_t bits_of(T v) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &v, sizeof v);
    return bits;
}

/// Equal bits, so that +0 is not -0; a NaN equals any NaN (payloads differ between machines).
template <class T> bool same_bits(T a, T b) { return (std::isnan(a) && std::isnan(b)) || bits_of(a) == bits_of(b); }

template <class T> testing::AssertionResult same_bits(std::vector<T> const& got, std::vector<T> const& expected) {
    if (got.size() != expected.size())
        return testing::AssertionFailure() << got.size() << " elements, expected " << expected.size();
    for (std::size_t i = 0; i != got.size(); ++i)
        if (!same_bits(got[i], expected[i])) {
            return testing::AssertionFailure()
                   << "element " << i << " of " << got.size() << " is " << got[i] << ", expected " << expected[i];
        }
    return testing::AssertionSuccess();
}

/// Every element is NaN.
template <class T> testing::AssertionResult all_nan(std::vector<T> const& y) {
    for (std::size_t i = 0; i != y.size(); ++i)
        if (!std::isnan(y[i]))
            return testing::AssertionFailure()
                   << "element " << i << " of " << y.size() << " is " << y[i] << ", not NaN";
    if (y.empty()) return testing::AssertionFailure() << "no elements: nothing was compared";
    return testing::AssertionSuccess();
}

} // namespace smx_test
