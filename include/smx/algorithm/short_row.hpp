// SPDX-License-Identifier: BSL-1.0
// Softmax of one row that fits in registers: read once, written once, nothing waits in memory between.
// Rows of 16 to 128 floats take .5 to .7 of the time of three passes, of up to 256 .75 to .95.
#pragma once

#include <smx/algorithm/normalize.hpp>

#include <algorithm>
#include <type_traits>

SMX_BEGIN
namespace algorithm {

/// Rows of more than `Filled` registers, in as many as they need of these numbers: one for each would gain little and
/// compile long.
template <std::size_t Filled, std::size_t... Numbers> struct registers_of_row {
    static constexpr std::size_t most = std::max({Numbers...});
};
/// A row of a matrix, up to 8: 128 floats with AVX-512, 64 with AVX2. Longer ones are as fast by turns.
template <class Source, class V>
using registers_of_short_row =
    std::conditional_t<reads_packs<Source>(),
                       std::conditional_t<simd::line_registers<V> == 4, registers_of_row<0, 4, 8>,
                                          registers_of_row<0, simd::line_registers<V>, 4, 8>>,
                       registers_of_row<0, simd::line_registers<V>>>;
/// A row by itself, up to 16: of 9 to 16 .75 to .95 of the time. 32 would gain nothing with AVX-512, 5 % with AVX2. Two
/// groups: a function for all would set up a stack frame for what the long ones spill.
template <class V>
using registers_of_lone_row = std::conditional_t<
    simd::line_registers<V> == 4, registers_of_row<0, 4, 8>,
    std::conditional_t<simd::line_registers<V> == 2, registers_of_row<0, 2, 4, 8>, registers_of_row<0, 1, 2, 4, 8>>>;
template <class V>
using registers_of_longer_lone_row =
    std::conditional_t<simd::line_registers<V> == 4, registers_of_row<8, 16>, registers_of_row<8, 12, 16>>;

/// Registers of a row by lines: f(offset, line) for those that it fills, last(line) for the one that it fills in part.
/// It fills the first `Filled` of its registers.
template <std::size_t Filled, class V, std::size_t K, class Whole, class Last>
SMX_INLINE void by_lines(simd::pack<V, K>& row, std::size_t n, Whole const& whole, Last const& last) {
    constexpr std::size_t registers = simd::line_registers<V>, size = simd::line<simd::element_of<V>>;
    simd::unroll<K / registers>([&](std::size_t l) SMX_INLINE_LAMBDA {
        simd::pack<V, registers> line;
        simd::unroll<registers>([&](std::size_t r) SMX_INLINE_LAMBDA { line.part[r] = row.part[l * registers + r]; });
        if (l * registers < Filled || l * size + size <= n)
            whole(l * size, line);
        else if (l * size < n)
            last(line);
        simd::unroll<registers>([&](std::size_t r) SMX_INLINE_LAMBDA { row.part[l * registers + r] = line.part[r]; });
    });
}

/// Weights, as many registers at a time as keep the machine busy.
template <class Accuracy, class V, std::size_t K>
SMX_INLINE void weigh_in_registers(simd::pack<V, K>& row, math::exp_reference<V, V> const& ref) {
    constexpr std::size_t most = simd::pack_registers<V>, size = K < most ? K : K % most == 0 ? most : K / 2;
    simd::unroll<K / size>([&](std::size_t p) SMX_INLINE_LAMBDA {
        simd::pack<V, size> x;
        simd::unroll<size>([&](std::size_t j) SMX_INLINE_LAMBDA { x.part[j] = row.part[p * size + j]; });
        x = math::exp_weight_or_infinity<Accuracy>(x, ref);
        simd::unroll<size>([&](std::size_t j) SMX_INLINE_LAMBDA { row.part[p * size + j] = x.part[j]; });
    });
}

/// One row of n <= P::size elements, which fill `Filled` registers and more, with a factor that is not 0. Returns
/// false, and writes nothing, if an exponent is not near or the sum says that the guess was wrong. The line at the end
/// of the row is loaded and stored apart, once: code for a part of every line compiles long.
template <class Accuracy, class P, std::size_t Filled, class Source, class Sink, class T, class Finish>
SMX_INLINE bool normalize_short_row(Source const& x, Sink const& y, std::size_t n, math::exp_scale<T> k,
                                    Finish const& finish) {
    using V = typename P::register_type;
    using line = simd::pack<V, simd::line_registers<V>>;
    T const lowest = finish.template lowest_exponent<T>(k);
    if (!(lowest <= T(math::near_exponent))) return false;
    V const nothing(-simd::infinity<T>);
    std::size_t const rest = n % line::size;
    line last = simd::fill<line>(nothing);
    if (rest != 0) last = x.template load<line>(n - rest, simd::partial{rest}, nothing);
    P row = simd::fill<P>(nothing);
    by_lines<Filled>(
        row, n,
        [&](std::size_t offset, line& part)
            SMX_INLINE_LAMBDA { part = x.template load<line>(offset, simd::whole{}, nothing); },
        [&](line& part) SMX_INLINE_LAMBDA { part = last; });

    auto ref = guess_of<V>(simd::first_lane(row.part[0]), k, lowest);
    if (!ref.near) [[unlikely]]
        ref = reference_of<V>(simd::largest_lane(simd::largest_part(row)), k, lowest);
    if (!ref.near) return false;
    weigh_in_registers<Accuracy>(row, math::exp_reference_at(k, ref.exponent));
    total<T> const sum = sum_in_registers<Accuracy>(row);
    if (!is_accepted<T>(sum)) [[unlikely]]
        return false;
    total<T> const denominator = finish.template denominator<Accuracy>(sum, ref.exponent);
    if (!(leading(denominator) > 0)) [[unlikely]] {
        fill<P>(y, n, value_without_weights<T>(leading(denominator), finish.fully_masked));
        return true;
    }
    auto const inverse = finish.template inverse<V>(denominator);
    row = finish.apply(row, V(inverse.hi), V(inverse.lo), V(inverse.smallest));
    by_lines<Filled>(
        row, n, [&](std::size_t offset, line const& part) SMX_INLINE_LAMBDA { y.store(offset, part, simd::whole{}); },
        [&](line const& part) SMX_INLINE_LAMBDA { last = part; });
    if (rest != 0) y.store(n - rest, last, simd::partial{rest});
    return true;
}

template <class Accuracy, class V, std::size_t Filled, std::size_t Number, std::size_t... More, class Source,
          class Sink, class T, class Finish>
SMX_INLINE bool normalize_in_one_of(registers_of_row<Filled, Number, More...>, Source const& x, Sink const& y,
                                    std::size_t n, math::exp_scale<T> k, Finish const& finish) {
    if constexpr (sizeof...(More) != 0)
        if (n > Number * V::size)
            return normalize_in_one_of<Accuracy, V>(registers_of_row<Number, More...>{}, x, y, n, k, finish);
    return normalize_short_row<Accuracy, simd::pack<V, Number>, Filled>(x, y, n, k, finish);
}

/// The same in as many registers as it needs of those numbers. Everything by value: what has just been written to
/// memory as several numbers takes 20 cycles to be read as one, and no row begins before.
template <class Accuracy, class V, class Registers, class Source, class Sink, class T, class Finish>
bool normalize_in_registers(Source x, Sink y, std::size_t n, math::exp_scale<T> k, Finish finish) {
    return normalize_in_one_of<Accuracy, V>(Registers{}, x, y, n, k, finish);
}

} // namespace algorithm
SMX_END
