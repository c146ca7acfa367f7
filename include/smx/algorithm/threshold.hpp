// SPDX-License-Identifier: BSL-1.0
// The threshold of sparsemax and 1.5-entmax, exactly, without sorting and without memory.
//
// Both are y_i = p(v_i / w) of the gap v_i = [x_i - theta]_+, where p(t) is t or t^2 and w is what a gap is measured
// in; theta makes the row sum up to 1. The sum falls and is convex in theta (its root is, for t^2), so Newton's steps
// from the left never pass the root, and each of them is a bound: what lies below has no weight. A subset of the row
// gives a bound too. So: the largest element of each lane gives a first bound, the elements above it are moved together
// on the stack, and the steps go on over these. Steps end when the set of elements above the threshold stays the same.
#pragma once

#include <smx/algorithm/gap_sums.hpp>
#include <smx/algorithm/maximum.hpp>
#include <smx/algorithm/survivors.hpp>
#include <smx/math/exp.hpp>

SMX_BEGIN
namespace algorithm {

/// y = v / w. Sums are doubles or packs of them, and w is a double or a register.
struct linear_share {
    static constexpr bool needs_squares = false;
    static constexpr double width = 1; // w = width / c

    /// Newton's step (Michelot 1986).
    template <class X, class W> SMX_INLINE static X step(gap_sums_of<X> const& s, W w) {
        return (simd::barrier(s.first.hi - w) + s.first.lo) / s.count;
    }
    /// On a fixed set one step is exact.
    static constexpr bool leaves_an_error = false;
    /// v / w; added to 0, since an element of -0 at a threshold of 0 leaves a v of -0.
    template <class P, class V> SMX_INLINE static P apply(P const& v, V slope) {
        return simd::fma(v, slope, V(simd::element_of<V>(0)));
    }
};

/// y = (v / w)^2.
struct square_share {
    static constexpr bool needs_squares = true;
    static constexpr double width = 2;

    /// Newton's step for sqrt(sum v^2) = w. The difference is taken between squares, where it can be exact.
    template <class X, class W> SMX_INLINE static X step(gap_sums_of<X> const& s, W w) {
        X const root = simd::square_root(s.squares.hi);
        W const square = simd::barrier(w * w);
        X const excess = simd::barrier(s.squares.hi - square) + (s.squares.lo - lost_of_square(w, square));
        return excess * root / ((root + w) * s.first.hi);
    }
    /// A step leaves at most count step^2 / 2 w.
    static constexpr bool leaves_an_error = true;
    template <class X, class W> SMX_INLINE static X error(X const& step, X const& count, W w) {
        X const relative = step / w;
        return relative * relative * count;
    }
    template <class P, class V> SMX_INLINE static P apply(P const& v, V slope) {
        P const root = v * slope;
        return root * root;
    }

private:
    template <simd::one_register D> SMX_INLINE static D lost_of_square(D w, D square) {
        return simd::fma(w, w, D(0.0) - square);
    }
    SMX_INLINE static double lost_of_square(double w, double square) {
        using D = simd::vector<double, simd::default_arch>;
        return simd::first_lane(lost_of_square(D(w), D(square)));
    }
};
/// As large as an error may be, relative to w.
inline constexpr double small_error = 0x1p-56;

/// More steps than any row takes.
inline constexpr int most_steps = 200;

/// The threshold relative to the largest element, and how many elements are above it. Not a number: NaN in the row.
struct threshold_found {
    double threshold, count;
};

/// At most `steps` of Newton's steps from a threshold that is not above the one of these elements.
template <class V, class Share, class Source>
SMX_INLINE threshold_found raise_threshold(Source const& x, std::size_t n, double m, double w, double threshold,
                                           int steps) {
    double count = 0;
    for (int i = 0; i != steps; ++i) {
        gap_sums const sums = algorithm::sums_above<V, Share::needs_squares>(x, n, m, threshold);
        if (sums.first.hi == 0) break; // nothing is above: a subset of the row that has no say
        double const step = Share::step(sums, w);
        threshold = threshold + step;
        bool const same = sums.count == count;
        count = sums.count;
        bool last = same;
        if constexpr (Share::leaves_an_error) last = same && Share::error(step, count, w) <= small_error;
        if (!(threshold <= 0) || last) break;
    }
    return {threshold, count};
}

/// A number of T at or below m + threshold, by a few units in the last place.
template <class T> SMX_INLINE T cut_at(double m, double threshold) {
    double const sum = m + threshold;
    double const slack = (sum < 0 ? -sum : sum) * (sizeof(T) == 4 ? 0x1p-22 : 0x1p-51);
    constexpr double lowest = -static_cast<double>(std::numeric_limits<T>::max());
    double const cut = sum - simd::barrier(slack);
    return cut < lowest ? -simd::infinity<T>
                        : static_cast<T>(cut) - static_cast<T>(math::exp_limits<T>::smallest_normal);
}

/// The largest element of each lane of a line: a row of one line. If there is a NaN, it may be seen or not; but a row
/// of one line is its own maxima, NaN and all.
template <class V> struct lane_maxima {
    using line = simd::pack<V, simd::line_registers<V>>;
    line largest;

    template <class P, class Source> SMX_INLINE static lane_maxima of(Source const& source, std::size_t n) {
        V const lowest(-simd::infinity<simd::element_of<V>>);
        if (n <= line::size) return {source.template load<line>(0, simd::partial{n}, lowest)};
        P const largest = maxima<P>(source, 0, n);
        lane_maxima result{simd::fill<line>(lowest)};
        simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            V& lane = result.largest.part[j % line::registers];
            lane = simd::max(lane, largest.part[j]);
        });
        return result;
    }
    template <class P, class Extent> SMX_INLINE P load(std::size_t, Extent, V) const { return largest; }
};

