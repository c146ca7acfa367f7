// SPDX-License-Identifier: BSL-1.0
// The registry: every operator that maps a row to a row, with its exact definition. Each generic test
// (tests/operators_test.cpp) runs on all of them. Compiled once for each ISA: operators_float.cpp,
// operators_double.cpp.
#pragma once

#include "elements.hpp"
#include "exact_operators.hpp"

#include <smx/matrix.hpp>

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

namespace smx_test {

template <class T> struct operator_entry {
    using function = void (*)(smx::matrix_view<T const>, smx::matrix_view<T>);
    using masked_function = void (*)(smx::matrix_view<T const>, smx::matrix_view<bool const>, smx::matrix_view<T>);

    std::string name;
    double promised_ulp; ///< the maximum error that the documentation of the operator promises
    double floor;        ///< errors of smaller results are measured in ULP of this
    T hidden;            ///< what -inf and masked elements become
    bool elementwise;    ///< elements do not depend on each other
    bool shift_free;     ///< finite elements of any size are right; otherwise up to 1e4
    function rows;
    // Or null, where an operator has no such thing or SMX_TEST_ROWS_ALONE saves the time to compile it:
    function columns;
    masked_function where; ///< smx::scores(x).where(mask)
    function causal;       ///< smx::scores(x).causal()
    numbers (*exact)(std::vector<T> const&);
    bool (*conditioned)(
        std::vector<T> const&); ///< false: a rounding of x may move the exact results by more than promised

    std::vector<T> operator()(std::vector<T> const& x) const {
        std::vector<T> y(x.size(), T(-7));
        rows({x.data(), 1, x.size()}, {y.data(), 1, y.size()});
        return y;
    }
};

template <class T> std::vector<operator_entry<T>> const& operators();
template <> std::vector<operator_entry<float>> const& operators<float>();
template <> std::vector<operator_entry<double>> const& operators<double>();

template <class T, class F> void each_operator(F f) {
    for (operator_entry<T> const& entry : operators<T>()) {
        SCOPED_TRACE(name_of<T>() + ", " + entry.name);
        f(entry);
    }
}

} // namespace smx_test
