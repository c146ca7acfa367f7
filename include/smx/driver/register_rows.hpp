// SPDX-License-Identifier: BSL-1.0
// Rows of a matrix that fit in registers, in loops of their own: each is written when the next one is weighed, so that
// none waits for its sum and the inverse. Rows of 49 to 128 floats take .81 to .89 of the time of one after the other,
// 192 .86 and 256 .95 of that of turns (AVX-512).
#pragma once

#include <smx/algorithm/full_row.hpp>
#include <smx/driver/kernel.hpp>
#include <smx/driver/streamed.hpp>

SMX_BEGIN
namespace driver {

/// True for rows that are faster so than as tiles (short_rows.hpp): whole lines, two and more. On AVX2 rows of 32
/// floats, 48 and 16 doubles take .82, .89 and .88 of the time; on AVX-512 48 floats .69 to .92, 32 .82 out of the
/// caches, but 1.12 within, and doubles 1.2. What is no whole line takes 1.1 to 1.3, but on AVX-512 out of the caches
/// 36 floats take the same, 40 .9 and 47 .8.
template <class V, class Kernel, class X> SMX_OUTER bool prefers_registers(matrix_view<X const> const& x) {
    if constexpr (!takes_registers<Kernel>) return false;
    constexpr std::size_t line = simd::line<simd::element_of<V>>, registers = simd::line_registers<V>;
    bool const whole = x.cols % line == 0;
    if (x.cols <= line || registers > 2) return false;
    if (registers == 2) return whole;
    if (sizeof(X) != sizeof(float)) return false;
    return (whole && x.cols > 2 * line) || (algorithm::leaves_cache<X>(neighbours_in(x)) && (whole || x.cols > 36));
}

/// The longest row that stays in registers, or goes past the caches from there, whether it lies in the window or not.
template <class V>
inline constexpr std::size_t longest_outside_window = algorithm::few_registers_of_row<V>::most* V::size;

/// The rows from `first` on: weigh(found, source) weighs one, write(waiting, sink) writes the one before, past the
/// caches if they are to go there. Returns the row where it ends, at `last` or at one that cannot be weighed.
template <class V, class Row, class X, class Y, class Weigh, class Write>
SMX_OUTER std::size_t one_behind(matrix_view<X const> const& x, matrix_view<Y> const& y, std::size_t first,
                                 std::size_t last, Weigh const& weigh, Write const& write) {
    std::size_t const n = x.cols, ahead = prefetch_in(x);
    bool const streams = streams_rows<V>(x, y, n);
    Row found, waiting;
    X const* from = x.data + first * x.row_stride;
    Y* to = y.data + first * y.row_stride;
    for (bool waits = false;; waits = true, ++first, from += x.row_stride, to += y.row_stride) {
        if (ahead != 0) prefetch_row(from + ahead, n);
        bool const weighed = first != last && weigh(found, row_source<X>{from});
        if (ahead != 0 && !streams) prefetch_row_for_write(to + ahead, n);
        if (waits) write(waiting, matrix_sink<V>(to - y.row_stride, streams));
        if (!weighed) return first;
        waiting = found;
    }
}

/// The rows from `first` on, by a kernel that has a finish: against their first elements, and from one on for which
/// that does not do against their largest. The largest of a row is found while the one before it is weighed: rows whose
/// first half is -inf take .73 to .86 of the time of a search that the row itself waits for (AVX-512). Returns the row
/// where it ends: at `last`, at one that cannot stay in registers or, if windows are tried first, at one that lies in
/// one.
template <class Accuracy, class V, class Kernel, class X, class Y>
SMX_NOINLINE std::size_t normalize_register_rows(Kernel const& kernel, matrix_view<X const> const& x,
                                                 matrix_view<Y> const& y, std::size_t first, std::size_t last,
                                                 math::exp_scale<simd::element_of<V>> k, bool tries_windows) {
    using T = simd::element_of<V>;
    std::size_t const n = x.cols;
    auto const finish = kernel.finish;
    auto const row_at = [&](std::size_t i) { return row_source<X>{x.data + i * x.row_stride}; };
    auto const largest_of = [&](std::size_t i)
                                SMX_OUTER_LAMBDA { return algorithm::maximum<simd::pack<V>>(row_at(i), 0, n); };
    auto const is_ordinary = [&](std::size_t i) {
        if constexpr (math::has_exp_window<V>) return algorithm::lies_in_window<V>(row_at(i), n, k);
        return true;
    };
    using algorithm::reference_from;
    algorithm::first_or_known<T> known;
    while (first != last) {
        bool const to_the_last = known.from == reference_from::first && !tries_windows;
        std::size_t const end = to_the_last || last - first <= rows_of_a_kind ? last : first + rows_of_a_kind;
        std::size_t next = first;
        if (known.from == reference_from::largest) known.largest = largest_of(first);
        first =
            algorithm::with_registers<V>(algorithm::few_registers_of_row<V>{}, n, [&](auto needed) SMX_OUTER_LAMBDA {
                using row = algorithm::short_row<simd::pack<V, needed.number>, T>;
                return one_behind<V, row>(
                    x, y, first, end,
                    [&](row& found, auto const& source) SMX_OUTER_LAMBDA {
                        auto const now = known;
                        if (now.from == reference_from::largest && ++next != end) known.largest = largest_of(next);
                        return algorithm::weigh_short_row<Accuracy, needed.filled>(found, source, n, k, finish, now);
                    },
                    [&](row const& waiting, auto const& to) SMX_OUTER_LAMBDA {
                        algorithm::write_short_row<Accuracy, needed.filled>(waiting, sink_of(kernel, to), n, finish);
                    });
            });
        if (first != end) {
            if (known.from == reference_from::largest) break;
            known.from = reference_from::largest;
        } else if (first != last && is_ordinary(first)) {
            if (tries_windows) break;
            known.from = reference_from::first;
        }
    }
    return first;
}

} // namespace driver
SMX_END
