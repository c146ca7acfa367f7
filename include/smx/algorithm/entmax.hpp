// SPDX-License-Identifier: BSL-1.0
// alpha-entmax for any alpha > 1: y_i = [q c x_i - tau]_+^p with q = alpha - 1, p = 1 / q, in doubles,
// or of floats, for alpha <= 2, in floats.
//
// The power is steep at one of its ends, so tau itself is not a number to compute with: the unknown must be a result:
// the largest (alpha <= 2) or the smallest (alpha > 2).
#pragma once

#include <smx/algorithm/entmax_from_largest.hpp>
#include <smx/algorithm/entmax_from_smallest.hpp>
#include <smx/algorithm/project.hpp>

SMX_BEGIN
namespace algorithm {

/// A row with a factor above 0: an ordinary one of doubles, up to 2^300 of floats.
template <class V, class Source, class Sink>
SMX_NOINLINE void entmax_near(Source const& x, Sink const& y, std::size_t n, double c, double alpha,
                              masked fully_masked) {
    using T = simd::element_of<V>;
    using line = simd::pack<V, simd::line_registers<V>>;
    constexpr T infinity = simd::infinity<T>;
    T const largest = maximum<simd::pack<V>>(x, 0, n);
    if (!(largest > -infinity && largest < infinity)) return fill_without_largest<V>(x, y, n, fully_masked);
    if (any_above<line>(x, n, largest)) return fill<V>(y, n, simd::quiet_nan<T>);
    entmax_power const power = entmax_power::of(alpha);
    double const m = static_cast<double>(largest);
    T const cut = cut_at<T>(m, -1 / (power.q * c));
    survivors<T> kept;
    bool const fits = collect<simd::pack<V>>(x, n, cut, kept, [] { return false; });
    auto const finish = [&](auto const& results) SMX_INLINE_LAMBDA {
        sweep<entmax_pack<V>>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            using Part = typename decltype(shape)::pack_type;
            Part const v = x.template load<Part>(offset, extent, V(-infinity));
            unsigned any = 0;
            simd::unroll<Part::registers>([&](std::size_t j)
                                              SMX_INLINE_LAMBDA { any |= simd::above(v.part[j], V(cut)); });
            y.store(offset, any != 0 ? results(v) : simd::fill<Part>(V(T(0))), extent);
        });
    };
    auto const finish_in_doubles = [&](auto const& solved) SMX_INLINE_LAMBDA {
        finish([&](auto const& v) SMX_INLINE_LAMBDA { return narrowed<V>(solved.at(widened(v))); });
    };
    if (alpha <= 2) {
        auto row = entmax_from_largest<V>::of(power, c, m, 0);
        fits ? row.solve(kept, kept.padded(), c) : row.solve(x, n, c);
        if (row.in_floats())
            finish([&](auto const& v) SMX_INLINE_LAMBDA { return row.at(v); });
        else
            finish_in_doubles(row);
    } else {
        auto row = entmax_from_smallest<V>::of(power, c, m, 1);
        fits ? row.solve(kept, kept.padded(), c, largest, cut) : row.solve(x, n, c, largest, cut);
        finish_in_doubles(row);
    }
}

/// One row, from scores to results. An ordinary factor goes the way of all others: code of its own is half of theirs
/// again, and takes .95 to 1.0 of the time up to 300 elements, .85 to .9 of 4,096 of which few have a weight.
template <class V, class Source, class Sink>
SMX_INLINE void entmax(Source const& x, Sink const& y, std::size_t n, row_scale<simd::element_of<V>> const& scale,
                       double alpha, masked fully_masked) {
    if (scale.c == 0) return share_equally<V>(x, y, n);
    using T = simd::element_of<V>;
    if constexpr (sizeof(T) == sizeof(float)) {
        // Doubles hold what a factor makes of floats. Above 2^300 each difference is too large for a second result; for
        // alpha below 2 all below 2^-900 is the same, and (alpha - 1) c must not be 0.
        double const sign = scale.c < 0 ? -1 : 1, least = alpha < 2 ? 0x1p-900 : 0, most = 0x1p300;
        double const c = scale.c * sign;
        affine_source<Source, T> const turned{x, static_cast<T>(sign), 0, 1};
        entmax_near<V>(turned, y, n, c < least ? least : c < most ? c : most, alpha, fully_masked);
    } else {
        with_ordinary_factor<V>(x, n, scale, [&](auto const& moved, double c) {
            algorithm::entmax_near<V>(moved, y, n, c, alpha, fully_masked);
        });
    }
}

} // namespace algorithm
SMX_END
