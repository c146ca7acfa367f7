// SPDX-License-Identifier: BSL-1.0
// The factor c = scale / temperature of a row, and the sources that move rows which the main path cannot take as they
// are.
#pragma once

#include <smx/algorithm/sweep.hpp>
#include <smx/math/exp.hpp>

#include <cmath>
#include <cstdint>

SMX_BEGIN
namespace algorithm {

/// outer * (inner * x + offset): exact where weights are not 0 if inner and outer are powers of two and -offset is the
/// largest inner * x, because there the two are within a factor of 2 of each other (Sterbenz).
template <class Source, class T> struct affine_source {
    Source const& source;
    T inner, offset, outer;

    SMX_INLINE bool outlives(void const* written) const { return source.outlives(written); }

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t at, Extent extent, typename P::register_type dead) const {
        using V = typename P::register_type;
        P const x = source.template load<P>(at, extent, V(0));
        return simd::keep(simd::fma(x, V(inner), V(offset)) * V(outer), dead, extent);
    }
    template <class P, class Extent> SMX_INLINE P load_where(std::size_t at, Extent extent, P const& lanes) const {
        using V = typename P::register_type;
        return simd::fma(source.load_where(at, extent, lanes), V(inner), V(offset)) * V(outer);
    }
};

/// Whether T holds c as 0 or a normal number. By its bits: -ffast-math compiles comparisons with infinity away.
template <class T> SMX_INLINE bool holds(double c) {
    constexpr std::uint64_t least = sizeof(T) == sizeof(float) ? 1023 - 126 : 1,
                            most = sizeof(T) == sizeof(float) ? 1023 + 126 : 2046;
    return (__builtin_bit_cast(std::uint64_t, c) >> 52 & 0x7FFU) - least <= most - least || c == 0;
}

/// c / divisor, not 0, for a T that does not hold it: x is multiplied by the powers first, then by m. So nothing is
/// lost before the end, and neither 0 nor infinity is a factor. Beyond 2^most every product is infinite or 0.
template <class T> struct factor_in_parts {
    T power[3], m; // |m| in [1, 2) with large powers, in [0.5, 1) with small ones

    SMX_COLD static factor_in_parts of(double c, double divisor) {
        constexpr int most = sizeof(T) == sizeof(float) ? 300 : 2200;
        int of_c = 0, of_divisor = 0, of_quotient = 0;
        double const fraction = std::frexp(std::frexp(c, &of_c) / std::frexp(divisor, &of_divisor), &of_quotient);
        int const all = of_c - of_divisor + of_quotient, e = all > 0 ? all - 1 : all,
                  n = e < -most  ? -most
                      : e > most ? most
                                 : e;
        auto const power = [](int i) { return static_cast<T>(std::ldexp(1.0, i)); };
        return {{power(n / 3), power((n + 1) / 3), power(n - n / 3 - (n + 1) / 3)},
                static_cast<T>(all > 0 ? 2 * fraction : fraction)};
    }
};

/// f(source, m): m times the source is c / divisor times x, for a T that does not hold that factor.
template <class T, class Source, class F>
SMX_OUTER void with_factor_in_parts(Source const& x, double c, double divisor, F const& f) {
    auto const factor = factor_in_parts<T>::of(c, divisor);
    affine_source<Source, T> const begun{x, factor.power[0], 0, factor.power[1]};
    f(affine_source<affine_source<Source, T>, T>{begun, factor.power[2], 0, 1}, factor.m);
}

/// c = inner * outer * c', inner = +-2^i, outer = 2^o, and c' log2(e) as two numbers.
template <class T> struct row_scale {
    math::exp_scale<T> k;
    double c;
    T inner = 1, outer = 1;
    bool ordinary = true; // inner == outer == 1: c = c'

    SMX_INLINE static row_scale of(double c) {
        row_scale scale{math::exp_scale<T>::of(1), 1};
        if (c != 1) [[unlikely]] {
            if ((c >= 0x1p-60 && c <= 0x1p60) || c == 0) [[likely]]
                scale = {math::exp_scale<T>::of(c), c};
            else
                scale = extraordinary(c);
        }
        return scale;
    }

private:
    SMX_COLD static row_scale extraordinary(double c) {
        double const sign = c < 0 ? -1 : 1;
        double rest = c * sign, inner = sign, outer = 1;
        double const small = 2 * math::exp_limits<T>::smallest_normal,
                     large = 0.25 / math::exp_limits<T>::smallest_normal;
        while (rest < 0x1p-60 && inner * sign > small) {
            rest *= 2;
            inner /= 2;
        }
        while (rest > 0x1p60 && outer < large) {
            rest /= 2;
            outer *= 2;
        }
        if (rest > 0x1p60) rest = 0x1p60;     // all the same: equal to the largest, or nothing
        if (rest < 0x1p-100) rest = 0x1p-100; // all the same: every finite element is equal
        return {math::exp_scale<T>::of(rest), c, static_cast<T>(inner), static_cast<T>(outer), false};
    }
};

} // namespace algorithm
SMX_END
