// SPDX-License-Identifier: BSL-1.0
// In how many registers a short row is taken.
#pragma once

#include <smx/algorithm/choose.hpp>
#include <smx/algorithm/sweep.hpp>

#include <algorithm>
#include <type_traits>

SMX_BEGIN
namespace algorithm {

/// Rows of more than `Filled` registers, in as many as they need of these numbers: one for each would compile long.
template <std::size_t Filled, std::size_t... Numbers> struct registers_of_row {
    static constexpr std::size_t most = std::max({Filled, Numbers...});
};
/// Three groups as one; for decltype alone.
template <std::size_t... First, std::size_t F, std::size_t... Second, std::size_t G, std::size_t... Third>
auto joined(registers_of_row<0, First...>, registers_of_row<F, Second...>, registers_of_row<G, Third...>)
    -> registers_of_row<0, First..., Second..., Third...>;

/// Up to 8, and 9 to 16: of these a row takes .75 to .95 of the time of memory. Groups, for a function each: one for
/// all would set up a stack frame for what the long ones spill. With 6, 10 and 14 rows that need no more take .80 to
/// .93 of the time that they take in 8, 12 and 16. More than 16, of 32 and 64 bytes: some wait on the stack, but
/// nothing is set up for a row of any length. Rows of 129 to 256 floats take .65 to .82 of the time (.93 to .97 where
/// they fill 32), of 65 to 128 doubles .75 to .96 (AVX2, zen3); on AVX-512 (zen5) rows of 257 to 512 floats .79 to .92
/// by themselves, .62 to .90 in a matrix, doubles .78 to .90 and .68 to .94.
/// Where there is no code for each number (choose.hpp) all of them are a line.
template <class V, class Registers>
using registers_by_length =
    std::conditional_t<has_kernels_by_length, Registers, registers_of_row<0, simd::line_registers<V>>>;
template <class V, std::size_t Line = simd::line_registers<V>>
using registers_of_short_row =
    registers_by_length<V, std::conditional_t<Line == 4, registers_of_row<0, 4, 8>,
                                              std::conditional_t<Line == 2, registers_of_row<0, 2, 4, 6, 8>,
                                                                 registers_of_row<0, 1, 2, 4, 6, 8>>>>;
template <class V>
using registers_of_longer_row = registers_by_length<
    V, std::conditional_t<simd::line_registers<V> == 4, registers_of_row<8, 16>, registers_of_row<8, 10, 12, 14, 16>>>;
template <class V>
using registers_of_longest_row = registers_by_length<
    V, std::conditional_t<simd::line_registers<V> == 4, registers_of_row<16>, registers_of_row<16, 20, 24, 28, 32>>>;

/// All of them, for rows of a matrix: there a function for the last ones takes 1.03 to 1.06 times the time.
template <class V>
using registers_of_matrix_row =
    decltype(joined(registers_of_short_row<V>{}, registers_of_longer_row<V>{}, registers_of_longest_row<V>{}));
/// Without 6, 10 and 14, and no more than 16: for rows that fill their registers, which these seldom are, and for what
/// is rare. With 6, 10 and 14 the code is a sixth longer; with 24 and 32 rows with gaps take .77 to 1.2 of the time.
template <class V, std::size_t Line = simd::line_registers<V>>
using few_registers_of_row =
    registers_by_length<V, std::conditional_t<Line == 4, registers_of_row<0, 4, 8, 16>,
                                              std::conditional_t<Line == 2, registers_of_row<0, 2, 4, 8, 12, 16>,
                                                                 registers_of_row<0, 1, 2, 4, 8, 12, 16>>>>;

/// For rows from any source: one line, if it gathers, masks or computes.
template <class Source, class V>
using registers_for =
    std::conditional_t<reads_packs<Source>(), registers_of_short_row<V>, registers_of_row<0, simd::line_registers<V>>>;

/// body(registers_needed) for as many registers, of these numbers, as a row of n elements needs.
template <std::size_t Filled, std::size_t Number> struct registers_needed {
    static constexpr std::size_t filled = Filled, number = Number;
};
template <class V, std::size_t Filled, std::size_t Number, std::size_t... More, class Body>
SMX_OUTER auto with_registers(registers_of_row<Filled, Number, More...>, std::size_t n, Body const& body) {
    if constexpr (sizeof...(More) != 0)
        if (n > Number * V::size) return with_registers<V>(registers_of_row<Number, More...>{}, n, body);
    return body(registers_needed<Filled, Number>{});
}

} // namespace algorithm
SMX_END
