// SPDX-License-Identifier: BSL-1.0
// Many short rows: as many as a register has lanes at a time, transposed into a tile of columns and back.
// Bits are those of a row, as for columns. One design for every length up to the limit, and no masked stores.
#pragma once

#include <smx/algorithm/short_tile.hpp>
#include <smx/driver/row.hpp>
#include <smx/driver/scored_row.hpp>
#include <smx/driver/stacked_tile.hpp>
#include <smx/simd/transpose.hpp>

SMX_BEGIN
namespace driver {

/// Rows of nothing but T, from which results of T are made, by a kernel that takes many at a time.
template <class V, class Kernel, class S, class View>
inline constexpr bool
    can_be_short = takes_short_rows<Kernel>&& simd::transposes<V>() &&
                   std::is_same_v<View, scores_view<simd::element_of<V>>>&& std::is_same_v<S, simd::element_of<V>>;

/// f(i, width) for the slices of a row of n elements that takes N registers, N - slice < n <= N.
template <class T, std::size_t N, class F> SMX_INLINE void by_slices(std::size_t n, F const& f) {
    constexpr std::size_t slice = simd::slice<T>;
    std::size_t const last = n - (N - slice); // elements of the last slice
    simd::unroll<N / slice>([&](std::size_t s) SMX_INLINE_LAMBDA { f(slice * s, s + 1 == N / slice ? last : slice); });
}

/// The columns of a register of rows of n elements, N - slice < n <= N; packed: rows of N, without gaps.
template <class V, std::size_t N, bool Packed, class T>
SMX_OUTER void load_rows(V (&tile)[N], T const* x, std::size_t stride, std::size_t n) {
    if constexpr (Packed)
        simd::load_packed_rows(x, tile);
    else
        by_slices<T, N>(n, [&](std::size_t i, std::size_t width)
                               SMX_INLINE_LAMBDA { simd::load_slices(x + i, stride, width, tile + i); });
}
template <class V, std::size_t N, bool Packed, class T>
SMX_OUTER void store_rows(T* y, std::size_t stride, std::size_t n, V const (&tile)[N]) {
    if constexpr (Packed)
        simd::store_packed_rows(y, tile);
    else
        by_slices<T, N>(n, [&](std::size_t i, std::size_t width)
                               SMX_INLINE_LAMBDA { simd::store_slices(y + i, stride, width, tile + i); });
}

/// The rows from `first` on, of at most N elements, a register of rows at a time in N registers. What waits is begun
/// early: a tile is loaded when the one before it has been weighed, and written, its sums inverted meanwhile, when the
/// next one has been. With nothing ahead but the weights of the next tile, rows of 4, 8, 10 and 15 floats take 1.35 to
/// 1.45, 1.2, 1.25 and 1.3 to 1.4 times as long (zen5). Tiles of two slices, or three, are copied meanwhile; of larger
/// ones, which do not stay in registers, there are two that take turns: 12 floats .93 to .97 (AVX2), 16 .85 to .99.
/// Returns the row where it ends: at rows that a tile cannot take, or that fill no register. Views and scale by value:
/// results could be what a reference refers to.
template <class V, std::size_t N, class Kernel, class T, class Length>
SMX_OUTER std::size_t map_rows_in_registers(Kernel const& kernel, matrix_view<T const> x, matrix_view<T> y,
                                            std::size_t first, std::size_t last, algorithm::row_scale<T> scale,
                                            Length n) {
    constexpr bool copied = N <= (sizeof(V) == 64 ? 3 : 2) * simd::slice<T>,
                   packed = !std::is_same_v<Length, std::size_t>;
    std::size_t const ahead = prefetch_in(x);
    tries_windows<Kernel, V> windows(scale);
    algorithm::short_tile<V, N> tiles[2];
    algorithm::short_tile_inverse<V> inverse;
    algorithm::reference<V> guess{false, V(T(0))};
    V next[N], results[N];
    auto const load = [&](std::size_t row) SMX_OUTER_LAMBDA {
        if (last - row < V::size) return false;
        // Opaque, or g++ keeps the address of each row, and adds to all of them.
        T const* const from = x.data + simd::barrier(row * x.row_stride);
        prefetch_rows<V>(from, y.data + row * y.row_stride, x.row_stride, ahead);
        load_rows<V, N, packed>(next, from, x.row_stride, n);
        if constexpr (weighs_in_windows<Kernel, V>) guess = algorithm::guess_of_lanes(next[0], scale.k);
        return true;
    };
    bool loaded = load(first);
    for (bool waits = false;; waits = true, first += V::size) {
        std::size_t const turn = copied ? 0 : first / V::size % 2;
        auto &found = tiles[turn], &waiting = tiles[1 - turn];
        if (waits) kernel.invert_registers(inverse, waiting);
        bool weighed = loaded && windows(kernel, [&](auto const& in_windows) SMX_OUTER_LAMBDA {
                           return in_windows.weigh_registers_in_window(found, next, n, scale, guess);
                       });
        weighed = weighed || (loaded && kernel.weigh_registers(found, next, n, scale));
        if (weighed) loaded = load(first + V::size);
        if (waits) {
            kernel.results_in_registers(waiting, inverse, results);
            T* const to = y.data + simd::barrier((first - V::size) * y.row_stride);
            store_rows<V, N, packed>(to, y.row_stride, n, results);
        }
        if (!weighed) return first;
        if constexpr (copied) waiting = found;
    }
}

/// The rows from `first` on, of at most short_row elements, as tiles on the stack, whatever their length.
template <class V, class Kernel, class T>
SMX_NOINLINE std::size_t map_stacked_rows(Kernel const& kernel, matrix_view<T const> const& x, matrix_view<T> const& y,
                                          std::size_t first, std::size_t last, algorithm::row_scale<T> const& scale) {
    if constexpr (takes_tiles_in_halves<Kernel, V>) return map_stacked_in_halves<V>(kernel, x, y, first, last, scale);
    std::size_t const ahead = prefetch_in(x);
    tries_windows<Kernel, V> windows(scale);
    for (; last - first >= V::size; first += V::size) {
        T const* const from = x.data + first * x.row_stride;
        T* const to = y.data + first * y.row_stride;
        prefetch_rows<V>(from, to, x.row_stride, ahead);
        if (!map_stacked<V>(kernel, from, x.row_stride, to, y.row_stride, x.cols, scale, windows)) break;
    }
    return first;
}

/// The same, in registers as far as that is worth it.
template <class V, class Kernel, class T, std::size_t N = simd::slice<T>>
SMX_NOINLINE std::size_t map_short_rows(Kernel const& kernel, matrix_view<T const> const& x, matrix_view<T> const& y,
                                        std::size_t first, std::size_t last, algorithm::row_scale<T> const& scale) {
    if constexpr (takes_registers<Kernel> && N <= register_row<T>) {
        if (x.cols > N) return map_short_rows<V, Kernel, T, N + simd::slice<T>>(kernel, x, y, first, last, scale);
        if constexpr (simd::loads_packed_rows<V, N>())
            if (x.cols == N && x.row_stride == N && y.row_stride == N)
                return map_rows_in_registers<V, N>(kernel, x, y, first, last, scale,
                                                   std::integral_constant<std::size_t, N>());
        return map_rows_in_registers<V, N>(kernel, x, y, first, last, scale, x.cols);
    }
    return map_stacked_rows<V>(kernel, x, y, first, last, scale);
}

} // namespace driver
SMX_END
