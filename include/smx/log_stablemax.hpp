// SPDX-License-Identifier: BSL-1.0
// log_stablemax: the logarithms of stablemax's shares.
#pragma once

#include <smx/algorithm/log_sum.hpp>
#include <smx/stablemax.hpp>

SMX_BEGIN
namespace driver {

/// -log1p(q), q = (S - s_i) / s_i: for the largest element from the sum of the others, so that nothing is lost beside
/// it. Where q is out of range, s_i is far below S, and log s_i - log S loses nothing: log s_i is the signed
/// log1p(|x_i|).
struct log_stablemax_kernel : logs_kernel {
    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using T = simd::element_of<V>;
        with_stable_score<V>(
            x, n, scale.c, [&](auto const& source, math::stable_score<V> const& score, T largest) SMX_OUTER_LAMBDA {
                using P = algorithm::pack_for<std::remove_cvref_t<decltype(source)>, V>;
                using one = simd::pack<V, 1>;
                constexpr T far = sizeof(T) == sizeof(float) ? T(0x1p60) : T(0x1p600);
                auto const found = algorithm::sum_beside<precise_t, P>(largest, source, n, score);
                double const of_largest = static_cast<double>(simd::first_lane(score(one{{V(largest)}}).part[0]));
                double const sum = found.rest + simd::barrier(found.ties * of_largest);
                if (!(sum > 0 && sum < simd::infinity<double>)) {
                    algorithm::fill<V>(y, n, sum == 0 ? of_nothing<T>() : simd::quiet_nan<T>);
                    return;
                }
                T const beside = static_cast<T>(simd::barrier(found.ties - 1) + found.rest / of_largest);
                V const result_of_largest = simd::subtract_from(math::log1p(one{{V(beside)}}), V(T(0))).part[0];
                T const hi = static_cast<T>(sum);
                V const high(hi), low(static_cast<T>(sum - static_cast<double>(hi))), top(largest);
                V const log_of_sum(static_cast<T>(log_of(sum) - log_of(static_cast<double>(score.c))));
                algorithm::sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                    using Part = typename decltype(shape)::pack_type;
                    Part const v = source.template load<Part>(offset, extent, V(T(0)));
                    auto const s = score.both(v);
                    Part const q = (simd::barrier(simd::subtract_from(s.score, high)) + low) * s.inverse;
                    Part const log = math::log1p(simd::select_at_least(q, V(far), simd::magnitude(v), q));
                    Part const apart = simd::with_sign_of(log, v) - log_of_sum;
                    Part const result = simd::select_at_least(q, V(far), apart, simd::subtract_from(log, V(T(0))));
                    y.store(offset, simd::select_at_least(v, top, result_of_largest, result), extent);
                });
            });
    }

private:
    /// log v for a finite normal v > 0.
    static double log_of(double v) {
        using D = simd::vector<double, simd::default_arch>;
        return simd::first_lane(math::log(simd::pack<D, 1>{{D(v)}}).part[0]);
    }
};

} // namespace driver

/// The log of each share of stablemax:
///
///     y_i = log s(c x_i) - log sum_j s(c x_j) = -log1p(sum_{j != i} s(c x_j) / s(c x_i))
///
/// in the second form, so that the loss of a dominant element keeps its digits in float: of {1.7e7, 0} the first is
/// -5.9e-8, not 0.
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
