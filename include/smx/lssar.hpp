// SPDX-License-Identifier: BSL-1.0
// lssar: shares of softplus scores, then sharpened by a power of what exceeds the average (softplus attention with
// re-weighting).
#pragma once

#include <smx/math/power.hpp>
#include <smx/softplus.hpp>

SMX_BEGIN

struct lssar_options {
    double power = 15;                         ///< p; 1 to 64
    double offset = 1;                         ///< O, in units of the average share; 0 for rows of up to 3 elements
    double scale = 1;                          ///< multiplies the scores: log d * log N for cosines
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< what a row of nothing but -inf becomes
};

namespace math {

/// e^(c x) for c x <= 0.
template <class V> struct exp_score {
    exp_reference<V, V> ref;

    template <class X> SMX_INLINE X operator()(X const& x) const {
        return exp_weight<precise_t>(x, ref) * V(1 / weight_of_one<simd::element_of<V>>);
    }
};

/// ([score(x) / average - O]_+ / its largest value)^p.
template <class V, class Score> struct reweighted_score {
    using T = simd::element_of<V>;
    Score score;
    V per_share, offset, inverse_of_largest, p;

    template <class X> SMX_INLINE X excess(X const& x) const {
        return simd::at_least(simd::fma(score(x), per_share, offset), V(T(0)));
    }
    template <class X> SMX_INLINE X operator()(X const& x) const {
        return math::power(simd::at_most(excess(x) * inverse_of_largest, V(T(1))), p);
    }
};

} // namespace math

namespace driver {

struct lssar_kernel : weights_kernel {
    lssar_options const& options;

    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using T = simd::element_of<V>;
        with_softplus_source<V>(x, n, scale, [&](auto const& source, double factor, T largest) SMX_OUTER_LAMBDA {
            using scaled = std::remove_cvref_t<decltype(source)>;
            double const top = factor * static_cast<double>(largest);
            if (top < -45 && largest > -simd::infinity<T>) // so far down softplus is e^x, to the last bit
                sharpen<V>(algorithm::affine_source<scaled, T>{source, 1, -largest, 1}, y, n, T(0),
                           math::exp_score<V>{math::exp_reference_at(
                               math::exp_scale<T>::of(factor < 0x1p100 ? factor : 0x1p100), V(T(0)))});
            else
                sharpen<V>(source, y, n, largest, math::softplus_score<V>::of(factor, largest, scale.c));
        });
    }

private:
    template <class V, class Source, class Sink, class Score>
    SMX_NOINLINE void sharpen(Source const& source, Sink const& y, std::size_t n, simd::element_of<V> largest,
                              Score const& of_element) const {
        using T = simd::element_of<V>;
        using one = simd::pack<V, 1>;
        // Scores wait in the output if it has their type.
        if constexpr (std::is_same_v<typename Sink::element, T>)
            sharpen_scores<V>(source, y, y, n, largest, of_element,
                              simd::first_lane(of_element(one{{V(largest)}}).part[0]),
                              [](auto const& s) SMX_INLINE_LAMBDA { return s; });
        else
            sharpen_scores<V>(source, algorithm::no_sink{}, y, n, largest, of_element, largest, of_element);
    }
    /// Scores of elements go to `scores`; then score(v) is that of the elements v of y, if they went there, or of the
    /// source, and `top` the v of the largest.
    template <class V, class Source, class Scores, class Sink, class First, class Score>
    SMX_OUTER void sharpen_scores(Source const& source, Scores const& scores, Sink const& y, std::size_t n,
                                  simd::element_of<V> largest, First const& of_element, simd::element_of<V> top,
                                  Score const& score) const {
        using T = simd::element_of<V>;
        using P = simd::pack<V, simd::line_registers<V>>;
        using one = simd::pack<V, 1>;
        double const sum = algorithm::leading(algorithm::sum_of_scores<precise_t, P>(source, scores, n, of_element));
        if (!(sum > 0 && sum < simd::infinity<T>)) {
            bool const nothing = largest == -simd::infinity<T> && sum == 0;
            algorithm::fill<V>(y, n, nothing ? of_nothing<T>() : simd::quiet_nan<T>);
            return;
        }
        double const offset = n <= 3 ? 0 : options.offset, length = static_cast<double>(n);
        math::reweighted_score<V, Score> sharp{score, V(static_cast<T>(length / sum)), V(static_cast<T>(-offset)),
                                               V(T(1)), V(static_cast<T>(options.power))};
        T const most = simd::first_lane(sharp.excess(one{{V(top)}}).part[0]);
        auto const finish = [&](auto const& from) SMX_OUTER_LAMBDA {
            if (most > 0) {
                sharp.inverse_of_largest = V(T(1) / most);
                algorithm::share<precise_t, P>(from, y, n, sharp, T(0));
            } else { // every share is the average: nothing to sharpen
                algorithm::divide<P>(from, y, n, algorithm::reciprocal<V>::of(algorithm::total_from<T>(sum)), score);
            }
        };
        if constexpr (std::is_same_v<Scores, Sink>)
            finish(y);
        else
            finish(source);
    }
};

} // namespace driver

/// Softplus shares whose excess over the average is raised to a power:
///
///     A_i = softplus(c x_i) / sum_j softplus(c x_j),   r_i = [N A_i - O]_+,   y_i = r_i^p / sum_j r_j^p
///
/// with N the length of the row. Where every share is the average, y = A. Rows of up to 3 elements take O = 0, as the
/// first rows of causal attention do.
///
/// **Shapes.** As softmax. **Errors.** As softmax; also if power is not within [1, 64] or offset not within [0, 1e6].
///
/// **Values.** As softplus.
///
/// **Accuracy.** Absolute error below 1e-4 for p = 15 in float where the largest share exceeds the average by a tenth
/// (tests/operators_test.cpp enforces it): the excess cancels, and the power magnifies what is left. **Bits.** As
/// softmax. **Cost.** Four reads, three writes; two exponentials and two logarithms for each
/// element.
///
/// **Source.** B. Gao, M. Spratling, L. Gionfrida, "Softplus Attention with Re-weighting Boosts Length Extrapolation in
/// Large Language Models", 2501.13428: abstract, and third-party code for what it leaves open; the authors' code was
/// not available.
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_rows_like<X const> Y>
void lssar(E const& e, X const& x, Y&& y, lssar_options const& options = {}) {
    double const c = driver::factor("lssar", options.scale, options.temperature);
    if (!(options.power >= 1 && options.power <= 64))
        detail::refuse("lssar", "power is %g, but must be at least 1 and at most %g", options.power, 64.0);
    if (!(options.offset >= 0 && options.offset <= 1e6))
        detail::refuse("lssar", "offset is %g, but must be at least 0 and at most %g", options.offset, 1e6);
    driver::map<Arch>(e, "lssar", driver::lssar_kernel{{driver::policy_for<X>(options.fully_masked)}, options}, x, y,
                      c);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void lssar(X const& x, Y&& y, lssar_options const& options = {}) {
    smx::lssar<Arch>(sequential, x, y, options);
}

SMX_END
