// SPDX-License-Identifier: BSL-1.0
// Powers of numbers up to 1, as e^(p log x). Of numbers next to 1, 1 - t, callers take e^(p log1p(-t)): log1p serves
// r > -1 too, as long as 1 + r is a normal number.
#pragma once

#include <smx/math/exp.hpp>
#include <smx/math/log.hpp>

SMX_BEGIN
namespace math {

/// x^p for 0 <= x <= 1 and p > 0. Absolute error: about 1 ULP of 1. Below the smallest normal number x counts as 0.
/// Worst error over all floats (tests/exhaustive): p = 1/2: 0.615 ULP of 1 at 0x1.5b85b8p-2, p = 2: 0.578 ULP of 1 at
/// 0x1.827744p-1, p = 15: 0.690 ULP of 1 at 0x1.eeb376p-1.
template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> power(simd::pack<V, K> const& x, V p) {
    using T = simd::element_of<V>;
    V const smallest = simd::broadcast<V>(T(exp_limits<T>::smallest_normal));
    auto const exponent = simd::at_most(math::log(simd::at_least(x, smallest)) * p, V(T(0)));
    return simd::select_at_least(x, smallest, math::exp_nonpositive(exponent), V(T(0)));
}

// One double at a time.
using one_double = simd::pack<simd::vector<double, simd::default_arch>, 1>;
SMX_INLINE one_double pack_of(double v) { return simd::fill<one_double>(one_double::register_type(v)); }

SMX_INLINE double log1p(double r) { return simd::first_lane(math::log1p(pack_of(r)).part[0]); }
SMX_INLINE double exp_nonpositive(double x) { return simd::first_lane(math::exp_nonpositive(pack_of(x)).part[0]); }
SMX_INLINE double power(double x, double p) {
    return simd::first_lane(math::power(pack_of(x), one_double::register_type(p)).part[0]);
}

} // namespace math
SMX_END
