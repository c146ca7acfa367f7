// SPDX-License-Identifier: BSL-1.0
// Softmax of one row that fills 2, 4, 8, 12 or 16 registers (by itself a line, too, of registers of 32 bytes) and lies
// in the window of exponents: the short row without ends, clamps and comparisons. Rows of 32 to 128 floats take .85 to
// .95 of its time, rows of 256 in a matrix .8.
#pragma once

#include <smx/algorithm/short_row.hpp>

SMX_BEGIN
namespace algorithm {

/// True for the numbers of registers in which a row may be weighed in the window: two lines and more, up to `Most`.
template <class V, std::size_t Number, std::size_t Most = 16> constexpr bool may_be_in_window() {
    return math::has_exp_window<V> && Number >= 2 * simd::line_registers<V> && Number <= Most;
}
/// Those that it may fill: what fills 6, 10 or 14 is taken as if it ended within them.
template <class V, std::size_t Number, std::size_t Most = 16> constexpr bool may_be_full() {
    return may_be_in_window<V, Number, Most>() && (Number == 2 || Number % 4 == 0);
}
/// A row by itself. Of more than 16 registers it is taken as if it ended within them, if it fills them, too: the same
/// time.
inline constexpr std::size_t most_full_alone = 16, most_ended_alone = 32;

/// body(registers_needed) for the one of these numbers that a row of n elements fills; false if there is none.
template <class V, std::size_t Filled, std::size_t... Numbers, class Body>
SMX_OUTER bool with_full_registers(registers_of_row<Filled, Numbers...>, std::size_t n, Body const& body) {
    auto const fills = [&](auto needed) SMX_OUTER_LAMBDA {
        if constexpr (may_be_full<V, needed.number>())
            return n == needed.number * V::size && body(needed);
        else
            return false;
    };
    return (fills(registers_needed<Numbers, Numbers>{}) || ...);
}

/// True if a row of n elements fills one of these numbers.
template <class V, class Registers> SMX_OUTER bool fills_registers(Registers const& registers, std::size_t n) {
    return with_full_registers<V>(registers, n, [](auto) { return true; });
}

/// For a row that no other one waits to be replaced by.
struct nothing_replaced {
    template <class Pack> SMX_INLINE void operator()(std::size_t, Pack const&) const {}
};

/// Weighs a row that fills P, and sums those(weights). Returns false if an element is not in the window of the first
/// one, or the sum is too large. The weights that `found` had go to replaced(offset, pack), in either case, each when
/// those that take their place have been made.
template <class Accuracy, class Place, class P, class Source, class T, class Finish, class Those,
          class Replaced = nothing_replaced>
SMX_OUTER bool weigh_full_row(short_row<P, T>& found, Source const& x, math::exp_scale<T> k, Finish const& finish,
                              Those const& those, Replaced const& replaced = {}) {
    using V = typename P::register_type;
    constexpr std::size_t size = registers_at_once<V>(P::registers);
    using pack = simd::pack<V, size>;
    T const lowest = finish.template lowest_exponent<T>(k);
    // Before the reference: had it to live through the branches of a load, g++ would keep it in memory (16 floats:
    // .93).
    pack const first = x.template load<pack>(0, simd::whole{}, V(T(0)));
    auto const ref = guess_of<V>(simd::first_lane(first.part[0]), k, lowest);
    // Of many rows all windows are usable: the loop over them asks for that.
    constexpr bool by_itself = std::is_same_v<Place, math::once>;
    auto const window = [&]() SMX_OUTER_LAMBDA {
        if constexpr (by_itself)
            return math::exp_window_at(k, ref.exponent);
        else
            return math::exp_windows_at<V>(k, ref.exponent);
    }();
    // Weights of what is outside may be denormal, and take ten times the time: rows of which all but one element are 80
    // to 200 below it .7 of the time if they are not made, one by itself .1 to .9. In the loop over rows of a matrix 16
    // registers of 32 bytes have no place for the tests: 1.15.
    constexpr bool asks_first = sizeof(V) == 64 || by_itself;
    bool inside = true;
    math::exp_window_seen<V> seen;
    P& row = found.weights;
    if constexpr (std::is_same_v<Replaced, nothing_replaced>)
        row = simd::fill<P>(V(T(0))); // g++ -O1 does not see that it is set whenever it is read; others leave this out
    simd::unroll<P::registers / size>([&](std::size_t p) SMX_INLINE_LAMBDA {
        pack before;
        simd::unroll<size>([&](std::size_t j) SMX_INLINE_LAMBDA { before.part[j] = row.part[p * size + j]; });
        if (!inside) [[unlikely]]
            return replaced(p * pack::size, before);
        auto v = p == 0 ? first : x.template load<pack>(p * pack::size, simd::whole{}, V(T(0)));
        if (p != 0)
            simd::unroll<size>([&](std::size_t j) SMX_INLINE_LAMBDA {
                v.part[j] = simd::after(v.part[j], row.part[(p - 1) * size + j]);
            });
        auto const carrier = math::exp_window_carrier(v, window);
        if constexpr (asks_first) {
            inside = math::all_in_window(carrier);
            if (!inside) [[unlikely]]
                return replaced(p * pack::size, before);
        } else {
            seen.add(carrier);
        }
        auto const w = math::exp_window_weight<Accuracy, Place>(v, carrier, window);
        replaced(p * pack::size, before);
        simd::unroll<size>([&](std::size_t j) SMX_INLINE_LAMBDA { row.part[p * size + j] = w.part[j]; });
    });
    if constexpr (!asks_first) inside = seen.inside();
    if (asks_first && !inside) [[unlikely]]
        return false;
    total<T> const sum = sum_in_registers<Accuracy>(those(row));
    found.denominator = finish.template denominator<Accuracy>(sum, ref.exponent);
    return ref.near && window.usable && inside && is_accepted<T>(sum);
}

/// Where all weights of a row count.
template <class P> struct all_of_row {
    SMX_INLINE P const& operator()(P const& weights) const { return weights; }
};

/// True if every element of a row lies in the window of the first.
template <class V, class Source, class T>
SMX_NOINLINE bool lies_in_window(Source x, std::size_t n, math::exp_scale<T> k) {
    using line = simd::pack<V, simd::line_registers<V>>;
    V const first(simd::first_lane(x.template load<line>(0, simd::partial{1}, V(T(0))).part[0]));
    auto const ref = guess_of<V>(simd::first_lane(first), k, T(-math::near_exponent));
    auto const window = math::exp_window_at(k, ref.exponent);
    math::exp_window_seen<V> seen;
    sweep<line>(0, n, [&](auto, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        seen.add(math::exp_window_carrier(x.template load<line>(offset, extent, first), window));
    });
    return ref.near && window.usable && seen.inside();
}

/// Writes its results.
template <class Accuracy, class P, class Sink, class T, class Finish>
SMX_OUTER void write_full_row(short_row<P, T> const& found, Sink const& y, Finish const& finish) {
    auto const inverse = finish.template inverse<Accuracy, typename P::register_type>(found.denominator);
    auto const store = [&](auto const& by)
                           SMX_INLINE_LAMBDA { y.store(0, finish.apply(found.weights, by), simd::whole{}); };
    if constexpr (Finish::is_divided_once && divides_once<T, Accuracy>)
        if (inverse.has_one_part()) [[likely]]
            return store(inverse.lanes_of_one_normal());
    store(inverse.lanes_of_normal());
}

} // namespace algorithm
SMX_END
