// SPDX-License-Identifier: BSL-1.0
// From weights to probabilities: y_i = w_i / sum w, for one row.
#pragma once

#include <smx/algorithm/affine.hpp>
#include <smx/algorithm/reciprocal.hpp>
#include <smx/algorithm/weigh.hpp>

SMX_BEGIN

/// What becomes of a row whose elements are all -inf.
enum class masked {
    nan,   ///< NaN, as PyTorch's and ONNX's Softmax have it
    zeros, ///< zeros, as attention wants it
};

namespace algorithm {

/// What a row becomes whose sum is 0 (all weights are) or NaN.
template <class T> SMX_INLINE T value_without_weights(double sum, masked fully_masked) {
    return sum == 0 && fully_masked == masked::zeros ? T(0) : std::numeric_limits<T>::quiet_NaN();
}

template <class V, class Sink> SMX_COLD void fill(Sink const& y, std::size_t n, simd::element_of<V> value) {
    using P = simd::pack<V>;
    sweep<P::size>(0, n, [&](std::size_t offset, auto extent) { y.store(offset, simd::fill<P>(V(value)), extent); });
}

template <class Algorithm, class Accuracy, class V, class Source, class Sink>
SMX_INLINE bool normalize_near(Source const& x, Sink const& y, std::size_t n, math::exp_scale<simd::element_of<V>> k,
                               masked fully_masked) {
    using P = simd::pack<V>;
    using T = simd::element_of<V>;
    weighing<V> const found = Algorithm::template weigh<V, Accuracy>(x, y, n, k);
    if (!found.near) return false;
    if (!(leading(found.sum) > 0)) {
        fill<V>(y, n, value_without_weights<T>(leading(found.sum), fully_masked));
        return true;
    }
    auto const inverse = reciprocal<V>::of(found.sum);
    V const hi(inverse.hi), lo(inverse.lo), smallest(inverse.smallest);
    auto const ref = reference<V>(k, static_cast<T>(found.exponent));
    sweep<P::size>(0, n, [&](std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        P w;
        if constexpr (Algorithm::keeps_weights)
            w = y.template load<P>(offset, extent, V(0));
        else
            w = math::exp_weight<Accuracy>(x.template load<P>(offset, extent, V(0)), ref);
        y.store(offset, simd::product_or_zero(w, hi, lo, smallest), extent);
    });
    return true;
}

/// The rare rows: factors that are negative or extreme, and elements too large to have an exponent.
template <class Algorithm, class Accuracy, class V, class Source, class Sink>
SMX_COLD void normalize_moved(Source const& x, Sink const& y, std::size_t n,
                              row_scale<simd::element_of<V>> const& scale, masked fully_masked) {
    using T = simd::element_of<V>;
    affine_source<Source, T> moved{x, scale.inner, 0, scale.outer};
    if (!scale.ordinary && normalize_near<Algorithm, Accuracy, V>(moved, y, n, scale.k, fully_masked)) return;
    T const largest = maximum<V>(affine_source<Source, T>{x, scale.inner, 0, 1}, 0, n);
    if (largest < std::numeric_limits<T>::infinity() && largest > -std::numeric_limits<T>::infinity()) {
        moved.offset = -largest;
        normalize_near<Algorithm, Accuracy, V>(moved, y, n, scale.k, fully_masked);
    } else if (!normalize_near<three_pass_recompute_t, Accuracy, V>(moved, y, n, scale.k, fully_masked)) {
        fill<V>(y, n, std::numeric_limits<T>::quiet_NaN()); // +inf or NaN is the largest; -inf was handled above
    }
}

/// softmax of one row: y_i = e^(c x_i) / sum_j e^(c x_j).
template <class Algorithm, class Accuracy, class V, class Source, class Sink>
SMX_INLINE void normalize(Source const& x, Sink const& y, std::size_t n, row_scale<simd::element_of<V>> const& scale,
                          masked fully_masked) {
    if (scale.ordinary && normalize_near<Algorithm, Accuracy, V>(x, y, n, scale.k, fully_masked)) [[likely]]
        return;
    normalize_moved<Algorithm, Accuracy, V>(x, y, n, scale, fully_masked);
}

} // namespace algorithm
SMX_END
