// SPDX-License-Identifier: BSL-1.0
// 1 / x by multiply-adds: the same bits everywhere, and a third of the time of a vector division.
#pragma once

#include <smx/simd/pack.hpp>

SMX_BEGIN
namespace math {

/// 1 / x within 0.51 ULP; without FMA 1.5, and 1.62 from 2^124 (2^1020 for double) on, where products are denormal.
/// Domain: normal x > 0 up to 2^125 (2^1021 for double), so that the inverse is normal. NaN gives NaN; +inf is outside
/// the domain. An estimate with an error of 5 %, then steps y + y (e + e^2), e = 1 - x y, which cube the error: 1.3e-4,
/// 2e-12, 1e-35.
/// Worst error over all floats (tests/exhaustive): 0.500 ULP at 0x1.683b4p-126.
template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> inverse(simd::pack<V, K> const& x) {
    using T = simd::element_of<V>;
    V const one(T(1));
    auto y = simd::inverse_estimate(x);
    simd::unroll<sizeof(T) == 4 ? 2 : 3>([&](std::size_t) SMX_INLINE_LAMBDA {
        auto const e = simd::fma(y * V(T(-1)), x, one);
        y = simd::fma(y, simd::fma(e, e, e), y);
    });
    return y;
}

} // namespace math
SMX_END
