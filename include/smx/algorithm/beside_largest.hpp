// SPDX-License-Identifier: BSL-1.0
// The sum of a row whose largest elements are left out, and how many these are: what is small beside them is not lost.
#pragma once

#include <smx/algorithm/weight_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// The sum of weight(x_i) over the elements that are not the largest, and how many are. A NaN stays in the sum.
template <class T> struct beside_largest {
    total<T> whole;
    double ties;

    SMX_INLINE double rest() const { return leading(whole); }
};

/// Ties are counted in T, lane by lane, which is exact for so many.
inline constexpr std::size_t most_ties = std::size_t(1) << 24;

/// Weights without those of the largest elements, and the number of these.
template <class V, class X> SMX_INLINE X without_largest(X w, X const& x, V bound, V& ties) {
    using T = simd::element_of<V>;
    simd::unroll<X::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
        w.part[j] = simd::add_unless_at_least(V(T(0)), w.part[j], x.part[j], bound);
        ties = simd::add_at_least(ties, V(T(1)), x.part[j], bound);
    });
    return w;
}

/// From `begin` on, where a run begins, after runs that are summed and `ties` that are counted.
template <class Accuracy, class P, class Source, class Weight>
SMX_INLINE auto sum_beside_on(typename weight_sum<P, Accuracy>::runs const& runs, double ties,
                              typename P::value_type largest, Source const& x, std::size_t begin, std::size_t n,
                              Weight const& weight) -> beside_largest<typename P::value_type> {
    using V = typename P::register_type;
    using T = typename P::value_type;
    using sums = weight_sum<P, Accuracy>;
    V const bound(largest), nothing(T(0));
    sums others(length_in_blocks<Source>(n));
    others.go_on_from(runs);
    wide<V> counted;
    while (begin != n) {
        std::size_t const end = n - begin > most_ties ? begin + most_ties : n;
        V count = nothing;
        others.by_runs(x, begin, end, [&](auto const& part) SMX_INLINE_LAMBDA {
            auto const v = part.load(x, V(-simd::infinity<T>));
            part.add(others, without_largest(part.keep(weight(v), nothing), v, bound, count));
        });
        counted.add(count);
        begin = end;
    }
    return {others.sum(), ties + leading(counted.sum())};
}
template <class Accuracy, class P, class Source, class Weight>
SMX_INLINE auto sum_beside(typename P::value_type largest, Source const& x, std::size_t n, Weight const& weight)
    -> beside_largest<typename P::value_type> {
    using runs = typename weight_sum<P, Accuracy>::runs;
    return sum_beside_on<Accuracy, P>(runs(length_in_blocks<Source>(n)), 0, largest, x, 0, n, weight);
}

} // namespace algorithm
SMX_END
