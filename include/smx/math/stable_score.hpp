// SPDX-License-Identifier: BSL-1.0
// The score of StableMax: s(x) = 1 + x for x >= 0, 1 / (1 - x) below. It is a softmax of sign(x) log(1 + |x|).
#pragma once

#include <smx/math/inverse.hpp>

SMX_BEGIN
namespace math {

/// C s(x), for a power of two C that keeps it a normal number: C = `usual` while all x are below `giant`, C =
/// `for_giants` otherwise. Beside a giant, scores of x below -2^20 `giant` would not be: they stay at about 2^-120
/// (2^-1020 for double), whose share is no normal number either.
/// Worst error over all floats (tests/exhaustive): 1.499 ULP at -0x1.000b4ep+24.
template <class V> struct stable_score {
    using T = simd::element_of<V>;
    static constexpr T usual = sizeof(T) == sizeof(float) ? T(0x1p30) : T(0x1p300);
    static constexpr T for_giants = sizeof(T) == sizeof(float) ? T(0x1p-40) : T(0x1p-400);
    /// The same where sums are not inverted. Beside a giant what stays at 2^-120 is 2^-172 of it, not 2^-140, which of
    /// the logarithm of the giant's share would be 512 ULP.
    static constexpr T for_giants_in_logs = sizeof(T) == sizeof(float) ? T(0x1p-8) : for_giants;
    /// Elements from here on want for_giants.
    static constexpr T giant = sizeof(T) == sizeof(float) ? T(0x1p60) : T(0x1p600);

    T c = usual;

    /// -inf gives 0, +inf +inf, NaN NaN.
    template <class X> SMX_INLINE X operator()(X const& x) const {
        constexpr T largest = sizeof(T) == sizeof(float) ? T(0x1p120) : T(0x1p1020); // what math::inverse can take
        V const zero(T(0)), up(c), down(1 / c), infinity(simd::infinity<T>);
        auto const size = simd::magnitude(x);
        auto const above = simd::fma(size, up, up);
        auto const below = math::inverse(simd::at_most(simd::fma(size, down, down), V(largest)));
        return simd::select_at_least(x * V(T(-1)), infinity, zero, simd::select_at_least(x, zero, above, below));
    }
};

} // namespace math
SMX_END
