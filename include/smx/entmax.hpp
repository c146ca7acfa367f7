// SPDX-License-Identifier: BSL-1.0
// entmax: what lies between softmax and sparsemax, and beyond.
#pragma once

#include <smx/algorithm/entmax.hpp>
#include <smx/softmax.hpp>
#include <smx/sparsemax.hpp>

SMX_BEGIN

struct entmax15_options {
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them: above 1 widens the support, below 1 narrows it
    masked fully_masked = masked::by_argument; ///< what a row of nothing but -inf becomes
};

struct entmax_options {
    double alpha = 1.5;                        ///< 1 is softmax, 2 is sparsemax; the larger, the sparser
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them: above 1 widens the support, below 1 narrows it
    masked fully_masked = masked::by_argument; ///< what a row of nothing but -inf becomes
};

namespace driver {

/// Any alpha above 1.
struct entmax_kernel : weights_kernel {
    double alpha;

    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        algorithm::entmax<V>(x, y, n, scale, alpha, fully_masked);
    }
};

} // namespace driver

/// 1.5-entmax, between softmax and sparsemax, with exact zeros:
///
///     y_i = [c x_i / 2 - tau]_+^2 with tau so that sum_j y_j = 1,   c = scale / temperature
///
/// **Shapes, errors, values.** As sparsemax.
///
/// **Accuracy.** Absolute error of an element: at most 8 u, u = 2^-24 for float and 2^-53 for double.
///
/// **Bits.** As softmax: with FMA they depend on the row and the options alone.
///
/// **Cost.** As sparsemax, with a few steps more.
///
/// **Source.** B. Peters, V. Niculae, A. Martins, "Sparse Sequence-to-Sequence Models", 2019.
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_rows_like<X const> Y>
void entmax15(E const& e, X const& x, Y&& y, entmax15_options const& options = {}) {
    double const c = driver::factor("entmax15", options.scale, options.temperature);
    driver::map<Arch>(e, "entmax15",
                      driver::project_kernel<algorithm::square_share>{{driver::policy_for<X>(options.fully_masked)}}, x,
                      y, c);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void entmax15(X const& x, Y&& y, entmax15_options const& options = {}) {
    smx::entmax15<Arch>(sequential, x, y, options);
}

/// alpha-entmax for any alpha of at least 1:
///
///     y_i = [(alpha - 1) c x_i - tau]_+^(1 / (alpha - 1)) with tau so that sum_j y_j = 1,   c = scale / temperature
///
/// alpha = 1 is softmax, 1.5 is entmax15, 2 is sparsemax: those functions are called, and give their bits.
///
/// **Shapes, values.** As sparsemax. Near alpha = 1 no case is special: the results turn into those of softmax, and so
/// do the supports, up to n elements.
///
/// **Errors.** As softmax; and if alpha is below 1 or not finite.
///
/// **Accuracy.** Absolute error of an element: at most 8 u, u = 2^-24 for float and 2^-53 for double, tested for alpha
/// from 1.001 to 64. Everything is computed in double; of floats with alpha below 2 only sums, unless (alpha - 1) c is
/// below 2^-60 or above 2^60. For alpha above 2, differences x_i - x_j and c (x_i - x_j) below 2^-1022 count as 0,
/// which matters where a high root magnifies them: to 1.4e-5 for alpha = 64.
///
/// **Bits.** As softmax: with FMA they depend on the row and the options alone.
///
/// **Cost.** A logarithm and an exponential for each element that can have a weight, about five times, 20 in double for
/// alpha above 2. Those are the elements within 1 / (alpha - 1) c of the largest. Over 1024 of them take a pass over
/// the row each time.
///
/// **Source.** B. Peters, V. Niculae, A. Martins, "Sparse Sequence-to-Sequence Models", 2019.
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_rows_like<X const> Y>
void entmax(E const& e, X const& x, Y&& y, entmax_options const& options = {}) {
    double const c = driver::factor("entmax", options.scale, options.temperature);
    if (!driver::is_finite(options.alpha) || !(options.alpha >= 1))
        detail::refuse("entmax", "alpha is %g, but must be finite, at least %g", options.alpha, 1.0);
    masked const fully_masked = driver::policy_for<X>(options.fully_masked);
    if (options.alpha == 1)
        smx::softmax<Arch>(e, x, y, {options.scale, options.temperature, options.fully_masked});
    else if (options.alpha == 1.5)
        driver::map<Arch>(e, "entmax", driver::project_kernel<algorithm::square_share>{{fully_masked}}, x, y, c);
    else if (options.alpha == 2)
        driver::map<Arch>(e, "entmax", driver::project_kernel<algorithm::linear_share>{{fully_masked}}, x, y, c);
    else
        driver::map<Arch>(e, "entmax", driver::entmax_kernel{{fully_masked}, options.alpha}, x, y, c);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void entmax(X const& x, Y&& y, entmax_options const& options = {}) {
    smx::entmax<Arch>(sequential, x, y, options);
}

SMX_END
