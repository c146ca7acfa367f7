// SPDX-License-Identifier: BSL-1.0
// The sum of a row, in an order that is the same on every machine, with an error that does not grow with the length.
//
// Element i belongs to virtual lane i mod line (16 floats, 8 doubles). A lane sums a run of a few lines in the row's
// own type, by a tree, so that in a run of 8 an element is rounded three times; then the run moves to the lane's wide
// total. The lanes meet once, at the end of the row, by halving.
#pragma once

#include <smx/algorithm/wide.hpp>
#include <smx/math/accuracy.hpp>

SMX_BEGIN
namespace algorithm {

/// How often n can be halved before it is 1.
constexpr std::size_t halvings(std::size_t n) { return n == 1 ? 0 : 1 + halvings(n / 2); }

/// The sums of the lanes of one register. Runs of one line are no runs: every element goes to the wide total at once.
template <class V, class Accuracy> struct lane_sum {
    static constexpr std::size_t levels = halvings(Accuracy::lines_per_run);
    V half[levels == 0 ? 1 : levels] = {}; // half[k]: 2^k lines that wait for as many
    wide<V> total;

    /// Adds 2^Level lines, the l-th such of a run. The last ones end the run. Compilers know l where runs are unrolled.
    template <std::size_t Level = 0> SMX_INLINE void add(V v, std::size_t l) {
        if constexpr (Level == levels)
            total.add(v);
        else if (l % 2 == 0)
            half[Level] = v;
        else
            add<Level + 1>(simd::not_later(half[Level] + v), l / 2);
    }
    /// Ends a run after l lines.
    SMX_INLINE void close_run(std::size_t l) {
        if (l == 0) return;
        V rest = V(simd::element_of<V>(0));
        for (std::size_t level = 0; level != levels; ++level)
            if ((l >> level) % 2 != 0) rest = half[level] + rest;
        total.add(rest);
    }
    /// Everything so far times a power of two (or 0), lane by lane.
    SMX_INLINE void scale(V power_of_two) {
        for (auto& waiting : half) waiting = waiting * power_of_two;
        total.scale(power_of_two);
    }
};

/// The lanes of a line meet, until those of one register are left,
template <class V, std::size_t R> SMX_INLINE wide<V> total_of_line(wide<V> (&totals)[R]) {
    return simd::halve<R>(totals, [](auto const& a, auto const& b) SMX_INLINE_LAMBDA { return a + b; });
}
/// and all.
template <class V, std::size_t R> SMX_INLINE total<simd::element_of<V>> sum_of_line(wide<V> (&totals)[R]) {
    return total_of_line(totals).sum();
}

/// The sum of `Lines` lines of a run, or of its beginning, whose registers are `Step` apart in a pack, from register j
/// on.
template <std::size_t Lines, std::size_t Step, class V, std::size_t Registers>
SMX_INLINE V sum_of_run(simd::pack<V, Registers> const& p, std::size_t j) {
    if constexpr (Lines == 1) {
        return p.part[j];
    } else {
        constexpr std::size_t first = std::size_t(1) << halvings(Lines - 1);
        return sum_of_run<first, Step>(p, j) + sum_of_run<Lines - first, Step>(p, j + first * Step);
    }
}

/// The sum of a row that lies along the lanes: a line takes simd::line_registers<V> registers.
template <class V, class Accuracy> struct line_sum {
    static constexpr std::size_t registers = simd::line_registers<V>, lines_per_run = Accuracy::lines_per_run;
    lane_sum<V, Accuracy> lanes[registers];

    /// Adds the registers of a pack whose first line is line l of a run: a part of the run, or runs.
    template <std::size_t K> SMX_INLINE void add_pack(simd::pack<V, K> const& p, std::size_t l) {
        simd::unroll<registers>([&](std::size_t r)
                                    SMX_INLINE_LAMBDA { add_lines<K / registers, registers>(p, r, r, l); });
    }
    /// Adds register r of K lines alone.
    template <std::size_t K> SMX_INLINE void add_column(simd::pack<V, K> const& p, std::size_t r, std::size_t l) {
        add_lines<K, 1>(p, 0, r, l);
    }
    /// Adds line l of a run.
    SMX_INLINE void add_line(simd::pack<V, registers> const& p, std::size_t l) {
        simd::unroll<registers>([&](std::size_t r) SMX_INLINE_LAMBDA { lanes[r].add(p.part[r], l); });
    }
    /// Ends a run after l lines.
    SMX_INLINE void close_run(std::size_t l) {
        for (auto& lane : lanes) lane.close_run(l);
    }
    /// Everything so far times a power of two (or 0), lane by lane.
    SMX_INLINE void scale(V power_of_two) {
        for (auto& lane : lanes) lane.scale(power_of_two);
    }
    /// The sum of the row. Runs are closed.
    SMX_INLINE total<simd::element_of<V>> sum() const {
        wide<V> totals[registers];
        for (std::size_t r = 0; r != registers; ++r) totals[r] = lanes[r].total;
        return sum_of_line(totals);
    }

private:
    /// Register r of `Lines` lines, `Step` apart in the pack from register j on.
    template <std::size_t Lines, std::size_t Step, std::size_t K>
    SMX_INLINE void add_lines(simd::pack<V, K> const& p, std::size_t j, std::size_t r, std::size_t l) {
        constexpr std::size_t most = Lines < lines_per_run ? Lines : lines_per_run;
        static_assert(Lines % most == 0 && lines_per_run % most == 0);
        simd::unroll<Lines / most>([&](std::size_t i) SMX_INLINE_LAMBDA {
            lanes[r].template add<halvings(most)>(sum_of_run<most, Step>(p, j + i * most * Step), l / most + i);
        });
    }
};

/// The same for a row in registers: its sum bit for bit, but for the lanes of one register,
template <class Accuracy, class V, std::size_t K> SMX_INLINE wide<V> total_in_registers(simd::pack<V, K> const& w) {
    constexpr std::size_t registers = simd::line_registers<V>, lines = K / registers, most = Accuracy::lines_per_run,
                          run = lines < most ? lines : most, rest = lines % run;
    wide<V> totals[registers];
    simd::unroll<registers>([&](std::size_t r) SMX_INLINE_LAMBDA {
        totals[r] = wide<V>::of(sum_of_run<run, registers>(w, r));
        auto const add = [&](std::size_t l)
                             SMX_INLINE_LAMBDA { totals[r].add(sum_of_run<run, registers>(w, l * registers + r)); };
        // g++ leaves a loop of three turns as it is, and w in memory for it: matrices of 512 floats, AVX-512, take 1.2
        // to 1.3 times the time. One of a turn or two it takes apart, late: on AVX2 .96 of the time.
        if constexpr (lines / run > 3)
            simd::unroll<lines / run - 1>([&](std::size_t i) SMX_INLINE_LAMBDA { add((i + 1) * run); });
        else
            for (std::size_t l = run; l < lines - rest; l += run) add(l);
        if constexpr (rest != 0) totals[r].add(sum_of_run<rest, registers>(w, (lines - rest) * registers + r));
    });
    return total_of_line(totals);
}
/// or whole.
template <class Accuracy, class V, std::size_t K>
SMX_INLINE total<simd::element_of<V>> sum_in_registers(simd::pack<V, K> const& w) {
    return total_in_registers<Accuracy>(w).sum();
}

} // namespace algorithm
SMX_END
