// SPDX-License-Identifier: BSL-1.0
// The sum of a row, in an order that is the same on every machine, with an error that does not grow with the length.
//
// Element i belongs to virtual lane i mod line (16 floats, 8 doubles). A lane sums a run of a few lines in the row's
// own type, first in pairs, so that in a run of 4 an element is rounded twice; then the run moves to the lane's wide
// total. The lanes meet once, at the end of the row, by halving.
#pragma once

#include <smx/algorithm/wide.hpp>
#include <smx/math/accuracy.hpp>

SMX_BEGIN
namespace algorithm {

/// The sums of the lanes of one register. Runs of one line are no runs: every element goes to the wide total at once.
template <class V, class Accuracy> struct lane_sum {
    static constexpr bool has_runs = Accuracy::lines_per_run != 1;
    V run = V(0);
    V first = V(0); // of a pair whose second is to come
    wide<V> total;

    /// Adds a line, the l-th of a run.
    SMX_INLINE void add(V v, std::size_t l) {
        if constexpr (!has_runs)
            total.add(v);
        else if (l % 2 == 0)
            first = v;
        else
            run = run + (first + v);
    }
    /// Ends a run after l lines that came one by one.
    SMX_INLINE void close_run(std::size_t l) {
        if constexpr (has_runs) {
            total.add(l % 2 == 0 ? run : run + first);
            run = V(0);
        }
    }
};

/// The lanes of a line meet.
template <class V, std::size_t R> SMX_INLINE total<simd::element_of<V>> sum_of_line(wide<V> (&totals)[R]) {
    return simd::halve<R>(totals, [](auto const& a, auto const& b) SMX_INLINE_LAMBDA { return a + b; }).sum();
}

/// The sum of a run, or of its beginning, that is in K registers of a pack, a line apart from register j on.
template <std::size_t K, class V, std::size_t Registers>
SMX_INLINE V sum_of_run(simd::pack<V, Registers> const& p, std::size_t j) {
    constexpr std::size_t line = simd::line_registers<V>;
    static_assert(K == line || K % (2 * line) == 0, "one line, or pairs of them");
    if constexpr (K == line) {
        return p.part[j];
    } else {
        V sum = p.part[j] + p.part[j + line];
        for (std::size_t i = j + 2 * line; i < j + K; i += 2 * line) sum = sum + (p.part[i] + p.part[i + line]);
        return sum;
    }
}

/// The sum of a row that lies along the lanes: a line takes simd::line_registers<V> registers.
template <class V, class Accuracy> struct line_sum {
    static constexpr std::size_t registers = simd::line_registers<V>;
    lane_sum<V, Accuracy> lanes[registers];
    std::size_t lines = 0; // of this run, that came one by one

    /// True if a pack of K registers is one run, or some: it leaves none open.
    template <std::size_t K> static constexpr bool is_runs = K % (registers * Accuracy::lines_per_run) == 0;

    /// Adds the registers of a pack that begins at a line: one line, pairs of them or runs.
    template <std::size_t K> SMX_INLINE void add(simd::pack<V, K> const& p) {
        if constexpr (is_runs<K>) {
            constexpr std::size_t run = registers * Accuracy::lines_per_run;
            simd::unroll<registers>([&](std::size_t r) SMX_INLINE_LAMBDA {
                for (std::size_t j = r; j < K; j += run) lanes[r].total.add(sum_of_run<run>(p, j));
            });
        } else if constexpr (K == registers) {
            simd::unroll<K>([&](std::size_t r) SMX_INLINE_LAMBDA { lanes[r].add(p.part[r], lines); });
            if (++lines == Accuracy::lines_per_run) close_lines();
        } else {
            static_assert(K == 2 * registers, "a pack is a line, two, or runs");
            // Where runs are unrolled the compiler knows which pack is the first, and keeps no zeros for it.
            bool const first = simd::unrolls_runs<V> && lines == 0;
            simd::unroll<registers>([&](std::size_t r) SMX_INLINE_LAMBDA {
                V const sum = sum_of_run<K>(p, r);
                lanes[r].run = first ? sum : lanes[r].run + sum;
            });
            if constexpr (simd::unrolls_runs<V>) lines += 2;
        }
    }
    /// Ends a run that came in packs of K registers. Runs of lines end by themselves, the last one by close_lines().
    template <std::size_t K> SMX_INLINE void close_run() {
        if constexpr (K != registers && !is_runs<K>) {
            for (auto& lane : lanes) lane.close_run(0);
            if constexpr (simd::unrolls_runs<V>) lines = 0;
        }
    }
    /// Forgets the run that is open.
    SMX_INLINE void drop_run() {
        for (auto& lane : lanes) lane.run = V(0);
        lines = 0;
    }
    SMX_INLINE void close_lines() {
        if (lines == 0) return;
        for (auto& lane : lanes) lane.close_run(lines);
        lines = 0;
    }
    /// Everything so far times a power of two (or 0), lane by lane, before a pack of K registers is added.
    template <std::size_t K> SMX_INLINE void scale(V power_of_two) {
        for (auto& lane : lanes) {
            if constexpr (!is_runs<K>) {
                lane.run = lane.run * power_of_two;
                lane.first = lane.first * power_of_two;
            }
            lane.total.scale(power_of_two);
        }
    }
    /// The same when runs are closed.
    SMX_INLINE void scale(V power_of_two) {
        for (auto& lane : lanes) lane.total.scale(power_of_two);
    }
    /// The sum of the row. Runs are closed.
    SMX_INLINE total<simd::element_of<V>> sum() const {
        wide<V> totals[registers];
        for (std::size_t r = 0; r != registers; ++r) totals[r] = lanes[r].total;
        return sum_of_line(totals);
    }
};

/// The same for a row in registers: its sum bit for bit.
template <class Accuracy, class V, std::size_t K>
SMX_INLINE total<simd::element_of<V>> sum_in_registers(simd::pack<V, K> const& w) {
    constexpr std::size_t registers = simd::line_registers<V>, most = registers * Accuracy::lines_per_run,
                          run = K < most ? K : most, rest = K % run;
    wide<V> totals[registers];
    simd::unroll<registers>([&](std::size_t r) SMX_INLINE_LAMBDA {
        totals[r] = wide<V>::of(sum_of_run<run>(w, r));
        for (std::size_t j = run; j < K - rest; j += run) totals[r].add(sum_of_run<run>(w, j + r));
        if constexpr (rest != 0) totals[r].add(sum_of_run<rest>(w, K - rest + r));
    });
    return sum_of_line(totals);
}

} // namespace algorithm
SMX_END
