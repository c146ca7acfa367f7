// SPDX-License-Identifier: BSL-1.0
// Softmax of one row by itself that fits in registers, in the way that its length allows.
#pragma once

#include <smx/algorithm/ended_row.hpp>

SMX_BEGIN
namespace algorithm {

/// A row of up to a line, the other lanes of which stand for its first element.
template <class T> struct line_row {
    T* row;
    std::size_t n;

    template <class P> SMX_INLINE P load(std::size_t, simd::whole, typename P::register_type) const {
        return simd::load_pack<P>(row, simd::partial{n}, typename P::register_type(row[0]));
    }
    template <class P> SMX_INLINE void store(std::size_t, P const& v, simd::whole) const {
        simd::store(row, v, simd::partial{n});
    }
};

template <class T> line_row(T*, std::size_t) -> line_row<T>;

/// A line takes .83 to .9 of the time so in registers of 32 bytes, 1.05 to 1.1 in those of 64.
template <class V> inline constexpr bool takes_lines_in_window = math::has_exp_window<V> && sizeof(V) == 32;

/// One row. `MayEnd`: it is in memory as it is computed with. Returns false, and writes nothing, if it is not as most
/// are: in the window of its first element or, if that is not asked for, not far above it.
template <class Accuracy, class V, class Registers, bool MayEnd, class Source, class Sink, class T, class Finish>
SMX_OUTER bool normalize_lone_row(Source const& x, Sink const& y, std::size_t n, math::exp_scale<T> k,
                                  Finish const& finish) {
    return with_registers<V>(Registers{}, n, [&](auto needed) SMX_OUTER_LAMBDA {
        using row = short_row<simd::pack<V, needed.number>, T>;
        constexpr bool may_end_in_window = MayEnd && may_be_in_window<V, needed.number, most_ended_alone>();
        constexpr bool is_line = needed.number == simd::line_registers<V>;
        constexpr std::size_t all = needed.number * V::size;
        // A whole line by itself: .85 to .88 of the time (AVX2), .96 (AVX-512), and what is left of one .92 to 1.0.
        if constexpr (is_line && !takes_lines_in_window<V>)
            if (n == all) {
                row found;
                if (!weigh_short_row<Accuracy, needed.number>(found, x, all, k, finish, reference_from::first))
                    return false;
                write_short_row<Accuracy, needed.number>(found, y, all, finish);
                return true;
            }
        if constexpr ((is_line && takes_lines_in_window<V>) || may_be_full<V, needed.number, most_full_alone>())
            if (n == all) {
                row found;
                if (!weigh_full_row<Accuracy, math::once>(found, x, k, finish,
                                                          all_of_row<simd::pack<V, needed.number>>{}))
                    return false;
                write_full_row<Accuracy>(found, y, finish);
                return true;
            }
        if constexpr (may_end_in_window) {
            row found;
            if (!weigh_ended_row<Accuracy, needed.filled, math::once>(found, x.row, n, k, finish)) return false;
            write_ended_row<Accuracy, needed.filled>(found, y.row, n, finish);
            return true;
        } else if constexpr (MayEnd && is_line && takes_lines_in_window<V>) {
            row found;
            auto const of_row = [&](auto const& w)
                                    SMX_INLINE_LAMBDA { return simd::keep(w, V(T(0)), simd::partial{n}); };
            if (!weigh_full_row<Accuracy, math::once>(found, line_row{x.row, n}, k, finish, of_row)) return false;
            write_full_row<Accuracy>(found, line_row{y.row, n}, finish);
            return true;
        } else {
            row found;
            if (!weigh_short_row<Accuracy, needed.filled>(found, x, n, k, finish, reference_from::first)) return false;
            write_short_row<Accuracy, needed.filled>(found, y, n, finish);
            return true;
        }
    });
}

} // namespace algorithm
SMX_END
