// SPDX-License-Identifier: BSL-1.0
// Rows of a few lines, as many at a time as a register has lanes: each in registers of its own, and what is one number
// of each row in the lanes of one register (row_tile.hpp).
#pragma once

#include <smx/algorithm/row_tile.hpp>
#include <smx/driver/short_rows.hpp>

SMX_BEGIN
namespace driver {

/// The most lines of such a row. Against tiles of columns, and registers for each row by itself, rows of 16, 32, 48 and
/// 64 floats take .80, .60, .60 and .78 of the time (AVX-512, zen5; clang++ .70, .51, .60, .77), with registers of 32
/// bytes .77, .78 and .88 (.73, .75, .83), and 64 1.2; from beyond the caches .82 to 1.0.
template <class V> inline constexpr std::size_t most_lines_of_tile = sizeof(V) == 64 ? 4 : 3;

/// Rows of nothing but T, from which results of T are made, by a kernel that has a plain finish and may choose.
template <class V, class Kernel, class S, class View>
inline constexpr bool can_be_row_tiles = can_be_short<V, Kernel, S, View>&& takes_registers<Kernel>&&
algorithm::has_row_tiles<V>();
/// Rows that end within their last line as well, from `few` more than a line on: .52 to .97 of the time with AVX-512;
/// on Zen 4 17 floats 1.19, 20 1.13, 22 1.02, 31 .73. With registers of 32 bytes, which have a last line moved in six
/// operations, 17 floats 1.05, 20 .98.
template <class V> SMX_INLINE bool fills_row_tiles(std::size_t n) {
    constexpr std::size_t line = simd::line<simd::element_of<V>>;
    std::size_t const few = sizeof(V) != 64 ? 4 : algorithm::halves_registers() ? 6 : 1;
    return n == line || (n >= line + few && n <= most_lines_of_tile<V> * line);
}

/// True if rows of n elements are tried so, with this factor.
template <class V>
SMX_INLINE bool may_be_row_tiles(std::size_t n, algorithm::row_scale<simd::element_of<V>> const& scale) {
    return fills_row_tiles<V>(n) && scale.ordinary && math::has_exp_windows(scale.k);
}
/// True if these rows are.
template <class V, class T>
SMX_INLINE bool may_be_row_tiles(matrix_view<T const> const& x, algorithm::row_scale<T> const& scale) {
    return may_be_row_tiles<V>(x.cols, scale) &&
           (x.cols < 2 * simd::line<T> || !algorithm::is_read_row_by_row<T>(neighbours_in(x)));
}

/// The rows from `first` on, the first `Whole` of whose lines are whole, with a factor that has windows. Returns the
/// row where it ends: at rows that do not lie in their windows, or that fill no register.
template <class V, class Kernel, class T, std::size_t Lines = 1, std::size_t Whole = Lines>
SMX_NOINLINE std::size_t map_row_tiles(Kernel const& kernel, matrix_view<T const> const& x, matrix_view<T> const& y,
                                       std::size_t first, std::size_t last, math::exp_scale<T> k) {
    if constexpr (Whole == Lines && Lines < most_lines_of_tile<V>)
        if (x.cols > Lines * simd::line<T>) return map_row_tiles<V, Kernel, T, Lines + 1>(kernel, x, y, first, last, k);
    if constexpr (Whole == Lines && Lines > 1)
        if (x.cols < Lines * simd::line<T>)
            return map_row_tiles<V, Kernel, T, Lines, Lines - 1>(kernel, x, y, first, last, k);
    using accuracy = typename Kernel::accuracy;
    std::size_t const ahead = prefetch_in(x);
    auto const finish = kernel.finish;
    algorithm::lines_of_row<V, Lines, Whole> const lines(x.cols);
    algorithm::row_tile<V, Lines> tiles[2]; // one is weighed before the other is written, which waits for its sums
    algorithm::row_references<V> references[2];
    if (last - first >= V::size) references[first / V::size % 2].find(x.data + first * x.row_stride, x.row_stride, k);
    for (bool waits = false;; waits = true, first += V::size) {
        T const* const from = x.data + first * x.row_stride;
        T* const to = y.data + first * y.row_stride;
        auto &found = tiles[first / V::size % 2], &waiting = tiles[(first / V::size + 1) % 2];
        bool weighed = last - first >= V::size;
        if (waits) algorithm::invert_row_tile<accuracy>(waiting);
        if (weighed) {
            if constexpr (!algorithm::prefetched_by_rows<Lines>) prefetch_rows<V>(from, to, x.row_stride, ahead);
            if (last - first >= 2 * V::size)
                references[(first / V::size + 1) % 2].find(from + V::size * x.row_stride, x.row_stride, k);
            weighed = algorithm::weigh_row_tile<accuracy>(found, from, x.row_stride, ahead, lines, k,
                                                          references[first / V::size % 2]);
        }
        if (waits)
            algorithm::write_row_tile<accuracy>(waiting, to - V::size * y.row_stride, y.row_stride,
                                                ahead != 0 ? ahead + V::size * y.row_stride : 0, lines, finish);
        if (!weighed) return first;
    }
}

} // namespace driver
SMX_END
