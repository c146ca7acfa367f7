// SPDX-License-Identifier: BSL-1.0
// What is computed in double beside elements of V, and rounded to V in the end.
#pragma once

#include <smx/simd/reduce.hpp>

SMX_BEGIN
namespace algorithm {

/// The register of doubles beside V, how many of them hold a line of V, and such a line.
template <class V> using doubles_of = simd::vector<double, simd::arch_of<V>>;
template <class V> inline constexpr std::size_t line_doubles = simd::line<simd::element_of<V>> / doubles_of<V>::size;
template <class V> using double_line = simd::pack<doubles_of<V>, line_doubles<V>>;

/// A register of V takes this many of doubles.
template <class V> inline constexpr std::size_t doubles_each = V::size / doubles_of<V>::size;

/// What is a double of each lane of V.
template <class V> using doubles_in_lanes = simd::pack<doubles_of<V>, doubles_each<V>>;

/// A pack as doubles.
template <class V, std::size_t K>
SMX_INLINE simd::pack<doubles_of<V>, K * doubles_each<V>> widened(simd::pack<V, K> const& x) {
    simd::pack<doubles_of<V>, K * doubles_each<V>> result;
    simd::unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
        if constexpr (doubles_each<V> == 1) {
            result.part[j] = x.part[j];
        } else {
            result.part[2 * j] = simd::widen_low(x.part[j]);
            result.part[2 * j + 1] = simd::widen_high(x.part[j]);
        }
    });
    return result;
}

/// And back, rounded.
template <class V, class D, std::size_t N>
SMX_INLINE simd::pack<V, N / doubles_each<V>> narrowed(simd::pack<D, N> const& x) {
    simd::pack<V, N / doubles_each<V>> result;
    simd::unroll<N / doubles_each<V>>([&](std::size_t j) SMX_INLINE_LAMBDA {
        if constexpr (doubles_each<V> == 1)
            result.part[j] = x.part[j];
        else
            result.part[j] = simd::narrow<V>(x.part[2 * j], x.part[2 * j + 1]);
    });
    return result;
}

} // namespace algorithm
SMX_END
