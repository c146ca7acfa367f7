// SPDX-License-Identifier: BSL-1.0
// An operator is a kernel: kernel.row<V>(source, sink, n, scale) for one row of n > 0 elements; hidden<T>, what an
// element becomes that is masked; of_nothing<T>(), what a row of no elements becomes; and, if results leave in another
// form, encoded(sink). It may also take
//   tiles of columns: tile<P>(tile, n, scale), which returns false, and writes nothing, if a column must be taken
//   alone, with tiles_are_short if that is so of all long ones; alone<V>(source, sink, n, scale) for such a column, if
//   that is not row; many short rows as columns: the same, and weigh_registers(found, x, n, scale),
//   invert_registers(inverse, found) and results_in_registers(found, inverse, x) for an array x of registers; both in
//   windows, if weighs_in_windows<V>: tile_in_window and weigh_registers_in_window(found, x, n, scale, guess), which
//   leave x as it is where they return false; tiles of short rows in halves, if there is a half_done<V>:
//   first_half_of_tile(found, tile, n, scale), value_of(found), second_half_of_tile(found, value, tile, n, scale); a
//   row on all threads: row<V>(execution, source, sink, n, scale); rows in turns: row<V>(source, sink, n, scale,
//   turns), which hands its second half, finish_row(exponent, sum, normal, sink, n), to turns.finish; rows of a matrix,
//   of up to longest_together<V> elements, in a loop of its own: rows_together<V>( kernel, x, y, first, last, scale),
//   which returns the row where it ends, and row_in_memory<V>(source, sink, n, scale, turns), if that is not row, for
//   those that it leaves out; of those, with a plain finish (takes_registers), as many at a time as a register has
//   lanes, by its `finish` and `accuracy` alone (row_tiles.hpp); rows past the caches, if may_stream<V, X, Y>:
//   stream_row(exponent, sum, normal, weights, y, n), which finishes one, and plain_row_weighed_again<V>(source, sink,
//   n, c) for long ones.
#pragma once

#include <smx/algorithm/normalize.hpp>

SMX_BEGIN
namespace driver {

/// What becomes of a row that has no -inf but a mask, a bias or a length: zeros, unless told otherwise.
template <class X> constexpr masked policy_for(masked wanted) {
    if (wanted != masked::by_argument) return wanted;
    if constexpr (requires { X::may_mask; }) return X::may_mask ? masked::zeros : masked::nan;
    return masked::nan;
}

template <class Kernel> inline constexpr bool takes_tiles = requires { requires Kernel::takes_tiles; };
/// True if tiles take columns of every length: then those that none takes are rare.
template <class Kernel> inline constexpr bool takes_tall_tiles = takes_tiles<Kernel> && !requires {
    requires Kernel::tiles_are_short;
};
template <class Kernel> inline constexpr bool takes_short_rows = requires { requires Kernel::takes_short_rows; };
/// True if tiles and registers of short rows are tried in windows (exp_window.hpp) first, and if so, with this scale.
template <class Kernel, class V> inline constexpr bool weighs_in_windows = requires {
    requires Kernel::template weighs_in_windows<V>;
};
/// Whether the next tile is tried so: if this scale has windows, but not one of the `few` after a tile that was
/// outside.
template <class Kernel, class V> class tries_windows {
    static constexpr int few = 8;
    bool all;
    int not_these = 0;

public:
    SMX_OUTER explicit tries_windows(algorithm::row_scale<simd::element_of<V>> const& scale) : all(false) {
        if constexpr (weighs_in_windows<Kernel, V>) all = scale.ordinary && math::has_exp_windows(scale.k);
    }
    /// try_one(kernel), if one is tried.
    template <class F> SMX_OUTER bool operator()([[maybe_unused]] Kernel const& kernel, F const& try_one) {
        if constexpr (weighs_in_windows<Kernel, V>) {
            if (not_these != 0) [[unlikely]] {
                --not_these;
            } else if (all) [[likely]] {
                if (try_one(kernel)) [[likely]]
                    return true;
                not_these = few;
            }
        }
        return false;
    }
};
/// How many rows of a matrix are weighed alike before another way is tried. Rows that gaps divide take 1.05 times as
/// long with 8 as with 16, and .98 with 32; but an ordinary row that follows one of them is slow for as many.
inline constexpr std::size_t rows_of_a_kind = 16;
template <class Kernel> inline constexpr bool takes_registers = requires { requires Kernel::takes_registers; };
template <class Kernel, class V, class Sink> inline constexpr bool takes_turns = requires {
    requires Kernel::template takes_turns<V, Sink>;
};
template <class Kernel, class V, class X, class Y> inline constexpr bool may_stream = requires {
    requires Kernel::template may_stream<V, X, Y>;
};
template <class Kernel> inline constexpr bool shares_rows = requires { requires Kernel::shares_rows; };

/// Bases of kernels whose results are weights,
struct weights_kernel {
    masked fully_masked;
    template <class T> static constexpr T hidden = T(0);
    template <class T> T of_nothing() const { return algorithm::value_without_weights<T>(0, fully_masked); }
};
/// logs of weights,
struct logs_kernel {
    masked fully_masked;
    template <class T> static constexpr T hidden = -simd::infinity<T>;
    template <class T> T of_nothing() const {
        return fully_masked == masked::zeros ? -simd::infinity<T> : simd::quiet_nan<T>;
    }
};
/// or functions of one element each.
struct elements_kernel {
    template <class T> static constexpr T hidden = T(0);
    template <class T> T of_nothing() const { return T(0); }
};

/// What the results of a kernel go through: kernel.encoded(sink), if it has that.
template <class Kernel, class Sink> SMX_OUTER auto sink_of(Kernel const& kernel, Sink const& sink) {
    if constexpr (requires { kernel.encoded(sink); })
        return kernel.encoded(sink);
    else
        return sink;
}

} // namespace driver
SMX_END
