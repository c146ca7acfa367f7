// SPDX-License-Identifier: BSL-1.0
// clipped_softmax: softmax stretched a little beyond [0, 1] and clipped, so that weights can be exactly 0 and 1.
#pragma once

#include <smx/driver/normalize.hpp>

SMX_BEGIN

struct clipped_softmax_options {
    double zeta = 1.03;                        ///< where a weight of 1 would be stretched to; at least 1
    double gamma = -0.03;                      ///< where a weight of 0 would be stretched to; at most 0
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< what a row of nothing but -inf becomes
};

/// gamma = -alpha / length: the gamma that keeps its effect when rows grow (Bondarenko et al. 2023, section 4.1).
inline double clipped_softmax_gamma(double alpha, std::size_t length) noexcept {
    return -alpha / static_cast<double>(length);
}

namespace algorithm {

/// y_i = min(max((zeta - gamma) w_i / S + gamma, 0), 1).
struct clipped : probabilities {
    static constexpr bool is_plain = false, is_divided_once = false;
    static constexpr double most = std::numeric_limits<double>::max();
    double stretch, gamma;

    clipped(masked policy, double upper, double lower)
        : probabilities{policy}, stretch(upper - lower <= most ? upper - lower : most), gamma(lower == 0 ? 0 : lower) {}

    SMX_INLINE clipped moved(double, double) const { return *this; }
    template <class, class V> SMX_INLINE reciprocal<V> inverse(double denominator) const {
        return visible(reciprocal<V>::of(denominator / (stretch * fitting<simd::element_of<V>>())),
                       denominator * 0x1p-148);
    }
    template <class, class V> SMX_INLINE reciprocal<V> inverse(pair<double> const& denominator) const {
        return visible(reciprocal<V>::of(denominator * (1 / stretch)), denominator.hi * 0x1p-616 * 0x1p-616);
    }
    template <class X, class Inverse> SMX_INLINE X apply(X const& w, Inverse const& inverse) const {
        using V = typename X::register_type;
        using T = typename X::value_type;
        X kept = w;
        if constexpr (requires { inverse.smallest; }) kept = simd::select_at_least(w, inverse.smallest, w, V(T(0)));
        // hi is at most the inverse: without the second product a weight of 1 would fall short of it.
        X const p = simd::fma(kept, inverse.hi, simd::fma(kept, inverse.lo, V(static_cast<T>(gamma * fitting<T>()))));
        return simd::at_most(simd::at_least(p, V(T(0))), V(T(1)));
    }

private:
    /// Weights below this part of the sum count as 0: against some references they are.
    template <class V> SMX_INLINE static reciprocal<V> visible(reciprocal<V> found, double least) {
        using T = simd::element_of<V>;
        if (found.smallest < static_cast<T>(least)) found.smallest = static_cast<T>(least);
        return found;
    }
    /// A factor of stretch and gamma with which T can hold them, 1 unless floats could not: between 0 and 1 there is
    /// next to nothing then, so that it changes no result but these.
    template <class T> SMX_INLINE double fitting() const {
        if (sizeof(T) == sizeof(double) || (stretch < 0x1p144 && gamma > -0x1p100)) [[likely]]
            return 1;
        double const hidden_share = -gamma / stretch;
        return (hidden_share > 0x1p-44 ? 0x1p100 / hidden_share : 0x1p144) / stretch;
    }
};

} // namespace algorithm

/// Softmax whose small weights are exactly 0, and whose large ones may be exactly 1:
///
///     y_i = min(max((zeta - gamma) p_i + gamma, 0), 1),   p = softmax(c x),   c = scale / temperature
///
/// Zero for p_i <= -gamma / (zeta - gamma), one for p_i >= (1 - gamma) / (zeta - gamma). Heads that want to do nothing
/// need no outliers for it, which is what makes networks quantise well. Rows need not sum to 1.
///
/// **Shapes.** As softmax. **Errors.** As softmax; also if zeta is not finite and at least 1, or gamma not finite and
/// at most 0.
///
/// **Values.** As softmax; a masked element and a row of zeros by policy stay 0. p_i below 2^-148 (2^-1232 for double)
/// counts as 0, whatever zeta makes of it.
///
/// **Accuracy.** Maximum error 8 ULP of the larger of y_i and -gamma, precise 4 (tests/operators_test.cpp enforces 6
/// and 4 on its rows).
///
/// **Bits, cost.** As softmax.
///
/// **Source.** Y. Bondarenko, M. Nagel, T. Blankevoort, "Quantizable Transformers", 2023, equation 4.
template <class Arch = simd::default_arch, execution E, softmax_accuracy Accuracy, floating_point_rows X,
          writable_rows_like<X const> Y>
void clipped_softmax(E const& e, Accuracy accuracy, X const& x, Y&& y, clipped_softmax_options const& options = {}) {
    double const c = driver::factor("clipped_softmax", options.scale, options.temperature);
    if (!driver::is_finite(options.zeta) || options.zeta < 1)
        detail::refuse("clipped_softmax", "zeta is %g, but must be finite and at least %g", options.zeta, 1.0);
    if (!driver::is_finite(options.gamma) || options.gamma > 0)
        detail::refuse("clipped_softmax", "gamma is %g, but must be finite and at most %g", options.gamma, 0.0);
    driver::normalize<Arch>(e, "clipped_softmax", automatic, accuracy, x, y, c,
                            algorithm::clipped(options.fully_masked, options.zeta, options.gamma));
}
template <class Arch = simd::default_arch, driver::leading Tag, floating_point_rows X, writable_rows_like<X const> Y>
void clipped_softmax(Tag const& tag, X const& x, Y&& y, clipped_softmax_options const& options = {}) {
    smx::clipped_softmax<Arch>(driver::execution_of(tag), driver::accuracy_of(tag), x, y, options);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void clipped_softmax(X const& x, Y&& y, clipped_softmax_options const& options = {}) {
    smx::clipped_softmax<Arch>(sequential, standard, x, y, options);
}

SMX_END
