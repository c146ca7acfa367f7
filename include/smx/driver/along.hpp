// SPDX-License-Identifier: BSL-1.0
// Each row of a matrix, one after the other.
#pragma once

#include <smx/algorithm/choose.hpp>
#include <smx/algorithm/normalize.hpp>
#include <smx/driver/row.hpp>
#include <smx/matrix.hpp>

SMX_BEGIN

/// The algorithm that is fastest for the length. All give the same bits.
struct automatic_t {};

namespace driver {

// Views go by reference: copied by value they are re-read 32 bytes at a time right after being written 8 bytes at a
// time, which no processor forwards, and each short call waits for the stores of the last (50 ns of a 100 ns call).
template <class Algorithm, class Accuracy, class V, class T>
void softmax_rows(matrix_view<T const> const& x, matrix_view<T> const& y, algorithm::row_scale<T> const& scale,
                  masked fully_masked) {
    std::size_t const ahead = algorithm::prefetch_ahead<T>(x.cols);
    for (std::size_t r = 0; r != x.rows; ++r)
        algorithm::normalize<Algorithm, Accuracy, V>(row_source<T>{x.data + r * x.row_stride, ahead},
                                                     row_sink<T>{y.data + r * y.row_stride, ahead}, x.cols, scale,
                                                     fully_masked);
}

template <class Algorithm, class Accuracy, class V, class T>
SMX_INLINE void softmax_along(matrix_view<T const> const& x, matrix_view<T> const& y,
                              algorithm::row_scale<T> const& scale, masked fully_masked) {
    if constexpr (!std::is_same_v<Algorithm, automatic_t>)
        softmax_rows<Algorithm, Accuracy, V>(x, y, scale, fully_masked);
    else if (x.cols * sizeof(T) < algorithm::two_pass_from_bytes<T>)
        softmax_rows<three_pass_reload_t, Accuracy, V>(x, y, scale, fully_masked);
    else
        softmax_rows<two_pass_t, Accuracy, V>(x, y, scale, fully_masked);
}

} // namespace driver
SMX_END
