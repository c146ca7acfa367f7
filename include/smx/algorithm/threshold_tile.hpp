// SPDX-License-Identifier: BSL-1.0
// The thresholds of sparsemax and 1.5-entmax for rows of few elements, one in each lane: the steps of threshold.hpp, to
// the same bits, until the last of these rows has taken its last one.
#pragma once

#include <smx/algorithm/threshold.hpp>

SMX_BEGIN
namespace algorithm {

/// gap_sums while they are summed, one row in each lane.
template <class V, bool Squares> struct gap_sums_in_lanes {
    using X = doubles_in_lanes<V>;
    using D = doubles_of<V>;
    X count = simd::fill<X>(D(0.0));
    double_sum<V, X::registers> first, squares;

    SMX_INLINE void add(X const& gap) {
        X const v = simd::at_least(gap, D(0.0));
        count = count + simd::select_at_least(gap, D(smallest_gap), D(1.0), D(0.0));
        first.add(v);
        if constexpr (Squares) squares.add_square(v);
    }
    friend SMX_INLINE gap_sums_in_lanes operator+(gap_sums_in_lanes a, gap_sums_in_lanes const& b) {
        a.count = a.count + b.count;
        a.first = a.first + b.first;
        if constexpr (Squares) a.squares = a.squares + b.squares;
        return a;
    }
};

/// Over virtual lanes j, j + Step, ... of a line, in the order of a row: as sum_of_lanes (kept_sum.hpp). `distance[i]`
/// is x_i less the largest element, for each lane.
template <class V, bool Squares, std::size_t Step = 1>
SMX_INLINE gap_sums_in_lanes<V, Squares>
sums_above_in_lanes(double const* distance, doubles_in_lanes<V> const& threshold, std::size_t j, std::size_t n) {
    using X = doubles_in_lanes<V>;
    constexpr std::size_t line = simd::line<simd::element_of<V>>;
    gap_sums_in_lanes<V, Squares> sums;
    if constexpr (Step == line) {
        for (std::size_t i = j; i < n; i += line) {
            X const d = simd::load_pack<X>(distance + i * X::size, simd::whole{}, doubles_of<V>(0.0));
            sums.add(d - threshold);
        }
    } else {
        sums = sums_above_in_lanes<V, Squares, 2 * Step>(distance, threshold, j, n);
        if (j + Step < n) sums = sums + sums_above_in_lanes<V, Squares, 2 * Step>(distance, threshold, j + Step, n);
    }
    return sums;
}

/// threshold_found of each lane.
template <class V> struct thresholds_found { doubles_in_lanes<V> threshold, count; };

/// At most `steps` of Newton's steps from thresholds that are not above those of these n <= few_gaps elements of each
/// row. Returns false if a row has none: it holds a NaN.
template <class Share, class V>
SMX_NOINLINE bool raise_thresholds(double const* distance, std::size_t n, double width, int steps,
                                   thresholds_found<V>& found) {
    using X = doubles_in_lanes<V>;
    using D = doubles_of<V>;
    D const w(width), zero(0.0), one(1.0);
    X threshold = found.threshold, count = simd::fill<X>(zero), goes_on = simd::fill<X>(one);
    bool any = true;
    for (int i = 0; i != steps && any; ++i) {
        auto const sums = sums_above_in_lanes<V, Share::needs_squares>(distance, threshold, 0, n);
        gap_sums_of<X> const in_lanes{sums.count, sums.first.in_lanes(), sums.squares.in_lanes()};
        X const step = Share::step(in_lanes, w);
        // 1 in the lanes that have changed, else 0.
        X changed = simd::select_at_least(simd::magnitude(sums.count - count), one, one, zero);
        if constexpr (Share::leaves_an_error)
            changed =
                simd::select_at_least(Share::error(step, sums.count, w), D(small_error * (1 + 0x1p-52)), one, changed);
        threshold = simd::select_at_least(goes_on, one, threshold + step, threshold);
        count = simd::select_at_least(goes_on, one, sums.count, count);
        X const bounded = simd::select_at_least(simd::fill<X>(zero), threshold, one, zero); // not if NaN
        goes_on = goes_on * changed * bounded;
        any = false;
        simd::unroll<X::registers>([&](std::size_t r)
                                       SMX_INLINE_LAMBDA { any = any || simd::any_above(goes_on.part[r], zero); });
    }
    found.threshold = threshold;
    found.count = count;
    bool bounded = true;
    simd::unroll<X::registers>(
        [&](std::size_t r) SMX_INLINE_LAMBDA { bounded = bounded && !simd::any_not_at_most(threshold.part[r], zero); });
    return bounded;
}

} // namespace algorithm
SMX_END
