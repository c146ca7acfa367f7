// SPDX-License-Identifier: BSL-1.0
// Where the lines of a row lie that is taken beside others (row_tile.hpp): whole lines, or with a last one that is
// none.
#pragma once

#include <smx/simd/pack_memory.hpp>

SMX_BEGIN
namespace algorithm {

/// A row of `Lines` lines, the first `Whole` of them as they are. What is left of it, if anything, is its last line
/// with what is before it, so that it is one; some weights are made and written twice, the same bits, and only for the
/// sum do those that count move to where they belong. A row by itself, of any number of lines, does the same
/// (ended_row.hpp); by its loads and stores, which ask for n at each line, 1.0 to 1.07 times the time (g++), .92
/// to 1.37 with clang++.
template <class V, std::size_t Lines, std::size_t Whole> struct lines_of_row {
    using row = simd::pack<V, Lines * simd::line_registers<V>>;
    using line = simd::pack<V, simd::line_registers<V>>;
    std::size_t last, rest; // where the last line begins; how much of it counts

    SMX_INLINE explicit lines_of_row(std::size_t n) : last(n - line::size), rest(n % line::size) {}
    SMX_INLINE row load(float const* x) const {
        row v;
        simd::unroll<row::registers>([&](std::size_t j)
                                         SMX_INLINE_LAMBDA { v.part[j] = V::load_unaligned(x + register_at(j)); });
        return v;
    }
    SMX_INLINE void store(float* y, row const& v) const {
        simd::unroll<row::registers>([&](std::size_t j)
                                         SMX_INLINE_LAMBDA { v.part[j].store_unaligned(y + register_at(j)); });
    }
    SMX_INLINE row counted_once(row v) const {
        if constexpr (Whole != Lines) {
            constexpr std::size_t begin = Whole * line::registers;
            line end;
            simd::unroll<line::registers>([&](std::size_t j) SMX_INLINE_LAMBDA { end.part[j] = v.part[begin + j]; });
            end = simd::last_lanes(end, rest);
            simd::unroll<line::registers>([&](std::size_t j) SMX_INLINE_LAMBDA { v.part[begin + j] = end.part[j]; });
        }
        return v;
    }

private:
    SMX_INLINE std::size_t register_at(std::size_t j) const {
        return j < Whole * line::registers ? j * V::size : last + j % line::registers * V::size;
    }
};

} // namespace algorithm
SMX_END
