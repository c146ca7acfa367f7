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

/// The row as Newton's steps see it, for alpha <= 2. Steps and results take packs of V, or of doubles.
template <class V> struct entmax_from_largest {
    using T = simd::element_of<V>;
    entmax_power power;
    double m, l;
    double steepness; // q c e^(q l)

    /// 1 - t and y; where y is 0, 1 - t is 1.
    template <class X> struct values { X base, y; };

    SMX_INLINE static entmax_from_largest of(entmax_power power, double c, double m, double l) {
        double const shrink = math::exp_nonpositive(simd::barrier(-power.q * l));
        return {power, m, l, power.q * c / shrink};
    }
    template <class X> SMX_INLINE values<X> parts_at(X const& x) const {
        using R = typename X::register_type;
        auto const all = [](double v) SMX_INLINE_LAMBDA { return R(static_cast<typename X::value_type>(v)); };
        auto const t = simd::barrier(simd::subtract_from(x, all(m)) * all(steepness));
        auto const none = simd::fill<X>(all(0));
        auto const r = simd::select_at_least(t, all(1), none, t * all(-1));
        auto const exponent = simd::at_most(simd::fma(math::log1p(r), all(power.p), all(-l)), all(0));
        auto const y = simd::select_at_least(t, all(1), none, math::exp_nonpositive(exponent));
        return {r + all(1), y};
    }
    template <class X> SMX_INLINE X at(X const& x) const { return parts_at(x).y; }

    /// True if floats are good for steps and results: .3 to .6 of the time of doubles, and still within 1.8 u.
    SMX_INLINE bool in_floats() const {
        return sizeof(T) == sizeof(float) && steepness > 0x1p-60 && steepness < 0x1p60;
    }
    /// Finds l. What is left after a step is about half of the square of what was.
    template <class Source> SMX_NOINLINE void solve(Source const& x, std::size_t n, double c) {
        if constexpr (sizeof(T) == sizeof(float))
            if (in_floats())
                for (int i = 0; i != 50; ++i)
                    if (!(step(x, n, c, [](auto const& v) SMX_INLINE_LAMBDA { return v; }) > 0x1p-12)) return;
        for (int i = 0; i != 100; ++i)
            if (!(step(x, n, c, [](auto const& v) SMX_INLINE_LAMBDA { return widened(v); }) > 0x1p-40)) return;
    }

private:
    /// One step. Returns what the results before it had too much.
    template <class Source, class Taken>
    SMX_INLINE double step(Source const& x, std::size_t n, double c, Taken const& taken) {
        double_sum<V> total, slope;
        algorithm::sweep<entmax_pack<V>>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            V const dead(-simd::infinity<T>);
            using Part = typename decltype(shape)::pack_type;
            auto const v = parts_at(taken(x.template load<Part>(offset, extent, dead)));
            total.add(widened(v.y));
            slope.add(widened(v.y / v.base));
        });
        pair<double> const sum = total.sum();
        double const excess = simd::barrier(sum.hi - 1) + sum.lo;
        double const relative = rise(excess) * sum.hi / slope.sum().hi;
        double const next = l + simd::barrier(-power.p * math::log1p(-relative));
        *this = of(power, c, m, next > 0 ? next : 0);
        return excess;
    }
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
