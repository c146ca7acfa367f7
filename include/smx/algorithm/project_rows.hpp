// SPDX-License-Identifier: BSL-1.0
// sparsemax and 1.5-entmax of as many rows as a register has lanes, to the bits of each by itself (project.hpp): what
// waits for the end of a sum, Newton's steps, is taken of all rows at once, over the largest elements of each lane of a
// line, then over the few elements of each row that can have a weight. Line by line: with packs of 8 registers rows of
// 64 to 128 floats take 1.2 times the time (AVX-512).
#pragma once

#include <smx/algorithm/project_tile.hpp>
#include <smx/algorithm/survivors.hpp>
#include <smx/simd/transpose.hpp>

SMX_BEGIN
namespace algorithm {

/// rows(r) is row r of n > few_gaps elements; the factor c is above 0 and ordinary. next(r) is called when the row has
/// been read once, to ask for what will be needed. Returns false if a row has to be taken by itself: it has no
/// threshold, or too many elements near it.
template <class Share, class V, class Rows, class Next>
SMX_OUTER bool find_projections(Rows const& rows, std::size_t n, double c, projection<V>& found, Next const& next) {
    using T = simd::element_of<V>;
    using X = doubles_in_lanes<V>;
    using one = simd::pack<V, 1>;
    using line = simd::pack<V, simd::line_registers<V>>;
    constexpr std::size_t most = few_gaps<T>;
    double const width = Share::width / c;
    alignas(64) T some[V::size * most], columns[V::size * most], largest[V::size];
    alignas(64) double distance[V::size * most], threshold[V::size];

    for (std::size_t r = 0; r != V::size; ++r) {
        auto const maxima = lane_maxima<V>::template of<line>(rows(r), n);
        simd::store(some + r * most, maxima.largest, simd::whole{});
        largest[r] = simd::largest_lane(simd::largest_part(maxima.largest));
    }
    V const of_rows = V::load_aligned(largest);
    X const m = widened(one{{of_rows}});
    thresholds_found<V> thresholds{simd::fill<X>(doubles_of<V>(-width)), {}};
    auto const raise = [&](std::size_t elements, int steps) SMX_OUTER_LAMBDA {
        simd::load_transposed<V>(some, most, elements, columns);
        std::size_t i = 0;
        do // once at least, as find_projection
            simd::store(distance + i * X::size,
                        simd::barrier(widened(one{{V::load_aligned(columns + i * V::size)}}) - m), simd::whole{});
        while (++i != elements);
        return raise_thresholds<Share, V>(distance, elements, width, steps, thresholds);
    };
    if (!raise(line::size, steps_over_maxima<Share>)) return false;

    simd::store(threshold, thresholds.threshold, simd::whole{});
    std::size_t elements = line::size;
    survivors<T> kept;
    for (std::size_t r = 0; r != V::size; ++r) {
        kept.count = 0;
        next(r);
        T const cut = cut_at<T>(static_cast<double>(largest[r]), threshold[r]);
        if (!collect<line>(rows(r), n, cut, kept, [] { return false; }) || kept.count > most) return false;
        std::size_t const end = kept.padded();
        for (std::size_t i = 0; i != most; i += line::size)
            simd::store(some + r * most + i,
                        i < end ? kept.template load<line>(i, simd::whole{}, V(T(0)))
                                : simd::fill<line>(V(-simd::infinity<T>)),
                        simd::whole{});
        if (end > elements) elements = end;
    }
    if (!raise(elements, most_steps)) return false;
    found = projection<V>::template of<Share>(of_rows, m, thresholds, c);
    return true;
}

/// A projection, row by row.
template <class V> struct projection_of_rows {
    using T = simd::element_of<V>;
    alignas(64) T largest[V::size], high[V::size], low[V::size], slope[V::size], alone[V::size];

    explicit projection_of_rows(projection<V> const& all) {
        all.largest.store_aligned(largest);
        all.high.store_aligned(high);
        all.low.store_aligned(low);
        all.slope.store_aligned(slope);
        all.alone.store_aligned(alone);
    }
    template <class Share, class Source, class Sink>
    SMX_OUTER void write(std::size_t r, Source const& x, Sink const& y, std::size_t n) const {
        write_projection<Share, simd::pack<V, simd::line_registers<V>>>(x, y, n, V(largest[r]), V(high[r]), V(low[r]),
                                                                        V(slope[r]), alone[r] != 0);
    }
};

} // namespace algorithm
SMX_END
