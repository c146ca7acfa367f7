// SPDX-License-Identifier: BSL-1.0
// The sum of a row, in an order that is the same on every machine, with an error that does not grow with the length.
//
// Element i belongs to virtual lane i mod line (16 floats, 8 doubles). A lane sums a run of a few lines in the row's
// own type; then the run moves to the lane's wide total. The lanes meet once, at the end of the row, by halving.
#pragma once

#include <smx/algorithm/wide.hpp>
#include <smx/math/accuracy.hpp>

SMX_BEGIN
namespace algorithm {

/// The sums of the lanes of one register. Runs of one line are no runs: every element goes to the wide total at once.
template <class V, class Accuracy> struct lane_sum {
    V run = V(0);
    wide<V> total;

    SMX_INLINE void add(V v) {
        if constexpr (Accuracy::lines_per_run == 1)
            total.add(v);
        else
            run = run + v;
    }
    /// Adds v where x is, or is not, at least bound.
    SMX_INLINE void add_at_least(V v, V x, V bound) {
        if constexpr (Accuracy::lines_per_run == 1)
            total.add(simd::add_at_least(V(0), v, x, bound));
        else
            run = simd::add_at_least(run, v, x, bound);
    }
    SMX_INLINE void add_unless_at_least(V v, V x, V bound) {
        if constexpr (Accuracy::lines_per_run == 1)
            total.add(simd::add_unless_at_least(V(0), v, x, bound));
        else
            run = simd::add_unless_at_least(run, v, x, bound);
    }
    SMX_INLINE void close_run() {
        if constexpr (Accuracy::lines_per_run != 1) {
            total.add(run);
            run = V(0);
        }
    }
    /// Everything so far times a power of two (or 0), lane by lane.
    SMX_INLINE void scale(V power_of_two) {
        run = run * power_of_two;
        total.scale(power_of_two);
    }
};

/// How many elements a pass sums before it closes the runs: a whole number of packs on every machine.
template <class T, class Accuracy>
inline constexpr std::size_t run_length = simd::line<T>*(Accuracy::lines_per_run == 1 ? 64 : Accuracy::lines_per_run);

/// The lanes of a line meet.
template <class V, std::size_t R> SMX_INLINE total<simd::element_of<V>> sum_of_line(wide<V> (&totals)[R]) {
    return simd::halve<R>(totals, [](auto const& a, auto const& b) SMX_INLINE_LAMBDA { return a + b; }).sum();
}

/// The sum of a row that lies along the lanes: a line takes simd::line_registers<V> registers.
template <class V, class Accuracy> struct line_sum {
    static constexpr std::size_t registers = simd::line_registers<V>;
    lane_sum<V, Accuracy> lanes[registers];

    /// Adds the registers of a pack that begins at a line.
    template <std::size_t K> SMX_INLINE void add(simd::pack<V, K> const& p) {
        static_assert(K % registers == 0, "a pack is a whole number of lines");
        simd::unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA { lanes[j % registers].add(p.part[j]); });
    }
    SMX_INLINE void close_run() {
        for (auto& lane : lanes) lane.close_run();
    }
    SMX_INLINE void scale(V power_of_two) {
        for (auto& lane : lanes) lane.scale(power_of_two);
    }
    /// The sum of the row. Runs are closed.
    SMX_INLINE total<simd::element_of<V>> sum() const {
        wide<V> totals[registers];
        for (std::size_t r = 0; r != registers; ++r) totals[r] = lanes[r].total;
        return sum_of_line(totals);
    }
};

/// The same for a row in registers: its sum bit for bit, without the additions to 0.
template <class Accuracy, class V, std::size_t K>
SMX_INLINE total<simd::element_of<V>> sum_in_registers(simd::pack<V, K> const& w) {
    constexpr std::size_t registers = simd::line_registers<V>, run = registers * Accuracy::lines_per_run;
    wide<V> totals[registers];
    simd::unroll<registers>([&](std::size_t r) SMX_INLINE_LAMBDA {
        for (std::size_t first = r; first < K; first += run) {
            V sum = w.part[first];
            for (std::size_t j = first + registers; j < first + run - r && j < K; j += registers) sum = sum + w.part[j];
            if (first == r)
                totals[r] = wide<V>::of(sum);
            else
                totals[r].add(sum);
        }
    });
    return sum_of_line(totals);
}

} // namespace algorithm
SMX_END
