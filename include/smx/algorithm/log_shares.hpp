// SPDX-License-Identifier: BSL-1.0
// The logarithms of stablemax's shares, from the elements themselves. One that is not the largest has half of the sum S
// at most, so nothing cancels, and no element wants an inverse:
//
//     log(s(x) / S) = log((1 + |x|) / S) for x >= 0,   -log((1 + |x|) S) below
//
// S = m 2^e goes into the argument as m and into its exponent as e, so that neither leaves its range.
#pragma once

#include <smx/algorithm/doubles.hpp>
#include <smx/algorithm/log_tile.hpp>
#include <smx/math/stable_score.hpp>

SMX_BEGIN
namespace algorithm {

/// What elements become; of one row in all lanes, or of a row in each.
template <class V> struct log_shares {
    using T = simd::element_of<V>;
    V largest, of_largest;      // which is told from the sum of the others
    V above, below;             // 1 / 2m and m / 2
    V above_shift, below_shift; // 1 - e and 1 + e

    /// `beside`: the scores of all other elements over that of one that is the largest; `sum`: C S.
    SMX_INLINE static log_shares of(V largest, V beside, doubles_in_lanes<V> const& sum, T c) {
        using D = doubles_of<V>;
        using doubles = doubles_in_lanes<V>;
        auto const parts = simd::split(sum);
        auto const exponent = parts.exponent - simd::split(simd::fill<doubles>(D(static_cast<double>(c)))).exponent;
        auto const half = simd::fill<doubles>(D(0.5)), one = simd::fill<doubles>(D(1.0));
        log_shares found;
        found.largest = largest;
        found.of_largest = simd::subtract_from(math::log1p(simd::pack<V, 1>{{beside}}), V(T(0))).part[0];
        found.above = narrowed<V>(half / parts.fraction).part[0];
        found.below = narrowed<V>(half * parts.fraction).part[0];
        found.above_shift = narrowed<V>(one - exponent).part[0];
        found.below_shift = narrowed<V>(one + exponent).part[0];
        return found;
    }

    template <class P> SMX_INLINE P at(P const& x) const {
        V const zero(T(0)), infinity(simd::infinity<T>);
        auto const all = [](V lanes) SMX_INLINE_LAMBDA { return simd::fill<P>(lanes); };
        P const size = simd::magnitude(x), times = simd::select_at_least(x, zero, all(above), all(below));
        auto const parts = simd::split(simd::fma(size, times, times));
        P const exponent = parts.exponent + simd::select_at_least(x, zero, all(above_shift), all(below_shift));
        P const log = simd::magnitude(math::log_of_parts(exponent, parts.fraction - V(T(1)))) * V(T(-1));
        return simd::select_at_least(x, largest, all(of_largest),
                                     simd::select_at_least(size, infinity, all(-infinity), log));
    }
};

/// The same of each column of a tile; not usual if a score is a giant's, or a column has to be taken alone.
template <class P> struct tile_log_shares {
    bool usual = false;
    log_shares<typename P::register_type> columns[P::registers];
};
template <class P, class Tile> SMX_OUTER tile_log_shares<P> log_shares_of_tile(Tile const& tile, std::size_t n) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    using stable_score = math::stable_score<V>;
    stable_score const score{stable_score::usual};
    tile_log_shares<P> found;
    if (n >= most_ties) return found;
    P const largest = largest_of_tile<P>(tile, n);
    if (!all_at_most(largest, stable_score::giant / 2)) return found;
    auto const beside = sum_beside_in_tile<precise_t>(largest, tile, n, score);
    P const of_largest = score(largest), rest = beside.over(of_largest);
    found.usual = all_at_most(rest, simd::infinity<T>);
    simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
        using one = simd::pack<V, 1>;
        auto const of_ties = widened(one{{beside.ties.part[j]}}) * widened(one{{of_largest.part[j]}});
        found.columns[j] = log_shares<V>::of(largest.part[j], rest.part[j],
                                             beside.rest[j].leading() + simd::barrier(of_ties), score.c);
    });
    return found;
}

} // namespace algorithm
SMX_END
