// SPDX-License-Identifier: BSL-1.0
// Many short rows that are not read or written as they are: of 16-bit elements, with a bias, a mask or lengths. Some
// KiB of them at a time become rows of T on the stack, which are taken like any others, and what was asked for. The
// same bits: this is what they are computed in, one by one as well, and -inf behind a row adds nothing.
#pragma once

#include <smx/algorithm/sweep.hpp>
#include <smx/driver/row_tiles.hpp>
#include <smx/driver/short_rows.hpp>

SMX_BEGIN
namespace driver {

/// Rows without factors of their own that have a bias, a mask or lengths, or of which elements or results are of 16
/// bits, by a kernel that takes many at a time.
template <class V, class Kernel, class S, class View> inline constexpr bool can_be_converted = false;
template <class V, class Kernel, class S, class X, class... Parts>
inline constexpr bool can_be_converted<V, Kernel, S, scores_view<X, Parts...>> =
    takes_short_rows<Kernel>&& simd::transposes<V>() &&
    (half_element<S> || std::is_same_v<S, simd::element_of<V>>)&&(half_element<X> || half_element<S> ||
                                                                  scores_view<X, Parts...>::has_bias ||
                                                                  scores_view<X, Parts...>::has_mask ||
                                                                  scores_view<X, Parts...>::has_lengths) &&
    !scores_view<X, Parts...>::has_factors;

/// The longest of them. With lengths, one by one reads less; nor are they taken in registers, which would triple what
/// is compiled: of 4, 8, 16, 20 and 24 floats, half of each on the average, rows take .60, .69, .85, .95 and .99 of the
/// time, almost whole ones .48, .66, .83, .82 and .92 (AVX-512, zen4).
template <class T, class View>
inline constexpr std::size_t longest_converted = View::has_lengths ? short_row<T> / 2 : short_row<T>;

/// The bytes that wait on the stack, in L1 with what they come from.
inline constexpr std::size_t converted_bytes = 16384;

/// The factor that is left to apply to rows that were read so: a bias has seen it, a mask takes none of 0.
template <class T, class X, class... Parts>
SMX_OUTER double factor_of_rows(scores_view<X, Parts...> const& x, double c) {
    double factor = c;
    with_row<T>(x, 0, 0, c, [&](auto const&, double left) { factor = left; });
    return factor;
}

/// rows[r n + i] = value(length) for the elements behind the ends of rows.
template <class View, class T, class F>
SMX_OUTER void fill_beyond_lengths([[maybe_unused]] View const& x, [[maybe_unused]] T* rows,
                                   [[maybe_unused]] F const& value) {
    if constexpr (View::has_lengths)
        for (std::size_t r = 0; r != x.x.rows; ++r) {
            std::size_t const length = length_of(x, r), n = x.x.cols;
            for (std::size_t i = length; i != n; ++i) rows[r * n + i] = value(length);
        }
}

/// The rows x as they are computed in, without gaps; `hidden` behind the ends of those that are shorter.
template <class V, class T, class X, class... Parts>
SMX_OUTER void read_rows(scores_view<X, Parts...> const& x, double c, [[maybe_unused]] T hidden, T* rows) {
    auto const read = [&](scores_view<X, Parts...> const& from, std::size_t r, std::size_t n, T* to) SMX_OUTER_LAMBDA {
        with_row<T>(from, r, 0, c, [&](auto const& source, double) SMX_OUTER_LAMBDA {
            using P = algorithm::pack_for<std::remove_cvref_t<decltype(source)>, V>;
            algorithm::sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                using Part = typename decltype(shape)::pack_type;
                simd::store(to + offset, source.template load<Part>(offset, extent, V(T(0))), extent);
            });
        });
    };
    // As one long row, if none of them has gaps; what is behind a length is not read.
    scores_view<X, Parts...> all = x;
    bool packed = !scores_view<X, Parts...>::has_lengths;
    auto const join = [&](auto& matrix) SMX_OUTER_LAMBDA {
        packed = packed && matrix.rows == x.x.rows && matrix.row_stride == x.x.cols;
        matrix.cols *= matrix.rows;
        matrix.rows = 1;
    };
    join(all.x);
    if constexpr (scores_view<X, Parts...>::has_bias) join(all.bias);
    if constexpr (scores_view<X, Parts...>::has_mask) join(all.mask);
    if (packed) return read(all, 0, all.x.cols, rows);
    for (std::size_t r = 0; r != x.x.rows; ++r) read(x, r, length_of(x, r), rows + r * x.x.cols);
    driver::fill_beyond_lengths(x, rows, [&](std::size_t) { return hidden; });
}

