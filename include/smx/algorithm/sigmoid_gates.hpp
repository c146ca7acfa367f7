// SPDX-License-Identifier: BSL-1.0
// Gates s(x) = 1 / (1 + e^-(c x)) of what is selected from a row: w_j = factor s_j / sum s, the selection by s + bias.
#pragma once

#include <smx/algorithm/affine.hpp>
#include <smx/algorithm/gap_sums.hpp>
#include <smx/math/logistic.hpp>

#include <span>

SMX_BEGIN
namespace algorithm {

template <class V> struct sigmoid_gates {
    using T = simd::element_of<V>;
    std::span<double const> bias; // one for each element, or none
    double factor;
    row_scale<T> scale;
    math::logistic<V> gate;

    SMX_INLINE static sigmoid_gates of(std::span<double const> bias, double factor, row_scale<T> const& scale) {
        return {bias, factor, scale, math::logistic<V>::of(scale.k, 0)};
    }
    template <class Source>
    SMX_OUTER static affine_source<Source, T> logits(Source const& x, row_scale<T> const& scale) {
        return {x, scale.inner, 0, scale.outer};
    }
    /// What logits v, from `offset` on, are selected by.
    template <class P, class Extent> SMX_INLINE P key(std::size_t offset, Extent extent, P const& v) const {
        using doubles = simd::pack<doubles_of<V>, P::registers * doubles_each<V>>;
        P const s = gate(v);
        if (bias.empty()) return s;
        return s + narrowed<V>(simd::load_pack<doubles>(bias.data() + offset, extent, doubles_of<V>(0.0)));
    }
    template <class Source> SMX_OUTER static T logit(Source const& x, std::size_t at, row_scale<T> const& scale) {
        using one = simd::pack<V, 1>;
        return simd::first_lane(logits(x, scale).template load<one>(at, simd::partial{1}, V(T(0))).part[0]);
    }
    /// The weights of the `count` elements of x at i.
    template <class Source, class Index>
    SMX_OUTER void weigh(Source const& x, T* w, Index const* i, std::size_t count) const {
        double sum = 0;
        for (std::size_t j = 0; j != count; ++j) {
            simd::pack<V, 1> const v{{V(logit(x, static_cast<std::size_t>(i[j]), scale))}};
            w[j] = simd::first_lane(gate(v).part[0]);
            sum += static_cast<double>(w[j]);
        }
        // A row whose every gate is shut gives zeros; the authors add 1e-20 to the sum for that.
        double const inverse = sum > 0 ? factor / sum : 0;
        for (std::size_t j = 0; j != count; ++j) w[j] = static_cast<T>(static_cast<double>(w[j]) * inverse);
    }
    /// The weights of the k logits of a tile, a row in each lane.
    template <class Tile> SMX_OUTER void weigh_tile(Tile const& tile, std::size_t k) const {
        using X = doubles_in_lanes<V>;
        doubles_of<V> const zero(0.0);
        X sum = simd::fill<X>(zero);
        for (std::size_t j = 0; j != k; ++j) {
            auto const s = gate(tile.load(j));
            tile.store(j, s);
            sum = sum + widened(s);
        }
        X const quotient = simd::fill<X>(doubles_of<V>(factor)) / sum;
        X const inverse = simd::select_at_least(simd::fill<X>(zero), sum, zero, quotient);
        for (std::size_t j = 0; j != k; ++j) tile.store(j, narrowed<V>(widened(tile.load(j)) * inverse));
    }
};

} // namespace algorithm
SMX_END
