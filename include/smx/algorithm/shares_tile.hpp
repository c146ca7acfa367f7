// SPDX-License-Identifier: BSL-1.0
// Shares of scores down the columns of a tile, to the bits of a row.
#pragma once

#include <smx/algorithm/across.hpp>

SMX_BEGIN
namespace algorithm {

/// y_i = s(x_i) / sum_j s(x_j) for each column of a tile. Returns false, and writes nothing, if an element is larger
/// than `most`.
template <class Accuracy, class P, class Tile, class Score>
SMX_OUTER bool shares_of_tile(Tile const& tile, std::size_t n, Score const& score, typename P::value_type most,
                              masked fully_masked) {
    using V = typename P::register_type;
    if (!all_at_most(largest_of_tile<P>(tile, n), most)) return false;
    wide<V> found[P::registers];
    keep_and_sum<Accuracy, P>(
        tile, n, one_block, [&](std::size_t i) SMX_INLINE_LAMBDA { return score(tile.load(i)); }, found);
    finish_tile<Accuracy>(tile, n, found, simd::fill<P>(V(0)), probabilities_in_two_parts{{fully_masked}});
    return true;
}

} // namespace algorithm
SMX_END
