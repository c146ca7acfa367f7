// SPDX-License-Identifier: BSL-1.0
// The columns of a matrix, a tile of neighbouring columns at a time.
#pragma once

#include <smx/algorithm/across.hpp>
#include <smx/driver/strided.hpp>
#include <smx/matrix.hpp>

SMX_BEGIN
namespace driver {

/// One column by itself, as a row at a stride: slow, for whatever a tile cannot take.
template <class Accuracy, class V, class T, class Finish>
SMX_COLD void normalize_column(T const* x, std::size_t x_stride, T* y, std::size_t y_stride, std::size_t n,
                               algorithm::row_scale<T> const& scale, Finish const& finish) {
    strided_source<T> const from{x, x_stride};
    algorithm::normalize_moved<Accuracy, V>(from, n, from, strided_sink<T>{y, y_stride}, n, scale, finish);
}

template <class Accuracy, class P, class Extent, class Finish>
SMX_INLINE bool normalize_columns(typename P::value_type const* x, std::size_t x_stride, typename P::value_type* y,
                                  std::size_t y_stride, std::size_t n, Extent extent,
                                  math::exp_scale<typename P::value_type> k, Finish const& finish) {
    using T = typename P::value_type;
    using V = typename P::register_type;
    return algorithm::normalize_tile<Accuracy, P>(
        n, simd::count_of(extent, P::size), k,
        [&](std::size_t i) SMX_INLINE_LAMBDA { return simd::load_pack<P>(x + i * x_stride, extent, V(0)); },
        [&](std::size_t i, P const& v) SMX_INLINE_LAMBDA { simd::store(y + i * y_stride, v, extent); },
        [&](std::size_t i) SMX_INLINE_LAMBDA { return simd::load_pack<P>(y + i * y_stride, extent, V(0)); }, finish,
        [&](std::size_t column, double sum) {
            T const value = algorithm::value_without_weights<T>(sum, finish.fully_masked);
            for (std::size_t i = 0; i != n; ++i) y[i * y_stride + column] = value;
        });
}

/// The columns from `first` to `last`.
template <class Accuracy, class V, class T, class Finish>
void normalize_across(matrix_view<T const> const& x, matrix_view<T> const& y, std::size_t first, std::size_t last,
                      algorithm::row_scale<T> const& scale, Finish const& finish) {
    using tile = simd::pack<V, 4>;
    if (x.rows == 0) return;
    algorithm::sweep<tile>(first, last, [&](auto shape, std::size_t c, auto extent) {
        using P = typename decltype(shape)::pack_type;
        if (scale.ordinary && normalize_columns<Accuracy, P>(x.data + c, x.row_stride, y.data + c, y.row_stride, x.rows,
                                                             extent, scale.k, finish)) [[likely]]
            return;
        for (std::size_t j = 0; j != simd::count_of(extent, P::size); ++j)
            normalize_column<Accuracy, V>(x.data + c + j, x.row_stride, y.data + c + j, y.row_stride, x.rows, scale,
                                          finish);
    });
}

} // namespace driver
SMX_END
