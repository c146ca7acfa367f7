// SPDX-License-Identifier: BSL-1.0
// Eigen 3.4 arrays: x - max, exp, divide by the sum.
#include "../contestant.hpp"

#include <Eigen/Core>

namespace bench {
namespace {

template <class T> using matrix = Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T> using row = Eigen::Array<T, 1, Eigen::Dynamic>;

template <class T> void softmax_rows(problem<T> const& p) {
    for (std::size_t r = 0; r != p.form.rows; ++r) {
        Eigen::Map<row<T> const> const x(p.x + r * p.form.cols, static_cast<Eigen::Index>(p.form.cols));
        Eigen::Map<row<T>> y(p.y + r * p.form.cols, static_cast<Eigen::Index>(p.form.cols));
        y = (x - x.maxCoeff()).exp();
        y /= y.sum();
    }
}

template <class T> void softmax_columns(problem<T> const& p) {
    auto const rows = static_cast<Eigen::Index>(p.form.rows), cols = static_cast<Eigen::Index>(p.form.cols);
    Eigen::Map<matrix<T> const> const x(p.x, rows, cols);
    Eigen::Map<matrix<T>> y(p.y, rows, cols);
    y = (x.rowwise() - x.colwise().maxCoeff().eval()).exp();
    y.rowwise() /= y.colwise().sum().eval();
}

template <class T> contestant<T> eigen() {
    return {"eigen", still_a_softmax<T>,
            [](shape) {
                return traffic{4, 2};
            },
            any_shape,
            [](problem<T> const& p) -> runner {
                if (along_rows(p.form)) return [p] { softmax_rows(p); };
                return [p] { softmax_columns(p); };
            }};
}

entry const both(eigen<float>(), eigen<double>());

} // namespace
} // namespace bench
