// SPDX-License-Identifier: BSL-1.0
// 1 / S, so that dividing a row by its sum costs a multiplication, or that and a multiply-add.
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
/// True if every lane is one part.
template <class V> SMX_INLINE bool all_in_one_part(two_parts_of_normal<V> const& inverse) {
    return !simd::any_above(simd::magnitude(inverse.lo), V(simd::element_of<V>(0)));
}
/// Both where lo is 0.
template <class X> struct one_part {
    X hi, smallest;

    template <class P> SMX_INLINE P times(P const& w) const { return simd::product_or_zero(w, hi, smallest); }
};
template <class X> struct one_part_of_normal {
    X hi;

    template <class P> SMX_INLINE P times(P const& w) const { return w * hi; }
};

/// True where weights are so exact that a quotient may be a product with 1 / S, rounded: of floats, unless each element
/// has to be within 4 ULP.
template <class T, class Accuracy>
inline constexpr bool divides_once = math::has_eighths<T> && !std::is_same_v<Accuracy, precise_t>;

/// 1 / S. With one rounding 1 / S = hi, and lo = 0, but where S is a number that S hi does not take to 1; there, and
/// elsewhere, 1 / S = hi + lo with hi <= 1 / S: w hi + w lo, rounded twice. Either way the quotient is exactly 1 for
/// w = S and never above it.
template <class V> struct reciprocal {
    using T = simd::element_of<V>;
    T hi, lo, smallest;

    SMX_INLINE bool has_one_part() const { return lo == 0; }
    SMX_INLINE two_parts<V> lanes() const { return {V(hi), V(lo), V(smallest)}; }
    SMX_INLINE two_parts_of_normal<V> lanes_of_normal() const { return {V(hi), V(lo)}; }
    SMX_INLINE one_part<V> lanes_of_one() const { return {V(hi), V(smallest)}; }
    SMX_INLINE one_part_of_normal<V> lanes_of_one_normal() const { return {V(hi)}; }

    /// True where hi is enough for this sum. Next to no sum of many weights is a float, so nothing waits for a product.
    SMX_INLINE static bool one_part_is_enough(double sum) {
        return !is_float(sum) || simd::barrier(static_cast<float>(sum) * static_cast<float>(1 / sum)) == 1;
    }
    SMX_INLINE static reciprocal in_one_part(double sum) { return {static_cast<float>(1 / sum), 0, smallest_for(sum)}; }
    template <class Accuracy = precise_t> SMX_INLINE static reciprocal of(double sum) {
        if constexpr (divides_once<T, Accuracy>)
            if (one_part_is_enough(sum)) [[likely]]
                return in_one_part(sum);
        double const inverse = 1 / sum, hi = simd::float_below(inverse);
        return {static_cast<float>(hi), static_cast<float>(inverse - hi), smallest_for(sum)};
    }
    template <class Accuracy = precise_t> SMX_INLINE static reciprocal of(pair<double> const& sum) {
        double const hi = 1 / sum.hi * (1 - 0x1p-51); // the quotient and sum.lo may each be worth half an ulp
        double const rest = simd::first_lane(simd::cancel(V(-hi), V(sum.hi), V(1.0))) - simd::barrier(hi * sum.lo);
        return {hi, rest * hi, smallest_for(sum.hi)};
    }

    /// The same for a sum in each lane, bit for bit, where no result can be denormal.
    template <class Accuracy = precise_t>
    SMX_INLINE static two_parts_of_normal<V> of_normal(wide<V, float> const& sum) {
        using D = typename wide<V, float>::D;
        D const low = D(1.0) / sum.low, high = D(1.0) / sum.high;
        D const low_hi = simd::float_below(low), high_hi = simd::float_below(high);
        V const hi = simd::narrow<V>(low_hi, high_hi), lo = simd::narrow<V>(low - low_hi, high - high_hi);
        if constexpr (divides_once<T, Accuracy>) {
            // What a float would lose is known before the inverse, for which the rest waits.
            V const lost =
                simd::narrow<V>(sum.low - simd::float_below(sum.low), sum.high - simd::float_below(sum.high));
            V const rounded = simd::narrow<V>(low, high), s = simd::narrow<V>(sum.low, sum.high), zero(0.0F);
            V const product = simd::barrier(s * rounded), enough = simd::select_equal(lost, zero, V(1.0F), product);
            return {simd::select_equal(product, enough, rounded, hi), simd::select_equal(product, enough, zero, lo)};
        }
        return {hi, lo};
    }
    /// Where some may be.
    template <class Accuracy = precise_t> SMX_INLINE static two_parts<V> of(wide<V, float> const& sum) {
        using D = typename wide<V, float>::D;
        D const hair(1 - 0x1p-22), normal(math::exp_limits<float>::smallest_normal);
        auto const inverse = of_normal<Accuracy>(sum);
        return {inverse.hi, inverse.lo, simd::narrow<V>(sum.low * hair * normal, sum.high * hair * normal)};
    }

    template <class Accuracy = precise_t>
    SMX_INLINE static two_parts_of_normal<V> of_normal(wide<V, double> const& sum) {
        V const s = sum.lanes.hi, hi = V(1.0) / s * V(1 - 0x1p-51);
        V const rest = simd::cancel(-hi, s, V(1.0)) - simd::barrier(hi * sum.lanes.lo);
        return {hi, rest * hi};
    }
    template <class Accuracy = precise_t> SMX_INLINE static two_parts<V> of(wide<V, double> const& sum) {
        auto const inverse = of_normal<Accuracy>(sum);
        return {inverse.hi, inverse.lo, sum.lanes.hi * V(1 - 0x1p-51) * V(math::exp_limits<double>::smallest_normal)};
    }

private:
    /// By its bits: -ffast-math takes a conversion to float and back for nothing.
    SMX_INLINE static bool is_float(double sum) {
        return (__builtin_bit_cast(std::uint64_t, sum) & ((std::uint64_t(1) << 29) - 1)) == 0;
    }
    // A few ulp below sum * smallest normal number: whatever rounds to a normal number is kept.
    SMX_INLINE static T smallest_for(double sum) {
        constexpr double hair = sizeof(T) == sizeof(float) ? 0x1p-22 : 0x1p-51;
        return static_cast<T>(sum * ((1 - hair) * math::exp_limits<T>::smallest_normal));
    }
};

} // namespace algorithm
SMX_END
