// SPDX-License-Identifier: BSL-1.0
// The factor c = scale / temperature of a row, and the source that moves rows which the main path cannot take as they
// are.
#pragma once

#include <smx/algorithm/sweep.hpp>
#include <smx/math/exp.hpp>

SMX_BEGIN
namespace algorithm {

/// outer * (inner * x + offset): exact where weights are not 0 if inner and outer are powers of two and -offset is the
/// largest inner * x, because there the two are within a factor of 2 of each other (Sterbenz).
template <class Source, class T> struct affine_source {
    Source const& source;
    T inner, offset, outer;

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t at, Extent extent, typename P::register_type dead) const {
        using V = typename P::register_type;
        P const x = source.template load<P>(at, extent, V(0));
        return simd::keep(simd::fma(x, V(inner), V(offset)) * V(outer), dead, extent);
    }
};

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
