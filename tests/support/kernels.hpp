// SPDX-License-Identifier: BSL-1.0
// Every softmax there is, as a table: algorithm x accuracy, for each element type. Compiled once for each ISA
// (kernels_float.cpp, kernels_double.cpp), because that is most of the time that building the tests takes.
#pragma once

#include "elements.hpp"

#include <smx/softmax.hpp>

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <vector>

namespace smx_test {

/// smx::softmax(algorithm, accuracy, x, y, options), on rows and on columns.
template <class T> struct kernel {
    using function = void (*)(smx::matrix_view<T const>, smx::matrix_view<T>, smx::softmax_options const&);

    char const* accuracy;
    char const* algorithm;
    double bound_ulp; ///< what rows that were not made to err stay within: standard less than smx::softmax promises
    function rows, columns;

    void operator()(std::span<T const> x, std::span<T> y, smx::softmax_options const& options = {}) const {
        rows({x.data(), 1, x.size()}, {y.data(), 1, y.size()}, options);
    }
    std::vector<T> operator()(std::vector<T> const& x, smx::softmax_options const& options = {}) const {
        std::vector<T> y(x.size(), T(-7));
        (*this)(std::span<T const>(x), std::span<T>(y), options);
        return y;
    }
    std::string name() const { return name_of<T>() + ", " + accuracy + ", " + algorithm; }
};

/// The kernels of one accuracy; the first of them is three_pass_reload.
template <class T> struct accuracy_class {
    std::vector<kernel<T>> algorithms;

    kernel<T> const& any() const { return algorithms.front(); }
};
template <class T> std::vector<accuracy_class<T>> const& accuracies();
template <> std::vector<accuracy_class<float>> const& accuracies<float>();
template <> std::vector<accuracy_class<double>> const& accuracies<double>();

/// f(softmax) for each kernel of T. After a fatal failure of one the others are still called.
template <class T, class F> void each_kernel(F f) {
    for (accuracy_class<T> const& accuracy : accuracies<T>())
        for (kernel<T> const& softmax : accuracy.algorithms) {
            SCOPED_TRACE(softmax.name());
            f(softmax);
        }
}

/// f(softmax) for one kernel of each accuracy: where the algorithm cannot matter.
template <class T, class F> void each_accuracy(F f) {
    for (accuracy_class<T> const& accuracy : accuracies<T>()) {
        SCOPED_TRACE(accuracy.any().name());
        f(accuracy.any());
    }
}

} // namespace smx_test
