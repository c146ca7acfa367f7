// SPDX-License-Identifier: BSL-1.0
// sparsemax and 1.5-entmax down the columns of a tile, to the bits of a row (project.hpp).
#pragma once

#include <smx/algorithm/project.hpp>
#include <smx/algorithm/threshold_tile.hpp>

SMX_BEGIN
namespace algorithm {

/// What makes results of the elements of a row, for a row in each lane.
template <class V> struct projection {
    V largest, high, low, slope;
    V alone; // 1 where one element has all

    /// m: the largest as doubles.
    template <class Share>
    SMX_INLINE static projection of(V largest, doubles_in_lanes<V> const& m, thresholds_found<V> const& thresholds,
                                    double c) {
        using T = simd::element_of<V>;
        using one = simd::pack<V, 1>;
        constexpr T a_little_less = 1 - std::numeric_limits<T>::epsilon(); // a constant: no function to share at -O0
        auto const sum = pair<doubles_in_lanes<V>>::of(m, thresholds.threshold);
        projection found;
        found.largest = largest;
        found.high = narrowed<V>(sum.hi).part[0];
        found.low = narrowed<V>(simd::barrier(sum.hi - widened(one{{found.high}})) + sum.lo).part[0];
        // The largest result may round to more than 1.
        V const slope(static_cast<T>(c / Share::width)), unit(T(1));
        V const of_largest = (largest - found.high - found.low) * slope;
        found.slope = simd::select_at_least(unit, of_largest, slope, slope * V(a_little_less));
        found.alone = simd::select_at_least(narrowed<V>(thresholds.count).part[0], V(T(2)), V(T(0)), unit);
        return found;
    }

    template <class Share> SMX_INLINE V apply(V x) const {
        using one = simd::pack<V, 1>;
        using T = simd::element_of<V>;
        V const zero(T(0)), unit(T(1));
        V const gap = simd::at_least(simd::barrier(x - high) - low, zero);
        V const share = Share::apply(one{{gap}}, slope).part[0];
        return simd::select_at_least(alone, unit, simd::select_at_least(x, largest, unit, zero), share);
    }
};

/// Of the n <= few_gaps elements load(i), with a factor c that is above 0 and ordinary. Returns false if a row has
/// none: it holds a NaN or +inf, or nothing but -inf.
template <class Share, class V, class Load>
SMX_OUTER bool find_projection(Load const& load, std::size_t n, double c, projection<V>& found) {
    using T = simd::element_of<V>;
    using X = doubles_in_lanes<V>;
    using one = simd::pack<V, 1>;
    V largest = load(0);
    for (std::size_t i = 1; i != n; ++i) largest = simd::max(largest, load(i));
    constexpr T max = std::numeric_limits<T>::max(); // a constant: no function to share at -O0
    V const most(max);
    if (simd::any_not_at_most(largest, most) || simd::any_not_at_most(V(T(0)) - largest, most)) return false;

    alignas(64) double distance[few_gaps<T> * V::size];
    X const m = widened(one{{largest}});
    std::size_t element = 0;
    do // once at least: g++ would else take distances for uninitialized
        simd::store(distance + element * X::size, simd::barrier(widened(one{{load(element)}}) - m), simd::whole{});
    while (++element != n);
    double const width = Share::width / c;
    thresholds_found<V> thresholds{simd::fill<X>(doubles_of<V>(-width)), {}};
    if (!raise_thresholds<Share, V>(distance, n, width, most_steps, thresholds)) return false;
    found = projection<V>::template of<Share>(largest, m, thresholds, c);
    return true;
}

/// y = the results of each column of a tile. Returns false, and writes nothing, if a column is too long, or has none.
template <class Share, class P, class Tile> SMX_OUTER bool project_tile(Tile const& tile, std::size_t n, double c) {
    using V = typename P::register_type;
    if (n > few_gaps<simd::element_of<V>>) return false;
    projection<V> found[P::registers];
    for (std::size_t r = 0; r != P::registers; ++r) {
        auto const load = [&](std::size_t i) SMX_INLINE_LAMBDA { return simd::part(tile.load(i), r); };
        if (!find_projection<Share, V>(load, n, c, found[r])) return false;
    }
    for (std::size_t i = 0; i != n; ++i) {
        P v = tile.load(i);
        simd::unroll<P::registers>([&](std::size_t r)
                                       SMX_INLINE_LAMBDA { v.part[r] = found[r].template apply<Share>(v.part[r]); });
        tile.store(i, v);
    }
    return true;
}

} // namespace algorithm
SMX_END
