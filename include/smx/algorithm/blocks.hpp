// SPDX-License-Identifier: BSL-1.0
// One long row, block by block, for whoever shares it: each block weighed, the sums in order, then the results.
// The bits are those of the row taken at once, because it is summed in the same blocks.
#pragma once

#include <smx/algorithm/block_source.hpp>
#include <smx/algorithm/move_weights.hpp>
#include <smx/algorithm/normalize.hpp>

SMX_BEGIN
namespace algorithm {

/// One long row, with a factor that is ordinary. each(count, body) calls body(0), ..., body(count - 1), side by side if
/// it likes. Returns false, and leaves x as it was, if an exponent is not near or no element has a weight.
/// The algorithm is one of three passes; where weights wait in the output, x outlives them.
template <class Algorithm, class Accuracy, class V, class Source, class Sink, class Finish, class Each>
SMX_OUTER bool normalize_blocks(Source const& x, Sink const& y, std::size_t n, math::exp_scale<simd::element_of<V>> k,
                                Finish const& finish, Each const& each) {
    using T = simd::element_of<V>;
    using P = pack_for<block_source<Source>, V>;
    T const lowest = finish.template lowest_exponent<T>(k);
    if (!(lowest <= T(math::near_exponent))) return false;
    blocks_of_row<Source> const blocks(x, n);
    weighing<V> block[most_blocks];
    each(blocks.count, [&](std::size_t b) SMX_NOINLINE_LAMBDA {
        block[b] = Algorithm::template weigh<P, Accuracy>(blocks[b], y.beyond(blocks.begin(b)), blocks.length_of(b), k,
                                                          lowest, reference_from::first);
    });
    total<T> sum = total_from<T>(0);
    V exponent(lowest);
    for (std::size_t b = 0; b != blocks.count; ++b) {
        if (!block[b].near) return false;
        exponent = simd::max(exponent, block[b].exponent);
    }
    auto const powers_of = [&](std::size_t b) { return two_powers<V>::of(block[b].exponent - exponent); };
    for (std::size_t b = 0; b != blocks.count; ++b) {
        auto const powers = powers_of(b);
        sum = sum + block[b].sum * static_cast<double>(simd::first_lane(powers.first)) *
                        static_cast<double>(simd::first_lane(powers.second));
    }
    if (leading(sum) == 0) return false;
    each(blocks.count, [&](std::size_t b) SMX_NOINLINE_LAMBDA {
        auto const to = y.beyond(blocks.begin(b));
        weighing<V> found{true, exponent, sum};
        if constexpr (Algorithm::keeps_weights) {
            if (simd::first_lane(block[b].exponent) == simd::first_lane(exponent))
                found.normal = block[b].normal && is_accepted<T>(sum);
            else
                move_weights<P>(Algorithm::weights(to), blocks.length_of(b), powers_of(b));
        }
        write_results<Algorithm, Accuracy, P>(found, blocks[b], to, blocks.length_of(b), k, finish);
        if constexpr (requires { y.streams; })
            if (y.streams) simd::finish_streams<V>(y.to.row);
    });
    return true;
}

} // namespace algorithm
SMX_END
