// SPDX-License-Identifier: BSL-1.0
// The weights of a tile of columns and their sums: the lanes are columns, and the steps of the loop are rows.
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
    std::size_t used; // virtual lanes that a column of this length reaches
    std::size_t block;
    lane_sum<V, Accuracy> lanes[line * registers];
    wide<V> closed[registers];

    SMX_INLINE explicit tile_sum(std::size_t n) : used(n < line ? n : line), block(block_length(n)) {}

    SMX_INLINE void add(std::size_t i, P const& w) {
        auto* const slot = lanes + i % line * registers;
        simd::unroll<registers>([&](std::size_t j) SMX_INLINE_LAMBDA { slot[j].add(w.part[j]); });
    }
    /// After `done` elements.
    SMX_INLINE void close_run(std::size_t done) {
        for (std::size_t s = 0; s != used * registers; ++s) lanes[s].close_run();
        if (block != one_block && done % block == 0) [[unlikely]]
            close_block();
    }
    /// The totals of the columns in lanes[0 .. registers).
    SMX_INLINE void finish() {
        halve();
        if (block != one_block) [[unlikely]]
            for (std::size_t r = 0; r != registers; ++r) lanes[r].total = closed[r] + lanes[r].total;
    }

private:
    SMX_COLD void close_block() {
        halve();
        for (std::size_t r = 0; r != registers; ++r) closed[r] = closed[r] + lanes[r].total;
        for (auto& lane : lanes) lane = {};
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

/// The weights of a tile one register wide to y, and the totals of its columns, which have at most a line: each virtual
/// lane has one weight, so there are no runs.
template <class Accuracy, class P, class Load, class Store>
SMX_INLINE void weigh_short_tile(std::size_t n, Load const& x, Store const& y,
                                 math::exp_reference<typename P::register_type, P> const& ref,
                                 wide<typename P::register_type>* totals) {
    using wide_sum = wide<typename P::register_type>;
    using D = typename wide_sum::D;
    constexpr std::size_t line = simd::line<typename P::value_type>;
    D low[line], high[line];
    for (std::size_t i = 0; i != n; ++i) {
        P const w = math::exp_weight<Accuracy>(x(i), ref);
        y(i, w);
        low[i] = simd::widen_low(w.part[0]);
        high[i] = simd::widen_high(w.part[0]);
    }
    for (std::size_t half = line / 2; half != 0; half /= 2)
        for (std::size_t j = 0; j != half && j + half < n; ++j) {
            low[j] = low[j] + low[j + half];
            high[j] = high[j] + high[j + half];
        }
    totals[0].low = low[0];
    totals[0].high = high[0];
}

/// The same for any tile.
template <class Accuracy, class P, class Load, class Store>
SMX_INLINE void weigh_tile(std::size_t n, Load const& x, Store const& y,
                           math::exp_reference<typename P::register_type, P> const& ref,
                           wide<typename P::register_type>* totals) {
    using T = typename P::value_type;
    if constexpr (P::registers == 1 && std::is_same_v<T, float>)
        if (n <= simd::line<T>) return weigh_short_tile<Accuracy, P>(n, x, y, ref, totals);
    tile_sum<P, Accuracy> sum(n);
    for (std::size_t i = 0; i != n; ++i) {
        P const w = math::exp_weight<Accuracy>(x(i), ref);
        y(i, w);
        sum.add(i, w);
        if ((i + 1) % run_length<T, Accuracy> == 0) sum.close_run(i + 1);
    }
    if (n % run_length<T, Accuracy> != 0) sum.close_run(n);
    sum.finish();
    for (std::size_t r = 0; r != P::registers; ++r) totals[r] = sum.lanes[r].total;
}

} // namespace algorithm
SMX_END
