// SPDX-License-Identifier: BSL-1.0
// One long row, block by block, for whoever shares it: each block weighed, the sums in order, then the results.
// The bits are those of the row taken at once, because it is summed in the same blocks.
#pragma once

#include <smx/algorithm/move_weights.hpp>
#include <smx/algorithm/normalize.hpp>

SMX_BEGIN
namespace algorithm {

/// The elements of a row of n from `begin` on: some block of it.
template <class Source> struct block_source {
    static constexpr bool reads_packs = algorithm::reads_packs<Source>(), is_block = true;
    Source const& source;
    std::size_t begin, n;

    /// Whoever lets weights wait in a block's own output has asked the row.
    SMX_INLINE bool outlives(void const*) const { return true; }

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        return source.template load<P>(begin + offset, extent, dead);
    }
};

/// A block guesses from the ends of its row, as this does by itself: then most have one reference.
template <class P, class Source> struct row_ends<P, block_source<Source>> : row_ends<P, Source> {
    SMX_INLINE row_ends(block_source<Source> const& block, std::size_t) : row_ends<P, Source>(block.source, block.n) {}
};

/// One long row, with a factor that is ordinary. each(count, body) calls body(0), ..., body(count - 1), side by side if
/// it likes. Returns false, and leaves x as it was, if an exponent is not near or no element has a weight.
/// The algorithm is one of three passes; where weights wait in the output, x outlives them.
template <class Algorithm, class Accuracy, class V, class Source, class Sink, class Finish, class Each>
SMX_OUTER bool normalize_blocks(Source const& x, Sink const& y, std::size_t n, math::exp_scale<simd::element_of<V>> k,
                                Finish const& finish, Each const& each) {
    using T = simd::element_of<V>;
    using source = block_source<Source>;
    using P = pack_for<source, V>;
    T const lowest = finish.template lowest_exponent<T>(k);
    if (!(lowest <= T(math::near_exponent))) return false;
    std::size_t const length = block_length(n), count = (n - 1) / length + 1;
    auto const length_of = [&](std::size_t b) { return b + 1 == count ? n - b * length : length; };

    weighing<V> block[most_blocks];
    each(count, [&](std::size_t b) SMX_NOINLINE_LAMBDA {
        block[b] = Algorithm::template weigh<P, Accuracy>(source{x, b * length, n}, y.beyond(b * length), length_of(b), k,
                                                          lowest, reference_from::first);
    });
    total<T> sum = total_from<T>(0);
    V exponent(lowest);
    for (std::size_t b = 0; b != count; ++b) {
        if (!block[b].near) return false;
        exponent = simd::max(exponent, block[b].exponent);
    }
    auto const powers_of = [&](std::size_t b) { return two_powers<V>::of(block[b].exponent - exponent); };
    for (std::size_t b = 0; b != count; ++b) {
        auto const powers = powers_of(b);
        sum = sum + block[b].sum * static_cast<double>(simd::first_lane(powers.first)) *
                        static_cast<double>(simd::first_lane(powers.second));
    }
    if (leading(sum) == 0) return false;
    each(count, [&](std::size_t b) SMX_NOINLINE_LAMBDA {
        auto const to = y.beyond(b * length);
        weighing<V> found{true, exponent, sum};
        if constexpr (Algorithm::keeps_weights) {
            if (simd::first_lane(block[b].exponent) == simd::first_lane(exponent))
                found.normal = block[b].normal && is_accepted<T>(sum);
            else
                move_weights<P>(Algorithm::weights(to), length_of(b), powers_of(b));
        }
        write_results<Algorithm, Accuracy, P>(found, source{x, b * length, n}, to, length_of(b), k, finish);
        if constexpr (requires { y.streams; })
            if (y.streams) simd::finish_streams<V>(y.to.row);
    });
    return true;
}

} // namespace algorithm
SMX_END
