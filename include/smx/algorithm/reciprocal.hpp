// SPDX-License-Identifier: BSL-1.0
// 1 / S in two parts, so that dividing a row by its sum costs a multiplication and a multiply-add.
#pragma once

#include <smx/algorithm/wide.hpp>
#include <smx/math/exp.hpp>

SMX_BEGIN
namespace algorithm {

/// 1 / S = hi + lo with hi <= 1 / S: w hi + w lo, rounded twice, is exactly 1 for w = S and never above it.
/// Weights below `smallest` give 0 instead of a denormal result, which would cost a hundred cycles.
template <class V> struct reciprocal {
    using T = simd::element_of<V>;
    T hi, lo, smallest;

    SMX_INLINE static reciprocal of(double sum) {
        double const inverse = 1 / sum;
        // Half an ulp less, so that rounding to float cannot go above 1 / S.
        float const hi = static_cast<float>(simd::barrier(inverse * (1 - 0x1p-24)));
        return {hi, static_cast<float>(inverse - static_cast<double>(hi)), smallest_for(sum)};
    }
    SMX_INLINE static reciprocal of(pair<double> const& sum) {
        double const hi = 1 / sum.hi * (1 - 0x1p-51); // the quotient and sum.lo may each be worth half an ulp
        double const rest = simd::first_lane(simd::cancel(V(-hi), V(sum.hi), V(1.0))) - simd::barrier(hi * sum.lo);
        return {hi, rest * hi, smallest_for(sum.hi)};
    }

    /// The same for a sum in each lane, bit for bit.
    struct lanes {
        V hi, lo, smallest;
    };
    SMX_INLINE static lanes of(wide<V, float> const& sum) {
        using D = typename wide<V, float>::D;
        auto const one = [](D s) SMX_INLINE_LAMBDA { return D(1.0) / s; };
        D const low = one(sum.low), high = one(sum.high), less(1 - 0x1p-24);
        V const hi = simd::narrow<V>(low * less, high * less);
        V const lo = simd::narrow<V>(low - simd::widen_low(hi), high - simd::widen_high(hi));
        D const hair(1 - 0x1p-22), normal(math::exp_limits<float>::smallest_normal);
        return {hi, lo, simd::narrow<V>(sum.low * hair * normal, sum.high * hair * normal)};
    }

    SMX_INLINE static lanes of(wide<V, double> const& sum) {
        V const s = sum.lanes.hi, hi = V(1.0) / s * V(1 - 0x1p-51);
        V const rest = simd::cancel(-hi, s, V(1.0)) - simd::barrier(hi * sum.lanes.lo);
        return {hi, rest * hi, s * V(1 - 0x1p-51) * V(math::exp_limits<double>::smallest_normal)};
    }

private:
    // A few ulp below sum * smallest normal number: whatever rounds to a normal number is kept.
    SMX_INLINE static T smallest_for(double sum) {
        constexpr double hair = sizeof(T) == sizeof(float) ? 0x1p-22 : 0x1p-51;
        return static_cast<T>(sum * (1 - hair) * math::exp_limits<T>::smallest_normal);
    }
};

} // namespace algorithm
SMX_END
