// SPDX-License-Identifier: BSL-1.0
// log_softmax: the logarithms of softmax's weights, without taking the logarithm of a weight.
#pragma once

#include <smx/algorithm/log_tile.hpp>
#include <smx/driver/normalize.hpp>

SMX_BEGIN

struct log_softmax_options {
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< a row of nothing but -inf: NaN, or the log of zeros, -inf
};

namespace driver {

template <class Accuracy> struct log_softmax_kernel : logs_kernel {
    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using T = simd::element_of<V>;
        algorithm::with_log_sum<Accuracy, V>(
            x, n, scale, [&](auto const& from, T factor, algorithm::log_sum<T> const& found, T) SMX_OUTER_LAMBDA {
                bool const is_nan = found.log_of_sum != found.log_of_sum;
                if (is_nan || found.largest == -simd::infinity<T>) {
                    algorithm::fill<V>(y, n, is_nan ? found.log_of_sum : of_nothing<T>());
                    return;
                }
                V const m(found.largest), c(factor), log_of_sum(-found.log_of_sum);
                algorithm::sweep<algorithm::pack_for<std::remove_cvref_t<decltype(from)>, V>>(
                    0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                        using Part = typename decltype(shape)::pack_type;
                        Part const v = from.template load<Part>(offset, extent, m);
                        y.store(offset, simd::fma(simd::barrier(v - m), c, log_of_sum), extent);
                    });
            });
    }

    static constexpr bool takes_tiles = true, takes_short_rows = true;
    template <class P, class Tile>
    SMX_OUTER bool tile(Tile const& columns, std::size_t n,
                        algorithm::row_scale<typename P::value_type> const& scale) const {
        using V = typename P::register_type;
        auto const found = algorithm::log_sum_of_tile<Accuracy, P>(columns, n, scale);
        if (!found.usual) return false;
        V const c(static_cast<typename P::value_type>(scale.c));
        P const log_of_sum = found.log_of_sum * V(-1);
        for (std::size_t i = 0; i != n; ++i)
            columns.store(i, simd::fma(simd::barrier(columns.load(i) - found.largest), c, log_of_sum));
        return true;
    }
};

} // namespace driver

/// The log of each weight of softmax:
///
///     y_i = c (x_i - m) - log sum_j e^(c (x_j - m)),   m the largest element,   c = scale / temperature
///
/// in this order: both terms have one sign, so nothing cancels. The sum leaves out the largest elements, so a dominant
/// element keeps its loss: of {20, 0} the first is -2.0611536e-9, not 0.
///
/// **Shapes, errors.** As softmax.
///
/// **Values.** A NaN or +inf in a row makes the whole row NaN. -inf gives -inf and touches nothing else. A row of
/// nothing but -inf is NaN, or -inf with fully_masked = masked::zeros. A single finite element among -inf gives exactly
/// 0. Equal elements give equal bits. Finite elements of any size are right.
///
/// **Accuracy.** Maximum error in ULP (tests/operators_test.cpp enforces it): standard 6, precise 5, of results down to
/// the smallest normal number. precise sums in a wider type.
///
/// **Bits.** As softmax. **Cost.** Three reads, one write. **Source.** As log_sum_exp.
template <class Arch = simd::default_arch, execution E, softmax_accuracy Accuracy, floating_point_rows X,
          writable_rows_like<X const> Y>
void log_softmax(E const& e, Accuracy, X const& x, Y&& y, log_softmax_options const& options = {}) {
    double const c = driver::factor("log_softmax", options.scale, options.temperature);
    driver::map<Arch>(e, "log_softmax",
                      driver::log_softmax_kernel<Accuracy>{{driver::policy_for<X>(options.fully_masked)}}, x, y, c);
}
template <class Arch = simd::default_arch, driver::leading Tag, floating_point_rows X, writable_rows_like<X const> Y>
void log_softmax(Tag const& tag, X const& x, Y&& y, log_softmax_options const& options = {}) {
    smx::log_softmax<Arch>(driver::execution_of(tag), driver::accuracy_of(tag), x, y, options);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void log_softmax(X const& x, Y&& y, log_softmax_options const& options = {}) {
    smx::log_softmax<Arch>(sequential, standard, x, y, options);
}

SMX_END
