// SPDX-License-Identifier: BSL-1.0
// sink_softmax: softmax with one more logit, whose weight goes nowhere. Sink 0 is "softmax off by one".
#pragma once

#include <smx/driver/normalize.hpp>

SMX_BEGIN

struct sink_softmax_options {
    double sink = 0;                           ///< the extra logit; not scaled. -inf: none
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< a row of -inf; matters for a sink of -inf only
};

namespace algorithm {

/// y_i = w_i / (S + e^s): the reference is at least that of the sink, so that its weight is a normal number.
struct with_sink : probabilities {
    static constexpr bool is_plain = false;
    double sink;

    with_sink(masked policy, double logit) : probabilities{policy}, sink(logit) {}

    /// Infinite if the sink has no exponent: the row is moved then. A factor of 0 takes no score below the reference
    /// of a high sink; there the sink takes all.
    template <class T> SMX_INLINE T lowest_exponent(math::exp_scale<T> k) const {
        double exponent = sink * 0x1.71547652b82fep0;
        constexpr double highest = static_cast<double>(math::exp_limits<T>::bias) - 1;
        if (k.hi == 0 && exponent > highest) exponent = highest;
        if (exponent > -math::near_exponent)
            return exponent > math::near_exponent ? simd::infinity<T> : static_cast<T>(rounded(exponent));
        return T(-math::near_exponent); // NaN as well
    }
    template <class Accuracy, class V>
    SMX_INLINE total<simd::element_of<V>> denominator(total<simd::element_of<V>> const& sum, V exponent) const {
        using T = simd::element_of<V>;
        if (sink < -4 * math::near_exponent) return sum;
        // Above the reference where that was too high for the scores: 2^(N + 1) does as well.
        double const most = (static_cast<double>(simd::first_lane(exponent)) + 1) * 0x1.62e42fefa39efp-1;
        double const logit = sink > most ? most : sink;
        // e^logit in the currency of the weights: of its leading part, and what T cannot hold of it by Taylor's series.
        T const lead = static_cast<T>(logit);
        double const rest = logit - static_cast<double>(lead);
        auto const ref = math::exp_reference_at(math::exp_scale<T>::of(1), exponent);
        auto const w = math::exp_weight<Accuracy>(simd::pack<V, 1>{{V(lead)}}, ref);
        double const growth = 1 + (rest + simd::barrier(rest * rest) / 2);
        return plus(sum, simd::barrier(static_cast<double>(simd::first_lane(w.part[0])) * growth));
    }
    SMX_INLINE with_sink moved(double c, double origin) const {
        double const relative = sink - simd::barrier(c * origin);
        double const bound = 5600; // e^-5600 is 0 and e^5600 is everything
        with_sink result = *this;
        result.sink = relative > bound ? bound : relative < -bound ? -bound : relative;
        return result;
    }

private:
    static SMX_INLINE double rounded(double v) { return simd::barrier(v + 0x1.8p52) - 0x1.8p52; }
    static SMX_INLINE double plus(double sum, double w) { return sum + w; }
    static SMX_INLINE pair<double> plus(pair<double> const& sum, double w) { return sum + pair<double>{w, 0}; }
};

} // namespace algorithm

/// Softmax that may pay attention to nothing:
///
///     y_i = e^(c x_i) / (e^sink + sum_j e^(c x_j)),   c = scale / temperature
///
/// The row sums to less than 1; the rest went to the sink. For a sink of 0 this is softmax "off by one" (the 1 in its
/// denominator belongs to unshifted scores: softmax_1 of {1, 2, 3} begins with 0.0871).
///
/// **Shapes, errors.** As softmax. The sink is a value, not a parameter to refuse: +inf and NaN give NaN.
///
/// **Values.** As softmax, but a row of nothing but -inf is zeros: the sink takes all. -inf as a sink gives softmax.
///
/// **Accuracy.** Maximum error of an element in ULP: as softmax (tests/operators_test.cpp enforces 6 and 4 on its
/// rows).
///
/// **Bits, cost.** As softmax.
///
/// **Source.** OpenAI, gpt-oss (a learned sink for each head), 2025; E. Miller, "Attention is off by one", 2023.
template <class Arch = simd::default_arch, execution E, softmax_accuracy Accuracy, floating_point_rows X,
          writable_rows_like<X const> Y>
void sink_softmax(E const& e, Accuracy accuracy, X const& x, Y&& y, sink_softmax_options const& options = {}) {
    double const c = driver::factor("sink_softmax", options.scale, options.temperature);
    double const sink = driver::is_finite(options.sink) || options.sink < 0 ? options.sink : simd::quiet_nan<double>;
    // However low, a finite sink takes all of a row of -inf.
    masked const policy = driver::is_finite(sink) ? masked::zeros : options.fully_masked;
    driver::normalize<Arch>(e, "sink_softmax", automatic, accuracy, x, y, c, algorithm::with_sink(policy, sink));
}
template <class Arch = simd::default_arch, driver::leading Tag, floating_point_rows X, writable_rows_like<X const> Y>
void sink_softmax(Tag const& tag, X const& x, Y&& y, sink_softmax_options const& options = {}) {
    smx::sink_softmax<Arch>(driver::execution_of(tag), driver::accuracy_of(tag), x, y, options);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void sink_softmax(X const& x, Y&& y, sink_softmax_options const& options = {}) {
    smx::sink_softmax<Arch>(sequential, standard, x, y, options);
}

SMX_END
