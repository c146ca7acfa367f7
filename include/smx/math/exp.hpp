// SPDX-License-Identifier: BSL-1.0
// e^(c x) as a fraction times a power of two, with the scale c folded into the range reduction.
//
//     e^(c x) = 2^(x K),  K = c log2(e) = hi + lo;   n = rint(x hi),  f = x hi - n + x lo,   2^f in [0.7, 1.42]
//
// No maximum is subtracted: the reference is an integer power of two, 2^N, and an exponent shift by N is exact. So the
// error does not grow with the gap to the maximum, the scale costs nothing, and weights taken against different
// references differ by an exact power of two only: all algorithms give the same bits.
#pragma once

#include <smx/math/exp_limits.hpp>

SMX_BEGIN
namespace math {

/// K = c log2(e) as hi + lo. Precondition: |K| is 0 or within [2^-100, 2^100].
template <class T> struct exp_scale {
    T hi, lo, inverse; // inverse = 1 / hi, roughly

    SMX_INLINE static exp_scale of(double c) {
        if (c == 1) [[likely]] // known: no division on the way to the first weight
            return sizeof(T) == sizeof(float)
                       ? exp_scale{T(0x1.715476p0), T(0x1.4ae0cp-26), T(0x1.62e43p-1)}
                       : exp_scale{T(0x1.71547652b82fep0), T(0x1.777d0ffda0d24p-56), T(0x1.62e42fefa39efp-1)};
        constexpr double log2e_hi = 0x1.71547652b82fep0, log2e_lo = 0x1.777d0ffda0d24p-56;
        if constexpr (sizeof(T) == sizeof(float)) {
            double const k = c * log2e_hi;
            float const hi = static_cast<float>(k);
            return {hi, static_cast<float>(k - static_cast<double>(hi)), static_cast<float>(1 / k)};
        } else {
            using V = simd::vector<double, simd::default_arch>;
            double const hi = c * log2e_hi;
            double const rest = simd::first_lane(simd::cancel(V(c), V(log2e_hi), V(-hi)));
            return {hi, rest + simd::barrier(c * log2e_lo), 1 / hi};
        }
    }
};

/// What weights are taken against: X is V if all lanes belong to one row, a pack if each lane has a row of its own.
template <class V, class X> struct exp_reference {
    V hi, lo; // K
    X shift;  // carrier + bias - N
    X floor;  // x at and below which a weight is 0: exponent 0 before the bias
};

/// The reference 2^N for an exponent N that is a register (one row) or a pack (a row in each lane).
template <class V, class X>
SMX_INLINE exp_reference<V, X> exp_reference_at(exp_scale<simd::element_of<V>> k, X exponent) {
    using limits = exp_limits<simd::element_of<V>>;
    return {V(k.hi), V(k.lo), simd::subtract_from(exponent, V(limits::carrier + limits::bias)),
            (exponent - V(limits::bias)) * V(k.inverse)};
}
template <class V> SMX_INLINE exp_reference<V, V> exp_reference_at(exp_scale<simd::element_of<V>> k, V exponent) {
    return exp_reference_at<V, V>(k, exponent);
}

/// magic + rint(x hi), the exponent of e^(c x); and that exponent.
template <class X, class V> SMX_INLINE X exp_magic_exponent(X const& x, V hi) {
    return simd::barrier(simd::fma(x, hi, V(exp_limits<simd::element_of<V>>::magic)));
}
template <class X, class V> SMX_INLINE X exp_exponent(X const& x, V hi) {
    return exp_magic_exponent(x, hi) - V(exp_limits<simd::element_of<V>>::magic);
}

/// The exponent of e^(c x) against the reference, biased, in the low bits; what is left of it, f; kappa 2^(f + 1), with
/// the eighths of the exponent; and the power of two of the rest, +0 where that has biased exponent 0.
/// Several functions: what returns two of these in one struct, g++ copies through memory.
template <class X, class V, class R> SMX_INLINE X exp_carrier(X const& x, exp_reference<V, R> const& ref) {
    return simd::barrier(simd::fma(x, ref.hi, ref.shift));
}
template <class X, class Reference> SMX_INLINE X exp_remainder(X const& x, X const& carrier, Reference const& ref) {
    X const minus_n = simd::barrier(simd::subtract_from(carrier, ref.shift));
    return simd::fma(x, ref.lo, simd::cancel(x, ref.hi, minus_n));
}
template <class Accuracy, class Place = in_a_loop, class X, class V, class R>
SMX_INLINE X exp_fraction(X const& x, X const& carrier, exp_reference<V, R> const& ref) {
    X const f = exp_remainder(x, carrier, ref);
    if constexpr (has_eighths<simd::element_of<V>>)
        return times_exp2<exp_eighths<Accuracy>, Place>(simd::float_from(powers<1, 0>, carrier), f);
    else
        return exp2_fraction<Accuracy, Place>(f);
}
template <class X> SMX_INLINE X exp_power(X const& carrier) {
    if constexpr (has_eighths<typename X::value_type>)
        return simd::exponent_from_eighths(carrier);
    else
        return simd::exponent_from_magic(carrier);
}

/// x, but no lower than what has the weight 0, where that is not seen later.
template <class X, class V, class R> SMX_INLINE X exp_bounded(X const& x, exp_reference<V, R> const& ref) {
    if constexpr (simd::has_times_power<V>())
        return x;
    else
        return simd::at_least(x, ref.floor);
}
/// exp_weight of such an x, with its carrier.
template <class Accuracy, class Place = in_a_loop, class X, class V, class R>
SMX_INLINE X exp_weight_of_carrier(X const& x, X const& carrier, exp_reference<V, R> const& ref) {
    using limits = exp_limits<simd::element_of<V>>;
    X const fraction = exp_fraction<Accuracy, Place>(x, carrier, ref);
    if constexpr (simd::has_times_power<V>())
        return simd::times_power_or_zero(fraction, carrier - V(limits::carrier + limits::one), V(1 - limits::one));
    else
        return fraction * exp_power(carrier);
}

/// w = kappa 2^64 (2^512 for double) e^(c x) / 2^N, which is 0 for x <= floor.
/// Domain: exponents of x no larger than N + 64 (N + 512); any x below, -inf included. NaN gives NaN;
/// +inf, which is beyond, NaN or +inf.
/// Worst error over all floats (tests/exhaustive): half_t: 1.697 half-epsilons at -0x1.db4b02p-2 and 0x1.bb90bap-3,
/// standard_t: 1.697 half-epsilons at -0x1.db4b02p-2 and 0x1.bb90bap-3, precise_t: 1.465 half-epsilons at
/// -0x1.e7cf44p-2 and -0x1.8213acp+4.
template <class Accuracy, class Place = in_a_loop, class X, class V, class R>
SMX_INLINE X exp_weight(X x, exp_reference<V, R> const& ref) {
    x = exp_bounded(x, ref);
    return exp_weight_of_carrier<Accuracy, Place>(x, exp_carrier(x, ref), ref);
}
/// exp_weight for any x: infinite where the weight is too large to be a number (of either sign where the carrier has no
/// place for its fraction, and f is noise; or NaN), which shows in every sum.
template <class Accuracy, class Place = in_a_loop, class X, class V, class R>
SMX_INLINE X exp_weight_or_infinity(X x, exp_reference<V, R> const& ref) {
    using limits = exp_limits<simd::element_of<V>>;
    if constexpr (simd::has_times_power<V>()) {
        return exp_weight<Accuracy, Place>(x, ref);
    } else {
        x = exp_bounded(x, ref);
        X const carrier = exp_carrier(x, ref);
        return exp_fraction<Accuracy, Place>(x, carrier, ref) *
               exp_power(simd::at_most(carrier, V(limits::carrier + 2 * limits::one + 1)));
    }
}

/// The weight of x = 0 against the reference 2^0.
template <class T> inline constexpr T weight_of_one = sizeof(T) == sizeof(float) ? T(0x1p64) : T(0x1p512);

/// e^x for x <= 0, to the accuracy of precise_t. -inf gives 0, NaN gives NaN.
/// Worst error over all floats (tests/exhaustive): 0.939 ULP at -0x1.5eeddp+6.
template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> exp_nonpositive(simd::pack<V, K> const& x) {
    using T = simd::element_of<V>;
    return exp_weight<precise_t>(x, exp_reference_at(exp_scale<T>::of(1), V(T(0)))) * V(1 / weight_of_one<T>);
}

} // namespace math
SMX_END
