// SPDX-License-Identifier: BSL-1.0
// One row of sparsemax or 1.5-entmax: the threshold, then y_i = share of what is above it.
#pragma once

#include <smx/algorithm/maximum.hpp>
#include <smx/algorithm/normalize.hpp>
#include <smx/algorithm/threshold.hpp>

SMX_BEGIN
namespace algorithm {

/// A row whose largest element is not finite: +inf, NaN, or -inf and nothing else.
template <class V, class Source, class Sink>
SMX_COLD void fill_without_largest(Source const& x, Sink const& y, std::size_t n, masked fully_masked) {
    using T = simd::element_of<V>;
    bool const nothing = !any_above<simd::pack<V, simd::line_registers<V>>>(x, n, -simd::infinity<T>);
    fill<V>(y, n, value_without_weights<T>(nothing ? 0 : 1, fully_masked));
}

/// What is above the threshold high + low; a largest element alone has exactly 1, whatever the rounding of gaps.
template <class Share, class P, class V, class Source, class Sink>
SMX_INLINE void write_projection(Source const& x, Sink const& y, std::size_t n, V largest, V high, V low, V slope,
                                 bool alone) {
    using T = simd::element_of<V>;
    V const none(-simd::infinity<T>);
    auto const write = [&](auto const& result) SMX_INLINE_LAMBDA {
        sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            using Part = typename decltype(shape)::pack_type;
            y.store(offset, result(x.template load<Part>(offset, extent, none)), extent);
        });
    };
    if (alone)
        write([&](auto const& v) SMX_INLINE_LAMBDA { return simd::select_at_least(v, largest, V(T(1)), V(T(0))); });
    else
        write([&](auto const& v) SMX_INLINE_LAMBDA {
            return Share::apply(simd::at_least(simd::barrier(v - high) - low, V(T(0))), slope);
        });
}

/// A row with a factor that is above 0 and ordinary.
template <class Share, class V, class Source, class Sink>
SMX_INLINE void project_near(Source const& x, Sink const& y, std::size_t n, double c, masked fully_masked) {
    using T = simd::element_of<V>;
    using P = simd::pack<V>;
    constexpr T infinity = simd::infinity<T>;
    auto const maxima = lane_maxima<V>::template of<P>(x, n);
    T const largest = simd::largest_lane(simd::largest_part(maxima.largest));
    if (!(largest > -infinity && largest < infinity)) [[unlikely]]
        return fill_without_largest<V>(x, y, n, fully_masked);
    double const m = static_cast<double>(largest);
    threshold_found const found = find_threshold<Share>(x, n, maxima, m, Share::width / c);
    if (!(found.threshold <= 0)) [[unlikely]]
        return fill<V>(y, n, simd::quiet_nan<T>);
    // x - high is exact near the threshold (Sterbenz), so low decides which elements are above it as exactly as the
    // threshold is known.
    auto const sum = pair<double>::of(m, found.threshold);
    T const high = static_cast<T>(sum.hi);
    T const low = static_cast<T>(simd::barrier(sum.hi - static_cast<double>(high)) + sum.lo);
    // The largest result may round to more than 1.
    T slope = static_cast<T>(c / Share::width);
    constexpr T a_little_less = 1 - std::numeric_limits<T>::epsilon(); // a constant: no function to share at -O0
    if (static_cast<T>(largest - high - low) * slope > T(1)) slope *= a_little_less;
    write_projection<Share, P>(x, y, n, V(largest), V(high), V(low), V(slope), found.count == 1);
}

/// f(source, factor, row) with a factor that is above 0 and ordinary: of a negative factor the source changes its sign,
/// of an extreme one it is moved to 0 and scaled by a power of two. All the same, and all finite: the factor is 0.
template <class V, class Source, class F>
SMX_COLD void with_ordinary_factor(Source const& x, std::size_t n, row_scale<simd::element_of<V>> const& scale, F&& f) {
    using T = simd::element_of<V>;
    using P = simd::pack<V, simd::line_registers<V>>;
    affine_source<Source, T> moved{x, scale.inner, 0, scale.outer};
    double c = scale.c / static_cast<double>(scale.inner) / static_cast<double>(scale.outer);
    if (!(c >= 0x1p-100)) c = 0x1p-100;
    if (!(c <= 0x1p60)) c = 0x1p60;
    T const largest = maximum<P>(affine_source<Source, T>{x, scale.inner, 0, 1}, 0, n);
    // A sign alone leaves every difference as it was.
    bool const extreme = scale.outer != 1 || (scale.inner != 1 && scale.inner != -1);
    if (extreme && largest < simd::infinity<T> && largest > -simd::infinity<T>) moved.offset = -largest;
    f(moved, c);
}

/// The factor is 0: 1 / n, if every element is finite.
template <class V, class Source, class Sink>
SMX_COLD void share_equally(Source const& x, Sink const& y, std::size_t n) {
    using T = simd::element_of<V>;
    using P = simd::pack<V, simd::line_registers<V>>;
    constexpr T largest = std::numeric_limits<T>::max();
    bool const finite =
        !any_above<P>(x, n, largest) && !any_above<P>(affine_source<Source, T>{x, -1, 0, 1}, n, largest);
    fill<V>(y, n, finite ? static_cast<T>(1 / static_cast<double>(n)) : simd::quiet_nan<T>);
}

/// One row, from scores to results.
template <class Share, class V, class Source, class Sink>
SMX_OUTER void project(Source const& x, Sink const& y, std::size_t n, row_scale<simd::element_of<V>> const& scale,
                       masked fully_masked) {
    if (scale.ordinary && scale.c != 0) [[likely]]
        return project_near<Share, V>(x, y, n, scale.c, fully_masked);
    if (scale.c == 0) return share_equally<V>(x, y, n);
    with_ordinary_factor<V>(x, n, scale, [&](auto const& moved, double c) SMX_NOINLINE_LAMBDA {
        algorithm::project_near<Share, V>(moved, y, n, c, fully_masked);
    });
}

} // namespace algorithm
SMX_END
