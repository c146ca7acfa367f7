// SPDX-License-Identifier: BSL-1.0
// 1 / S in two parts, so that dividing a row by its sum costs a multiplication and a multiply-add.
#pragma once

#include <smx/algorithm/wide.hpp>
#include <smx/math/exp.hpp>

SMX_BEGIN
namespace algorithm {

/// 1 / S = hi + lo with hi <= 1 / S: w hi + w lo, rounded twice, is exactly 1 for w = S and never above it.
/// Weights below `smallest` would give a denormal result; it is replaced by 0, and no product is ever denormal.
template <class V> struct reciprocal {
    using T = simd::element_of<V>;
    T hi, lo, smallest;

    SMX_INLINE static reciprocal of(double sum) {
        double const inverse = 1 / sum;
        float hi = static_cast<float>(inverse);
        if (static_cast<double>(hi) > inverse) hi = below(hi);
        return {hi, static_cast<float>(inverse - static_cast<double>(hi)), smallest_for(sum)};
    }
    SMX_INLINE static reciprocal of(pair<double> const& sum) {
        double hi = 1 / sum.hi;
        double rest = remainder(hi, sum);
        if (rest < 0) {
            hi = below(hi);
            rest = remainder(hi, sum);
        }
        return {hi, rest * hi, smallest_for(sum.hi)};
    }

private:
    // The next number towards 0, for a positive normal number.
    SMX_INLINE static T below(T x) {
        using bits = simd::element_of<simd::integers_of<V>>;
        return simd::first_lane(simd::from_bits<V>(simd::to_bits(V(x)) + simd::integers_of<V>(bits(-1))));
    }
    // 1 - hi * sum
    SMX_INLINE static double remainder(double hi, pair<double> const& sum) {
        return simd::first_lane(simd::cancel(V(-hi), V(sum.hi), V(1.0))) - hi * sum.lo;
    }
    // A hair below sum * smallest normal number: what rounds up to a normal number is kept.
    SMX_INLINE static T smallest_for(double sum) {
        return static_cast<T>(sum * (1 - 0x1p-22) * math::exp_limits<T>::smallest_normal);
    }
};

} // namespace algorithm
SMX_END
