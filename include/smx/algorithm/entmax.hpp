// SPDX-License-Identifier: BSL-1.0
// alpha-entmax for any alpha > 1: y_i = [q c x_i - tau]_+^p with q = alpha - 1, p = 1 / q, in doubles.
//
// The power is steep at one of its ends, so tau itself is not a number to compute with: the unknown must be a result.
//
// alpha <= 2: the largest result, e^-l. With g_i = c (m - x_i), m the largest element, and t_i = q g_i e^(q l)
//         y_i = (1 - t_i)^p e^-l
//     which turns into softmax as q becomes 0, without a loss: l becomes the log of its sum. The norm (sum v^p)^(1/p)
//     is convex in tau, so Newton's steps on it rise from the left and never pass the root.
//
// alpha > 2: the smallest result s that is not 0, at the element b.
//         y_i = (q c (x_i - b) + s^q)^p
//     b is the smallest element whose own threshold leaves room: sum_(x_i > b) (q c (x_i - b))^p < 1. The sum of the y
//     is convex in s (each is a q-norm), so Newton's steps fall from the right and never pass the root.
#pragma once

#include <smx/algorithm/project.hpp>
#include <smx/math/power.hpp>

SMX_BEGIN
namespace algorithm {

struct entmax_power {
    double q, p; // alpha - 1, and 1 / q

    SMX_INLINE static entmax_power of(double alpha) { return {alpha - 1, 1 / (alpha - 1)}; }
};

/// Powers have long chains: eight registers of doubles in flight where there are 32, four elsewhere, but a whole line
/// at least.
template <class V> inline constexpr std::size_t entmax_chains = sizeof(V) == 64 ? 8 : 4;
template <class V>
using entmax_pack =
    simd::pack<V, (line_doubles<V> < entmax_chains<V> ? entmax_chains<V> : line_doubles<V>) / doubles_each<V>>;

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
    template <class Source> void solve(Source const& x, std::size_t n, double c) {
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

/// The row for alpha > 2.
template <class V> struct entmax_from_smallest {
    using D = doubles_of<V>;
    using T = simd::element_of<V>;
    using line = simd::pack<V, simd::line_registers<V>>;
    entmax_power power;
    double b, s;
    D steepness, raised; // q c, s^q

    SMX_INLINE static entmax_from_smallest of(entmax_power power, double c, double b, double s) {
        return {power, b, s, D(power.q * c), D(math::power(s, power.q))};
    }
    /// The results. Beyond 1 they are 1: it is enough to see that their sum is too large.
    template <class X> SMX_INLINE X at(X const& x) const {
        auto const distance = x - D(b);
        auto const y = simd::at_least(math::power(base_at(distance), D(power.p)), D(s));
        auto const result = simd::select_at_least(distance, D(smallest), y, simd::fill<X>(D(s)));
        return simd::select_at_least(distance, D(0.0), result, simd::fill<X>(D(0.0)));
    }

    /// Finds b and s. m is the largest element, and no element at or below m - 1 / q c is above `lowest`.
    template <class Source> void solve(Source const& x, std::size_t n, double c, T m, T lowest) {
        sums found = sums_at(x, n, c, m);
        T inside = m;
        for (T outside = lowest, tried; candidate(x, n, c, m, outside, inside, tried);) {
            sums const at_tried = sums_at(x, n, c, tried);
            if (at_tried.above.hi < 1) {
                inside = tried;
                found = at_tried;
            } else {
                outside = tried;
            }
        }
        b = static_cast<double>(inside);
        double const room = simd::barrier(1 - found.above.hi) - found.above.lo;
        double const first = room / found.equal;
        *this = of(power, c, b, first);
        for (int i = 0; i != 100; ++i) {
            double_sum<V> total, slope;
            algorithm::sweep<entmax_pack<V>>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                using Part = typename decltype(shape)::pack_type;
                auto const distance = widened(x.template load<Part>(offset, extent, dead())) - D(b);
                auto const base = base_at(distance);
                auto const none = simd::fill<std::remove_const_t<decltype(base)>>(D(0.0));
                auto const y = simd::select_at_least(distance, D(smallest), math::power(base, D(power.p)), none);
                total.add(y);
                slope.add(
                    simd::select_at_least(distance, D(smallest), y * raised / simd::at_least(base, D(smallest)), none));
            });
            pair<double> const above = total.sum();
            double const excess =
                simd::barrier(simd::barrier(above.hi - 1) + simd::barrier(s * found.equal)) + above.lo;
            if (!(excess > 0x1p-53)) break;
            double const smaller = s - excess / (found.equal + slope.sum().hi / s);
            if (!(smaller < s)) break;
            *this = of(power, c, b, smaller > 0 ? smaller : 0);
        }
    }

private:
    static constexpr double smallest = 0x1p-1022;
    struct sums {
        pair<double> above;
        double equal;
    };

