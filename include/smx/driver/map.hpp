// SPDX-License-Identifier: BSL-1.0
// From views to rows: the one place where an operator meets rows, strides, columns, masks, lengths and element types.
//
// An operator is a kernel (kernel.hpp).
#pragma once

#include <smx/driver/across.hpp>
#include <smx/driver/checks.hpp>
#include <smx/driver/converted_rows.hpp>
#include <smx/driver/leading.hpp>
#include <smx/driver/register_rows.hpp>
#include <smx/driver/row_tiles.hpp>
#include <smx/driver/scored_row.hpp>
#include <smx/driver/share.hpp>
#include <smx/driver/short_rows.hpp>
#include <smx/driver/turns.hpp>

SMX_BEGIN
namespace driver {

/// Row r: run(source, sink, n, scale), where it has elements.
template <class V, class Kernel, class S, class X, class... Parts, class Run>
SMX_OUTER void map_row(Kernel const& kernel, scores_view<X, Parts...> const& x, matrix_view<S> const& y, std::size_t r,
                       double c, algorithm::row_scale<simd::element_of<V>> const& scale, Run const& run) {
    using T = simd::element_of<V>;
    using view = scores_view<X, Parts...>;
    constexpr bool varies = view::has_factors || view::has_bias || view::has_mask;
    std::size_t const ahead = prefetch_in(x.x), n = length_of(x, r);
    auto const to = sink_of(kernel, row_sink<S>{y.data + r * y.row_stride, y.row_stride != 0 ? ahead : 0});
    if (n != 0)
        with_row<T>(x, r, ahead, c, [&](auto const& source, [[maybe_unused]] double factor) SMX_OUTER_LAMBDA {
            if constexpr (varies)
                run(source, to, n, algorithm::row_scale<T>::of(factor));
            else
                run(source, to, n, scale);
        });
    if constexpr (view::has_lengths)
        if (n != x.x.cols)
            algorithm::fill<V>(to.beyond(n), x.x.cols - n,
                               n != 0 ? Kernel::template hidden<T> : kernel.template of_nothing<T>());
}

/// Rows of nothing but elements are taken in a loop of the kernel's own if they are no longer than this.
template <class V, class Kernel, class View> inline constexpr std::size_t longest_together = 0;
template <class V, class Kernel, class X>
requires requires { Kernel::template longest_together<V>; }
inline constexpr std::size_t longest_together<V, Kernel, scores_view<X>> = Kernel::template longest_together<V>;

/// Rows of nothing but elements that the kernel writes past the caches if it is worth it.
template <class V, class Kernel, class S, class View> inline constexpr bool streams_plain_rows = false;
template <class V, class Kernel, class S, class X>
inline constexpr bool streams_plain_rows<V, Kernel, S, scores_view<X>> = may_stream<Kernel, V, X, S>;

/// The rows from `first` to `last`.
template <class V, class Kernel, class S, class X, class... Parts>
SMX_NOINLINE void map_rows(Kernel const& kernel, scores_view<X, Parts...> const& x, matrix_view<S> const& y, double c,
                           std::size_t first, std::size_t last) {
    auto const scale = algorithm::row_scale<simd::element_of<V>>::of(c);
    using sink = decltype(sink_of(kernel, row_sink<S>{}));
    using view = scores_view<X, Parts...>;
    constexpr bool by_turns = takes_turns<Kernel, V, sink>;
    constexpr std::size_t longest = longest_together<V, Kernel, view>;
    [[maybe_unused]] std::conditional_t<by_turns, turns<Kernel, V, sink>, at_once<Kernel, V>> order(
        kernel, algorithm::leaves_cache<X>(neighbours_in(x.x)));
    auto const run = [&](auto const& source, auto const& to, std::size_t n, auto const& s) SMX_OUTER_LAMBDA {
        if constexpr (longest != 0 && requires { kernel.template row_in_memory<V>(source, to, n, s, order); })
            kernel.template row_in_memory<V>(source, to, n, s, order);
        else if constexpr (by_turns)
            kernel.template row<V>(source, to, n, s, order);
        else
            kernel.template row<V>(source, to, n, s);
    };
    constexpr bool from_scratch = by_turns && streams_plain_rows<V, Kernel, S, view>;
    bool const past_caches = longest != 0 && streams_rows<V>(x.x, y, longest_outside_window<V>),
               streams = from_scratch && past_caches;
    // Streamed rows are weighed here, as the only rows of a matrix, so that the code is that of all others.
    [[maybe_unused]] alignas(64) S scratch[from_scratch ? scratch_length : 1];
    matrix_view<S> const where_weights_wait = streams ? matrix_view<S>(scratch, y.rows, y.cols, 0) : y;
    [[maybe_unused]] std::size_t next_together = first;
    auto const one_by_one = [&](std::size_t end) SMX_OUTER_LAMBDA {
        while (first != end) {
            if constexpr (longest != 0)
                if (x.x.cols <= longest && first >= next_together) {
                    first = Kernel::template rows_together<V>(kernel, x.x, y, first, end, scale);
                    next_together = x.x.cols > longest_outside_window<V> ? first + rows_of_a_kind : first;
                }
            if (first == end) break;
            if constexpr (from_scratch) {
                if (streams && x.x.cols > scratch_length) {
                    kernel.template plain_row_weighed_again<V>(
                        row_source<X>{x.x.data + first * x.x.row_stride, prefetch_in(x.x)},
                        matrix_sink<V>(y.data + first * y.row_stride, streams), x.x.cols, c);
                    ++first;
                    continue;
                }
                if (streams) order.begin_streamed(y.data + first * y.row_stride);
            }
            map_row<V>(kernel, x, where_weights_wait, first, c, scale, run);
            if constexpr (from_scratch)
                if (streams) order.end_streamed(scratch, x.x.cols);
            ++first;
        }
    };
    if constexpr (can_be_converted<V, Kernel, S, view>)
        if (x.x.cols <= longest_converted<simd::element_of<V>, view> && x.x.cols > 1)
            first = map_converted_rows<V>(kernel, x, y, c, first, last, [&](std::size_t begin, std::size_t end) {
                first = begin;
                one_by_one(end);
            });
    [[maybe_unused]] bool in_row_tiles = false;
    if constexpr (longest != 0 && can_be_row_tiles<V, Kernel, S, view>)
        in_row_tiles = last - first >= 2 * V::size && !past_caches && may_be_row_tiles<V>(x.x, scale);
    do {
        std::size_t end = last;
        if constexpr (longest != 0 && can_be_row_tiles<V, Kernel, S, view>)
            if (in_row_tiles && last - first >= 2 * V::size) {
                first = map_row_tiles<V>(kernel, x.x, y, first, last, scale.k);
                // After rows that do not lie in their windows the next ones are not tried.
                if (last - first > rows_of_a_kind * V::size) end = first + rows_of_a_kind * V::size;
            }
        if constexpr (can_be_short<V, Kernel, S, view>)
            if (x.x.cols <= short_row<X> && x.x.cols > 1 && !(longest != 0 && prefers_registers<V, Kernel>(x.x)))
                while (end - first >= V::size) {
                    first = map_short_rows<V>(kernel, x.x, y, first, end, scale);
                    if (end - first >= V::size) one_by_one(first + V::size); // what no tile takes
                }
        one_by_one(end);
    } while (first != last);
    if (past_caches) simd::finish_streams<V>(y.data);
}

/// All rows: shared out, or each shared by all if there are too few and they are long enough.
template <class V, class E, class Kernel, class S, class X, class... Parts>
void share_rows(E const& e, Kernel const& kernel, scores_view<X, Parts...> const& x, matrix_view<S> const& y,
                double c) {
    if constexpr (!is_sequential<E> && shares_rows<Kernel>) {
        if (are_shared(e, x.x)) {
            auto const scale = algorithm::row_scale<simd::element_of<V>>::of(c);
            auto const run = [&](auto const& source, auto const& to, std::size_t n, auto const& s)
                                 SMX_OUTER_LAMBDA { kernel.template row<V>(e, source, to, n, s); };
            for (std::size_t r = 0; r != x.x.rows; ++r) map_row<V>(kernel, x, y, r, c, scale, run);
            return;
        }
    }
    share(e, x.x.rows, x.x.cols,
          [&](std::size_t first, std::size_t last) { map_rows<V>(kernel, x, y, c, first, last); });
}

/// Spans and what becomes one: a single row.
template <class Rows>
concept one_row = requires(Rows const& rows) {
    std::span(rows);
};
/// For these, without what is compiled for many.
template <class Kernel> struct for_one_row : Kernel {
    static constexpr bool takes_short_rows = false;
    template <class V> static constexpr std::size_t longest_together = 0;
    template <class V, class Sink> static constexpr bool takes_turns = false;
};

/// An operator from x to y: checks, then each row (or column).
template <class Arch, class E, class Kernel, class X, class Y>
void map(E const& e, char const* function, Kernel const& kernel, X const& x, Y& y, double c) {
    using V = simd::vector<compute<X const>, Arch>;
    auto const from = lower(x);
    auto const to = matrix_of(lower(y));
    check_shapes(function, matrix_of(from), to);
    if constexpr (by_columns<X const>) {
        if (to.rows == 0) return;
        matrix_view<value<X const> const> const matrix = matrix_of(from);
        share(e, to.cols, to.rows,
              [&](std::size_t first, std::size_t last) { map_columns<V>(kernel, matrix, to, c, first, last); });
    } else {
        auto const rows = with_scores(from);
        check_scores(function, rows, to);
        if constexpr (one_row<X>)
            share_rows<V>(e, for_one_row<Kernel>{kernel}, rows, to, c);
        else
            share_rows<V>(e, kernel, rows, to, c);
    }
}

} // namespace driver
SMX_END
