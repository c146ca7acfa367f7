// SPDX-License-Identifier: BSL-1.0
// How a row is read to weigh it: the four algorithms. Each ends with the same two things, a reference exponent N and
// the total of the weights e^(c x_i) / 2^N, and each gives the same bits: references differ by exact powers of two.
// N is at least `lowest`, for sums that others add to.
//
//   three_pass_reload     guess, weigh and store, (scale)    2 reads 2 writes
//   three_pass_recompute  guess, weigh, (weigh and scale)    2 reads 1 write
//   two_pass              weigh as (mantissa, exponent)      2 reads 1 write    Dukhan & Ablavatski 2020, Algorithm 3
//   online                a maximum per chunk                2 reads 1 write    Milakov & Gimelshein 2018, Algorithm 3
//
// The first two are Algorithms 2 and 1 of Dukhan & Ablavatski, whose first pass finds the maximum. Here that pass is
// taken only if the guess was wrong, or if the weights of a wrong one would be stored over the row. As long as elements
// lie in the window of exponents around the guess, reload weighs without tests.
#pragma once

#include <smx/algorithm/reference.hpp>
#include <smx/algorithm/weight_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// What weighing a row found. `near` is false if an exponent is out of range: the row must be moved to 0 first.
template <class V> struct weighing {
    bool near = false;
    V exponent = V(0); // N
    total<simd::element_of<V>> sum{};
    bool normal = false; // no weight is so small that a result could be denormal
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

template <class Derived> struct three_pass {
    template <class P, class Accuracy, class Source, class Sink, class T>
    SMX_INLINE static auto weigh(Source const& x, Sink const& y, std::size_t n, math::exp_scale<T> k, T lowest)
        -> weighing<typename P::register_type> {
        using V = typename P::register_type;
        constexpr bool has_window =
            math::has_exp_window<V> && Derived::keeps_weights && algorithm::reads_packs<Source>();
        auto const& weights = Derived::weights(y);
        reference<V> ref{false, V(lowest)};
        math::exp_window_reference<V> window{};
        V some{};
        bool inside = false;
        if (outlives_weights(x, weights)) {
            auto const ends = ends_of<P>(x, n);
            ref = guess_of<V>(ends.some(n), k, lowest);
            if constexpr (has_window) {
                window = math::exp_window_at(k, ref.exponent);
                some = ends.first.part[0];
                inside = ref.near && window.usable && ends.inside(window);
                if (!inside) ref = guess_of<V>(ends.largest(), k, lowest); // masked, or far from each other
            }
        }
        for (bool guessed = ref.near;; guessed = inside = false) {
            if (!guessed) ref = reference_of<V>(maximum<P>(x, 0, n), k, lowest);
            if (!ref.near) return {};
            weight_sum<P, Accuracy> sum(length_in_blocks<Source>(n));
            std::size_t begin = 0;
            if constexpr (has_window)
                if (inside) begin = sum.weigh_in_window(x, weights, n, window, some);
            if (!has_window || begin != n) sum.weigh(x, weights, begin, n, math::exp_reference_at(k, ref.exponent));
            auto const total = sum.sum();
            if (!guessed || is_accepted<T>(total)) [[likely]]
                return {true, ref.exponent, total, has_window && begin == n};
        }
    }
};

} // namespace algorithm

struct three_pass_reload_t : algorithm::three_pass<three_pass_reload_t> {
    static constexpr bool keeps_weights = true;
    /// In the output, or where it says.
    template <class Sink> SMX_INLINE static decltype(auto) weights(Sink const& y) {
        if constexpr (requires { y.weights(); })
            return y.weights();
        else
            return (y);
    }
};

struct three_pass_recompute_t : algorithm::three_pass<three_pass_recompute_t> {
    static constexpr bool keeps_weights = false;
    template <class Sink> SMX_INLINE static algorithm::no_sink weights(Sink const&) { return {}; }
};

struct online_t {
    static constexpr bool keeps_weights = false;
    /// Elements that share one maximum: long enough to hide its latency, short enough for L1. A whole number of runs.
    static constexpr std::size_t chunk = 2048;

    template <class P, class Accuracy, class Source, class Sink, class T>
    SMX_INLINE static auto weigh(Source const& x, Sink const&, std::size_t n, math::exp_scale<T> k, T lowest)
        -> algorithm::weighing<typename P::register_type> {
        using namespace algorithm;
        using V = typename P::register_type;
        T exponent = lowest;
        weight_sum<P, Accuracy> sum(length_in_blocks<Source>(n));
        for (std::size_t begin = 0; begin != n;) {
            std::size_t const end = n - begin > chunk ? begin + chunk : n;
            T const largest = maximum<P>(x, begin, end);
            if (largest != -simd::infinity<T>) {
                T const candidate = simd::first_lane(math::exp_exponent(V(largest), V(k.hi)));
                if (!is_near(candidate)) return {};
                if (candidate > exponent) {
                    V const power = power_of_two(V(exponent - candidate));
                    sum.scale(power);
                    sum.scale_closed(simd::first_lane(power));
                    exponent = candidate;
                }
            }
            sum.weigh(x, no_sink{}, begin, end, math::exp_reference_at(k, V(exponent)));
            begin = end;
        }
        return {true, V(exponent), sum.sum()};
    }
};

struct two_pass_t {
    static constexpr bool keeps_weights = false;

    template <class P, class Accuracy, class Source, class Sink, class T>
    SMX_INLINE static auto weigh(Source const& x, Sink const&, std::size_t n, math::exp_scale<T> k, T lowest)
        -> algorithm::weighing<typename P::register_type> {
        using namespace algorithm;
        using V = typename P::register_type;
        // Below `out_of_range` an exponent is out of range and the weight 0; the exponents start just below those
        // that are near, so that a row without one shows.
        V const hi(k.hi), lo(k.lo), out_of_range(T(-2 * math::near_exponent) * k.inverse);
        V const unset(T(-math::near_exponent - 1));
        V exponents(below_near(lowest));
        T common = below_near(lowest); // of the blocks before this one
        weight_sum<P, Accuracy> sum(length_in_blocks<Source>(n));
        auto const level = [&]() SMX_INLINE_LAMBDA {
            T const exponent = simd::largest_lane(exponents);
            sum.scale(power_of_two(exponents - V(exponent)));
            sum.scale_closed(simd::first_lane(power_of_two(V(common - exponent))));
            common = exponent;
            exponents = V(exponent);
        };
        auto const body = [&](auto const& part) SMX_INLINE_LAMBDA {
            auto const parts = math::exp_parts<Accuracy>(part.load(x, V(0)), hi, lo, out_of_range);
            V const highest = simd::largest_part(part.keep(parts.exponent, unset));
            if (simd::any_above(highest, exponents)) {
                V const raised = simd::max(exponents, math::next_integer(highest));
                sum.scale(power_of_two(exponents - raised));
                exponents = raised;
            }
            part.add(sum, part.keep(math::exp_join(parts, exponents), V(0)));
        };
        sum.by_runs(x, 0, n, body, level);
        level();
        auto const total = sum.sum();
        // Rounded up, the lowest near exponent may come from one that is not near to the nearest integer.
        bool const near = is_near(common) && common != T(-math::near_exponent);
        return {near && leading(total) != 0, exponents, total};
    }
};

inline constexpr three_pass_reload_t three_pass_reload{};
inline constexpr three_pass_recompute_t three_pass_recompute{};
inline constexpr two_pass_t two_pass{};
inline constexpr online_t online{};

SMX_END
