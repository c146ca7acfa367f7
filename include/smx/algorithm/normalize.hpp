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
    return sum == 0 && fully_masked == masked::zeros ? T(0) : simd::quiet_nan<T>;
}

template <class P, class Sink> SMX_COLD void fill(Sink const& y, std::size_t n, typename P::value_type value) {
    using V = typename P::register_type;
    sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) {
        y.store(offset, simd::fill<typename decltype(shape)::pack_type>(V(value)), extent);
    });
}

/// One row whose exponents are near. Returns false, and writes nothing, if they are not.
template <class Algorithm, class Accuracy, class P, class Source, class Sink, class T>
SMX_INLINE bool normalize_near(Source const& x, Sink const& y, std::size_t n, math::exp_scale<T> k,
                               masked fully_masked) {
    using V = typename P::register_type;
    weighing<V> const found = Algorithm::template weigh<P, Accuracy>(x, y, n, k);
    if (!found.near) return false;
    if (!(leading(found.sum) > 0)) {
        fill<P>(y, n, value_without_weights<T>(leading(found.sum), fully_masked));
        return true;
    }
    auto const inverse = reciprocal<V>::of(found.sum);
    V const hi(inverse.hi), lo(inverse.lo), smallest(inverse.smallest);
    auto const ref = math::exp_reference_at(k, found.exponent);
    sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        using Part = typename decltype(shape)::pack_type;
        Part w;
        if constexpr (Algorithm::keeps_weights)
            w = y.template load<Part>(offset, extent, V(0));
        else
            w = math::exp_weight<Accuracy>(x.template load<Part>(offset, extent, V(0)), ref);
        y.store(offset, simd::product_or_zero(w, hi, lo, smallest), extent);
    });
    return true;
}

/// Any row, at leisure: factors that are negative or extreme, and elements too large to have an exponent, which are
/// moved to 0. One copy of this for all algorithms: they give the same bits.
template <class Accuracy, class V, class Source, class Sink>
SMX_COLD void normalize_moved(Source const& x, Sink const& y, std::size_t n,
                              row_scale<simd::element_of<V>> const& scale, masked fully_masked) {
    using T = simd::element_of<V>;
    using P = simd::pack<V, simd::line_registers<V>>;
    constexpr T infinity = simd::infinity<T>;
    affine_source<Source, T> moved{x, scale.inner, 0, scale.outer};
    T const largest = maximum<P>(affine_source<Source, T>{x, scale.inner, 0, 1}, 0, n);
    bool const finite = largest < infinity && largest > -infinity;
    // As it is, unless the largest element itself would overflow and pass for -inf.
    if (!(finite && largest * scale.outer <= -infinity) &&
        normalize_near<three_pass_recompute_t, Accuracy, P>(moved, y, n, scale.k, fully_masked))
        return;
    moved.offset = -largest;
    if (finite && normalize_near<three_pass_recompute_t, Accuracy, P>(moved, y, n, scale.k, fully_masked)) return;
    fill<P>(y, n, simd::quiet_nan<T>); // the largest is +inf or NaN
}

/// softmax of one row: y_i = e^(c x_i) / sum_j e^(c x_j).
template <class Algorithm, class Accuracy, class V, class Source, class Sink>
SMX_INLINE void normalize(Source const& x, Sink const& y, std::size_t n, row_scale<simd::element_of<V>> const& scale,
                          masked fully_masked) {
    if (!scale.ordinary || !normalize_near<Algorithm, Accuracy, simd::pack<V>>(x, y, n, scale.k, fully_masked))
        [[unlikely]]
        normalize_moved<Accuracy, V>(x, y, n, scale, fully_masked);
}

} // namespace algorithm
SMX_END
