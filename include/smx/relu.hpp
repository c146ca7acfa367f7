// SPDX-License-Identifier: BSL-1.0
// relu: positive scores, divided by the length of the row.
#pragma once

#include <smx/driver/elementwise.hpp>

SMX_BEGIN

struct relu_options {
    double length = 0;      ///< the divisor; 0: the length of the row
    double scale = 1;       ///< multiplies the scores
    double temperature = 1; ///< divides them
};

namespace driver {

struct relu_kernel : elements_kernel {
    double length;

    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using T = simd::element_of<V>;
        double const divisor = length != 0 ? length : static_cast<double>(n);
        double const quotient = scale.c / divisor;
        auto const run = [&](auto const& source, T by) SMX_OUTER_LAMBDA {
            V const zero(T(0)), factor(by);
            algorithm::sweep<algorithm::pack_for<std::remove_cvref_t<decltype(source)>, V>>(
                0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                    using Part = typename decltype(shape)::pack_type;
                    Part const v = source.template load<Part>(offset, extent, zero) * factor;
                    // + 0 turns -0 into +0.
                    y.store(offset, simd::at_least(v, zero) + zero, extent);
                });
        };
        if (scale.c == 0 || (quotient != 0 && algorithm::holds<T>(quotient))) [[likely]]
            run(x, static_cast<T>(quotient));
        else
            algorithm::with_factor_in_parts<T>(x, scale.c, divisor, run);
    }
};

} // namespace driver

/// Positive scores over the length:
///
///     y_i = max(c x_i, 0) / L,   c = scale / temperature,   L = length, or the length of the row
///
/// Rows behind a mask or limit have the length of what is left only for limits (causal, lengths); give .length to be
/// explicit.
///
/// **Shapes.** As softmax. **Errors.** As softmax; also if length is negative or not finite.
///
/// **Values.** NaN gives NaN where it stands; -inf gives 0; +inf gives +inf (the other way round for c < 0). A length
/// of 0 writes nothing.
///
/// **Accuracy.** 1 ULP, 1.5 with c / L rounded, whatever its size (tests/operators_test.cpp). **Bits.** As softmax.
///
/// **Cost.** One read, one write.
///
/// **Source.** M. Wortsman et al., "Replacing softmax with ReLU in Vision Transformers", 2023.
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_rows_like<X const> Y>
void relu(E const& e, X const& x, Y&& y, relu_options const& options = {}) {
    double const c = driver::factor("relu", options.scale, options.temperature);
    if (!driver::is_finite(options.length) || options.length < 0)
        detail::refuse("relu", "length is %g, but must be finite and at least %g", options.length, 0.0);
    driver::map<Arch>(e, "relu", driver::relu_kernel{{}, options.length}, x, y, c);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void relu(X const& x, Y&& y, relu_options const& options = {}) {
    smx::relu<Arch>(sequential, x, y, options);
}

SMX_END
