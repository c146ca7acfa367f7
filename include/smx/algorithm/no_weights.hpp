// SPDX-License-Identifier: BSL-1.0
// Rows in which no element has a weight.
#pragma once

#include <smx/algorithm/sweep.hpp>

SMX_BEGIN

/// What becomes of a row whose elements are all -inf.
enum class masked {
    by_argument, ///< the default: zeros if the scores carry a mask, bias or length (smx::scores), NaN otherwise
    nan,         ///< NaN, as PyTorch's and ONNX's Softmax have it
    zeros,       ///< zeros, as attention wants it
};

namespace algorithm {

/// What a row becomes whose sum is 0 (all weights are) or NaN.
template <class T> SMX_INLINE T value_without_weights(double sum, masked fully_masked) {
    return sum == 0 && fully_masked == masked::zeros ? T(0) : simd::quiet_nan<T>;
}

/// Line by line, whatever else a row is read in: one copy of this for each sink.
template <class V, class Sink> SMX_COLD void fill(Sink y, std::size_t n, simd::element_of<V> value) {
    using line = simd::pack<V, simd::line_registers<V>>;
    sweep<line>(0, n,
                [&](auto, std::size_t offset, auto extent) { y.store(offset, simd::fill<line>(V(value)), extent); });
}

} // namespace algorithm
SMX_END
