// SPDX-License-Identifier: BSL-1.0
// The rows of a selection: one by one, or, if they are short, as many at a time as a register has lanes
// (select_tile.hpp). A kernel has
//   row<V>(source, n, scale, w, i, k)        one row by itself
//   keys<V>(source, n, end, scale, keys)     what its elements are selected by, and -inf from n to end
//   selects_in_tiles(scale)                  true if many rows at a time are worth it
//   selects_elements(scale)                  true if these are the elements themselves
//   weighs_tiles()                           true if weights are a matter of the selected keys alone, or, if it
//   gathers_elements(),                      of the selected elements: element<V>(source, at, scale);
//   weigh_tile<V>(tile, k, scale)            these become the weights; false if some row must be taken by itself;
//   weigh<V>(source, n, scale, w, i, k)      elsewhere, the same for one row.
#pragma once

#include <smx/algorithm/select_tile.hpp>
#include <smx/driver/converted_rows.hpp>
#include <smx/driver/selection.hpp>

SMX_BEGIN
namespace driver {

/// The bytes of keys that wait on the stack: a router's 256 experts for 16 rows of floats.
inline constexpr std::size_t key_bytes = 16384;

/// The longest row whose elements are read from where they are: of 2,000 floats .28 to .43 of the time of one by one
/// (k = 2, 8), of 4,096 1.04 and .44.
inline constexpr std::size_t longest_selected_in_lanes = 2048;

/// True if the elements of these rows are keys, and need not be copied.
template <class T, class Kernel, class View>
SMX_OUTER bool selects_elements(Kernel const& kernel, View const&, algorithm::row_scale<T> const& scale) {
    return std::is_same_v<View, scores_view<T>> && kernel.selects_elements(scale);
}

/// The V::size rows from r on, of which with(r, f) calls f(source, n). Returns false if these are to be taken one by
/// one; w and i may have been written.
template <class V, class Kernel, class View, class With, class Index>
SMX_OUTER bool select_in_tile(Kernel const& kernel, View const& x, matrix_view<simd::element_of<V>> const& w,
                              matrix_view<Index> const& i, std::size_t r,
                              algorithm::row_scale<simd::element_of<V>> const& scale, With const& with) {
    using T = simd::element_of<V>;
    constexpr std::size_t most = algorithm::most_selected_in_lanes<T> * V::size;
    alignas(64) T keys[key_bytes / sizeof(T)], values[most], indices[most];
    std::size_t const n = x.x.cols, k = w.cols;
    T const* from = keys;
    std::size_t stride = n;
    if (selects_elements<T>(kernel, x, scale)) {
        if constexpr (std::is_same_v<View, scores_view<T>>) from = x.x.data + r * x.x.row_stride;
        stride = x.x.row_stride;
    } else {
        for (std::size_t row = 0; row != V::size; ++row)
            with(r + row, [&](auto const& source, std::size_t length)
                              SMX_OUTER_LAMBDA { kernel.template keys<V>(source, length, n, scale, keys + row * n); });
    }
    if (!algorithm::select_in_lanes<V>(from, stride, n, k, values, indices)) return false;
    auto const place = [&](std::size_t row, std::size_t j)
                           SMX_OUTER_LAMBDA { return static_cast<std::size_t>(indices[j * V::size + row]); };
    if (kernel.gathers_elements())
        for (std::size_t row = 0; row != V::size; ++row)
            with(r + row, [&](auto const& source, std::size_t) SMX_OUTER_LAMBDA {
                for (std::size_t j = 0; j != k; ++j)
                    values[j * V::size + row] = kernel.template element<V>(source, place(row, j), scale);
            });
    bool const weighed = kernel.weighs_tiles();
    if (weighed && !kernel.template weigh_tile<V>(stacked_tile<V>{values, values}, k, scale)) return false;
    simd::store_transposed<V>(w.data + r * w.row_stride, w.row_stride, k, values);
    for (std::size_t row = 0; row != V::size; ++row) {
        Index* const places = i.data + (r + row) * i.row_stride;
        for (std::size_t j = 0; j != k; ++j) places[j] = static_cast<Index>(place(row, j));
        if (!weighed)
            with(r + row, [&](auto const& source, std::size_t length) SMX_OUTER_LAMBDA {
                kernel.template weigh<V>(source, length, scale, w.data + (r + row) * w.row_stride, places, k);
            });
    }
    return true;
}

/// The rows from `first` to `last`. 8 of 64 floats take .08 of the time of one row after the other, 2 of 8 .07, 8 of
/// 256 .12 (AVX-512, zen4).
template <class V, class Kernel, class Index, class X, class... Parts>
SMX_NOINLINE void select_rows(Kernel const& kernel, scores_view<X, Parts...> const& x,
                              matrix_view<simd::element_of<V>> const& w, matrix_view<Index> const& i, double c,
                              std::size_t first, std::size_t last) {
    using T = simd::element_of<V>;
    std::size_t const ahead = prefetch_in(x.x);
    auto const alone = [&](std::size_t r) SMX_OUTER_LAMBDA {
        with_row<T>(x, r, ahead, c, [&](auto const& source, double factor) SMX_OUTER_LAMBDA {
            kernel.template row<V>(source, length_of(x, r), algorithm::row_scale<T>::of(factor),
                                   w.data + r * w.row_stride, i.data + r * i.row_stride, w.cols);
        });
    };
    if constexpr (simd::transposes<V>() && !scores_view<X, Parts...>::has_factors) {
        auto const scale = algorithm::row_scale<T>::of(factor_of_rows<T>(x, c));
        std::size_t const longest =
            selects_elements<T>(kernel, x, scale) ? longest_selected_in_lanes : key_bytes / sizeof(T) / V::size;
        auto const with = [&](std::size_t r, auto const& f) SMX_OUTER_LAMBDA {
            with_row<T>(x, r, ahead, c,
                        [&](auto const& source, double) SMX_OUTER_LAMBDA { f(source, length_of(x, r)); });
        };
        if (kernel.selects_in_tiles(scale) && w.cols <= algorithm::most_selected_in_lanes<T> && w.cols <= x.x.cols &&
            x.x.cols <= longest)
            for (; last - first >= V::size; first += V::size)
                if (!select_in_tile<V>(kernel, x, w, i, first, scale, with))
                    for (std::size_t r = first; r != first + V::size; ++r) alone(r);
    }
    for (; first != last; ++first) alone(first);
}

} // namespace driver
SMX_END
