// SPDX-License-Identifier: BSL-1.0
// The sum of a row, in an order that is the same on every machine, with an error that does not grow with the length.
//
// Element i belongs to virtual lane i mod line (16 floats, 8 doubles). A lane sums a run of a few lines in the row's
// own type; then the run moves to the lane's wide total. The lanes meet once, at the end of the row, by halving.
#pragma once

#include <smx/algorithm/wide.hpp>
#include <smx/simd/reduce.hpp>

SMX_BEGIN
namespace algorithm {

/// Slots are registers. Along a row, a line takes simd::line_registers<V> of them; across rows, lanes are rows and each
/// virtual lane of theirs has registers of its own.
template <class V, std::size_t Slots> struct line_sum {
    V run[Slots];
    wide<V> totals[Slots];

    SMX_INLINE line_sum() {
        for (std::size_t s = 0; s != Slots; ++s) run[s] = V(0);
    }

    /// Adds the registers of a pack that begins at a line.
    template <std::size_t K> SMX_INLINE void add(simd::pack<V, K> const& p) {
        static_assert(K % Slots == 0, "a pack is a whole number of lines");
        simd::unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA { run[j % Slots] = run[j % Slots] + p.part[j]; });
    }
    SMX_INLINE void close_run() {
        for (std::size_t s = 0; s != Slots; ++s) {
            totals[s].add(run[s]);
            run[s] = V(0);
        }
    }
    /// Everything so far times a power of two (or 0), lane by lane.
    SMX_INLINE void scale(V power_of_two) {
        for (std::size_t s = 0; s != Slots; ++s) {
            run[s] = run[s] * power_of_two;
            totals[s].scale(power_of_two);
        }
    }
    /// The sum of a row that lies along the lanes. Runs are closed; nothing can be added after it.
    SMX_INLINE total<simd::element_of<V>> along() {
        return simd::halve<Slots>(totals, [](auto const& a, auto const& b) SMX_INLINE_LAMBDA { return a + b; }).sum();
    }
};

} // namespace algorithm
SMX_END