/// `count` of the rows, from r on.
template <class X, class... Parts>
SMX_OUTER scores_view<X, Parts...> some_rows(scores_view<X, Parts...> x, std::size_t r, std::size_t count) {
    auto const take = [&](auto& matrix) SMX_OUTER_LAMBDA {
        if (matrix.rows == 1) return; // that of every row
        matrix.data += r * matrix.row_stride;
        matrix.rows = count;
    };
    take(x.x);
    if constexpr (scores_view<X, Parts...>::has_bias) take(x.bias);
    if constexpr (scores_view<X, Parts...>::has_mask) take(x.mask);
    if constexpr (scores_view<X, Parts...>::has_lengths) {
        if constexpr (requires { x.length.first; })
            x.length.first = (x.length.first < x.x.cols ? x.length.first : x.x.cols) + r;
        else
            x.length = x.length.subspan(r);
    }
    return x;
}

/// y = the rows.
template <class V, class T, class S> SMX_OUTER void write_rows(T const* rows, matrix_view<S> const& y) {
    bool const packed = y.row_stride == y.cols;
    std::size_t const count = packed ? 1 : y.rows, n = packed ? y.rows * y.cols : y.cols;
    for (std::size_t r = 0; r != count; ++r)
        algorithm::sweep<simd::pack<V>>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            using Part = typename decltype(shape)::pack_type;
            auto const v = simd::load_pack<Part>(rows + r * n + offset, extent, V(T(0)));
            simd::store(y.data + r * y.row_stride + offset, v, extent);
        });
}

/// The rows from `first` on, of at most longest_converted elements; one_by_one(begin, end) takes rows that no tile
/// does. Rows of 2, 4, 10, 16 and 32 bfloat16 take .08, .09, .26, .36 and .64 of the time (AVX2 .07, .08, .17, .55,
/// .71); 64 would take .9 to 1; of 8, 16 and 48 floats with a bias .02 to .09, .08 to .37 and .46, with a mask .03 to
/// .12, .43 and .69. Returns the row where it ends: where they fill no register.
template <class V, class Kernel, class S, class X, class... Parts, class OneByOne>
SMX_NOINLINE std::size_t map_converted_rows(Kernel const& kernel, scores_view<X, Parts...> const& x,
                                            matrix_view<S> const& y, double c, std::size_t first, std::size_t last,
                                            OneByOne const& one_by_one) {
    using T = simd::element_of<V>;
    alignas(64) T waiting[converted_bytes / sizeof(T)];
    std::size_t const n = x.x.cols, most = converted_bytes / sizeof(T) / n / V::size * V::size;
    double const factor = factor_of_rows<T>(x, c);
    // Of -inf behind a row 0 would make NaN.
    if (scores_view<X, Parts...>::has_lengths && factor == 0) return first;
    T const hidden = factor > 0 ? -simd::infinity<T> : simd::infinity<T>;
    auto const scale = algorithm::row_scale<T>::of(factor);
    constexpr bool in_stacks = scores_view<X, Parts...>::has_lengths,
                   has_row_tiles = !in_stacks && can_be_row_tiles<V, Kernel, T, scores_view<T>>;
    [[maybe_unused]] bool in_row_tiles = false;
    if constexpr (has_row_tiles) in_row_tiles = may_be_row_tiles<V>(n, scale);
    while (last - first >= V::size) {
        std::size_t const some = last - first < most ? (last - first) / V::size * V::size : most;
        driver::read_rows<V>(some_rows(x, first, some), c, hidden, waiting);
        matrix_view<T> const rows(waiting, some, n);
        for (std::size_t done = 0; done != some;) {
            std::size_t const begin = done;
            if constexpr (has_row_tiles)
                if (in_row_tiles && some - done >= 2 * V::size)
                    done = map_row_tiles<V>(kernel, matrix_view<T const>(rows), rows, done, some, scale.k);
            if constexpr (in_stacks)
                done = map_stacked_rows<V>(kernel, matrix_view<T const>(rows), rows, done, some, scale);
            else
                done = map_short_rows<V>(kernel, matrix_view<T const>(rows), rows, done, some, scale);
            driver::fill_beyond_lengths( // beside a NaN, too
                some_rows(x, first + begin, done - begin), waiting + begin * n, [&](std::size_t length) {
                    return length != 0 ? Kernel::template hidden<T> : kernel.template of_nothing<T>();
                });
            driver::write_rows<V>(
                static_cast<T const*>(waiting) + begin * n,
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
