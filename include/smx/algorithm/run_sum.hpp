// SPDX-License-Identifier: BSL-1.0
// The sum of a row, taken run by run and, if it is long, block by block: where runs begin and end, and what is known in
// between.
#pragma once

#include <smx/algorithm/line_sum.hpp>
#include <smx/algorithm/run_pieces.hpp>

SMX_BEGIN
namespace algorithm {

/// A long row is summed in blocks, each by itself, and the sums of the blocks in order: so the bits are the same if
/// threads share the row. Other rows are one block. Of 65,536 floats two threads take .65 to .75 of the time of one
/// (OpenMP, oneTBB); where blocks end costs one thread a hundredth there.
inline constexpr std::size_t long_row = std::size_t(1) << 16, most_blocks = 64;
inline constexpr std::size_t one_block = ~std::size_t(0);
SMX_INLINE constexpr std::size_t block_length(std::size_t n) {
    constexpr std::size_t step = std::size_t(1) << 13; // a whole number of runs, and of the chunks of online_t
    return n < long_row ? one_block : (n - 1) / (most_blocks * step) * step + step;
}

/// What a sum over n elements of this source is told: those of a block are not divided again.
template <class Source> constexpr std::size_t length_in_blocks(std::size_t n) {
    if constexpr (requires { Source::is_block; }) return 0;
    return n;
}

/// A sum whose elements come as parts of runs.
template <class P, class Accuracy> struct run_sum : line_sum<typename P::register_type, Accuracy> {
    using V = typename P::register_type;
    using T = typename P::value_type;
    using sums = line_sum<V, Accuracy>;

    /// The runs so far, which are closed.
    struct runs {
        wide<V> totals[sums::registers];
        total<T> closed = total_from<T>(0);
        std::size_t left;

        SMX_INLINE explicit runs(std::size_t n) : left(block_length(n)) {}
        SMX_INLINE void take(runs const& other) {
            simd::unroll<sums::registers>([&](std::size_t r) SMX_INLINE_LAMBDA { totals[r].take(other.totals[r]); });
            closed = other.closed;
            left = other.left;
        }
        /// All of them, times a power of two (or 0).
        SMX_INLINE void move(V power_of_two) {
            for (auto& t : totals) t.scale(power_of_two);
            closed = closed * static_cast<double>(simd::first_lane(power_of_two));
        }
    };

    run_sum() = default;
    SMX_INLINE explicit run_sum(std::size_t n) : block(block_length(n)), left(block) {}
    SMX_INLINE runs so_far() const {
        runs result(0);
        simd::unroll<sums::registers>([&](std::size_t r)
                                          SMX_INLINE_LAMBDA { result.totals[r].take(this->lanes[r].total); });
        result.closed = closed;
        result.left = left;
        return result;
    }
    SMX_INLINE void go_on_from(runs const& those) {
        simd::unroll<sums::registers>([&](std::size_t r)
                                          SMX_INLINE_LAMBDA { this->lanes[r].total.take(those.totals[r]); });
        closed = those.closed;
        left = those.left;
    }

    /// body(part) for [begin, end), which begins at a run: columns where runs are whole, if the source is read in
    /// packs, lines elsewhere. Closes each run and, after level(), which makes the lanes comparable, each block.
    template <class Source, class Body, class Level>
    SMX_INLINE void by_runs(Source const&, std::size_t begin, std::size_t end, Body&& body, Level&& level) {
        run_by_run<false, false, Source>(begin, end, level, [&](auto const& part) SMX_INLINE_LAMBDA {
            body(part);
            return true;
        });
    }
    template <class Source, class Body>
    SMX_INLINE void by_runs(Source const& x, std::size_t begin, std::size_t end, Body&& body) {
        by_runs(x, begin, end, body, [] {});
    }

    /// The same; if it may stop, as long as the body returns true. Returns the end, or where the run begins in which it
    /// did not: that is forgotten. If lines may overlap, a row ends with an end_of_row.
    template <bool MayStop, bool MayOverlap, class Source, class Level, class Body>
    SMX_INLINE std::size_t run_by_run(std::size_t begin, std::size_t end, Level const& level, Body const& body) {
        using line = simd::pack<V, simd::line_registers<V>>;
        using pieces = pieces_of_runs<Source, V>;
        constexpr std::size_t run = Accuracy::lines_per_run, lines = run < pieces::in_flight ? pieces::in_flight : run,
                              length = lines * simd::line<T>;
        while (begin != end) {
            std::size_t const block_end = end - begin > left ? begin + left : end;
            left -= block_end - begin;
            for (std::size_t count = (block_end - begin) / length; count != 0; --count, begin += length) {
                bool accepted = true;
                pieces::template each<lines / pieces::in_flight>(begin, [&](auto const& part) SMX_INLINE_LAMBDA {
                    if (!MayStop || accepted) accepted = body(part);
                });
                if (MayStop && !accepted) [[unlikely]]
                    return forget_run(begin, block_end);
            }
            if (begin != block_end) {
                runs const before = so_far(); // if it may stop: lines end runs by themselves
                std::size_t l = 0;
                bool accepted = true;
                sweep<line>(begin, block_end, [&](auto, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                    auto const part = line_of_run<V, decltype(extent)>{offset, l, extent};
                    if constexpr (MayOverlap && std::is_same_v<decltype(extent), simd::partial>) {
                        if (accepted && offset != 0)
                            accepted = body(end_of_row<V>{block_end - line::size, l, block_end - offset});
                        else if (accepted)
                            accepted = body(part);
                    } else if (!MayStop || accepted) {
                        accepted = body(part);
                    }
                    l = (l + 1) % run;
                });
                if (MayStop && !accepted) [[unlikely]] {
                    go_on_from(before);
                    return forget_run(begin, block_end);
                }
                this->close_run(l);
                begin = block_end;
            }
            if (left == 0) [[unlikely]] {
                level();
                close_block();
            }
        }
        return begin;
    }

    /// The blocks before this one, times a power of two (or 0).
    SMX_INLINE void scale_closed(T power_of_two) {
        if (block != one_block) closed = closed * static_cast<double>(power_of_two);
    }
    /// The sum of the row.
    SMX_INLINE total<T> sum() const {
        total<T> const rest = sums::sum();
        return block == one_block ? rest : closed + rest;
    }

private:
    std::size_t block = one_block, left = one_block;
    total<T> closed = total_from<T>(0);

    SMX_INLINE std::size_t forget_run(std::size_t begin, std::size_t end) {
        left += end - begin;
        return begin;
    }
    SMX_INLINE void close_block() {
        closed = closed + sums::sum();
        static_cast<sums&>(*this) = {};
        left = block;
    }
};

} // namespace algorithm
SMX_END
