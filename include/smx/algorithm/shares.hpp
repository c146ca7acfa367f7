// SPDX-License-Identifier: BSL-1.0
// y_i = s_i / sum_j s_j for scores s that need no maximum: sum, then divide.
#pragma once

#include <smx/algorithm/normalize.hpp>

SMX_BEGIN
namespace algorithm {

/// The sum of score(x_i), and the scores to y. A score turns a pack of elements into a pack of positive numbers; -inf
/// becomes 0.
template <class Accuracy, class P, class Source, class Sink, class Score>
SMX_INLINE total<typename P::value_type> sum_of_scores(Source const& x, Sink const& y, std::size_t n,
                                                       Score const& score) {
    using V = typename P::register_type;
    weight_sum<P, Accuracy> sum;
    V const zero(typename P::value_type(0));
    sum.by_runs(x, 0, n, [&](auto const& part) SMX_INLINE_LAMBDA {
        auto const s = score(part.load(x, zero));
        part.store(y, s);
        part.add(sum, part.keep(s, zero));
    });
    return sum.sum();
}

/// y_i = score(x_i) / S.
template <class P, class Source, class Sink, class Score>
SMX_INLINE void divide(Source const& x, Sink const& y, std::size_t n,
                       reciprocal<typename P::register_type> const& inverse, Score const& score) {
    using V = typename P::register_type;
    auto const by = inverse.lanes();
    sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        using Part = typename decltype(shape)::pack_type;
        Part const s = score(x.template load<Part>(offset, extent, V(0)));
        y.store(offset, by.times(s), extent);
    });
}

/// The whole row; `nothing` where no score is above 0, NaN where the sum is none. Scores wait in the output if it has
/// their type: made twice, those of softplus take 1.8 times as long.
template <class Accuracy, class P, class Source, class Sink, class Score>
SMX_INLINE void share(Source const& x, Sink const& y, std::size_t n, Score const& score,
                      typename P::value_type nothing) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    constexpr bool waits = std::is_same_v<typename Sink::element, T>;
    auto const sum = [&]() SMX_NOINLINE_LAMBDA {
        if constexpr (waits)
            return algorithm::sum_of_scores<Accuracy, P>(x, y, n, score);
        else
            return algorithm::sum_of_scores<Accuracy, P>(x, no_sink{}, n, score);
    }();
    double const lead = leading(sum);
    auto const inverse = reciprocal<V>::of(sum);
    if (!(lead > 0 && lead < simd::infinity<double>))
        fill<V>(y, n, lead == 0 ? nothing : simd::quiet_nan<T>);
    else if constexpr (waits)
        algorithm::divide<P>(y, y, n, inverse, [](auto const& s) SMX_INLINE_LAMBDA { return s; });
    else
        algorithm::divide<P>(x, y, n, inverse, score);
}

} // namespace algorithm
SMX_END
