// SPDX-License-Identifier: BSL-1.0
// 2^f for the fraction f of an exponent: |f| <= 0.5005 by a polynomial, or i/8 + f with |f| <= 0.0628 by a table and a
// shorter one.
#pragma once

#include <smx/math/accuracy.hpp>
#include <smx/simd/pack.hpp>

#include <type_traits>

SMX_BEGIN
namespace math {

/// Polynomials of kappa * 2^(f + 1) on |f| <= 0.5005, constant term 2, and their largest relative error: minimax
/// (Sollya, tests/tools/exp.sollya), but that of standard_t, which is the one whose roundings do least harm in sum
/// (tests/tools/tune_polynomial.cpp). kappa = 1 + 7e-7, 1 - 7e-8, 1 - 6e-10, 1 + 3e-18: a common factor, which a
/// normalisation cancels.
template <class T, class Accuracy> struct exp_polynomial;
template <> struct exp_polynomial<float, half_t> { // 2.61e-6
    static constexpr float terms[] = {0x1.39984p-6F, 0x1.ca1648p-4F, 0x1.ec06fap-2F, 0x1.62e0eap0F, 2};
};
template <> struct exp_polynomial<float, standard_t> { // 1.31 * 2^-24
    static constexpr float terms[] = {0x1.5c13c2p-9F, 0x1.3d0cd6p-6F, 0x1.c6b68ap-4F, 0x1.ebf914p-2F, 0x1.62e428p0F, 2};
};
template <> struct exp_polynomial<float, precise_t> { // 0.06 * 2^-24
    static constexpr float terms[] = {
        0x1.3f1c6ep-12F, 0x1.5f0c40p-9F, 0x1.3b3190p-6F, 0x1.c6af74p-4F, 0x1.ebfbd6p-2F, 0x1.62e430p0F, 2};
};
template <> struct exp_polynomial<double, precise_t> { // 0.05 * 2^-53
    static constexpr double terms[] = {0x1.e9a797262c7e2p-31, 0x1.e62211480e3f2p-27, 0x1.b524ff205f4ddp-23,
                                       0x1.62bfc31bd7027p-19, 0x1.ffcbfc781d7ebp-16, 0x1.43091311050d5p-12,
                                       0x1.5d87fe789ac52p-9,  0x1.3b2ab6fb9f294p-6,  0x1.c6b08d704a142p-4,
                                       0x1.ebfbdff82c5aep-2,  0x1.62e42fefa39efp0,   2};
};

/// Degree 10 would save one multiply-add of 21 and cost 1.9 ULP.
template <> struct exp_polynomial<double, standard_t> : exp_polynomial<double, precise_t> {};

/// Where the terms of a polynomial are: `in_a_loop` they are loaded at each turn if that is better, and more than
/// four, `once` they are constants.
struct once {};
struct in_a_loop {};

/// The polynomial of these terms by Horner's scheme.
template <class Polynomial, class Place, class V, std::size_t K>
SMX_INLINE simd::pack<V, K> polynomial(simd::pack<V, K> const& f) {
    constexpr std::size_t degree = sizeof(Polynomial::terms) / sizeof(simd::element_of<V>) - 1;
    if constexpr (std::is_same_v<Place, in_a_loop> && simd::loads_constants<V> && degree > 3) {
        auto const* const terms = simd::in_memory(Polynomial::terms);
        auto p = simd::fma(f, V(terms[0]), V(terms[1]));
        simd::unroll<degree - 1>([&](std::size_t i) SMX_INLINE_LAMBDA { p = simd::fma(p, f, V(terms[i + 2])); });
        return p;
    } else { // a pointer even to what it knows makes g++ spill
        auto p = simd::fma(f, V(Polynomial::terms[0]), V(Polynomial::terms[1]));
        simd::unroll<degree - 1>([&](std::size_t i)
                                     SMX_INLINE_LAMBDA { p = simd::fma(p, f, V(Polynomial::terms[i + 2])); });
        return p;
    }
}
/// kappa * 2^(f + 1).
template <class Accuracy, class Place = in_a_loop, class V, std::size_t K>
SMX_INLINE simd::pack<V, K> exp2_fraction(simd::pack<V, K> const& f) {
    return polynomial<exp_polynomial<simd::element_of<V>, Accuracy>, Place>(f);
}

/// True where exponents are taken apart in eighths: of floats, where a multiply-add rounds once. A table of eight and
/// two multiply-adds less are as many instructions as the longer polynomial, on ports that are free (x86: 4,096 floats
/// take .87 to .92 of the time on Zen 4), and a third less wrong, which pays for a quotient with one multiplication
/// (reciprocal.hpp) and longer runs (line_sum.hpp). 64-bit Arm looks up in three instructions, so it gains nothing.
template <class T> inline constexpr bool has_eighths = simd::has_fma && sizeof(T) == sizeof(float);

/// 2^(i/8 + exponent) for i from 0 to 7, by its bits, less i times `index`.
constexpr simd::table_of_eight powers_of_eighths(int exponent, std::int32_t index) {
    constexpr std::int32_t power[] = {0x000000, 0x0B95C2, 0x1837F0, 0x25FED7, 0x3504F3, 0x45672A, 0x5744FD, 0x6AC0C7};
    std::int32_t const one = (127 + exponent) * 0x800000;
    simd::table_of_eight result{};
    for (std::int32_t i = 0; i != 16; ++i) result.at[i] = one + power[i % 8] - i % 8 * index;
    return result;
}
template <int Exponent, std::int32_t Index>
inline constexpr simd::table_of_eight powers = powers_of_eighths(Exponent, Index);

/// q of 1 + f q(f), which on |f| <= 0.0628 is 2^f but for this relative error. That of precise_t is the minimax
/// polynomial (Sollya, tests/tools/exp.sollya), that of standard_t the one whose roundings do least harm in sum
/// (tests/tools/tune_polynomial.cpp).
template <class Accuracy> struct exp_eighths;
template <> struct exp_eighths<standard_t> { // 0.66 * 2^-24
    static constexpr float terms[] = {0x1.c66634p-5F, 0x1.ec1004p-3F, 0x1.62e434p-1F};
};
template <> struct exp_eighths<precise_t> { // 0.004 * 2^-24
    static constexpr float terms[] = {0x1.3b0ac4p-7F, 0x1.c6b8fcp-5F, 0x1.ebfbe2p-3F, 0x1.62e430p-1F};
};
/// Degree 2 would be 3.4e-6 off, which shows in float16.
template <> struct exp_eighths<half_t> : exp_eighths<standard_t> {};

/// power * 2^f for a q.
template <class Polynomial, class Place, class V, std::size_t K>
SMX_INLINE simd::pack<V, K> times_exp2(simd::pack<V, K> const& power, simd::pack<V, K> const& f) {
    return simd::fma(power * f, polynomial<Polynomial, Place>(f), power);
}

} // namespace math
SMX_END
