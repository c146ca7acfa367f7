// SPDX-License-Identifier: BSL-1.0
// Weights e^(c x_i) / 2^N of a row and their sum, for a reference exponent N: what every algorithm does to every
// element.
#pragma once

#include <smx/algorithm/line_sum.hpp>
#include <smx/algorithm/maximum.hpp>
#include <smx/math/exp.hpp>

#include <cstdint>

SMX_BEGIN
namespace algorithm {

/// Stands for "store nothing".
struct no_sink {
    template <class P, class Extent> SMX_INLINE void store(std::size_t, P const&, Extent) const {}
};

/// True if a row is still there once its weights are stored: they are elsewhere, or nowhere.
template <class Source, class Sink> SMX_INLINE bool outlives_weights(Source const& x, Sink const& weights) {
    if constexpr (std::is_same_v<Sink, no_sink>)
        return true;
    else if constexpr (requires { static_cast<void const*>(x.row) == static_cast<void const*>(weights.row); })
        return static_cast<void const*>(x.row) != static_cast<void const*>(weights.row);
    else
        return false;
}

/// What weighing a row found. `near` is false if an exponent is out of range: the row must be moved to 0 first.
template <class V> struct weighing {
    bool near = false;
    V exponent = V(0); // N
    total<simd::element_of<V>> sum{};
};

template <class T> SMX_INLINE bool is_near(T exponent) {
    return exponent >= T(-math::near_exponent) && exponent <= T(math::near_exponent);
}

/// Where exponents begin that only grow: not near, unless something asks for more than the lowest that is.
template <class T> SMX_INLINE T below_near(T lowest) {
    return lowest > T(-math::near_exponent) ? lowest : T(-math::near_exponent - 1);
}

/// The reference exponent of a row with this largest element.
template <class V> struct reference {
    bool near;
    V exponent;
};
template <class V, class T> SMX_INLINE reference<V> reference_of(T largest, math::exp_scale<T> k, T lowest) {
    V exponent = math::exp_exponent(V(largest), V(k.hi));
    if (!is_near(simd::first_lane(exponent))) [[unlikely]] {
        if (largest != -simd::infinity<T>) return {false, exponent};
        exponent = V(lowest); // all are -inf: any reference will do for weights of 0
    }
    return {true, simd::max(exponent, V(lowest))};
}

/// A reference exponent from some element of the row, so far above its own that the largest may be 46 units above it
/// (600 for double). Not near: the largest is needed. Whoever weighs against it asks is_accepted().
template <class V, class T> SMX_INLINE reference<V> guess_of(T some, math::exp_scale<T> k, T lowest) {
    using limits = math::exp_limits<T>;
    V const exponent = math::exp_exponent(V(some), V(k.hi));
    T const known = simd::first_lane(exponent), margin = 2 * limits::headroom;
    bool const near = known >= margin - T(math::near_exponent) && known <= T(math::near_exponent) - margin;
    V const guess = exponent + V(limits::headroom);
    return {near, lowest > T(-math::near_exponent) ? simd::max(guess, V(lowest)) : guess};
}
/// The sum tells that no weight was too large for the reference: it is above 0 and at most `most`. By its bits:
/// -ffast-math knows no NaN, and two infinite weights may be of either sign.
template <class T> SMX_INLINE bool is_accepted(total<T> const& sum) {
    constexpr std::uint64_t most = __builtin_bit_cast(std::uint64_t, math::exp_limits<T>::most);
    return __builtin_bit_cast(std::uint64_t, leading(sum)) - 1 < most;
}

/// Some element of a row: the first, or the largest of the first line and the last where the row is long enough to
/// hide what that takes.
template <class P, class Source> SMX_INLINE typename P::value_type glance(Source const& x, std::size_t n) {
    using V = typename P::register_type;
    using line = simd::pack<V, simd::line_registers<V>>;
    if (n < line::size) return maximum<line>(x, 0, n);
    auto const first = x.template load<line>(0, simd::whole{}, V(0));
    if (n < 64 * line::size) return simd::first_lane(first.part[0]);
    auto const last = x.template load<line>(n - line::size, simd::whole{}, V(0));
    return simd::largest_lane(simd::largest_part(simd::max(first, last)));
}

/// 2^d lane by lane, for d <= 0; 0 below the smallest normal number.
template <class V> SMX_INLINE V power_of_two(V d) {
    using limits = math::exp_limits<simd::element_of<V>>;
    return simd::exponent_from_magic(simd::at_least(d, V(-limits::one)) + V(limits::magic + limits::one));
}

/// A long row is summed in blocks, each by itself, and the sums of the blocks in order: so the bits are the same if
/// threads share the row. Other rows are one block.
inline constexpr std::size_t long_row = std::size_t(1) << 18, most_blocks = 64;
inline constexpr std::size_t one_block = ~std::size_t(0);
SMX_INLINE constexpr std::size_t block_length(std::size_t n) {
    constexpr std::size_t step = long_row / most_blocks; // a whole number of runs, and of the chunks of online_t
    return n < long_row ? one_block : (n - 1) / (most_blocks * step) * step + step;
}

/// What a sum over n elements of this source is told: those of a block are not divided again.
template <class Source> constexpr std::size_t length_in_blocks(std::size_t n) {
    if constexpr (requires { Source::is_block; }) return 0;
    return n;
}

/// The sum of the weights of a row, run by run.
template <class P, class Accuracy> struct weight_sum : line_sum<typename P::register_type, Accuracy> {
    using V = typename P::register_type;
    using T = typename P::value_type;

    weight_sum() = default;
    SMX_INLINE explicit weight_sum(std::size_t n) : block(block_length(n)), left(block) {}

    /// body(shape, offset, extent) for [begin, end), which begins at a run: packs where a run is whole, lines in the
    /// last one. Closes each run and, after level(), which makes the lanes comparable, each block.
    template <class Body, class Level>
    SMX_INLINE void by_runs(std::size_t begin, std::size_t end, Body&& body, Level&& level) {
        using line = simd::pack<V, simd::line_registers<V>>;
        constexpr std::size_t length = Accuracy::lines_per_run == 1 ? P::size : run_length<T, Accuracy>;
        while (begin != end) {
            std::size_t const block_end = end - begin > left ? begin + left : end;
            left -= block_end - begin;
            for (std::size_t runs = (block_end - begin) / length; runs != 0; --runs, begin += length) {
                for (std::size_t offset = 0; offset != length; offset += P::size)
                    body(shape_of<P>{}, begin + offset, simd::whole{});
                this->close_run();
            }
            if (begin != block_end) {
                sweep<line>(begin, block_end, body);
                this->close_run();
                begin = block_end;
            }
            if (left == 0) [[unlikely]] {
                level();
                close_block();
            }
        }
    }
    template <class Body> SMX_INLINE void by_runs(std::size_t begin, std::size_t end, Body&& body) {
        by_runs(begin, end, body, [] {});
    }

    /// The blocks before this one, times a power of two (or 0).
    SMX_INLINE void scale_closed(T power_of_two) {
        if (block != one_block) closed = closed * static_cast<double>(power_of_two);
    }
    /// The sum of the row.
    SMX_INLINE total<T> sum() const {
        total<T> const rest = line_sum<V, Accuracy>::sum();
        return block == one_block ? rest : closed + rest;
    }

    /// Weighs [begin, end), which begins at a run, against a known reference, and stores the weights.
    template <class Source, class Sink>
    SMX_INLINE void weigh(Source const& x, Sink const& weights, std::size_t begin, std::size_t end,
                          math::exp_reference<V, V> const& ref) {
        by_runs(begin, end, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            using Part = typename decltype(shape)::pack_type;
            auto const w = math::exp_weight_or_infinity<Accuracy>(x.template load<Part>(offset, extent, V(0)), ref);
            weights.store(offset, w, extent);
            this->add(simd::keep(w, V(0), extent));
        });
    }

private:
    std::size_t block = one_block, left = one_block;
    total<T> closed = total_from<T>(0);

    SMX_INLINE void close_block() {
        closed = closed + line_sum<V, Accuracy>::sum();
        static_cast<line_sum<V, Accuracy>&>(*this) = {};
        left = block;
    }
};

} // namespace algorithm
SMX_END
