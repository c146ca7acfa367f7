// SPDX-License-Identifier: BSL-1.0
// Many short rows of 16-bit elements: some KiB of them at a time become floats on the stack, which are taken like any
// others, and 16 bits again. The same bits: whatever is not float is computed in float.
#pragma once

#include <smx/algorithm/sweep.hpp>
#include <smx/driver/row_tiles.hpp>
#include <smx/driver/short_rows.hpp>

SMX_BEGIN
namespace driver {

/// Rows of nothing but elements, of which some, or some results, are of 16 bits, by a kernel that takes many at a time.
template <class V, class Kernel, class S, class X, class View>
inline constexpr bool can_be_converted =
    takes_short_rows<Kernel>&& simd::transposes<V>() && std::is_same_v<View, scores_view<X>> &&
    (half_element<X> || half_element<S>)&&(half_element<S> || std::is_same_v<S, simd::element_of<V>>);

/// The floats that wait on the stack, in L1 with what they come from.
inline constexpr std::size_t converted_at_once = 4096;

/// to = from, element by element, rows by rows.
template <class V, class A, class B>
SMX_OUTER void convert_rows(matrix_view<A const> const& from, matrix_view<B> const& to) {
    using P = simd::pack<V>;
    bool const packed = from.row_stride == from.cols && to.row_stride == to.cols;
    std::size_t const rows = packed ? 1 : from.rows, n = packed ? from.rows * from.cols : from.cols;
    for (std::size_t r = 0; r != rows; ++r) {
        row_source<A> const source{from.data + r * from.row_stride};
        row_sink<B> const sink{to.data + r * to.row_stride};
        algorithm::sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            using Part = typename decltype(shape)::pack_type;
            sink.store(offset, source.template load<Part>(offset, extent, V(0.0F)), extent);
        });
    }
}

/// The rows from `first` on, of at most short_row<float> elements; one_by_one(begin, end) takes rows that no tile does.
/// Rows of 2, 4, 10, 16 and 32 bfloat16 take .08, .09, .26, .36 and .64 of the time (AVX2 .07, .08, .17, .55, .71); 64
/// would take .9 to 1. Returns the row where it ends: where they fill no register.
template <class V, class Kernel, class X, class S, class OneByOne>
SMX_NOINLINE std::size_t map_converted_rows(Kernel const& kernel, matrix_view<X const> const& x,
                                            matrix_view<S> const& y, std::size_t first, std::size_t last,
                                            algorithm::row_scale<float> const& scale, OneByOne const& one_by_one) {
    alignas(64) float floats[converted_at_once];
    std::size_t const n = x.cols, most = converted_at_once / n / V::size * V::size;
    [[maybe_unused]] bool in_row_tiles = false;
    if constexpr (can_be_row_tiles<V, Kernel, float, scores_view<float>>) in_row_tiles = may_be_row_tiles<V>(n, scale);
    while (last - first >= V::size) {
        std::size_t const some = last - first < most ? (last - first) / V::size * V::size : most;
        matrix_view<float> const rows(floats, some, n);
        driver::convert_rows<V>(matrix_view<X const>(x.data + first * x.row_stride, some, n, x.row_stride), rows);
        for (std::size_t done = 0; done != some;) {
            std::size_t const begin = done;
            if constexpr (can_be_row_tiles<V, Kernel, float, scores_view<float>>)
                if (in_row_tiles && some - done >= 2 * V::size)
                    done = map_row_tiles<V>(kernel, matrix_view<float const>(rows), rows, done, some, scale.k);
            done = map_short_rows<V>(kernel, matrix_view<float const>(rows), rows, done, some, scale);
            driver::convert_rows<V>(
                matrix_view<float const>(floats + begin * n, done - begin, n),
                matrix_view<S>(y.data + (first + begin) * y.row_stride, done - begin, n, y.row_stride));
            if (done == some) break;
            one_by_one(first + done, first + done + V::size);
            done += V::size;
        }
        first += some;
    }
    return first;
}

} // namespace driver
SMX_END
