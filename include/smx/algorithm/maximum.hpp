// SPDX-License-Identifier: BSL-1.0
// The largest element of a row, and whether one is larger than it may be. The order is free: comparisons are exact.
#pragma once

#include <smx/algorithm/sweep.hpp>
#include <smx/simd/compress.hpp>
#include <smx/simd/reduce.hpp>

SMX_BEGIN
namespace algorithm {

/// The largest element of each lane of a pack over [begin, end), -inf where there is none. A lane that meets a NaN
/// holds some element or NaN.
template <class P, class Source> SMX_INLINE P maxima(Source const& source, std::size_t begin, std::size_t end) {
    typename P::register_type const lowest(-simd::infinity<typename P::value_type>);
    P largest = simd::fill<P>(lowest);
    sweep<P>(begin, end, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        auto const x = source.template load<typename decltype(shape)::pack_type>(offset, extent, lowest);
        simd::unroll<x.registers>([&](std::size_t j)
                                      SMX_INLINE_LAMBDA { largest.part[j] = simd::max(largest.part[j], x.part[j]); });
    });
    // Not the pack of the loop, which g++ would then keep in memory: sparsemax of 4,096 floats 1.5 times the time.
    P found;
    simd::unroll<P::registers>([&](std::size_t j)
                                   SMX_INLINE_LAMBDA { found.part[j] = simd::barrier(largest.part[j]); });
    return found;
}

/// max x_i over [begin, end), -inf if there is none. If the row holds a NaN, the result is some element or NaN.
template <class P, class Source>
SMX_INLINE typename P::value_type maximum(Source const& source, std::size_t begin, std::size_t end) {
    return simd::largest_lane(simd::largest_part(maxima<P>(source, begin, end)));
}

/// The largest element of each column of a tile.
template <class P, class Tile> SMX_INLINE P largest_of_tile(Tile const& tile, std::size_t n) {
    P largest = tile.load(0);
    for (std::size_t i = 1; i != n; ++i) largest = simd::max(largest, tile.load(i));
    return largest;
}
/// True if each lane is at most `bound`, and none is a NaN.
template <class P> SMX_INLINE bool all_at_most(P const& x, typename P::value_type bound) {
    using V = typename P::register_type;
    bool all = true;
    simd::unroll<P::registers>([&](std::size_t j)
                                   SMX_INLINE_LAMBDA { all = all && !simd::any_not_at_most(x.part[j], V(bound)); });
    return all;
}

/// True if the row holds a NaN, or an element above `bound`.
template <class P, class Source> SMX_COLD bool any_above(Source const& x, std::size_t n, typename P::value_type bound) {
    using V = typename P::register_type;
    unsigned any = 0;
    sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        auto const v = x.template load<typename decltype(shape)::pack_type>(offset, extent, V(bound));
        simd::unroll<v.registers>([&](std::size_t j) SMX_INLINE_LAMBDA { any |= simd::above(v.part[j], V(bound)); });
    });
    return any != 0;
}

} // namespace algorithm
SMX_END
