// SPDX-License-Identifier: BSL-1.0
// log_sum of one long row, block by block, for whoever shares it: to the bits of the row taken at once, because its sum
// is taken in the same blocks.
#pragma once

#include <smx/algorithm/block_source.hpp>
#include <smx/algorithm/log_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// each(count, body) calls body(0), ..., body(count - 1), side by side if it likes.
template <class Each> struct in_blocks {
    Each const& each;

    template <class P, class Source> typename P::value_type largest(Source const& x, std::size_t n) const {
        using T = typename P::value_type;
        blocks_of_row<Source> const blocks(x, n);
        T of_block[most_blocks], largest = -simd::infinity<T>;
        each(blocks.count,
             [&](std::size_t b) SMX_NOINLINE_LAMBDA { of_block[b] = maximum<P>(blocks[b], 0, blocks.length_of(b)); });
        // A NaN, in a lane or not, is for the sum to find.
        for (std::size_t b = 0; b != blocks.count; ++b) largest = of_block[b] > largest ? of_block[b] : largest;
        return largest;
    }
    template <class Accuracy, class P, class Source, class Weight>
    auto beside(typename P::value_type largest, Source const& x, std::size_t n, Weight const& weight) const {
        using T = typename P::value_type;
        blocks_of_row<Source> const blocks(x, n);
        beside_largest<T> of_block[most_blocks], whole{total_from<T>(0), 0};
        each(blocks.count, [&](std::size_t b) SMX_NOINLINE_LAMBDA {
            std::size_t window_from = shortest_in_window;
            of_block[b] = exp_sum_beside<Accuracy, P>(largest, blocks[b], blocks.length_of(b), weight, window_from);
        });
        for (std::size_t b = 0; b != blocks.count; ++b) {
            whole.whole = whole.whole + of_block[b].whole;
            whole.ties += of_block[b].ties;
        }
        return whole;
    }
};

/// log_sum of a row. Not near if it has to be taken by itself: it is not long, its factor is not ordinary or 0, an
/// exponent is not near, all elements are -inf, or one is NaN.
template <class Accuracy, class V, class Source, class Each>
SMX_OUTER log_sum<simd::element_of<V>>
log_sum_of_blocks(Source const& x, std::size_t n, row_scale<simd::element_of<V>> const& scale, Each const& each) {
    using T = simd::element_of<V>;
    if (n < long_row || !scale.ordinary || scale.c == 0) return {};
    auto found = log_sum_near<Accuracy, pack_for<Source, V>>(x, n, scale.k, in_blocks<Each>{each});
    if (found.largest == -simd::infinity<T> || found.log_of_sum != found.log_of_sum) found.near = false;
    return found;
}

} // namespace algorithm
SMX_END
