// SPDX-License-Identifier: BSL-1.0
// log_sum of the columns of a tile, lane by lane, to the bits of a row.
#pragma once

#include <smx/algorithm/log_sum.hpp>
#include <smx/algorithm/tile_sum.hpp>

SMX_BEGIN
namespace algorithm {

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
    if (!scale.ordinary || scale.c == 0 || n >= std::size_t(1) << 24) return found;
    P& largest = found.largest;
    largest = tile.load(0);
    for (std::size_t i = 1; i != n; ++i) largest = simd::max(largest, tile.load(i));

    P const exponent = math::exp_exponent(largest, V(scale.k.hi));
    P const distance = simd::magnitude(exponent);
    bool far = false;
    simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
        far = far || simd::any_not_at_most(distance.part[j], V(T(math::near_exponent)));
    });
    if (far) return found;
    auto const ref = math::exp_reference_at<V>(scale.k, exponent);
    V const nothing(T(0)), unit(T(1));
    P ties = simd::fill<P>(nothing);
    wide<V> beside[P::registers];
    sum_tile<accuracy, P>(
        n, one_block,
        [&](std::size_t i) SMX_INLINE_LAMBDA {
            P const v = tile.load(i);
            P w = math::exp_weight<accuracy>(v, ref);
            simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
                ties.part[j] = simd::add_at_least(ties.part[j], unit, v.part[j], largest.part[j]);
                w.part[j] = simd::add_unless_at_least(nothing, w.part[j], v.part[j], largest.part[j]);
            });
            return w;
        },
        beside);
    P const of_largest = math::exp_weight<accuracy>(largest, ref);
    P& above_one = found.above_one;
    found.usual = true;
    simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
        above_one.part[j] = beside[j].over(of_largest.part[j], simd::barrier(ties.part[j] - unit));
        found.usual = found.usual && !simd::any_not_at_most(above_one.part[j], V(simd::infinity<T>));
    });
    return found;
}

} // namespace algorithm
SMX_END
