// SPDX-License-Identifier: BSL-1.0
// Softmax down the columns of a matrix: the lanes of a tile are columns, and the steps of the loop are rows.
// A column is summed in the order of a row of the same length (line_sum), so the bits are those of a row.
#pragma once

#include <smx/algorithm/normalize.hpp>

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

/// What a tile divides by: an inverse in each lane.
template <class P> struct tile_inverse { P hi, lo, smallest; };

/// softmax of each column of a tile of at most P::size columns and n > 0 rows: x(i) loads the tile's part of row i,
/// y(i, v) stores it, z(i) loads what y stored. Returns false, and writes nothing, if a column must be taken alone.
/// After it, columns whose sum is not a positive number are listed in `special` and must be filled.
template <class Accuracy, class P, class Load, class Store, class Reload, class Finish, class Special>
SMX_INLINE bool normalize_tile(std::size_t n, std::size_t columns, math::exp_scale<typename P::value_type> k,
                               Load const& x, Store const& y, Reload const& z, Finish const& finish,
                               Special const& special) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    T const lowest = finish.template lowest_exponent<T>();
    if (!(lowest <= T(math::near_exponent))) return false;

    P largest = x(0);
    for (std::size_t i = 1; i != n; ++i) largest = simd::max(largest, x(i));

    V const near = V(static_cast<T>(math::near_exponent));
    P exponent = math::exp_exponent(largest, V(k.hi));
    bool far = false;
    simd::unroll<P::registers>(
        [&](std::size_t j) SMX_INLINE_LAMBDA { far = far || simd::any_far(exponent.part[j], near, largest.part[j]); });
    if (far) return false;
    exponent = simd::at_least(exponent, V(lowest)); // a column of -inf: any reference will do

    auto const ref = math::exp_reference_at<V>(k, exponent);
    wide<V> found[P::registers];
    weigh_tile<Accuracy, P>(n, x, y, ref, found);
    // The plain finish of float has a short way: all lanes at once.
    if constexpr (Finish::is_plain && std::is_same_v<T, float>) {
        tile_inverse<P> inverse;
        bool all_positive = true;
        simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            all_positive = all_positive && found[j].all_above(0);
            auto const lanes = reciprocal<V>::of(found[j]);
            inverse.hi.part[j] = lanes.hi;
            inverse.lo.part[j] = lanes.lo;
            inverse.smallest.part[j] = lanes.smallest;
        });
        if (all_positive) [[likely]] {
            for (std::size_t i = 0; i != n; ++i) y(i, finish.apply(z(i), inverse.hi, inverse.lo, inverse.smallest));
            return true;
        }
    }
    total<T> totals[P::size];
    for (std::size_t r = 0; r != P::registers; ++r) found[r].store(totals + r * V::size);
    alignas(64) T hi[P::size], lo[P::size], smallest[P::size], exponents[P::size];
    simd::store(exponents, exponent, simd::whole{});
    for (std::size_t c = 0; c != P::size; ++c) {
        totals[c] = finish.template denominator<Accuracy>(totals[c], V(exponents[c]));
        auto const inverse = finish.template inverse<V>(totals[c]);
        hi[c] = inverse.hi;
        lo[c] = inverse.lo;
        smallest[c] = inverse.smallest;
    }
    P const high = simd::load_pack<P>(hi, simd::whole{}, V(0)), low = simd::load_pack<P>(lo, simd::whole{}, V(0)),
            bound = simd::load_pack<P>(smallest, simd::whole{}, V(0));
    for (std::size_t i = 0; i != n; ++i) y(i, finish.apply(z(i), high, low, bound));
    for (std::size_t c = 0; c != columns; ++c)
        if (!(leading(totals[c]) > 0)) special(c, leading(totals[c]));
    return true;
}

} // namespace algorithm
SMX_END
