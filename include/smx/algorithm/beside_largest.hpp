// SPDX-License-Identifier: BSL-1.0
// The sum of a row whose largest elements are left out, and how many these are: what is small beside them is not lost.
//
// Exponentials are taken in a window of exponents whose reference is that of the largest element, as far as runs lie in
// it: one question per piece is whether it holds such an element.
#pragma once

#include <smx/algorithm/weight_sum.hpp>
#include <smx/simd/compress.hpp>

SMX_BEGIN
namespace algorithm {

/// The sum of weight(x_i) over the elements that are not the largest, and how many are. A NaN stays in the sum.
template <class T> struct beside_largest {
    total<T> whole;
    double ties;

    SMX_INLINE double rest() const { return leading(whole); }
};

/// From `begin` on, where a run begins, after runs that are summed and `ties` that are counted.
template <class Accuracy, class P, class Source, class Weight>
SMX_INLINE auto sum_beside_on(typename weight_sum<P, Accuracy>::runs const& runs, double ties,
                              typename P::value_type largest, Source const& x, std::size_t begin, std::size_t n,
                              Weight const& weight) -> beside_largest<typename P::value_type> {
    using V = typename P::register_type;
    using T = typename P::value_type;
    using sums = weight_sum<P, Accuracy>;
    V const bound(largest), nothing(T(0)), unit(T(1));
    sums others(length_in_blocks<Source>(n));
    others.go_on_from(runs);
    wide<V> counted[sums::registers];
    // Ties are counted in T, which is exact for 2^24 a lane: far more than a stretch has.
    constexpr std::size_t stretch = std::size_t(1) << 24;
    while (begin != n) {
        std::size_t const end = n - begin > stretch ? begin + stretch : n;
        V count[sums::registers];
        for (V& lanes : count) lanes = nothing;
        others.by_runs(x, begin, end, [&](auto const& part) SMX_INLINE_LAMBDA {
            using Part = typename std::remove_cvref_t<decltype(part)>::pack_type;
            Part const v = part.load(x, V(-simd::infinity<T>));
            Part w = part.keep(weight(v), nothing);
            simd::unroll<Part::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
                w.part[j] = simd::add_unless_at_least(nothing, w.part[j], v.part[j], bound);
                V& lanes = count[part.lane_of(j)];
                lanes = simd::add_at_least(lanes, unit, v.part[j], bound);
            });
            part.add(others, w);
        });
        for (std::size_t r = 0; r != sums::registers; ++r) counted[r].add(count[r]);
        begin = end;
    }
    return {others.sum(), ties + leading(sum_of_line(counted))};
}
template <class Accuracy, class P, class Source, class Weight>
SMX_INLINE auto sum_beside(typename P::value_type largest, Source const& x, std::size_t n, Weight const& weight)
    -> beside_largest<typename P::value_type> {
    using runs = typename weight_sum<P, Accuracy>::runs;
    return sum_beside_on<Accuracy, P>(runs(length_in_blocks<Source>(n)), 0, largest, x, 0, n, weight);
}

/// Rows from so many elements on go in a window: .75 to .95 of the time; shorter ones 1.0 to 1.1 (64 floats). Rows of
/// 128 to 500 floats that leave it take 1.1 to 1.4 times the time.
inline constexpr std::size_t shortest_in_window = 128;

/// e^(c x) / 2^N where N is the exponent of the largest element of a row.
template <class Accuracy, class V> struct exp_of_row {
    math::exp_scale<simd::element_of<V>> k;
    V exponent;
    math::exp_reference<V, V> ref = math::exp_reference_at(k, exponent);

    template <class X> SMX_INLINE X operator()(X const& x) const { return math::exp_weight<Accuracy>(x, ref); }
    SMX_INLINE math::exp_window_reference<V> window() const { return math::exp_window_at(k, exponent); }
    /// An element in the window, below the largest.
    SMX_INLINE V inside() const { return (exponent - V(16)) * V(k.inverse); }
};

/// How many elements are the largest, lane by lane: counted in T, which is exact for so many.
inline constexpr std::size_t most_ties = std::size_t(1) << 24;

/// Weights without theirs, and the number of those.
template <class V, class X> SMX_INLINE X without_largest(X w, X const& x, V bound, V& ties) {
    using T = simd::element_of<V>;
    simd::unroll<X::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
        w.part[j] = simd::add_unless_at_least(V(T(0)), w.part[j], x.part[j], bound);
        ties = simd::add_at_least(ties, V(T(1)), x.part[j], bound);
    });
    return w;
}
template <class V, class Source> SMX_COLD double count_largest(Source const& x, std::size_t n, V bound) {
    V ties(simd::element_of<V>(0));
    sweep<simd::pack<V, simd::line_registers<V>>>(0, n, [&](auto shape, std::size_t offset, auto extent) {
        using Part = typename decltype(shape)::pack_type;
        without_largest(Part{}, x.template load<Part>(offset, extent, V(-simd::infinity<simd::element_of<V>>)), bound,
                        ties);
    });
    return leading(wide<V>::of(ties).sum());
}

/// The same of exponentials. A row that leaves its window says that the next ones, which are likely to do so, are not
/// to go in one.
template <class Accuracy, class P, class Source>
SMX_INLINE auto exp_sum_beside(typename P::value_type largest, Source const& x, std::size_t n,
                               exp_of_row<Accuracy, typename P::register_type> const& weight, std::size_t& window_from)
    -> beside_largest<typename P::value_type> {
    using V = typename P::register_type;
    using T = typename P::value_type;
    using sums = weight_sum<P, Accuracy>;
    if constexpr (math::has_exp_window<V> && reads_packs<Source>()) {
        if (n >= window_from && n <= most_ties) {
            auto const window = weight.window();
            if (window.usable) [[likely]] {
                V const bound(largest);
                V ties(T(0));
                sums others(length_in_blocks<Source>(n));
                V const inside = weight.inside();
                V before = inside; // the last weights
                // One question for a piece: what compares takes the ports of multiply-adds.
                auto const beside = [&](auto const& w, auto const& v) SMX_INLINE_LAMBDA {
                    return simd::all_above(bound, simd::largest_part(v)) ? w : without_largest(w, v, bound, ties);
                };
                std::size_t const end = others.template run_by_run<true, false, Source>(
                    0, n, [] {},
                    [&](auto const& part) SMX_INLINE_LAMBDA {
                        return others.weigh_part_in_window(part, x, no_sink{}, window, inside, before, beside);
                    });
                if (end == n) [[likely]]
                    return {others.sum(), leading(wide<V>::of(ties).sum())};
                auto const runs = others.so_far();
                return [&]() SMX_NOINLINE_LAMBDA {
                    double const so_far = end == 0 ? 0 : count_largest(x, end, bound);
                    window_from = ~std::size_t(0);
                    return sum_beside_on<Accuracy, P>(runs, so_far, largest, x, end, n, weight);
                }();
            }
        }
    }
    return sum_beside<Accuracy, P>(largest, x, n, weight);
}

} // namespace algorithm
SMX_END
