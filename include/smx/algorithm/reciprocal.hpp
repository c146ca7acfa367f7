// SPDX-License-Identifier: BSL-1.0
// 1 / S in two parts, so that dividing a row by its sum costs a multiplication and a multiply-add.
#pragma once

#include <smx/algorithm/wide.hpp>
#include <smx/math/exp.hpp>

SMX_BEGIN
namespace algorithm {

/// What weights w are multiplied by: w hi + w lo, rounded twice, and 0 for weights below `smallest` instead of a
/// denormal result, which would cost a hundred cycles. X: a number in each lane, of one row or of as many.
template <class X> struct two_parts {
    X hi, lo, smallest;

    template <class P> SMX_INLINE P times(P const& w) const { return simd::product_or_zero(w, hi, lo, smallest); }
};
/// The same where no result can be denormal: weights are in the window, and their sum is accepted (reference.hpp).
template <class X> struct two_parts_of_normal {
    X hi, lo;

    template <class P> SMX_INLINE P times(P const& w) const { return simd::fma(w, lo, w * hi); }
};

/// 1 / S = hi + lo with hi <= 1 / S: w hi + w lo, rounded twice, is exactly 1 for w = S and never above it.
template <class V> struct reciprocal {
    using T = simd::element_of<V>;
    T hi, lo, smallest;

    SMX_INLINE two_parts<V> lanes() const { return {V(hi), V(lo), V(smallest)}; }
    SMX_INLINE two_parts_of_normal<V> lanes_of_normal() const { return {V(hi), V(lo)}; }

    SMX_INLINE static reciprocal of(double sum) {
        double const inverse = 1 / sum, hi = simd::float_below(inverse);
        return {static_cast<float>(hi), static_cast<float>(inverse - hi), smallest_for(sum)};
    }
    SMX_INLINE static reciprocal of(pair<double> const& sum) {
        double const hi = 1 / sum.hi * (1 - 0x1p-51); // the quotient and sum.lo may each be worth half an ulp
        double const rest = simd::first_lane(simd::cancel(V(-hi), V(sum.hi), V(1.0))) - simd::barrier(hi * sum.lo);
        return {hi, rest * hi, smallest_for(sum.hi)};
    }

    /// The same for a sum in each lane, bit for bit.
    SMX_INLINE static two_parts<V> of(wide<V, float> const& sum) {
        using D = typename wide<V, float>::D;
        D const low = D(1.0) / sum.low, low_hi = simd::float_below(low);
        D const high = D(1.0) / sum.high, high_hi = simd::float_below(high);
        V const hi = simd::narrow<V>(low_hi, high_hi), lo = simd::narrow<V>(low - low_hi, high - high_hi);
        D const hair(1 - 0x1p-22), normal(math::exp_limits<float>::smallest_normal);
        return {hi, lo, simd::narrow<V>(sum.low * hair * normal, sum.high * hair * normal)};
    }

    SMX_INLINE static two_parts<V> of(wide<V, double> const& sum) {
        V const s = sum.lanes.hi, hi = V(1.0) / s * V(1 - 0x1p-51);
        V const rest = simd::cancel(-hi, s, V(1.0)) - simd::barrier(hi * sum.lanes.lo);
        return {hi, rest * hi, s * V(1 - 0x1p-51) * V(math::exp_limits<double>::smallest_normal)};
    }

private:
    // A few ulp below sum * smallest normal number: whatever rounds to a normal number is kept.
    SMX_INLINE static T smallest_for(double sum) {
        constexpr double hair = sizeof(T) == sizeof(float) ? 0x1p-22 : 0x1p-51;
        return static_cast<T>(sum * ((1 - hair) * math::exp_limits<T>::smallest_normal));
    }
};

} // namespace algorithm
SMX_END
