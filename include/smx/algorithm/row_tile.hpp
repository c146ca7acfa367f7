// SPDX-License-Identifier: BSL-1.0
// Softmax of as many rows as a register has lanes, each in registers of its own: whatever is one number of a row, its
// reference, its sum and the inverse of that, is found for all of them at once, in the lanes of one register.
#pragma once

#include <smx/algorithm/lines_of_row.hpp>
#include <smx/algorithm/normalize.hpp>
#include <smx/simd/row_sums.hpp>

#include <algorithm>

SMX_BEGIN
namespace algorithm {

/// Rows of so many lines, weighed: row r against the reference in lane r.
template <class V, std::size_t Lines> struct row_tile {
    using row = simd::pack<V, Lines * simd::line_registers<V>>;
    row weights[V::size];
    wide<V> totals;
    alignas(64) float inverse[2][V::size]; // hi and lo
    bool in_one_part;
};

/// Rows of three lines and more are prefetched one by one, not a tile at once: from beyond the caches those of 40, 48
/// and 56 floats take .9, .84 and .75 of the time; of two lines 1.02 to 1.07 (AVX-512, zen5).
template <std::size_t Lines> inline constexpr bool prefetched_by_rows = Lines > 2;

/// True for registers of floats that can be such rows.
template <class V> constexpr bool has_row_tiles() {
    if constexpr (std::is_same_v<simd::element_of<V>, float> && math::has_exp_window<V>)
        return simd::sums_rows<typename wide<V>::D>();
    return false;
}

/// The references of as many rows, each in the window of its first element; k has some (has_exp_windows). To be found
/// some time before the rows are weighed, which would wait for it.
template <class V> struct row_references {
    alignas(64) float shift[V::size];
    bool near;

    SMX_INLINE void find(float const* x, std::size_t stride, math::exp_scale<float> k) {
        auto const guess = guess_of_lanes(simd::load_strided<V>(x, stride), k);
        near = guess.near;
        math::exp_windows_at<V>(k, guess.exponent).shift.store_aligned(shift);
    }
};

/// Weighs the rows from x on. Returns false if a row does not lie in its window, or its sum is too large.
template <class Accuracy, class V, std::size_t Lines, std::size_t Whole>
SMX_OUTER bool weigh_row_tile(row_tile<V, Lines>& found, float const* x, std::size_t stride, std::size_t ahead,
                              lines_of_row<V, Lines, Whole> lines, math::exp_scale<float> k,
                              row_references<V> const& references) {
    using row = typename row_tile<V, Lines>::row;
    using D = typename wide<V>::D;
    constexpr std::size_t line = simd::line<float>;
    // As many rows at once as are a pack.
    constexpr std::size_t at_once = std::max(std::size_t(1), simd::pack_registers<V> / row::registers);
    using some = simd::pack<V, at_once * row::registers>;
    if (!references.near) return false;
    auto const ref = math::exp_windows_at<V>(k, V(0.0F));
    float const* const shifts =
        simd::in_memory(references.shift); // or clang++ takes them from a register, by two shuffles each
    D sums[V::size / D::size];
    auto const weigh_rows = [&](std::size_t first_row) SMX_INLINE_LAMBDA {
        if constexpr (prefetched_by_rows<Lines>)
            if (ahead != 0)
                for (std::size_t i = first_row * stride; i < (first_row + D::size) * stride; i += line)
                    simd::prefetch(x + ahead + i);
        D parts[D::size];
        bool inside = true;
        simd::unroll<D::size / at_once>([&](std::size_t step) SMX_INLINE_LAMBDA {
            if (!inside) [[unlikely]]
                return;
            std::size_t const r = step * at_once;
            some v, of_rows;
            simd::unroll<at_once>([&](std::size_t i) SMX_INLINE_LAMBDA {
                std::size_t const at = first_row + r + i;
                row const x_i = lines.load(x + at * stride);
                V const shift_i(shifts[at]);
                simd::unroll<row::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
                    v.part[i * row::registers + j] = x_i.part[j];
                    of_rows.part[i * row::registers + j] = shift_i;
                });
            });
            math::exp_window_reference<V, some> const window{ref.hi, ref.lo, of_rows, true};
            some const carrier = math::exp_window_carrier(v, window);
            // Weights of what is outside may be denormal, and take ten times the time.
            inside = math::all_in_window(carrier);
            if (!inside) [[unlikely]]
                return;
            some const w = math::exp_window_weight<Accuracy>(v, carrier, window);
            simd::unroll<at_once>([&](std::size_t i) SMX_INLINE_LAMBDA {
                row weights;
                simd::unroll<row::registers>(
                    [&](std::size_t j) SMX_INLINE_LAMBDA { weights.part[j] = w.part[i * row::registers + j]; });
                simd::unroll<row::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
                    found.weights[first_row + r + i].part[j] = weights.part[j];
                });
                wide<V> const total = total_in_registers<Accuracy>(lines.counted_once(weights));
                parts[r + i] = total.low + total.high;
            });
        });
        if (!inside) [[unlikely]]
            return false;
        sums[first_row / D::size] = simd::sums_of_rows(parts);
        return true;
    };
    bool weighed = true;
    // In a loop, rows of one line take 1.02 of the time (g++), 1.34 (clang++, AVX-512, zen4); longer ones gain by it.
    if constexpr (Lines == 1)
        simd::unroll<V::size / D::size>([&](std::size_t i)
                                            SMX_INLINE_LAMBDA { weighed = weighed && weigh_rows(i * D::size); });
    else
        for (std::size_t i = 0; i != V::size && weighed; i += D::size) weighed = weigh_rows(i);
    if (!weighed) [[unlikely]]
        return false;
    found.totals.low = sums[0];
    found.totals.high = sums[1];
    return !found.totals.any_above(math::exp_limits<float>::most);
}

