// SPDX-License-Identifier: BSL-1.0
// e^(c x) as a fraction and an exponent, for sums that know neither a maximum nor a reference: two_pass.
#pragma once

#include <smx/math/exp.hpp>

SMX_BEGIN
namespace math {

/// e^(c x) as kappa * fraction * 2^(exponent - 1), what a sum without a maximum adds up. The exponent is rint(x hi), or
/// has eighths, whose powers of two are in the fraction.
template <class X> struct exp_pair { X fraction, exponent; };
template <class Accuracy, class X, class V> SMX_INLINE exp_pair<X> exp_parts(X x, V hi, V lo, V lowest) {
    exp_reference<V, V> const ref{hi, lo, V(exp_limits<simd::element_of<V>>::carrier), lowest};
    x = simd::at_least(x, ref.floor);
    X const carrier = exp_carrier(x, ref);
    return {exp_fraction<Accuracy, once>(x, carrier, ref), carrier - ref.shift};
}

/// The first integer that is not below an exponent, which has eighths at most.
template <class V> SMX_INLINE V next_integer(V exponent) {
    if constexpr (!has_eighths<simd::element_of<V>>) return exponent;
    V const magic(exp_limits<simd::element_of<V>>::magic);
    return simd::barrier(simd::barrier(exponent + V(simd::element_of<V>(0.4375))) + magic) - magic;
}

/// The same as one number, relative to the reference 2^exponent, an integer: equal to exp_weight bit for bit.
template <class X, class V> SMX_INLINE X exp_join(exp_pair<X> const& parts, V exponent) {
    using limits = exp_limits<simd::element_of<V>>;
    X const k = simd::at_least(parts.exponent - exponent, V(-limits::bias));
    return parts.fraction * exp_power(k + V(limits::carrier + limits::bias));
}

} // namespace math
SMX_END