    SMX_INLINE static V dead() { return V(-simd::infinity<T>); }
    template <class X> SMX_INLINE X base_at(X const& distance) const {
        return simd::at_most(simd::fma(distance, steepness, raised), D(1.0));
    }
    /// The sum of the powers of what is above `bound`, and how many elements are equal to it.
    template <class Source> sums sums_at(Source const& x, std::size_t n, double c, T bound) {
        entmax_from_smallest const from = of(power, c, static_cast<double>(bound), 0);
        double_sum<V> above, equal;
        algorithm::sweep<entmax_pack<V>>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            using Part = typename decltype(shape)::pack_type;
            auto const v = widened(x.template load<Part>(offset, extent, dead()));
            using X = std::remove_const_t<decltype(v)>;
            auto const none = simd::fill<X>(D(0.0)), one = simd::fill<X>(D(1.0));
            auto const distance = v - D(from.b);
            above.add(from.at(v));
            equal.add(
                simd::select_at_least(distance, D(0.0), simd::select_at_least(distance, D(smallest), none, one), none));
        });
        return {above.sum(), equal.sum().hi};
    }
    /// The element between `outside` and `inside` that is to be tried next, in `next`: about in the middle, as seen
    /// from the largest result. False if there is none.
    template <class Source>
    bool candidate(Source const& x, std::size_t n, double c, T m, T outside, T inside, T& next) {
        double const top = static_cast<double>(m), qc = power.q * c;
        double const nearer = math::power(qc * (top - static_cast<double>(inside)), power.p);
        double const beyond = qc * (top - static_cast<double>(outside));
        double const middle = (nearer + math::power(beyond < 1 ? beyond : 1, power.p)) * 0.5;
        T const aim = static_cast<T>(top - math::power(middle, power.q) / qc);
        constexpr T infinity = simd::infinity<T>;
        // The nearest from above and from below: largest -x and largest x.
        auto upper = simd::fill<line>(V(-infinity)), lower = upper;
        algorithm::sweep<line>(0, n, [&](auto, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            auto const v = x.template load<line>(offset, extent, dead());
            auto const none = simd::fill<line>(V(-infinity));
            auto const below_inside = simd::select_at_least(v, V(inside), none, v);
            upper = simd::max(upper, simd::select_at_least(below_inside, V(aim), v * V(T(-1)), none));
            auto const below_aim = simd::select_at_least(below_inside, V(aim), none, below_inside);
            auto const above_outside = each_above(below_aim, V(outside));
            lower = simd::max(lower, above_outside);
        });
        T const from_above = -simd::largest_lane(simd::largest_part(upper));
        T const from_below = simd::largest_lane(simd::largest_part(lower));
        next = from_above < inside && from_above > outside ? from_above : from_below;
        return next > outside;
    }
    SMX_INLINE static line each_above(line const& x, V bound) {
        auto const none = simd::fill<line>(V(-simd::infinity<T>));
        return simd::select_at_least(simd::fill<line>(bound), x, none, x);
    }
};

/// A row with a factor that is above 0 and ordinary.
template <class V, class Source, class Sink>
void entmax_near(Source const& x, Sink const& y, std::size_t n, double c, double alpha, masked fully_masked) {
    using T = simd::element_of<V>;
    using line = simd::pack<V, simd::line_registers<V>>;
    constexpr T infinity = simd::infinity<T>;
    T const largest = maximum<simd::pack<V>>(x, 0, n);
    if (!(largest > -infinity && largest < infinity)) return fill_without_largest<line>(x, y, n, fully_masked);
    if (any_above<line>(x, n, largest)) return fill<line>(y, n, simd::quiet_nan<T>);
    entmax_power const power = entmax_power::of(alpha);
    double const m = static_cast<double>(largest);
    T const cut = cut_at<T>(m, -1 / (power.q * c));
    survivors<T> kept;
    bool const fits = collect<simd::pack<V>>(x, n, cut, kept, [] { return false; });
    auto const finish = [&](auto const& solved) SMX_INLINE_LAMBDA {
        sweep<entmax_pack<V>>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            using Part = typename decltype(shape)::pack_type;
            Part const v = x.template load<Part>(offset, extent, V(-infinity));
            unsigned any = 0;
            simd::unroll<Part::registers>([&](std::size_t j)
                                              SMX_INLINE_LAMBDA { any |= simd::above(v.part[j], V(cut)); });
            y.store(offset, any != 0 ? narrowed<V>(solved.at(widened(v))) : simd::fill<Part>(V(T(0))), extent);
        });
    };
    if (alpha <= 2) {
        auto row = entmax_from_largest<V>::of(power, c, m, 0);
        fits ? row.solve(kept, kept.padded(), c) : row.solve(x, n, c);
        finish(row);
    } else {
        auto row = entmax_from_smallest<V>::of(power, c, m, 1);
        fits ? row.solve(kept, kept.padded(), c, largest, cut) : row.solve(x, n, c, largest, cut);
        finish(row);
    }
}

/// One row, from scores to results.
template <class V, class Source, class Sink>
SMX_INLINE void entmax(Source const& x, Sink const& y, std::size_t n, row_scale<simd::element_of<V>> const& scale,
                       double alpha, masked fully_masked) {
    if (scale.ordinary && scale.c != 0) return entmax_near<V>(x, y, n, scale.c, alpha, fully_masked);
    if (scale.c == 0) return share_equally<V>(x, y, n);
    with_ordinary_factor<V>(x, n, scale, [&](auto const& moved, double c) {
        algorithm::entmax_near<V>(moved, y, n, c, alpha, fully_masked);
    });
}

} // namespace algorithm
SMX_END