/// Rows up to this long are stepped over as they are: whoever takes many at once (threshold_tile.hpp) finds the same.
template <class T> inline constexpr std::size_t few_gaps = 3 * simd::line<T>;

/// How many steps are taken over the largest elements of each lane.
template <class Share> inline constexpr int steps_over_maxima = Share::needs_squares ? 3 : 2;

/// The steps go over the row itself, one pass each: it is short, or many elements share the weight.
template <class V, class Share, class Source>
SMX_NOINLINE threshold_found raise_threshold_in_place(Source const& x, std::size_t n, double m, double w,
                                                      double threshold) {
    return algorithm::raise_threshold<V, Share>(x, n, m, w, threshold, most_steps);
}

/// The threshold of a row whose lane maxima are known; m is the largest of them, and finite.
template <class Share, class V, class Source>
SMX_INLINE threshold_found find_threshold(Source const& x, std::size_t n, lane_maxima<V> const& maxima, double m,
                                          double w) {
    using T = simd::element_of<V>;
    constexpr std::size_t line = simd::line<T>;
    if (n > line && n <= few_gaps<T>) return algorithm::raise_threshold_in_place<V, Share>(x, n, m, w, -w);
    threshold_found found =
        algorithm::raise_threshold<V, Share>(maxima, line, m, w, -w, n <= line ? most_steps : steps_over_maxima<Share>);
    if (n <= line || !(found.threshold <= 0)) return found;
    survivors<T> kept;
    T cut = algorithm::cut_at<T>(m, found.threshold);
    bool const fits = algorithm::collect<simd::pack<V>>(x, n, cut, kept, [&]() SMX_INLINE_LAMBDA {
        auto const raised = algorithm::raise_threshold<V, Share>(kept, kept.padded(), m, w, found.threshold, 2);
        if (!(raised.threshold < found.threshold)) found = raised; // NaN too
        if (!(found.threshold <= 0)) return false;
        cut = algorithm::cut_at<T>(m, found.threshold);
        kept.shrink(V(cut));
        return kept.count <= survivors<T>::capacity / 2;
    });
    if (!fits) return algorithm::raise_threshold_in_place<V, Share>(x, n, m, w, found.threshold);
    return algorithm::raise_threshold<V, Share>(kept, kept.padded(), m, w, found.threshold, most_steps);
}

} // namespace algorithm
SMX_END
