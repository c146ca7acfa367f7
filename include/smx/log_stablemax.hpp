// SPDX-License-Identifier: BSL-1.0
// log_stablemax: the logarithms of stablemax's shares.
#pragma once

#include <smx/algorithm/log_shares.hpp>
#include <smx/stablemax.hpp>

SMX_BEGIN
namespace driver {

/// The largest element from the sum of the others, so that nothing is lost beside it, all others from the whole sum.
struct log_stablemax_kernel : logs_kernel {
    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using T = simd::element_of<V>;
        with_stable_score<V>(
            x, n, scale.c, [&](auto const& source, math::stable_score<V> score, T largest) SMX_OUTER_LAMBDA {
                using P = algorithm::pack_for<std::remove_cvref_t<decltype(source)>, V>;
                if (score.c == score.for_giants) score.c = score.for_giants_in_logs;
                using doubles = algorithm::doubles_in_lanes<V>;
                auto const found = algorithm::sum_beside<precise_t, P>(largest, source, n, score);
                double const of_largest =
                    static_cast<double>(simd::first_lane(score(simd::pack<V, 1>{{V(largest)}}).part[0]));
                double const sum = found.rest() + simd::barrier(found.ties * of_largest);
                if (!(sum > 0 && sum < simd::infinity<double>)) {
                    algorithm::fill<V>(y, n, sum == 0 ? of_nothing<T>() : simd::quiet_nan<T>);
                    return;
                }
                T const beside = static_cast<T>(simd::barrier(found.ties - 1) + found.rest() / of_largest);
                auto const shares = algorithm::log_shares<V>::of(
                    V(largest), V(beside), simd::fill<doubles>(algorithm::doubles_of<V>(sum)), score.c);
                algorithm::sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                    using Part = typename decltype(shape)::pack_type;
                    y.store(offset, shares.at(source.template load<Part>(offset, extent, V(T(0)))), extent);
                });
            });
    }

    static constexpr bool takes_tiles = true, takes_short_rows = true;
    template <class P, class Tile>
    SMX_OUTER bool tile(Tile const& columns, std::size_t n,
                        algorithm::row_scale<typename P::value_type> const& scale) const {
        using V = typename P::register_type;
        if (scale.c != 1) return false;
        auto const found = algorithm::log_shares_of_tile<P>(columns, n);
        if (!found.usual) return false;
        for (std::size_t i = 0; i != n; ++i) {
            P x = columns.load(i);
            simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
                x.part[j] = found.columns[j].at(simd::pack<V, 1>{{x.part[j]}}).part[0];
            });
            columns.store(i, x);
        }
        return true;
    }
};

} // namespace driver

/// The log of each share of stablemax:
///
///     y_i = log s(c x_i) - log sum_j s(c x_j) = -log1p(sum_{j != i} s(c x_j) / s(c x_i))
///
/// the largest in the second form, so that the loss of a dominant element keeps its digits in float: of {1.7e7, 0} the
/// first is -5.9e-8, not 0.
///
/// **Shapes, errors, bits.** As stablemax. **Cost.** Three reads, one write. **Values.** As stablemax, in logs: -inf
/// gives -inf. But a c x_i beyond the type counts as infinite: above, it makes the row NaN, below, it gives -inf.
///
/// **Accuracy.** Maximum error of an element in ULP: 6 (tests/operators_test.cpp enforces it), for c = 1.
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_rows_like<X const> Y>
void log_stablemax(E const& e, X const& x, Y&& y, stablemax_options const& options = {}) {
    double const c = driver::factor("log_stablemax", options.scale, options.temperature);
    driver::map<Arch>(e, "log_stablemax", driver::log_stablemax_kernel{{driver::policy_for<X>(options.fully_masked)}},
                      x, y, c);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void log_stablemax(X const& x, Y&& y, stablemax_options const& options = {}) {
    smx::log_stablemax<Arch>(sequential, x, y, options);
}

SMX_END
