// SPDX-License-Identifier: BSL-1.0
// One long row, block by block, for whoever shares it: each block weighed, the sums in order, then the results.
// The bits are those of the row taken at once, because it is summed in the same blocks.
#pragma once

#include <smx/algorithm/move_weights.hpp>
#include <smx/algorithm/normalize.hpp>

SMX_BEGIN
namespace algorithm {

/// The elements of a row from `begin` on.
template <class Source> struct later_source {
    static constexpr bool reads_packs = algorithm::reads_packs<Source>(), is_block = true;
    Source const& source;
    std::size_t begin;

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        return source.template load<P>(begin + offset, extent, dead);
    }
};

/// One long row, with a factor that is ordinary. each(count, body) calls body(0), ..., body(count - 1), side by side if
/// it likes. Returns false, and writes nothing, if an exponent is not near or no element has a weight.
template <class Accuracy, class V, class Source, class Sink, class Finish, class Each>
SMX_OUTER bool normalize_blocks(Source const& x, Sink const& y, std::size_t n, math::exp_scale<simd::element_of<V>> k,
                                Finish const& finish, Each const& each) {
    using T = simd::element_of<V>;
    using source = later_source<Source>;
    using P = pack_for<source, V>;
    T const lowest = finish.template lowest_exponent<T>(k);
    if (!(lowest <= T(math::near_exponent))) return false;
    std::size_t const length = block_length(n), count = (n - 1) / length + 1;
    auto const length_of = [&](std::size_t b) { return b + 1 == count ? n - b * length : length; };

    weighing<V> block[most_blocks];
    each(count, [&](std::size_t b) SMX_NOINLINE_LAMBDA {
        block[b] = three_pass_recompute_t::weigh<P, Accuracy>(source{x, b * length}, no_sink{}, length_of(b), k, lowest,
                                                              reference_from::first);
    });
    weighing<V> row{true, V(lowest), total_from<T>(0)};
    for (std::size_t b = 0; b != count; ++b) {
        if (!block[b].near) return false;
        row.exponent = simd::max(row.exponent, block[b].exponent);
    }
    for (std::size_t b = 0; b != count; ++b) {
        auto const powers = two_powers<V>::of(block[b].exponent - row.exponent);
        row.sum = row.sum + block[b].sum * static_cast<double>(simd::first_lane(powers.first)) *
                                static_cast<double>(simd::first_lane(powers.second));
    }
    if (leading(row.sum) == 0) return false;
    each(count, [&](std::size_t b) SMX_NOINLINE_LAMBDA {
        write_results<three_pass_recompute_t, Accuracy, P>(row, source{x, b * length}, y.beyond(b * length),
                                                           length_of(b), k, finish);
        if constexpr (requires { y.streams; })
            if (y.streams) simd::finish_streams<V>(y.to.row);
    });
    return true;
}

} // namespace algorithm
SMX_END
