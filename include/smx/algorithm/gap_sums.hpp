// SPDX-License-Identifier: BSL-1.0
// Sums over the part of a row that lies above a threshold, in doubles and in the order of lines.
#pragma once

#include <smx/algorithm/doubles.hpp>
#include <smx/algorithm/sweep.hpp>
#include <smx/algorithm/wide.hpp>

SMX_BEGIN
namespace algorithm {

/// Sums of doubles that belong to elements of V, in the lanes of N registers: plain for float, compensated for double.
template <class V, std::size_t N = line_doubles<V>> class double_sum {
    using D = doubles_of<V>;
    static constexpr bool compensated = sizeof(simd::element_of<V>) == sizeof(double);

public:
    /// A pack that begins where the lanes do.
    template <std::size_t K> SMX_INLINE void add(simd::pack<D, K> const& v) {
        simd::unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
            if constexpr (compensated)
                pairs[j % N].add(v.part[j]);
            else
                plain.part[j % N] = plain.part[j % N] + v.part[j];
        });
    }
    SMX_INLINE void add_square(simd::pack<D, N> const& v) {
        if constexpr (compensated)
            add(simd::barrier(v * v));
        else
            plain = simd::fma(v, v, plain);
    }
    /// Lane by lane.
    friend SMX_INLINE double_sum operator+(double_sum a, double_sum const& b) {
        if constexpr (compensated)
            simd::unroll<N>([&](std::size_t j) SMX_INLINE_LAMBDA { a.pairs[j] = a.pairs[j] + b.pairs[j]; });
        else
            a.plain = a.plain + b.plain;
        return a;
    }
    SMX_INLINE pair<simd::pack<D, N>> in_lanes() const {
        pair<simd::pack<D, N>> result{plain, simd::fill<simd::pack<D, N>>(D(0.0))};
        if constexpr (compensated)
            simd::unroll<N>([&](std::size_t j) SMX_INLINE_LAMBDA {
                result.hi.part[j] = pairs[j].lanes.hi;
                result.lo.part[j] = pairs[j].lanes.lo;
            });
        return result;
    }
    /// Of all lanes.
    SMX_INLINE pair<double> sum() const {
        auto const plus = [](auto const& a, auto const& b) SMX_INLINE_LAMBDA { return a + b; };
        if constexpr (compensated) {
            wide<D> lanes[N];
            for (std::size_t j = 0; j != N; ++j) lanes[j] = pairs[j];
            return simd::halve<N>(lanes, plus).sum();
        } else {
            auto lanes = plain;
            return {simd::sum_lanes(simd::halve<N>(lanes.part, plus)), 0};
        }
    }

private:
    struct none {};
    simd::pack<D, N> plain = simd::fill<simd::pack<D, N>>(D(0.0));
    std::conditional_t<compensated, wide<D>, none> pairs[N];
};

/// Over the elements x > m + threshold, with their gaps v = x - m - threshold; X is double, or a pack of them.
template <class X> struct gap_sums_of {
    X count;                // sum 1
    pair<X> first, squares; // sum v, sum v^2
};
using gap_sums = gap_sums_of<double>;

/// Stands for all that is above 0.
inline constexpr double smallest_gap = 0x1p-1022;

/// m is the largest element, or one that is larger; the threshold is relative to it, and not above 0.
/// If the row holds a NaN, so do the sums.
template <class V, bool Squares, class Source>
SMX_INLINE gap_sums sums_above(Source const& source, std::size_t n, double m, double threshold) {
    using T = simd::element_of<V>;
    using D = doubles_of<V>;
    using line = simd::pack<V, simd::line_registers<V>>;
    double_line<V> counts = simd::fill<double_line<V>>(D(0.0));
    double_sum<V> first, squares;
    algorithm::sweep<line>(0, n, [&](auto, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        auto const x = widened(source.template load<line>(offset, extent, V(-simd::infinity<T>)));
        auto const gap = simd::barrier(x - D(m)) - D(threshold);
        auto const v = simd::at_least(gap, D(0.0));
        counts = counts + simd::select_at_least(gap, D(smallest_gap), D(1.0), D(0.0));
        first.add(v);
        if constexpr (Squares) squares.add_square(v);
    });
    auto const plus = [](D a, D b) SMX_INLINE_LAMBDA { return a + b; };
    gap_sums result{simd::sum_lanes(simd::halve<line_doubles<V>>(counts.part, plus)), first.sum(), {0, 0}};
    if constexpr (Squares) result.squares = squares.sum();
    return result;
}

} // namespace algorithm
SMX_END
