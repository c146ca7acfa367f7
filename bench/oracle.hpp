// SPDX-License-Identifier: BSL-1.0
// The true weights, in a type wide enough that its own errors do not show, and the distance of a result from them.
#pragma once

#include "problem.hpp"

#include <algorithm>
#include <functional>
#include <limits>

namespace bench {

template <class T> using wide = std::conditional_t<std::is_same_v<T, float>, double, long double>;

/// Neumaier's sum: as good as one in twice the precision.
template <class W> class compensated_sum {
    W sum_ = 0, rest_ = 0;

public:
    void add(W v) {
        W const next = sum_ + v;
        rest_ += std::abs(sum_) >= std::abs(v) ? (sum_ - next) + v : (v - next) + sum_;
        sum_ = next;
    }
    W value() const { return sum_ + rest_; }
};

template <class T> class oracle {
    std::vector<wide<T>> expected_;

public:
    explicit oracle(problem<T> const& p) : expected_(p.form.elements()) {
        bool const down = p.form.along == axis::columns;
        std::size_t const lines = down ? p.form.cols : p.form.rows, length = down ? p.form.rows : p.form.cols;
        std::size_t const next_line = down ? 1 : p.form.cols, step = down ? p.form.cols : 1;
        for (std::size_t l = 0; l != lines; ++l) {
            T const* const x = p.x + l * next_line;
            wide<T>* const w = expected_.data() + l * next_line;
            T largest = x[0];
            for (std::size_t i = 1; i != length; ++i) largest = std::max(largest, x[i * step]);
            compensated_sum<wide<T>> sum;
            for (std::size_t i = 0; i != length; ++i) {
                w[i * step] = std::exp(static_cast<wide<T>>(x[i * step]) - static_cast<wide<T>>(largest));
                sum.add(w[i * step]);
            }
            for (std::size_t i = 0; i != length; ++i) w[i * step] /= sum.value();
        }
    }

    /// The distance of a result from the i-th true weight in units in that one's last place. Infinite if it is NaN.
    double ulp(std::size_t i, T got) const {
        using limits = std::numeric_limits<T>;
        wide<T> const e = expected_[i];
        if (e < static_cast<wide<T>>(limits::min()) && got == T(0)) return 0;
        int exponent = 0;
        std::frexp(e, &exponent);
        wide<T> const ulp = std::ldexp(wide<T>(1), std::max(exponent, limits::min_exponent) - limits::digits);
        double const distance = static_cast<double>(std::abs(static_cast<wide<T>>(got) - e) / ulp);
        return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
    }
    double max_ulp(T const* y) const {
        double worst = 0;
        for (std::size_t i = 0; i != expected_.size(); ++i) worst = std::max(worst, ulp(i, y[i]));
        return worst;
    }
};

/// Runs once on an output full of NaN, so that nothing can be right by an earlier result.
template <class T> double measure_ulp(oracle<T> const& truth, problem<T> const& p, std::function<void()> const& run) {
    std::fill(p.y, p.y + p.form.elements(), std::numeric_limits<T>::quiet_NaN());
    run();
    return truth.max_ulp(p.y);
}

} // namespace bench
