// SPDX-License-Identifier: BSL-1.0
// beside_largest of exponentials, in a window of exponents whose reference is that of the largest element, as far as
// runs lie in it: one question for a piece is whether it holds such an element.
#pragma once

#include <smx/algorithm/beside_largest.hpp>

SMX_BEGIN
namespace algorithm {

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

/// How many of the first n elements are the largest.
template <class V, class Source> SMX_COLD double count_largest(Source const& x, std::size_t n, V bound) {
    V ties(simd::element_of<V>(0));
    sweep<simd::pack<V, simd::line_registers<V>>>(0, n, [&](auto shape, std::size_t offset, auto extent) {
        using Part = typename decltype(shape)::pack_type;
        without_largest(Part{}, x.template load<Part>(offset, extent, V(-simd::infinity<simd::element_of<V>>)), bound,
                        ties);
    });
    return leading(wide<V>::of(ties).sum());
}

/// sum_beside of exponentials. A row that leaves its window says that the next ones, which are likely to do so, are not
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
