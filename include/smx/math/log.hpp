// SPDX-License-Identifier: BSL-1.0
// log(1 + r) for r >= 0, accurate for the smallest r: log of a sum whose largest term, 1, was left out.
//
//     1 + r = u + c exactly,   u = m 2^k,   f = (m - 1) + c 2^-k,   log(1 + r) = k ln 2 + f - f^2 / 2 + f^3 P(f)
#pragma once

#include <smx/simd/pack.hpp>

SMX_BEGIN
namespace math {

/// P on [sqrt(1/2) - 1, sqrt(2) - 1] (tools: Sollya, tests/tools/log.sollya), and ln 2 in two parts, the first with so
/// few bits that its products with exponents are exact.
template <class T> struct log_polynomial;
template <> struct log_polynomial<float> { // 0.1 * 2^-24
    static constexpr float terms[] = {-0x1.38de36p-4F, 0x1.056c98p-3F, -0x1.0d853ap-3F, 0x1.22d788p-3F,
                                      -0x1.54720cp-3F, 0x1.99a028p-3F, -0x1.000228p-2F, 0x1.555554p-2F};
    static constexpr float ln2_hi = 0x1.62e4p-1F, ln2_lo = 0x1.7f7d1cp-20F;
};
template <> struct log_polynomial<double> { // 0.1 * 2^-53
    static constexpr double terms[] = {
        0x1.ac95d56b7129fp-6, -0x1.ea2c321c51704p-5, 0x1.0a6dd6ab187d4p-4, -0x1.d11ae4a722654p-5,
        0x1.d051e99fbd8e6p-5, -0x1.fba0bbca57e93p-5, 0x1.11cd91262246bp-4, -0x1.24d7712e884bp-4,
        0x1.3b0b7f9abe908p-4, -0x1.5550eb50f0104p-4, 0x1.745d3f6dcc2f7p-4, -0x1.9999c290502b8p-4,
        0x1.c71c71deeae7bp-4, -0x1.ffffff2b0f45dp-4, 0x1.24924922a3e2cp-3, -0x1.555555566c95fp-3,
        0x1.999999999f79ep-3, -0x1.fffffffffeefcp-3, 0x1.5555555555533p-2};
    static constexpr double ln2_hi = 0x1.62e42fefa38p-1, ln2_lo = 0x1.ef35793c7673p-45;
};

/// k ln 2 + log(1 + f), for f in [sqrt(1/2) - 1, sqrt(2) - 1].
template <class X> SMX_INLINE X log_of_parts(X const& k, X const& f) {
    using V = typename X::register_type;
    using T = typename X::value_type;
    using polynomial = log_polynomial<T>;
    constexpr std::size_t terms = sizeof(polynomial::terms) / sizeof(T);
    auto p = simd::fma(f, V(polynomial::terms[0]), V(polynomial::terms[1]));
    simd::unroll<terms - 2>([&](std::size_t i) SMX_INLINE_LAMBDA { p = simd::fma(p, f, V(polynomial::terms[i + 2])); });
    auto const square = f * f;
    auto const small = simd::fma(square * f, p, k * V(polynomial::ln2_lo));
    auto const near_one = simd::fma(square, V(T(-0.5)), small);
    return simd::fma(k, V(polynomial::ln2_hi), simd::barrier(near_one + f));
}

/// log x for normal x > 0, within 2 ULP; other x give some number.
/// Worst error over all floats (tests/exhaustive): 0.852 ULP at 0x1.66263ep+0.
template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> log(simd::pack<V, K> const& x) {
    auto const parts = simd::split(x);
    return log_of_parts(parts.exponent, parts.fraction - V(simd::element_of<V>(1)));
}

/// log(1 + r). Domain: r >= 0, and r > -1 as long as 1 + r is a normal number. +inf gives +inf, NaN gives NaN.
/// Worst error over all floats (tests/exhaustive): 1.436 ULP at 0x1.a88906p-2.
template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> log1p(simd::pack<V, K> const& r) {
    using T = simd::element_of<V>;
    V const one(T(1)), infinity(simd::infinity<T>);
    auto const u = simd::barrier(r + one);
    // Two-sum (Knuth): what 1 + r lost.
    auto const one_seen = simd::barrier(u - r);
    auto const lost =
        simd::barrier(simd::subtract_from(one_seen, one)) + simd::barrier(r - simd::barrier(u - one_seen));
    auto const parts = simd::split(u);
    // 2^-k as a product, not a shift: both factors are exact, and a NaN stays one. Where k is large, nothing was lost.
    constexpr T magic = sizeof(T) == 4 ? T(0x1.8p23) + T(127) : T(0x1.8p52) + T(1023);
    auto const scale =
        simd::exponent_from_magic(simd::subtract_from(simd::at_most(parts.exponent, V(T(100))), V(magic)));
    auto const f = simd::barrier(parts.fraction - one) + lost * scale;
    return simd::select_at_least(r, infinity, infinity, log_of_parts(parts.exponent, f));
}

} // namespace math
SMX_END
