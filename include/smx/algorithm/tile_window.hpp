// SPDX-License-Identifier: BSL-1.0
// Softmax down the columns of a tile in windows of exponents (exp_window.hpp), one for each lane, guessed from its
// first element. Tiles take .65 to .8 of the time of normalize_tile, which is left for those that do not lie there.
#pragma once

#include <smx/algorithm/kept_sum.hpp>
#include <smx/algorithm/normalize.hpp>
#include <smx/algorithm/sweep.hpp>

SMX_BEGIN
namespace algorithm {

/// Results where no weight is outside of the window, and no sum too large: none is denormal.
template <class Accuracy, class P, class Tile, class Finish>
SMX_OUTER void finish_tile_in_window(Tile const& tile, std::size_t n,
                                     wide<typename P::register_type> const (&found)[P::registers],
                                     Finish const& finish) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    using accuracy = std::conditional_t<Finish::is_divided_once, Accuracy, precise_t>;
    P hi, lo;
    bool one = divides_once<T, accuracy>;
    simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
        auto const lanes = reciprocal<V>::template of_normal<accuracy>(found[j]);
        hi.part[j] = lanes.hi;
        lo.part[j] = lanes.lo;
        if constexpr (divides_once<T, accuracy>) one = one && all_in_one_part(lanes);
    });
    auto const divide = [&](auto const& inverse) SMX_INLINE_LAMBDA {
        for (std::size_t i = 0; i != n; ++i) tile.store(i, finish.apply(tile.kept(i), inverse));
    };
    if constexpr (divides_once<T, accuracy>)
        if (one) [[likely]]
            return divide(one_part_of_normal<P>{hi});
    divide(two_parts_of_normal<P>{hi, lo});
}

/// normalize_tile of a tile that lies in the windows of its first row, with a factor that has some (has_exp_windows):
/// read once, and nothing is clamped. tile.keep writes elsewhere than where x is; a tile that is stacked, one register
/// wide, has tile.load_rows<Rows>(i) and tile.keep_rows(i, w) for a pack of rows. Returns false if an element is not
/// there, or a sum too large.
template <class Accuracy, class P, class Tile, class Finish>
SMX_OUTER bool normalize_tile_in_window(Tile const& tile, std::size_t n, math::exp_scale<typename P::value_type> k,
                                        Finish const& finish) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    P exponent = tile.load(0);
    bool near = true;
    simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
        auto const guess = guess_of_lanes(exponent.part[j], k);
        near = near && guess.near;
        exponent.part[j] = guess.exponent;
    });
    if (!near) return false;
    auto const ref = math::exp_windows_at<V>(k, exponent);
    // Weights are made of nothing that is outside: garbage may be denormal, and takes ten times the time.
    bool inside = true;
    wide<V> found[P::registers];
    if constexpr (Tile::is_stacked) { // some rows at once
        auto const one = math::exp_window_reference<V>{ref.hi, ref.lo, ref.shift.part[0], true};
        auto const weigh = [&](auto shape, std::size_t i) SMX_INLINE_LAMBDA {
            using rows = typename decltype(shape)::pack_type;
            rows const x = tile.template load_rows<rows>(i), carrier = math::exp_window_carrier(x, one);
            inside = math::all_in_window(carrier);
            if (inside) [[likely]]
                tile.keep_rows(i, math::exp_window_weight<Accuracy>(x, carrier, one));
            return inside;
        };
        std::size_t i = 0;
        for (; n - i >= 4; i += 4)
            if (!weigh(shape_of<simd::pack<V, 4>>{}, i)) [[unlikely]]
                return false;
        for (; i != n; ++i)
            if (!weigh(shape_of<simd::pack<V, 1>>{}, i)) [[unlikely]]
                return false;
        sum_kept<Accuracy, P>(tile, n, found);
    } else {
        keep_and_sum<Accuracy, P>(
            tile, n, block_length(n),
            [&](std::size_t i) SMX_INLINE_LAMBDA {
                if (inside) [[likely]] {
                    P const x = tile.load(i), carrier = math::exp_window_carrier(x, ref);
                    inside = math::all_in_window(carrier);
                    if (inside) [[likely]]
                        return math::exp_window_weight<Accuracy>(x, carrier, ref);
                }
                return simd::fill<P>(V(T(0)));
            },
            found);
    }
    simd::unroll<P::registers>(
        [&](std::size_t j) SMX_INLINE_LAMBDA { inside = inside && !found[j].any_above(math::exp_limits<T>::most); });
    if (!inside) return false;
    finish_tile_in_window<Accuracy, P>(tile, n, found, finish);
    return true;
}

} // namespace algorithm
SMX_END
