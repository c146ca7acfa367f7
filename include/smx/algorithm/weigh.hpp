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
// taken only if the guess was wrong and cannot be raised, or if the weights of a wrong one would be stored over the row
// (three_pass.hpp).
#pragma once

#include <smx/algorithm/three_pass.hpp>
#include <smx/math/exp_pair.hpp>

SMX_BEGIN

struct online_t {
    static constexpr bool keeps_weights = false;
    /// Elements that share one maximum: long enough to hide its latency, short enough for L1. A whole number of runs.
    static constexpr std::size_t chunk = 2048;

    template <class P, class Accuracy, class Source, class Sink, class T>
    SMX_OUTER static auto weigh(Source const& x, Sink const&, std::size_t n, math::exp_scale<T> k, T lowest,
                                algorithm::reference_from) -> algorithm::weighing<typename P::register_type> {
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
    SMX_OUTER static auto weigh(Source const& x, Sink const&, std::size_t n, math::exp_scale<T> k, T lowest,
                                algorithm::reference_from) -> algorithm::weighing<typename P::register_type> {
        using namespace algorithm;
        using V = typename P::register_type;
        // Below `out_of_range` an exponent is out of range and the weight 0; a row of these stays at the lowest
        // exponent.
        V const hi(k.hi), lo(k.lo), out_of_range(T(-2 * math::near_exponent) * k.inverse);
        V const unset(T(-math::near_exponent - 1));
        V exponents(lowest);
        T common = lowest; // of the blocks before this one
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
