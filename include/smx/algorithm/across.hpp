// SPDX-License-Identifier: BSL-1.0
// Softmax down the columns of a matrix: the lanes of a tile are columns, and the steps of the loop are rows.
#pragma once

#include <smx/algorithm/kept_sum.hpp>
#include <smx/algorithm/normalize.hpp>

SMX_BEGIN
namespace algorithm {

/// Results from the weights that a tile keeps and their totals against the references 2^exponent; columns whose total
/// is not a positive number are filled.
template <class Accuracy, class P, class Tile, class Finish>
SMX_OUTER void finish_tile(Tile const& tile, std::size_t n, wide<typename P::register_type> (&found)[P::registers],
                           P const& exponent, Finish const& finish) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    two_parts<P> inverse;
    auto const divide = [&]() SMX_INLINE_LAMBDA {
        for (std::size_t i = 0; i != n; ++i) tile.store(i, finish.apply(tile.kept(i), inverse));
    };
    if constexpr (Finish::is_plain) { // all lanes at once
        using accuracy = std::conditional_t<Finish::is_divided_once, Accuracy, precise_t>;
        bool all_positive = true;
        simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            all_positive = all_positive && found[j].all_above(0);
            auto const lanes = reciprocal<V>::template of<accuracy>(found[j]);
            inverse.hi.part[j] = lanes.hi;
            inverse.lo.part[j] = lanes.lo;
            inverse.smallest.part[j] = lanes.smallest;
        });
        if (all_positive) [[likely]] {
            divide();
            return;
        }
    }
    total<T> totals[P::size];
    for (std::size_t r = 0; r != P::registers; ++r) found[r].store(totals + r * V::size);
    alignas(64) T hi[P::size], lo[P::size], smallest[P::size], exponents[P::size];
    simd::store(exponents, exponent, simd::whole{});
    for (std::size_t c = 0; c != P::size; ++c) {
        totals[c] = finish.template denominator<Accuracy>(totals[c], V(exponents[c]));
        auto const column = finish.template inverse<Accuracy, V>(totals[c]);
        hi[c] = column.hi;
        lo[c] = column.lo;
        smallest[c] = column.smallest;
    }
    auto const lanes_of = [](T const* p) { return simd::load_pack<P>(p, simd::whole{}, V(0)); };
    inverse = {lanes_of(hi), lanes_of(lo), lanes_of(smallest)};
    divide();
    for (std::size_t c = 0; c != tile.columns(); ++c)
        if (!(leading(totals[c]) > 0))
            tile.fill(c, n, value_without_weights<T>(leading(totals[c]), finish.fully_masked));
}

/// softmax of each column of a tile of at most P::size columns and n > 0 rows. tile.load(i) is the tile's part of row i
/// of x; tile.keep(i, w) keeps a pack for tile.kept(i), where x was or y will be, in tile.kept_matrix(); tile.store(i,
/// v) writes row i of y, and tile.fill(column, n, value) a column. Returns false, and writes nothing, if a column must
/// be taken alone.
template <class Accuracy, class P, class Tile, class Finish>
SMX_OUTER bool normalize_tile(Tile const& tile, std::size_t n, math::exp_scale<typename P::value_type> k,
                              Finish const& finish) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    T const lowest = finish.template lowest_exponent<T>(k);
    if (!(lowest <= T(math::near_exponent))) return false;

    P const largest = largest_of_tile<P>(tile, n);
    V const near = V(static_cast<T>(math::near_exponent));
    P exponent = math::exp_exponent(largest, V(k.hi));
    bool far = false;
    simd::unroll<P::registers>(
        [&](std::size_t j) SMX_INLINE_LAMBDA { far = far || simd::any_far(exponent.part[j], near, largest.part[j]); });
    if (far) return false;
    exponent = simd::at_least(exponent, V(lowest)); // a column of -inf: any reference will do

    auto const ref = math::exp_reference_at<V>(k, exponent);
    wide<V> found[P::registers];
    keep_and_sum<Accuracy, P>(
        tile, n, block_length(n),
        [&](std::size_t i) SMX_INLINE_LAMBDA { return math::exp_weight<Accuracy>(tile.load(i), ref); }, found);
    finish_tile<Accuracy>(tile, n, found, exponent, finish);
    return true;
}

} // namespace algorithm
SMX_END
