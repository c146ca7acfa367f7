// SPDX-License-Identifier: BSL-1.0
// softplus: shares of log(1 + e^x), a softmax that grows linearly.
#pragma once

#include <smx/algorithm/shares.hpp>
#include <smx/driver/normalize.hpp>
#include <smx/math/log.hpp>

#include <cmath>

SMX_BEGIN

struct softplus_options {
    double scale = 1;                          ///< multiplies the scores; LSSA: log d * log N
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< what a row of nothing but -inf becomes
};

namespace math {

/// S log(1 + e^(c x)) = S (max(c x, 0) + log1p(e^-|c x|)), S = 1 or, for rows without an element above 1, 2^64 (2^512):
/// then terms far below the smallest normal number keep their digits. With |c| above 2^60 S takes the largest term of a
/// row of giants to 2^60, so that the sum is a number; the logarithms, which S may take to 0, are nothing beside it.
template <class V> struct softplus_score {
    using T = simd::element_of<V>;
    exp_reference<V, V> ref;
    T cs, s; // c S and S

    /// largest: of the row; c: of it all, where the source holds a part of it.
    SMX_INLINE static softplus_score of(double factor, T largest, double c) {
        constexpr double giant = sizeof(T) == sizeof(float) ? 0x1p80 : 0x1p900;
        double const top = factor * static_cast<double>(largest);
        if ((c > 0x1p60 || c < -0x1p60) && (top >= giant || factor > 0x1p60)) [[unlikely]]
            return of_giants(factor, largest);
        T const s = top < 1 ? weight_of_one<T> : T(1);
        return {exp_reference_at(exp_scale<T>::of(factor), V(T(0))), static_cast<T>(factor) * s, s};
    }
    SMX_COLD static softplus_score of_giants(double factor, T largest) {
        // With a larger factor every e^-|c x| but that of 0 vanishes, or has no share.
        constexpr double most = sizeof(T) == sizeof(float) ? 0x1p100 : 0x1p160;
        auto const ref = exp_reference_at(exp_scale<T>::of(factor < most ? factor : most), V(T(0)));
        if (!(largest < simd::infinity<T>)) return {ref, largest, T(1)};
        if (largest <= 0) return {ref, T(0), weight_of_one<T>};
        int const e = 60 - std::ilogb(factor) - std::ilogb(static_cast<double>(largest));
        return {ref, static_cast<T>(std::ldexp(factor, e)), static_cast<T>(std::ldexp(1.0, e))};
    }
    template <class X> SMX_INLINE X operator()(X const& x) const {
        constexpr T one = weight_of_one<T>, tiny = sizeof(T) == sizeof(float) ? one * T(0x1p-30) : one * T(0x1p-60);
        X const w = exp_weight<precise_t>(simd::magnitude(x) * V(T(-1)), ref);
        X const log = simd::select_at_least(w, V(tiny), log1p(w * V(1 / one)) * V(s), w * V(s / one));
        return simd::fma(simd::at_least(x, V(T(0))), V(cs), log);
    }
};

} // namespace math

namespace driver {

/// f(source, factor, largest): factor times the source is c x, largest the largest element of the source. A scale that
/// is not ordinary is applied as powers of two before, as far as the largest element allows.
template <class V, class Source, class F>
SMX_OUTER void with_softplus_source(Source const& x, std::size_t n,
                                    algorithm::row_scale<simd::element_of<V>> const& scale, F const& f) {
    using T = simd::element_of<V>;
    if (scale.ordinary) [[likely]] {
        f(x, scale.c, algorithm::maximum<algorithm::pack_for<Source, V>>(x, 0, n));
        return;
    }
    using P = simd::pack<V, simd::line_registers<V>>;
    constexpr T most = sizeof(T) == sizeof(float) ? T(0x1p100) : T(0x1p900);
    T const largest = algorithm::maximum<P>(algorithm::affine_source<Source, T>{x, scale.inner, 0, 1}, 0, n),
            size = largest < 0 ? -largest : largest;
    T outer = scale.outer;
    if (size < simd::infinity<T>)
        while (outer > 1 && size > most / outer) outer /= 2;
    double const factor = scale.c / static_cast<double>(scale.inner) / static_cast<double>(outer);
    // At 2^-100 and below, every finite c x is nothing beside 1.
    f(algorithm::affine_source<Source, T>{x, scale.inner, 0, outer}, factor < 0x1p-100 ? 0x1p-100 : factor,
      largest * outer);
}

struct softplus_kernel : weights_kernel {
    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using T = simd::element_of<V>;
        with_softplus_source<V>(x, n, scale, [&](auto const& source, double factor, T largest) SMX_OUTER_LAMBDA {
            using P = algorithm::pack_for<std::remove_cvref_t<decltype(source)>, V>;
            double const top = factor * static_cast<double>(largest);
            if (top < -45) { // so far down softplus is e^x, to the last bit; -inf comes this way as well
                algorithm::normalize<three_pass_recompute_t, precise_t, V>(
                    source, y, n, algorithm::row_scale<T>::of(factor), algorithm::probabilities{fully_masked});
                return;
            }
            auto const score = math::softplus_score<V>::of(factor, largest, scale.c);
            algorithm::share<precise_t, P>(source, y, n, score, of_nothing<T>());
        });
    }
};

} // namespace driver

/// Shares of softplus scores:
///
///     y_i = softplus(c x_i) / sum_j softplus(c x_j),   softplus(t) = log(1 + e^t),   c = scale / temperature
///
/// The first stage of length-scaled softplus attention (LSSA) with scale = log d * log N.
///
/// **Shapes, errors.** As softmax.
///
/// **Values.** A NaN or +inf in a row makes the whole row NaN. -inf gives exactly 0. A row of nothing but -inf is NaN,
/// or zeros with fully_masked = masked::zeros. Equal elements give equal bits. Results below the smallest normal number
/// are 0. The sum of the scores must not overflow: finite elements up to 1e30 are right (1e300 for double) with c = 1,
/// and of any size with |c| above 2^60.
///
/// **Accuracy.** Maximum error of an element in ULP: 6 (tests/operators_test.cpp enforces it).
///
/// **Bits.** As softmax. **Cost.** Three reads, two writes; an exponential and a logarithm for each element.
///
/// **Source.** B. Gao, M. Spratling, L. Gionfrida, "Softplus Attention with Re-weighting", 2501.13428, abstract.
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_rows_like<X const> Y>
void softplus(E const& e, X const& x, Y&& y, softplus_options const& options = {}) {
    double const c = driver::factor("softplus", options.scale, options.temperature);
    driver::map<Arch>(e, "softplus", driver::softplus_kernel{{driver::policy_for<X>(options.fully_masked)}}, x, y, c);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void softplus(X const& x, Y&& y, softplus_options const& options = {}) {
    smx::softplus<Arch>(sequential, x, y, options);
}

SMX_END
