// SPDX-License-Identifier: BSL-1.0
// The columns of a matrix, a tile of neighbouring columns at a time, for kernels that take tiles (kernel.hpp).
#pragma once

#include <smx/algorithm/kept_sum.hpp>
#include <smx/driver/kernel.hpp>
#include <smx/driver/streamed.hpp>
#include <smx/driver/strided.hpp>
#include <smx/matrix.hpp>

SMX_BEGIN
namespace driver {

/// Neighbouring columns of x and y, and where weights wait.
template <class P, class Extent> struct columns_tile {
    using T = typename P::value_type;
    T const* x;
    std::size_t x_stride;
    T* y;
    std::size_t y_stride;
    T* waiting;
    std::size_t waiting_stride;
    Extent extent;
    bool streams = false;

    SMX_INLINE std::size_t columns() const { return simd::count_of(extent, P::size); }
    SMX_INLINE P load(std::size_t i) const {
        return simd::load_pack<P>(x + i * x_stride, extent, typename P::register_type(0));
    }
    SMX_INLINE void keep(std::size_t i, P const& w) const { simd::store(waiting + i * waiting_stride, w, extent); }
    SMX_INLINE P kept(std::size_t i) const {
        return simd::load_pack<P>(waiting + i * waiting_stride, extent, typename P::register_type(0));
    }
    static constexpr bool keeps_whole_registers = std::is_same_v<Extent, simd::whole>;
    SMX_INLINE algorithm::weights_at<T> kept_matrix() const { return {waiting, waiting_stride}; }
    SMX_INLINE void store(std::size_t i, P const& v) const {
        if constexpr (keeps_whole_registers && simd::streams<typename P::register_type>())
            if (streams) return simd::stream(y + i * y_stride, v);
        simd::store(y + i * y_stride, v, extent);
    }
    SMX_INLINE void fill(std::size_t column, std::size_t n, T value) const {
        for (std::size_t i = 0; i != n; ++i) y[i * y_stride + column] = value;
    }
};

/// f(shape, column, extent) for tiles of the columns from `first` to `last`.
template <class V, class F> SMX_INLINE void by_tiles(std::size_t first, std::size_t last, F const& f) {
    algorithm::sweep<simd::pack<V, 4>>(first, last, f);
}

/// One column by itself, as a row at a stride: slow, for whatever a tile cannot take.
template <class V, class Kernel, class X, class S>
SMX_COLD void map_column(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<S> const& y, std::size_t j,
                         algorithm::row_scale<simd::element_of<V>> const& scale) {
    strided_source<X> const from{x.data + j, x.row_stride};
    strided_sink<S> const to{y.data + j, y.row_stride};
    if constexpr (requires { kernel.template alone<V>(from, to, x.rows, scale); })
        kernel.template alone<V>(from, to, x.rows, scale);
    else
        kernel.template row<V>(from, sink_of(kernel, to), x.rows, scale);
}

/// Columns from `first` to `last`: those of x lie at `from`, and weights may wait at `waiting`.
template <class V, class Kernel, class T>
void map_tiles(Kernel const& kernel, matrix_view<T const> const& x, matrix_view<T> const& y, std::size_t first,
               std::size_t last, matrix_view<T const> const& from, matrix_view<T> const& waiting,
               algorithm::row_scale<T> const& scale, bool streams) {
    by_tiles<V>(first, last, [&](auto shape, std::size_t j, auto extent) {
        using P = typename decltype(shape)::pack_type;
        columns_tile<P, decltype(extent)> const tile{
            from.data + (j - first),    from.row_stride,    y.data + j, y.row_stride,
            waiting.data + (j - first), waiting.row_stride, extent,     streams};
        if (kernel.template tile<P>(tile, x.rows, scale)) [[likely]]
            return;
        for (std::size_t i = 0; i != tile.columns(); ++i) map_column<V>(kernel, x, y, j + i, scale);
    });
}

/// Rows of a matrix are often a power of two apart, and few lines that far apart share a cache. So tiles of matrices
/// that are large are copied first, this wide, asking for the next one, and weights wait in the copy. Tiles in place
/// take 1.1 to 1.5 times as long; so do copies that are narrow, 256 columns wide, or take no look ahead.
inline constexpr std::size_t copied_columns = 128, fewest_copied_columns = 32, copied_bytes = 32768,
                             copied_from_bytes = std::size_t(1) << 18;

template <class V, class T>
SMX_INLINE void copy_tile(matrix_view<T const> const& x, matrix_view<T> const& y, std::size_t first, std::size_t last,
                          T* copy, std::size_t width, bool streams) {
    using line = simd::pack<V, simd::line_registers<V>>;
    for (std::size_t i = 0; i != x.rows; ++i) {
        T const* const from = x.data + i * x.row_stride + first;
        T* const to = y.data + i * y.row_stride + first;
        algorithm::sweep<line>(0, last - first, [&](auto, std::size_t j, auto extent) SMX_INLINE_LAMBDA {
            simd::prefetch(from + width + j);
            if (!streams) simd::prefetch_for_write(to + j);
            simd::store(copy + i * width + j, simd::load_pack<line>(from + j, extent, V(T(0))), simd::whole{});
        });
    }
}

/// The columns from `first` to `last`.
template <class V, class Kernel, class X, class S>
void map_columns(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<S> const& y, double c,
                 std::size_t first, std::size_t last) {
    using T = simd::element_of<V>;
    auto const scale = algorithm::row_scale<T>::of(c);
    if constexpr (takes_tiles<Kernel> && std::is_same_v<X, T> && std::is_same_v<S, T>) {
        constexpr std::size_t line = simd::line<T>, size = copied_bytes / sizeof(T);
        std::size_t const fit = size / x.rows / line * line, width = fit < copied_columns ? fit : copied_columns;
        if (width < fewest_copied_columns || x.rows * x.row_stride * sizeof(T) < copied_from_bytes)
            return map_tiles<V>(kernel, x, y, first, last, matrix_view<T const>(x.data + first, x.rows, x.row_stride),
                                matrix_view<T>(y.data + first, y.rows, y.row_stride), scale, false);
        bool const streams = streams_columns<V>(x, y);
        alignas(64) T copy[size];
        while (first != last) {
            std::size_t const end = last - first < width ? last : first + width;
            copy_tile<V>(x, y, first, end, copy, width, streams);
            matrix_view<T> const copied(copy, x.rows, width);
            map_tiles<V>(kernel, x, y, first, end, matrix_view<T const>(copied), copied, scale, streams);
            first = end;
        }
        if (streams) simd::finish_streams<V>(y.data);
    } else {
        for (std::size_t j = first; j != last; ++j) map_column<V>(kernel, x, y, j, scale);
    }
}

} // namespace driver
SMX_END
