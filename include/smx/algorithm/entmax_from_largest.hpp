// SPDX-License-Identifier: BSL-1.0
// alpha-entmax for alpha <= 2: the unknown is the largest result, e^-l. With g_i = c (m - x_i), m the largest element,
// and t_i = q g_i e^(q l)
//
//     y_i = (1 - t_i)^p e^-l
//
// which turns into softmax as q becomes 0, without a loss: l becomes the log of its sum. The norm (sum v^p)^(1/p) is
// convex in tau, so Newton's steps on it rise from the left and never pass the root.
#pragma once

#include <smx/algorithm/entmax_power.hpp>

SMX_BEGIN
namespace algorithm {

/// The row as Newton's steps see it, for alpha <= 2.
template <class V> struct entmax_from_largest {
    using D = doubles_of<V>;
    entmax_power power;
    double m, l;
    D steepness; // q c e^(q l)

    /// 1 - t and y; where y is 0, 1 - t is 1.
    template <class X> struct values { X base, y; };

    SMX_INLINE static entmax_from_largest of(entmax_power power, double c, double m, double l) {
        double const shrink = math::exp_nonpositive(simd::barrier(-power.q * l));
        return {power, m, l, D(power.q * c / shrink)};
    }
    template <class X> SMX_INLINE values<X> parts_at(X const& x) const {
        auto const t = simd::barrier(simd::subtract_from(x, D(m)) * steepness);
        auto const none = simd::fill<X>(D(0.0));
        auto const r = simd::select_at_least(t, D(1.0), none, t * D(-1.0));
        auto const exponent = simd::at_most(simd::fma(math::log1p(r), D(power.p), D(-l)), D(0.0));
        auto const y = simd::select_at_least(t, D(1.0), none, math::exp_nonpositive(exponent));
        return {r + D(1.0), y};
    }
    template <class X> SMX_INLINE X at(X const& x) const { return parts_at(x).y; }

    /// Finds l.
    template <class Source> SMX_NOINLINE void solve(Source const& x, std::size_t n, double c) {
        for (int i = 0; i != 100; ++i) {
            double_sum<V> total, slope;
            algorithm::sweep<entmax_pack<V>>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                V const dead(-simd::infinity<simd::element_of<V>>);
                using Part = typename decltype(shape)::pack_type;
                auto const v = parts_at(widened(x.template load<Part>(offset, extent, dead)));
                total.add(v.y);
                slope.add(v.y / v.base);
            });
            pair<double> const sum = total.sum();
            double const excess = simd::barrier(sum.hi - 1) + sum.lo;
            double const relative = rise(excess) * sum.hi / slope.sum().hi;
            double const step = simd::barrier(-power.p * math::log1p(-relative));
            double const next = l + step;
            *this = of(power, c, m, next > 0 ? next : 0);
            if (!(excess > 0x1p-40)) break;
        }
    }

private:
    /// 1 - (1 + e)^-q, for e that may be a little below 0.
    SMX_INLINE double rise(double e) const {
        double const a = power.q * (e > 0x1p-40 ? math::log1p(e) : e);
        if (a > 0.01) return 1 - math::exp_nonpositive(-a);
        double series = 1;
        for (double k = 5; k != 1; --k) series = 1 - simd::barrier(a / k * series);
        return a * series;
    }
};

} // namespace algorithm
SMX_END
