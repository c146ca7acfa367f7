// SPDX-License-Identifier: BSL-1.0
// 1 / (1 + e^-(c x + b)), with c and b folded into the range reduction of the exponential.
//
//     u = e^-(c x + b) = 2^(x K) 2^M B,   K = -c log2(e),   2^M B = e^-b,   B in [0.7, 1.42]
//
// u may be as large as it likes: 1 / (1 + u) keeps its digits, so no case distinction on the sign is needed.
#pragma once

#include <smx/math/exp.hpp>
#include <smx/math/inverse.hpp>

SMX_BEGIN
namespace math {

/// Worst error over all floats (tests/exhaustive): 2.481 ULP at -0x1.0a2bd8p+4.
template <class V> struct logistic {
    using T = simd::element_of<V>;
    using limits = exp_limits<T>;
    /// Everything is scaled by 2^-room, so that u up to the inverse of the smallest normal number has an exponent.
    static constexpr T room = sizeof(T) == sizeof(float) ? T(32) : T(256);
    static constexpr T unit = sizeof(T) == sizeof(float) ? T(0x1p-32) : T(0x1p-256);

    V hi, lo, shift, lowest, highest, fraction_of_bias;

    SMX_INLINE static logistic of(exp_scale<T> k, double bias) {
        using D = simd::vector<double, simd::arch_of<V>>;
        constexpr double log2e_hi = 0x1.71547652b82fep0, log2e_lo = 0x1.777d0ffda0d24p-56;
        double const m = simd::barrier(simd::barrier(bias * -log2e_hi) + 0x1.8p52) - 0x1.8p52;
        // Exactly -bias log2(e) - m, but for the last place of a number below 1.
        D const f = simd::fma(D(bias), D(-log2e_lo), simd::cancel(D(bias), D(-log2e_hi), D(-m)));
        double const b = simd::first_lane(exp2_fraction<precise_t>(simd::pack<D, 1>{{f}}).part[0]) / 2;
        // Exponents of u: what is above gives 0, what is below gives 1.
        constexpr T most = sizeof(T) == sizeof(float) ? T(128) : T(1026),
                    least = sizeof(T) == sizeof(float) ? T(-60) : T(-400);
        T exponent = static_cast<T>(m);
        T at_most = (most - exponent) * k.inverse, at_least = (least - exponent) * k.inverse;
        if (k.hi == 0) { // 0 x takes no exponent into that range: the bias alone has to stay there
            at_most = simd::infinity<T>;
            at_least = -simd::infinity<T>;
            exponent = exponent > most ? most : exponent < least ? least : exponent;
        }
        // exp2_fraction is 2^(f + 1).
        return {V(-k.hi),    V(-k.lo),     V(limits::magic + (limits::one - room - 1) + exponent),
                V(-at_most), V(-at_least), V(static_cast<T>(b))};
    }

    /// NaN gives NaN, -inf gives 0, +inf gives 1 (for c > 0). Results below the smallest normal number are 0.
    template <class X> SMX_INLINE X operator()(X const& elements) const {
        constexpr T vanishes = sizeof(T) == sizeof(float) ? T(0x1p94) : T(0x1p766);
        X const x = simd::at_most(simd::at_least(elements, lowest), highest);
        X const shifted = simd::barrier(simd::fma(x, hi, shift));
        X const minus_n = simd::barrier(simd::subtract_from(shifted, shift));
        X const f = simd::fma(x, lo, simd::cancel(x, hi, minus_n));
        X const u = exp2_fraction<precise_t>(f) * simd::exponent_from_magic(shifted);
        X const denominator = simd::fma(u, fraction_of_bias, V(unit));
        return simd::select_at_least(denominator, V(vanishes), V(T(0)), inverse(denominator) * V(unit));
    }
};

} // namespace math
SMX_END
