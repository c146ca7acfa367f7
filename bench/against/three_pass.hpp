// SPDX-License-Identifier: BSL-1.0
// Three passes in xsimd's vectors around somebody's exp: what one writes with a library of vector functions.
#pragma once

#include "../contestant.hpp"

#include <xsimd/xsimd.hpp>

#include <algorithm>

namespace bench {

/// `exp` maps a batch to a batch; std::exp serves the elements that fill no vector.
template <class T, class Exp> void three_pass_row(T const* x, T* y, std::size_t n, Exp exp) {
    using batch = xsimd::batch<T>;
    std::size_t const whole = n - n % batch::size;

    T largest = x[0];
    if (whole != 0) {
        batch lanes = batch::load_unaligned(x);
        for (std::size_t i = batch::size; i < whole; i += batch::size)
            lanes = xsimd::max(lanes, batch::load_unaligned(x + i));
        alignas(64) T each[batch::size];
        lanes.store_aligned(each);
        largest = *std::max_element(each, each + batch::size);
    }
    for (std::size_t i = whole; i != n; ++i) largest = std::max(largest, x[i]);

    batch sums(T(0));
    for (std::size_t i = 0; i != whole; i += batch::size) {
        batch const w = exp(batch::load_unaligned(x + i) - batch(largest));
        w.store_unaligned(y + i);
        sums += w;
    }
    alignas(64) T each[batch::size];
    sums.store_aligned(each);
    T sum = 0;
    for (T const lane : each) sum += lane;
    for (std::size_t i = whole; i != n; ++i) sum += y[i] = std::exp(x[i] - largest);

    T const inverse = 1 / sum;
    for (std::size_t i = 0; i != whole; i += batch::size)
        (batch::load_unaligned(y + i) * batch(inverse)).store_unaligned(y + i);
    for (std::size_t i = whole; i != n; ++i) y[i] *= inverse;
}

template <class T, class Exp> contestant<T> three_pass(std::string name, Exp exp) {
    return {std::move(name), still_a_softmax<T>,
            [](shape) {
                return traffic{3, 2};
            },
            along_rows,
            [exp](problem<T> const& p) -> runner {
                return [p, exp] {
                    for (std::size_t r = 0; r != p.form.rows; ++r)
                        three_pass_row(p.x + r * p.form.cols, p.y + r * p.form.cols, p.form.cols, exp);
                };
            }};
}

} // namespace bench
