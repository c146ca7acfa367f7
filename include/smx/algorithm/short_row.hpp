// SPDX-License-Identifier: BSL-1.0
// Softmax of one row that fits in registers: read once, written once, nothing waits in memory between.
// Rows of 16 to 128 floats take .5 to .7 of the time of three passes, of up to 256 .75 to .95.
#pragma once

#include <smx/algorithm/normalize.hpp>
#include <smx/algorithm/registers_of_row.hpp>

SMX_BEGIN
namespace algorithm {

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

/// How many registers of K keep the machine busy: a pack, or, of those that are no packs, half or a quarter.
template <class V> constexpr std::size_t registers_at_once(std::size_t k) {
    constexpr std::size_t most = simd::pack_registers<V>;
    return k < most ? k : k % most == 0 ? most : k > 2 * most && k % 4 == 0 ? k / 4 : k / 2;
}

/// weigh(pack) for as many registers at a time as keep the machine busy.
template <class V, std::size_t K, class Weigh> SMX_INLINE void by_packs(simd::pack<V, K>& row, Weigh const& weigh) {
    constexpr std::size_t size = registers_at_once<V>(K);
    simd::unroll<K / size>([&](std::size_t p) SMX_INLINE_LAMBDA {
        simd::pack<V, size> x;
        simd::unroll<size>([&](std::size_t j) SMX_INLINE_LAMBDA { x.part[j] = row.part[p * size + j]; });
        x = weigh(x);
        simd::unroll<size>([&](std::size_t j) SMX_INLINE_LAMBDA { row.part[p * size + j] = x.part[j]; });
    });
}

/// A row in registers, weighed.
template <class P, class T> struct short_row {
    P weights;
    total<T> denominator{}; // g++ does not see that it is set whenever it is read
};

/// The reference of a row in registers.
template <class P, class T>
SMX_INLINE auto reference_in(P const& row, reference_from from, math::exp_scale<T> k, T lowest) {
    using V = typename P::register_type;
    auto ref = guess_of<V>(simd::first_lane(row.part[0]), k, lowest);
    if (!ref.near || from == reference_from::first_or_largest) [[unlikely]] {
        V const largest = simd::largest_part(row), highest = ref.exponent + V(math::exp_limits<T>::highest);
        if (!ref.near || simd::any_above(math::exp_exponent(largest, V(k.hi)), highest))
            ref = reference_of<V>(simd::largest_lane(largest), k, lowest);
    }
    return ref;
}
/// The same where the largest element is known, if it is asked for.
template <class T> struct first_or_known {
    reference_from from = reference_from::first;
    T largest{};
};
template <class P, class T>
SMX_INLINE auto reference_in(P const& row, first_or_known<T> known, math::exp_scale<T> k, T lowest) {
    using V = typename P::register_type;
    return known.from == reference_from::largest ? reference_of<V>(known.largest, k, lowest)
                                                 : guess_of<V>(simd::first_lane(row.part[0]), k, lowest);
}

/// Weighs a row of n <= P::size elements, which fill `Filled` registers and more, with a factor that is not 0. Returns
/// false if an exponent is not near or the sum says that a guess was wrong. The line at the end of the row is loaded
/// and stored apart, once: code for a part of every line compiles long.
template <class Accuracy, std::size_t Filled, class P, class Source, class T, class Finish, class From>
SMX_OUTER bool weigh_short_row(short_row<P, T>& found, Source const& x, std::size_t n, math::exp_scale<T> k,
                               Finish const& finish, From from) {
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

    auto const ref = reference_in(row, from, k, lowest);
    if (!ref.near) return false;
    auto const against = math::exp_reference_at(k, ref.exponent);
    by_packs(row, [&](auto const& v) SMX_INLINE_LAMBDA { return math::exp_weight_or_infinity<Accuracy>(v, against); });
    total<T> const sum = sum_in_registers<Accuracy>(row);
    found.weights = row;
    found.denominator = finish.template denominator<Accuracy>(sum, ref.exponent);
    return is_accepted<T>(sum);
}

/// Writes its n results.
template <class Accuracy, std::size_t Filled, class P, class Sink, class T, class Finish>
SMX_OUTER void write_short_row(short_row<P, T> const& found, Sink const& y, std::size_t n, Finish const& finish) {
    using V = typename P::register_type;
    using line = simd::pack<V, simd::line_registers<V>>;
    if (!(leading(found.denominator) > 0)) [[unlikely]]
        return fill<V>(y, n, value_without_weights<T>(leading(found.denominator), finish.fully_masked));
    auto const inverse = finish.template inverse<Accuracy, V>(found.denominator);
    P row = found.weights;
    // Of a row of one line the sum is a float too often.
    constexpr bool once = Finish::is_divided_once && divides_once<T, Accuracy> && P::registers > line::registers;
    bool divided = false;
    if constexpr (once)
        if (inverse.has_one_part()) [[likely]] {
            row = finish.apply(row, inverse.lanes_of_one());
            divided = true;
        }
    if (!divided) row = finish.apply(row, inverse.lanes());
    std::size_t const rest = n % line::size;
    line last = simd::fill<line>(V(T(0)));
    by_lines<Filled>(
        row, n, [&](std::size_t offset, line const& part) SMX_INLINE_LAMBDA { y.store(offset, part, simd::whole{}); },
        [&](line const& part) SMX_INLINE_LAMBDA { last = part; });
    if (rest != 0) y.store(n - rest, last, simd::partial{rest});
}

/// One row. Returns false, and writes nothing, if it cannot be weighed here.
template <class Accuracy, class V, class Registers, class Source, class Sink, class T, class Finish>
SMX_OUTER bool normalize_in_registers(Source const& x, Sink const& y, std::size_t n, math::exp_scale<T> k,
                                      Finish const& finish, reference_from from) {
    return with_registers<V>(Registers{}, n, [&](auto needed) SMX_OUTER_LAMBDA {
        short_row<simd::pack<V, needed.number>, T> row;
        if (!weigh_short_row<Accuracy, needed.filled>(row, x, n, k, finish, from)) return false;
        write_short_row<Accuracy, needed.filled>(row, y, n, finish);
        return true;
    });
}

} // namespace algorithm
SMX_END
