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
    bool prefetches = false; // the next tile of x and this one of y, as x is loaded

    SMX_INLINE std::size_t columns() const { return simd::count_of(extent, P::size); }
    SMX_INLINE P load(std::size_t i) const {
        if (prefetches) {
            simd::prefetch_pack<P>(x + i * x_stride + P::size);
            if (!streams) simd::prefetch_pack_for_write<P>(y + i * y_stride);
        }
        return simd::load_pack<P>(x + i * x_stride, extent, typename P::register_type(0));
    }
    SMX_INLINE void keep(std::size_t i, P const& w) const { simd::store(waiting + i * waiting_stride, w, extent); }
    SMX_INLINE P kept(std::size_t i) const {
        return simd::load_pack<P>(waiting + i * waiting_stride, extent, typename P::register_type(0));
    }
    static constexpr bool is_stacked = false;
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
    /// The same of a copy of x, made where weights wait.
    SMX_INLINE columns_tile copied(std::size_t rows) const {
        for (std::size_t i = 0; i != rows; ++i) keep(i, load(i));
        return {waiting, waiting_stride, y, y_stride, waiting, waiting_stride, extent, streams};
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

/// Rows of a matrix are often a power of two apart, and few lines that far apart share a cache. So weights wait on the
/// stack, as does a tile of a matrix that is large, if it is read more than once, while the next one is asked for.
/// Tiles in place take 1.1 to 1.5 times as long; so do those without a look ahead.
inline constexpr std::size_t copied_bytes = 32768, copied_from_bytes = std::size_t(1) << 18;

/// The columns from `first` to `last`.
template <class V, class Kernel, class X, class S>
SMX_NOINLINE void map_columns(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<S> const& y, double c,
                              std::size_t first, std::size_t last) {
    using T = simd::element_of<V>;
    auto const scale = algorithm::row_scale<T>::of(c);
    if constexpr (takes_tiles<Kernel> && std::is_same_v<X, T> && std::is_same_v<S, T>) {
        constexpr std::size_t size = copied_bytes / sizeof(T), most_rows = size / simd::pack<V, 4>::size;
        bool const large = x.rows * x.row_stride * sizeof(T) >= copied_from_bytes;
        bool const fits = x.rows <= most_rows, streams = large && fits && streams_columns<V>(x, y),
                   outlives_weights = fits || x.data != y.data;
        tries_windows<Kernel, V> windows(scale);
        alignas(64) T stack[size];
        auto const map = [&](auto shape, std::size_t j, auto extent) SMX_NOINLINE_LAMBDA {
            using P = typename decltype(shape)::pack_type;
            T* const waiting = fits ? stack : y.data + j;
            columns_tile<P, decltype(extent)> tile{x.data + j,   x.row_stride, y.data + j,
                                                   y.row_stride, waiting,      fits ? P::size : y.row_stride,
                                                   extent,       streams,      large};
            if (outlives_weights && windows(kernel, [&](auto const& in_windows) SMX_OUTER_LAMBDA {
                    return in_windows.template tile_in_window<P>(tile, x.rows, scale);
                })) [[likely]]
                return;
            if (large && fits)
                tile = tile.copied(x.rows);
            else
                tile.prefetches = false; // it is read again and again
            if (kernel.template tile<P>(tile, x.rows, scale)) [[likely]]
                return;
            for (std::size_t i = 0; i != tile.columns(); ++i) map_column<V>(kernel, x, y, j + i, scale);
        };
        by_tiles<V>(first, last, map);
        if (streams) simd::finish_streams<V>(y.data);
    } else {
        for (std::size_t j = first; j != last; ++j) map_column<V>(kernel, x, y, j, scale);
    }
}

} // namespace driver
SMX_END
