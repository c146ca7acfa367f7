// SPDX-License-Identifier: BSL-1.0
// Weights that were taken against a reference which turned out too low, moved to a higher one: all bits as if they had
// been taken against that.
#pragma once

#include <smx/algorithm/reference.hpp>
#include <smx/algorithm/weight_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// 2^d, d <= 0, as two factors: what is far below the smallest normal number is no factor, but may be a weight's.
template <class V> struct two_powers {
    V first, second;

    SMX_INLINE static two_powers of(V d) {
        using T = simd::element_of<V>;
        V const magic(math::exp_limits<T>::magic), half = simd::barrier(simd::fma(d, V(T(0.5)), magic)) - magic;
        return {power_of_two(half), power_of_two(d - half)};
    }
};

/// The first `n` weights times a power of two: 0 where a denormal number would be left, which makes a result of 0.
template <class P, class Sink, class V> SMX_COLD void move_weights(Sink weights, std::size_t n, two_powers<V> by) {
    using T = typename P::value_type;
    V const smallest(static_cast<T>(math::exp_limits<T>::smallest_normal));
    sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        auto w = weights.template load<typename decltype(shape)::pack_type>(offset, extent, V(T(0)));
        for (V const& factor : {by.first, by.second}) w = simd::product_or_zero(w, factor, smallest / factor);
        weights.store(offset, w, extent);
    });
}
template <class P, class V> SMX_INLINE void move_weights(no_sink, std::size_t, two_powers<V>) {}

} // namespace algorithm
SMX_END
