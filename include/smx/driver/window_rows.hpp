// SPDX-License-Identifier: BSL-1.0
// Rows of a matrix that lie in the window of exponents of their first element and fit in registers: those that fill
// them, and those that end within them.
#pragma once

#include <smx/algorithm/ended_row.hpp>
#include <smx/driver/register_rows.hpp>

SMX_BEGIN
namespace driver {

/// The rows from `first` on: weigh(found, source, replaced) weighs one, and the one before it is written a pack at a
/// time, as its registers are needed. Two rows of 16 registers of 64 bytes are too many for the machine, of 32 bytes
/// even one, and on zen5 a store of a register of 64 bytes takes the time of two multiply-adds. Against one behind the
/// other rows of 10 to 16 registers take .86 to 1.0 of the time (AVX-512) and .94 to .98 (AVX2), with clang++ .61 to
/// .95 and .90 to .98; of 17 to 32, .6 to .9 of that of memory, where one behind the other takes up to 1.4. Returns the
/// row where it ends, at `last` or at one that cannot be weighed.
template <class Accuracy, class V, class P, class Finish, class X, class Y, class Weigh, class Sink>
SMX_OUTER std::size_t one_in_place_of_another(matrix_view<X const> const& x, matrix_view<Y> const& y, std::size_t first,
                                              std::size_t last, Finish const& finish, Weigh const& weigh,
                                              Sink const& sink_at) {
    using T = simd::element_of<V>;
    constexpr bool once = Finish::is_divided_once && algorithm::divides_once<T, Accuracy>;
    std::size_t const n = x.cols, ahead = prefetch_in(x);
    bool const streams = streams_rows<V>(x, y, n);
    alignas(64) Y nowhere[P::size]; // where the row before the first one would be
    algorithm::short_row<P, T> found{simd::fill<P>(V(T(0))), algorithm::total_from<T>(1)};
    X const* from = x.data + first * x.row_stride;
    for (Y* to = nowhere;; ++first, from += x.row_stride) {
        auto const inverse = finish.template inverse<Accuracy, V>(found.denominator);
        if (first == last || (once && !inverse.has_one_part())) [[unlikely]] {
            algorithm::write_full_row<Accuracy>(found, sink_at(matrix_sink<V>(to, streams && to != nowhere)), finish);
            if (first == last) return first;
            to = nowhere;
        }
        auto const by = [&]() SMX_OUTER_LAMBDA {
            if constexpr (once)
                return inverse.lanes_of_one_normal();
            else
                return inverse.lanes_of_normal();
        }();
        if (ahead != 0) prefetch_row(from + ahead, n);
        auto const sink = sink_at(matrix_sink<V>(to, streams && to != nowhere));
        auto const replaced = [&](std::size_t offset, auto const& weights)
                                  SMX_INLINE_LAMBDA { sink.store(offset, finish.apply(weights, by), simd::whole{}); };
        if (!weigh(found, row_source<X>{from}, replaced)) return first;
        to = y.data + first * y.row_stride;
        if (ahead != 0 && !streams) prefetch_row_for_write(to + ahead, n);
    }
}

/// The same, one behind the other where a row is a pack or two: written so early it waits for its sum, 1.0 to 1.2 times
/// the time.
template <class Accuracy, class V, class P, class Finish, class X, class Y, class Weigh, class Sink>
SMX_OUTER std::size_t one_after_another(matrix_view<X const> const& x, matrix_view<Y> const& y, std::size_t first,
                                        std::size_t last, Finish const& finish, Weigh const& weigh,
                                        Sink const& sink_at) {
    using row = algorithm::short_row<P, simd::element_of<V>>;
    if constexpr (P::registers > 8)
        return one_in_place_of_another<Accuracy, V, P>(x, y, first, last, finish, weigh, sink_at);
    else
        return one_behind<V, row>(x, y, first, last, weigh, [&](row const& waiting, auto const& to) SMX_OUTER_LAMBDA {
            algorithm::write_full_row<Accuracy>(waiting, sink_at(to), finish);
        });
}

/// Rows that fill their registers, by a kernel that has a finish and a factor that has windows. Returns the row where
/// it ends, at `last`, at one that does not lie in the window, or at the first.
template <class Accuracy, class V, class Kernel, class X, class Y>
SMX_NOINLINE std::size_t normalize_full_rows(Kernel const& kernel, matrix_view<X const> const& x,
                                             matrix_view<Y> const& y, std::size_t first, std::size_t last,
                                             math::exp_scale<simd::element_of<V>> k) {
    auto const finish = kernel.finish;
    algorithm::with_full_registers<V>(algorithm::few_registers_of_row<V>{}, x.cols, [&](auto filled) SMX_OUTER_LAMBDA {
        using P = simd::pack<V, filled.number>;
        first = one_after_another<Accuracy, V, P>(
            x, y, first, last, finish,
            [&](auto& found, auto const& from, auto const&... replaced) SMX_OUTER_LAMBDA {
                return algorithm::weigh_full_row<Accuracy, math::in_a_loop>(found, from, k, finish,
                                                                            algorithm::all_of_row<P>{}, replaced...);
            },
            [&](auto const& to) SMX_OUTER_LAMBDA { return sink_of(kernel, to); });
        return true;
    });
    return first;
}

/// The same for rows of more than two lines that end within their registers, which are not to go past the caches.
template <class Accuracy, class V, class Kernel, class T>
SMX_NOINLINE std::size_t normalize_ended_rows(Kernel const& kernel, matrix_view<T const> const& x,
                                              matrix_view<T> const& y, std::size_t first, std::size_t last,
                                              math::exp_scale<T> k) {
    std::size_t const n = x.cols;
    auto const finish = kernel.finish;
    return algorithm::with_registers<V>(algorithm::registers_of_matrix_row<V>{}, n, [&](auto needed) SMX_OUTER_LAMBDA {
        if constexpr (needed.number <= 2 * simd::line_registers<V>)
            return first;
        else
            return one_after_another<Accuracy, V, simd::pack<V, needed.number>>(
                x, y, first, last, finish,
                [&](auto& found, auto const& from, auto const&... replaced) SMX_OUTER_LAMBDA {
                    return algorithm::weigh_ended_row<Accuracy, needed.filled, math::in_a_loop>(found, from.row, n, k,
                                                                                                finish, replaced...);
                },
                [&](auto const& to) SMX_OUTER_LAMBDA {
                    return algorithm::ended_row<needed.filled, T>{to.to.row, n};
                });
    });
}

/// Rows of either kind, and, where they are not in windows, of any that may stay in registers then. Returns the row
/// where it ends, at `last` or at one that has to leave them.
template <class Accuracy, class V, class Kernel, class X, class Y>
std::size_t normalize_rows_in_registers(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<Y> const& y,
                                        std::size_t first, std::size_t last,
                                        algorithm::row_scale<simd::element_of<V>> const& scale) {
    constexpr bool may_end = Kernel::template may_end<V, X, Y>;
    if (!scale.ordinary) return first;
    bool const in_windows = math::has_exp_window<V> && math::has_exp_windows(scale.k),
               fills = in_windows && algorithm::fills_registers<V>(algorithm::few_registers_of_row<V>{}, x.cols);
    bool ends = false;
    if constexpr (may_end)
        ends = in_windows && !fills && x.cols > 2 * simd::line<X> && !streams_rows<V>(x, y, longest_outside_window<V>);
    if constexpr (Kernel::template longest_together<V> != longest_outside_window<V>)
        if (x.cols > longest_outside_window<V>) {
            if constexpr (may_end)
                if (ends && algorithm::lies_in_window<V>(row_source<X>{x.data + first * x.row_stride}, x.cols, scale.k))
                    return normalize_ended_rows<Accuracy, V>(kernel, x, y, first, last, scale.k);
            return first;
        }
    for (std::size_t begin = last; first != begin && first != last;) {
        if (fills) first = normalize_full_rows<Accuracy, V>(kernel, x, y, first, last, scale.k);
        if constexpr (may_end)
            if (ends) first = normalize_ended_rows<Accuracy, V>(kernel, x, y, first, last, scale.k);
        begin = first;
        first = normalize_register_rows<Accuracy, V>(kernel, x, y, first, last, scale.k, fills || ends);
    }
    return first;
}

} // namespace driver
SMX_END
