// SPDX-License-Identifier: BSL-1.0
// log_sum of the columns of a tile, lane by lane, to the bits of a row.
#pragma once

#include <smx/algorithm/log_sum.hpp>
#include <smx/algorithm/tile_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// sum_beside of each column of a tile. Ties are counted in T, which holds most_ties of them.
template <class P> struct tile_beside_largest {
    using V = typename P::register_type;
    P ties;
    wide<V> rest[P::registers];

    /// The sum over the weight of a largest element, but for the 1 of one of these.
    SMX_INLINE P over(P const& of_largest) const {
        P result;
        simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            V const more = simd::barrier(ties.part[j] - V(typename P::value_type(1)));
            result.part[j] = rest[j].over(of_largest.part[j], more);
        });
        return result;
    }
};
template <class Accuracy, class P, class Tile, class Weight>
SMX_INLINE tile_beside_largest<P> sum_beside_in_tile(P const& largest, Tile const& tile, std::size_t n,
                                                     Weight const& weight) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    V const nothing(T(0)), unit(T(1));
    tile_beside_largest<P> found;
    found.ties = simd::fill<P>(nothing);
    sum_tile<Accuracy, P>(
        n, block_length(n),
        [&](std::size_t i) SMX_INLINE_LAMBDA {
            P const v = tile.load(i);
            P w = weight(v);
            simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
                V& ties = found.ties.part[j];
                ties = simd::add_at_least(ties, unit, v.part[j], largest.part[j]);
                w.part[j] = simd::add_unless_at_least(nothing, w.part[j], v.part[j], largest.part[j]);
            });
            return w;
        },
        found.rest);
    return found;
}

/// What log_sum says of a row, of each column of a tile. `usual` is false if a column must be taken alone: an exponent
/// is not near, all elements are -inf, one is NaN, or more are equal than can be counted in T.
template <class P> struct tile_log_sum {
    bool usual = false;
    P largest{}, above_one{}; // e^(c (x - m)), summed up, but for 1

    SMX_INLINE P log_of_sum() const { return math::log1p(above_one); }
};

template <class Accuracy, class P, class Tile>
SMX_OUTER tile_log_sum<P> log_sum_of_tile(Tile const& tile, std::size_t n,
                                          row_scale<typename P::value_type> const& scale) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    using accuracy = logarithmic<Accuracy>;
    tile_log_sum<P> found;
    if (!scale.ordinary || scale.c == 0 || n >= most_ties) return found;
    P const largest = found.largest = largest_of_tile<P>(tile, n);
    P const exponent = math::exp_exponent(largest, V(scale.k.hi));
    if (!all_at_most(simd::magnitude(exponent), T(math::near_exponent))) return found;
    auto const ref = math::exp_reference_at<V>(scale.k, exponent);
    auto const weight = [&](P const& v) SMX_INLINE_LAMBDA { return math::exp_weight<accuracy>(v, ref); };
    found.above_one = sum_beside_in_tile<accuracy>(largest, tile, n, weight).over(weight(largest));
    found.usual = all_at_most(found.above_one, simd::infinity<T>);
    return found;
}

} // namespace algorithm
SMX_END
