// SPDX-License-Identifier: BSL-1.0
// The sums of a tile of columns: the lanes are columns, and the steps of the loop are rows.
// A column is summed in the order of a row of the same length (line_sum), so the bits are those of a row.
#pragma once

#include <smx/algorithm/weight_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// The sums of a tile of columns: each virtual lane of a line has a pack of its own.
template <class P, class Accuracy> struct tile_sum {
    using V = typename P::register_type;
    using T = typename P::value_type;
    static constexpr std::size_t line = simd::line<T>, registers = P::registers;
    std::size_t used;  // virtual lanes that a column of this length reaches
    std::size_t block; // rows that are summed apart: see block_length
    lane_sum<V, Accuracy> lanes[line * registers];
    wide<V> closed[registers];

    SMX_INLINE tile_sum(std::size_t n, std::size_t block_rows) : used(n < line ? n : line), block(block_rows) {}

    SMX_INLINE void add(std::size_t i, P const& w) {
        auto* const slot = lanes + i % line * registers;
        std::size_t const l = i / line % Accuracy::lines_per_run;
        simd::unroll<registers>([&](std::size_t j) SMX_INLINE_LAMBDA { slot[j].add(w.part[j], l); });
        if (block != one_block && (i + 1) % block == 0) [[unlikely]] // which ends a run, too
            close_block();
    }
    /// The totals of the columns, n rows long, in lanes[0 .. registers).
    SMX_INLINE void finish(std::size_t n) {
        for (std::size_t j = 0; j != used; ++j)
            close_run(lanes + j * registers, (n - j + line - 1) / line % Accuracy::lines_per_run);
        halve();
        if (block != one_block) [[unlikely]]
            for (std::size_t r = 0; r != registers; ++r) lanes[r].total = closed[r] + lanes[r].total;
    }

private:
    using lane = lane_sum<V, Accuracy>;
    SMX_INLINE static void close_run(lane* slot, std::size_t l) {
        simd::unroll<registers>([=](std::size_t j) SMX_INLINE_LAMBDA { slot[j].close_run(l); });
    }
    SMX_COLD void close_block() {
        halve();
        for (std::size_t r = 0; r != registers; ++r) closed[r] = closed[r] + lanes[r].total;
        for (auto& sum : lanes) sum = {};
    }
    /// The same halving as in a row; lanes that were never reached hold 0 and are passed over.
    SMX_INLINE void halve() {
        for (std::size_t half = line / 2; half != 0; half /= 2)
            for (std::size_t j = 0; j != half && j + half < used; ++j)
                for (std::size_t r = 0; r != registers; ++r) {
                    auto& sum = lanes[j * registers + r].total;
                    sum = sum + lanes[(j + half) * registers + r].total;
                }
    }
};

/// The totals of term(i), a pack for each row of the tile, over the n rows. A tile one register wide with at most a
/// line of rows has one term in each virtual lane, so there are no runs.
template <class Accuracy, class P, class Term>
SMX_INLINE void sum_tile(std::size_t n, std::size_t block, Term const& term,
                         wide<typename P::register_type> (&totals)[P::registers]) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    constexpr std::size_t line = simd::line<T>;
    if constexpr (P::registers == 1)
        if (n <= line) {
            wide<V> lanes[line];
            for (std::size_t i = 0; i != n; ++i) lanes[i] = wide<V>::of(term(i).part[0]);
            for (std::size_t half = line / 2; half != 0; half /= 2)
                for (std::size_t j = 0; j != half && j + half < n; ++j) lanes[j] = lanes[j] + lanes[j + half];
            totals[0] = lanes[0];
            return;
        }
    tile_sum<P, Accuracy> sum(n, block);
    for (std::size_t i = 0; i != n; ++i) sum.add(i, term(i));
    sum.finish(n);
    for (std::size_t r = 0; r != P::registers; ++r) totals[r] = sum.lanes[r].total;
}

} // namespace algorithm
SMX_END