/// Inverts their sums: some time before they are written, which would wait for it.
template <class Accuracy, class V, std::size_t Lines> SMX_OUTER void invert_row_tile(row_tile<V, Lines>& found) {
    auto const inverse = reciprocal<V>::template of_normal<Accuracy>(found.totals);
    inverse.hi.store_aligned(found.inverse[0]);
    inverse.lo.store_aligned(found.inverse[1]);
    found.in_one_part = divides_once<float, Accuracy> && all_in_one_part(inverse);
}

/// Writes their results.
template <class Accuracy, class V, std::size_t Lines, std::size_t Whole, class Finish>
SMX_OUTER void write_row_tile(row_tile<V, Lines> const& found, float* y, std::size_t stride, std::size_t ahead,
                              lines_of_row<V, Lines, Whole> lines, Finish const& finish) {
    float const* const hi = simd::in_memory(found.inverse[0]);
    float const* const lo = simd::in_memory(found.inverse[1]);
    auto const divide = [&](auto const& inverse_of) SMX_INLINE_LAMBDA {
        float* to = y; // no loop to unroll: g++ would keep 16 addresses in registers
        for (std::size_t r = 0, end = simd::barrier(V::size); r != end; ++r, to += stride) {
            lines.store(to, finish.apply(found.weights[r], inverse_of(r)));
            if constexpr (prefetched_by_rows<Lines>)
                if (ahead != 0)
                    for (std::size_t l = 0; l != Lines; ++l)
                        simd::prefetch_for_write(to + ahead + l * simd::line<float>);
        }
    };
    if constexpr (divides_once<float, Accuracy>)
        if (found.in_one_part) [[likely]]
            return divide([&](std::size_t r) SMX_INLINE_LAMBDA { return one_part_of_normal<V>{V(hi[r])}; });
    divide([&](std::size_t r) SMX_INLINE_LAMBDA { return two_parts_of_normal<V>{V(hi[r]), V(lo[r])}; });
}

} // namespace algorithm
SMX_END
