// SPDX-License-Identifier: BSL-1.0
// Compiles the kernels of one element type; included by kernels_float.cpp and kernels_double.cpp alone.
#pragma once

#include "kernels.hpp"

namespace smx_test {

template <class T, class Algorithm, class Accuracy>
kernel<T> kernel_of(char const* accuracy, char const* algorithm, double bound_ulp) {
    using source = smx::matrix_view<T const>;
    using target = smx::matrix_view<T>;
    return {accuracy, algorithm, bound_ulp,
            [](source x, target y, smx::softmax_options const& options) {
                smx::softmax(Algorithm{}, Accuracy{}, x, y, options);
            },
            [](source x, target y, smx::softmax_options const& options) {
                smx::softmax(Algorithm{}, Accuracy{}, smx::columns(x), smx::columns(y), options);
            }};
}

template <class T, class Accuracy> accuracy_class<T> algorithms_of(char const* accuracy, double bound_ulp) {
    return {{kernel_of<T, smx::three_pass_reload_t, Accuracy>(accuracy, "three_pass_reload", bound_ulp),
             kernel_of<T, smx::three_pass_recompute_t, Accuracy>(accuracy, "three_pass_recompute", bound_ulp),
             kernel_of<T, smx::two_pass_t, Accuracy>(accuracy, "two_pass", bound_ulp),
             kernel_of<T, smx::online_t, Accuracy>(accuracy, "online", bound_ulp),
             kernel_of<T, smx::automatic_t, Accuracy>(accuracy, "automatic", bound_ulp)}};
}

template <class T> std::vector<accuracy_class<T>> all_accuracies() {
    return {algorithms_of<T, smx::standard_t>("standard", 6), algorithms_of<T, smx::precise_t>("precise", 4)};
}

} // namespace smx_test
