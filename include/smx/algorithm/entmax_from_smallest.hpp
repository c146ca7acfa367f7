// SPDX-License-Identifier: BSL-1.0
// alpha-entmax for alpha > 2: the unknown is the smallest result s that is not 0, at the element b.
//
//     y_i = (q c (x_i - b) + s^q)^p
//
// b is the smallest element whose own threshold leaves room: sum_(x_i > b) (q c (x_i - b))^p < 1. The sum of the y is
// convex in s (each is a q-norm), so Newton's steps fall from the right and never pass the root.
#pragma once

#include <smx/algorithm/entmax_power.hpp>
#include <smx/simd/reduce.hpp>

SMX_BEGIN
namespace algorithm {

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
    template <class Source> SMX_NOINLINE void solve(Source const& x, std::size_t n, double c, T m, T lowest) {
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
    template <class Source> SMX_NOINLINE sums sums_at(Source const& x, std::size_t n, double c, T bound) {
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
    SMX_NOINLINE bool candidate(Source const& x, std::size_t n, double c, T m, T outside, T inside, T& next) {
        double const top = static_cast<double>(m), qc = power.q * c;
        double const nearer = math::power(qc * (top - static_cast<double>(inside)), power.p);
        double const beyond = qc * (top - static_cast<double>(outside));
        double const middle = (nearer + math::power(beyond < 1 ? beyond : 1, power.p)) * 0.5;
        double const wanted = top - math::power(middle, power.q) / qc;
        constexpr T lowest = -std::numeric_limits<T>::max(); // what is below are masked elements and padding
        T const aim = wanted > static_cast<double>(lowest) ? static_cast<T>(wanted) : lowest;
        constexpr T infinity = simd::infinity<T>;
        // The nearest of those between, from above and from below: largest -x and largest x. All of them may lie on one
        // side: beside a much larger element doubles do not tell apart what they are aimed at.
        auto upper = simd::fill<line>(V(-infinity)), lower = upper;
        algorithm::sweep<line>(0, n, [&](auto, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            auto const v = x.template load<line>(offset, extent, dead());
            auto const none = simd::fill<line>(V(-infinity));
            auto const between = each_above(simd::select_at_least(v, V(inside), none, v), V(outside));
            upper = simd::max(upper, simd::select_at_least(between, V(aim), v * V(T(-1)), none));
            lower = simd::max(lower, simd::select_at_least(between, V(aim), none, between));
        });
        T const from_above = -simd::largest_lane(simd::largest_part(upper));
        T const from_below = simd::largest_lane(simd::largest_part(lower));
        next = from_above < inside ? from_above : from_below;
        return next > outside;
    }
    SMX_INLINE static line each_above(line const& x, V bound) {
        auto const none = simd::fill<line>(V(-simd::infinity<T>));
        return simd::select_at_least(simd::fill<line>(bound), x, none, x);
    }
};

} // namespace algorithm
SMX_END
