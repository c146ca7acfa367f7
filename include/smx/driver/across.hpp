// SPDX-License-Identifier: BSL-1.0
// The columns of a matrix, a tile of neighbouring columns at a time, for kernels that take tiles (kernel.hpp).
#pragma once

#include <smx/algorithm/kept_sum.hpp>
#include <smx/driver/columns_as_rows.hpp>
#include <smx/driver/streamed.hpp>
#include <smx/matrix.hpp>

SMX_BEGIN
namespace driver {

/// Neighbouring columns of x and y, and where weights wait.
template <class P, class Extent, class X = typename P::value_type, class S = X> struct columns_tile {
    using T = typename P::value_type;
    X const* x;
    std::size_t x_stride;
    S* y;
    std::size_t y_stride;
    T* waiting;
    std::size_t waiting_stride;
    Extent extent;
    bool streams = false;
    X const* asked_for = nullptr; // what is prefetched of x as it is loaded, and y with it; nullptr: nothing

    SMX_INLINE std::size_t columns() const { return simd::count_of(extent, P::size); }
    SMX_INLINE P load(std::size_t i) const {
        if (asked_for != nullptr) {
            simd::prefetch_pack<P>(asked_for + i * x_stride);
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
        if constexpr (keeps_whole_registers && std::is_same_v<S, T> && simd::streams<typename P::register_type>())
            if (streams) return simd::stream(y + i * y_stride, v);
        simd::store(y + i * y_stride, v, extent);
    }
    SMX_INLINE void fill(std::size_t column, std::size_t n, T value) const {
        using one = simd::pack<typename P::register_type, 1>;
        for (std::size_t i = 0; i != n; ++i)
            simd::store(y + i * y_stride + column, simd::fill<one>(typename P::register_type(value)), simd::partial{1});
    }
    /// The same of a copy of x, made where weights wait.
    SMX_INLINE columns_tile<P, Extent, T, S> copied(std::size_t rows) const {
        for (std::size_t i = 0; i != rows; ++i) keep(i, load(i));
        return {waiting, waiting_stride, y, y_stride, waiting, waiting_stride, extent, streams};
    }
};

/// f(shape, column, extent) for tiles of the columns from `first` to `last`.
template <class V, class F> SMX_INLINE void by_tiles(std::size_t first, std::size_t last, F const& f) {
    algorithm::sweep<simd::pack<V, 4>>(first, last, f);
}

/// Rows of a matrix are often a power of two apart, and few lines that far apart share a cache. So weights wait on the
/// stack, as does a tile of a matrix that is large, if it is read more than once, while the next one is asked for.
/// Tiles in place take 1.1 to 1.5 times as long; so do those without a look ahead.
inline constexpr std::size_t copied_bytes = 32768, copied_from_bytes = std::size_t(1) << 18;

/// True where lines of x would have left the caches when the tile beside them asks for the rest of what came with them:
/// then tiles are twice as wide, which takes .46 to .80 of the time (21 x 16,384, 64 x 4,096, 150 x 16,384, 1,000 x
/// 1,024; AVX-512, zen5), but 1.1 to 1.3 elsewhere, and with registers of 32 bytes, of which these are too many.
template <class V, class T> SMX_INLINE bool rows_share_sets(matrix_view<T const> const& x) {
    return sizeof(V) == 64 && x.rows > 8 && x.row_stride * sizeof(T) % 4096 == 0;
}

/// The columns from `first` to `last`.
template <class V, class Kernel, class X, class S>
SMX_NOINLINE void map_columns(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<S> const& y, double c,
                              std::size_t first, std::size_t last) {
    using T = simd::element_of<V>;
    auto const scale = algorithm::row_scale<T>::of(c);
    constexpr bool waits_in_output = std::is_same_v<X, T> && std::is_same_v<S, T>;
    if constexpr (takes_tiles<Kernel> && (waits_in_output || converts<X, S, T>)) {
        using narrow = simd::pack<V, 4>;
        using wide = simd::pack<V, 8>;
        constexpr std::size_t size = copied_bytes / sizeof(T);
        bool const large = x.rows * x.row_stride * sizeof(X) >= copied_from_bytes, fits = x.rows <= size / narrow::size;
        bool streams = false;
        if constexpr (waits_in_output) streams = large && fits && streams_columns<V>(x, y);
        std::size_t const tiles_ahead = large ? algorithm::tiles_ahead(streams) : 0;
        tries_windows<Kernel, V> windows(scale);
        alignas(64) T stack[size];
        auto const tile_at = [&](auto shape, std::size_t j, auto extent) SMX_INLINE_LAMBDA {
            using P = typename decltype(shape)::pack_type;
            using tile = columns_tile<P, decltype(extent), X, S>;
            X const* const asked_for = tiles_ahead != 0 ? x.data + j + tiles_ahead * P::size : nullptr;
            if constexpr (waits_in_output)
                if (x.rows > size / P::size)
                    return tile{x.data + j,   x.row_stride, y.data + j, y.row_stride, y.data + j,
                                y.row_stride, extent,       streams,    asked_for};
            return tile{x.data + j, x.row_stride, y.data + j, y.row_stride, stack, P::size, extent, streams, asked_for};
        };
        auto const lies_in_window = [&](auto shape, auto const& tile) SMX_OUTER_LAMBDA {
            return (tile.waiting == stack || static_cast<void const*>(x.data) != static_cast<void const*>(y.data)) &&
                   windows(kernel, [&](auto const& in_windows) SMX_OUTER_LAMBDA {
                       return in_windows.template tile_in_window<typename decltype(shape)::pack_type>(tile, x.rows,
                                                                                                      scale);
                   });
        };
        auto const map = [&](auto shape, std::size_t j, auto extent) SMX_NOINLINE_LAMBDA {
            using P = typename decltype(shape)::pack_type;
            auto tile = tile_at(shape, j, extent);
            if (lies_in_window(shape, tile)) [[likely]]
                return;
            auto const mapped = [&](auto const& read)
                                    SMX_OUTER_LAMBDA { return kernel.template tile<P>(read, x.rows, scale); };
            if constexpr (std::is_same_v<X, T>) {
                if (large && fits)
                    tile = tile.copied(x.rows);
                else
                    tile.asked_for = nullptr; // it is read again and again
                if (mapped(tile)) [[likely]]
                    return;
            } else if (mapped(tile.copied(x.rows))) [[likely]] {
                return;
            }
            map_columns_alone<V>(kernel, x, y, j, j + tile.columns(), scale);
        };
        if constexpr (weighs_in_windows<Kernel, V> && sizeof(V) == 64 && waits_in_output)
            if (!streams && rows_share_sets<V>(x)) {
                auto const map_wide = [&](std::size_t j) SMX_NOINLINE_LAMBDA {
                    algorithm::shape_of<wide> const shape;
                    return lies_in_window(shape, tile_at(shape, j, simd::whole{}));
                };
                for (; last - first >= wide::size; first += wide::size)
                    if (!map_wide(first)) by_tiles<V>(first, first + wide::size, map);
            }
        // A few elements of 16 bits are read piece by piece where registers have no masks: 1.2 times the time.
        bool const ends_in_pieces = !waits_in_output && sizeof(V) < 64 && last - first < simd::line<T>;
        if (waits_in_output || (fits && !ends_in_pieces)) {
            by_tiles<V>(first, last, map);
        } else {
            using line = simd::pack<V, simd::line_registers<V>>;
            if (x.rows <= size / line::size && !ends_in_pieces)
                algorithm::sweep<line>(first, last, map);
            else
                map_columns_alone<V>(kernel, x, y, first, last, scale);
        }
        if (streams) simd::finish_streams<V>(y.data);
    } else {
        map_columns_alone<V>(kernel, x, y, first, last, scale);
    }
}

} // namespace driver
SMX_END
