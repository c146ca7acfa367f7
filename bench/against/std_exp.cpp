// SPDX-License-Identifier: BSL-1.0
// The plain loop: three passes with std::exp, as it stands in most programs.
#include "../contestant.hpp"

#include <algorithm>

namespace bench {
namespace {

/// One line of elements that lie `step` apart.
template <class T> void softmax_line(T const* x, T* y, std::size_t n, std::size_t step) {
    T largest = x[0];
    for (std::size_t i = 1; i != n; ++i) largest = std::max(largest, x[i * step]);
    T sum = 0;
    for (std::size_t i = 0; i != n; ++i) sum += y[i * step] = std::exp(x[i * step] - largest);
    T const inverse = 1 / sum;
    for (std::size_t i = 0; i != n; ++i) y[i * step] *= inverse;
}

template <class T> runner prepare(problem<T> const& p) {
    return [p] {
        auto const [rows, cols, along] = p.form;
        if (along == axis::rows)
            for (std::size_t r = 0; r != rows; ++r) softmax_line(p.x + r * cols, p.y + r * cols, cols, 1);
        else
            for (std::size_t c = 0; c != cols; ++c) softmax_line(p.x + c, p.y + c, rows, cols);
    };
}

template <class T> contestant<T> std_exp() {
    return {"std_exp", still_a_softmax<T>, [](shape) { return traffic{3, 2}; }, any_shape, prepare<T>};
}

entry const both(std_exp<float>(), std_exp<double>());

} // namespace
} // namespace bench
