// SPDX-License-Identifier: BSL-1.0
// log sum_j e^(c (x_j - m)) with the largest elements left out of the sum, so that nothing is lost beside them:
//
//     m = max x,   k = how many x_j are m,   R = sum of the others' e^(c (x_j - m)),   log(k + R) = log1p((k - 1) + R)
//
// A row with one dominant element has k = 1 and a tiny R; added to 1 first, R would vanish (variants.md 2.3).
#pragma once

#include <smx/algorithm/affine.hpp>
#include <smx/algorithm/exp_beside_largest.hpp>
#include <smx/algorithm/weigh.hpp>
#include <smx/math/log.hpp>

SMX_BEGIN
namespace algorithm {
template <class Accuracy> struct logarithmic;
} // namespace algorithm
namespace math {
template <class T, class Accuracy>
struct exp_polynomial<T, algorithm::logarithmic<Accuracy>> : exp_polynomial<T, precise_t> {};
template <class Accuracy> struct exp_eighths<algorithm::logarithmic<Accuracy>> : exp_eighths<Accuracy> {};
} // namespace math
namespace algorithm {

/// The sums of Accuracy, and its exp if that is by eighths. Other polynomials are those of precise: here no division
/// hides a factor that all weights share.
template <class Accuracy> struct logarithmic { static constexpr std::size_t lines_per_run = Accuracy::lines_per_run; };

/// What a row amounts to: m and log sum e^(c (x_j - m)).
/// Of a row of -inf: -inf and 0. Of a row with a NaN: NaN in `log_of_sum`; with +inf and no NaN: +inf and NaN.
template <class T> struct log_sum {
    bool near = false; ///< false: an exponent is out of range, the row must be moved to 0 first
    T largest = -simd::infinity<T>;
    T log_of_sum = simd::quiet_nan<T>;
};

/// How the elements of a row are taken: by whoever calls, or by many (log_blocks.hpp).
struct by_itself {
    template <class P, class Source> SMX_INLINE typename P::value_type largest(Source const& x, std::size_t n) const {
        return maximum<P>(x, 0, n);
    }
    template <class Accuracy, class P, class Source, class Weight>
    SMX_INLINE auto beside(typename P::value_type largest, Source const& x, std::size_t n, Weight const& weight) const {
        std::size_t window_from = shortest_in_window;
        return exp_sum_beside<Accuracy, P>(largest, x, n, weight, window_from);
    }
};

template <class Accuracy, class P, class Source, class T, class Taken = by_itself>
SMX_INLINE log_sum<T> log_sum_near(Source const& x, std::size_t n, math::exp_scale<T> k, Taken const& taken = {}) {
    using V = typename P::register_type;
    using one = simd::pack<V, 1>;
    T const largest = taken.template largest<P>(x, n);
    V exponent = math::exp_exponent(V(largest), V(k.hi));
    if (!is_near(simd::first_lane(exponent))) {
        if (largest != -simd::infinity<T>) return {false, largest};
        exponent = V(T(0));
    }
    using accuracy = logarithmic<Accuracy>;
    auto const weight = exp_of_row<accuracy, V>{k, exponent};
    auto const found = taken.template beside<accuracy, P>(largest, x, n, weight);
    if (largest == -simd::infinity<T>) return {true, largest, found.rest() == 0 ? T(0) : simd::quiet_nan<T>};
    double const of_largest = static_cast<double>(simd::first_lane(weight(one{{V(largest)}}).part[0]));
    T const above_one = static_cast<T>(simd::barrier(found.ties - 1) + found.rest() / of_largest);
    return {true, largest, simd::first_lane(math::log1p(one{{V(above_one)}}).part[0])};
}

/// f(source, factor, log_sum) with results in the terms of a source whose elements, less log_sum.largest and times
/// factor, are c (x - m). Rows that are near are their own source.
template <class Accuracy, class V, class Source, class F>
SMX_COLD void with_log_sum_moved(Source const& x, std::size_t n, row_scale<simd::element_of<V>> scale, F const& f) {
    using T = simd::element_of<V>;
    using P = simd::pack<V, simd::line_registers<V>>;
    constexpr T infinity = simd::infinity<T>;
    T largest = maximum<P>(affine_source<Source, T>{x, scale.inner, 0, 1}, 0, n);
    // Differences of the largest numbers overflow, also those that round to them; those of their quarters do not.
    constexpr T huge = sizeof(T) == sizeof(float) ? T(0x1p102) : T(0x1p969);
    bool const sign_alone = scale.outer == 1 && (scale.inner == 1 || scale.inner == -1);
    if (sign_alone && (largest > huge || largest < -huge)) {
        double const c = scale.c;
        scale = row_scale<T>::of(4 * c);
        scale.c = c;
        scale.inner /= 4;
        largest /= 4;
    }
    constexpr T most = std::numeric_limits<T>::max();
    double wanted = scale.c / static_cast<double>(scale.inner) / static_cast<double>(scale.outer);
    // Differences of denormal numbers take more of such a factor than T holds before their products overflow.
    if (wanted > static_cast<double>(most) && largest < T(1) && largest > T(-1)) {
        scale.inner *= T(0x1p32);
        largest *= T(0x1p32);
        wanted *= 0x1p-32;
    }
    bool const finite = largest < infinity && largest > -infinity;
    auto const summed = [&](T offset) SMX_NOINLINE_LAMBDA {
        return log_sum_near<Accuracy, P>(affine_source<Source, T>{x, scale.inner, offset, scale.outer}, n, scale.k);
    };
    log_sum<T> found;
    T offset = 0;
    // As it is, unless the largest element itself would overflow and pass for -inf: near rows lose by being moved.
    if (!scale.ordinary && !(finite && largest * scale.outer <= -infinity)) found = summed(0);
    if (!found.near) {
        if (finite) offset = -largest;
        found = summed(offset);
    }
    // A factor beyond T would make NaN of the largest element, 0 times infinity; one below it, of -inf.
    constexpr double least = math::exp_limits<T>::smallest_normal;
    T const factor =
        wanted > static_cast<double>(most) ? most : static_cast<T>(wanted > least || wanted == 0 ? wanted : least);
    if (!found.near) // the largest is +inf, or NaN
        found = {true, any_above<P>(x, n, infinity) ? simd::quiet_nan<T> : infinity, simd::quiet_nan<T>};
    f(affine_source<Source, T>{x, scale.inner, offset, scale.outer}, factor, found, largest / scale.inner);
}

/// f(source, factor, log_sum, m): m is the largest c x as an x.
template <class Accuracy, class V, class Source, class F>
SMX_OUTER void with_log_sum(Source const& x, std::size_t n, row_scale<simd::element_of<V>> const& scale, F const& f) {
    // A factor of 0 is no help against differences that overflow.
    if (scale.ordinary && scale.c != 0) [[likely]] {
        auto const found = log_sum_near<Accuracy, pack_for<Source, V>>(x, n, scale.k);
        if (found.near) [[likely]] {
            f(x, static_cast<simd::element_of<V>>(scale.c), found, found.largest);
            return;
        }
    }
    with_log_sum_moved<Accuracy, V>(x, n, scale, f);
}

} // namespace algorithm
SMX_END
