// SPDX-License-Identifier: BSL-1.0
// The weights of a tile, kept where they wait for the division, and their sums: of short columns from there.
#pragma once

#include <smx/algorithm/tile_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// Weights in memory: of row i from data + i * stride on.
template <class T> struct weights_at {
    T const* data;
    std::size_t stride;
};

/// The sum of a run of a virtual lane from row i < n on, as far as there are rows.
template <std::size_t Lines, class V>
SMX_INLINE V sum_of_run_at(simd::element_of<V> const* w, std::size_t stride, std::size_t i, std::size_t n) {
    if constexpr (Lines == 1) {
        return V::load_unaligned(w + i * stride);
    } else {
        V const first = sum_of_run_at<Lines / 2, V>(w, stride, i, n);
        std::size_t const next = i + Lines / 2 * simd::line<simd::element_of<V>>;
        return next < n ? first + sum_of_run_at<Lines / 2, V>(w, stride, next, n) : first;
    }
}

/// The sums of virtual lanes j, j + Step, j + 2 Step, ... of V::size columns of n weights, which begin at w, in the
/// order of a row: the halves of a line meet first, so a tree from the last halving down needs few registers.
template <class Accuracy, class V, std::size_t Step = 1>
SMX_INLINE wide<V> sum_of_lanes(simd::element_of<V> const* w, std::size_t stride, std::size_t j, std::size_t n) {
    constexpr std::size_t line = simd::line<simd::element_of<V>>;
    if constexpr (Step == line) {
        constexpr std::size_t lines = Accuracy::lines_per_run, run = lines * line;
        if (j + line >= n) return wide<V>::at(w + j * stride); // one weight
        wide<V> total = wide<V>::of(sum_of_run_at<lines, V>(w, stride, j, n));
        for (std::size_t i = j + run; i < n; i += run) total.add(sum_of_run_at<lines, V>(w, stride, i, n));
        return total;
    } else {
        wide<V> total = sum_of_lanes<Accuracy, V, 2 * Step>(w, stride, j, n);
        if (j + Step < n) total = total + sum_of_lanes<Accuracy, V, 2 * Step>(w, stride, j + Step, n);
        return total;
    }
}
/// The same for a whole register of columns: one function, whoever calls it.
template <class Accuracy, class V>
SMX_NOINLINE wide<V> sum_of_columns(simd::element_of<V> const* w, std::size_t stride, std::size_t n) {
    return sum_of_lanes<Accuracy, V>(w, stride, 0, n);
}

/// Columns whose weights are summed after they are kept, in registers: 10 % faster than sums of all virtual lanes at
/// once, which wait in memory, as long as the weights are in the cache.
inline constexpr std::size_t kept_in_cache = 256;

/// The sums of n rows of weights that a tile keeps.
template <class Accuracy, class P, class Tile>
SMX_INLINE void sum_kept(Tile const& tile, std::size_t n, wide<typename P::register_type> (&totals)[P::registers]) {
    using V = typename P::register_type;
    auto const weights = tile.kept_matrix();
    for (std::size_t r = 0; r != P::registers; ++r)
        totals[r] = sum_of_columns<Accuracy, V>(weights.data + r * V::size, weights.stride, n);
}

/// Keeps the weights weigh(i) of n rows in the tile, and sums them.
template <class Accuracy, class P, class Tile, class Weigh>
SMX_INLINE void keep_and_sum(Tile const& tile, std::size_t n, std::size_t block, Weigh const& weigh,
                             wide<typename P::register_type> (&totals)[P::registers]) {
    auto const keep = [&](std::size_t i) SMX_INLINE_LAMBDA {
        P const w = weigh(i);
        tile.keep(i, w);
        return w;
    };
    if (Tile::keeps_whole_registers && n <= kept_in_cache) {
        for (std::size_t i = 0; i != n; ++i) keep(i);
        sum_kept<Accuracy, P>(tile, n, totals);
    } else {
        sum_tile<Accuracy, P>(n, block, keep, totals);
    }
}

} // namespace algorithm
SMX_END
