// SPDX-License-Identifier: BSL-1.0
// sigmoid: each score by itself, with the bias -log n that makes it a stand-in for softmax in attention.
#pragma once

#include <smx/driver/elementwise.hpp>
#include <smx/math/log.hpp>
#include <smx/math/logistic.hpp>

SMX_BEGIN

struct sigmoid_options {
    double bias = 0;        ///< added after the scaling; sigmoid_bias(n) for attention over n keys
    double scale = 1;       ///< multiplies the scores
    double temperature = 1; ///< divides them
};

/// -log n: with it n equal scores of 0 get the weight 1 / (n + 1) each.
inline double sigmoid_bias(std::size_t n) {
    using D = simd::vector<double, simd::default_arch>;
    if (n == 0) return 0;
    return -simd::first_lane(math::log1p(simd::pack<D, 1>{{D(static_cast<double>(n) - 1)}}).part[0]);
}

namespace driver {

struct sigmoid_kernel : elements_kernel {
    double bias;

    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        auto const logistic = math::logistic<V>::of(scale.k, bias);
        map_elements<V>(x, y, n, scale, logistic);
    }
};

} // namespace driver

/// The logistic function of each score:
///
///     y_i = 1 / (1 + e^-(c x_i + bias)),   c = scale / temperature
///
/// **Shapes.** As softmax. **Errors.** As softmax; also if |bias| is not at most 5000.
///
/// **Values.** A NaN gives NaN where it stands. -inf gives exactly 0, +inf exactly 1 (the other way round for c < 0),
/// whatever the row. Results below the smallest normal number are 0. A length of 0 writes nothing.
///
/// **Accuracy.** Maximum error of an element in ULP: 4 (tests/operators_test.cpp enforces it), however small.
///
/// **Bits.** As softmax. **Cost.** One read, one write.
///
/// **Source.** J. Ramapuram et al., "Theory, Analysis, and Best Practices for Sigmoid Self-Attention", 2024.
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_rows_like<X const> Y>
void sigmoid(E const& e, X const& x, Y&& y, sigmoid_options const& options = {}) {
    double const c = driver::factor("sigmoid", options.scale, options.temperature);
    if (!(options.bias >= -5000 && options.bias <= 5000))
        detail::refuse("sigmoid", "bias is %g, but its size must be at most %g", options.bias, 5000.0);
    driver::map<Arch>(e, "sigmoid", driver::sigmoid_kernel{{}, options.bias}, x, y, c);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void sigmoid(X const& x, Y&& y, sigmoid_options const& options = {}) {
    smx::sigmoid<Arch>(sequential, x, y, options);
}

SMX_END
