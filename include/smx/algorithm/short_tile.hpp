// SPDX-License-Identifier: BSL-1.0
// Softmax of as many short rows as a register has lanes, all in registers: element i of every row is register i.
#pragma once

#include <smx/algorithm/normalize.hpp>
#include <smx/simd/transpose.hpp>

SMX_BEGIN
namespace algorithm {

/// The totals of lanes that hold a row each, added up as line_sum does it. w[i] for i >= n is 0 and changes nothing.
template <class V, std::size_t N> SMX_OUTER wide<V> sum_of_short_rows(V const (&w)[N]) {
    constexpr std::size_t line = simd::line<simd::element_of<V>>;
    static_assert(N <= line, "each virtual lane has one weight");
    wide<V> total[N];
    simd::unroll<N>([&](std::size_t i) SMX_INLINE_LAMBDA { total[i] = wide<V>::of(w[i]); });
    simd::unroll<4>([&](std::size_t step) SMX_INLINE_LAMBDA { // halves of 8, 4, 2, 1; those of 8 are none of doubles
        std::size_t const half = 8 >> step;
        for (std::size_t j = 0; j != half; ++j)
            if (j + half < N) total[j] = total[j] + total[j + half];
    });
    return total[0];
}

/// Rows whose elements are in registers, weighed: element i of every row is weights[i].
template <class V, std::size_t N> struct short_tile {
    V weights[N];
    wide<V> total;
    bool normal = false; // no result can be denormal
};
/// What they are multiplied by; `smallest` only if results can be denormal.
template <class V> struct short_tile_inverse {
    two_parts<V> parts{V(0), V(0), V(0)};
    bool in_one_part = false;
};

/// Weighs x in the windows of a guess at each row, from its element 0; k has some (has_exp_windows). Returns false if a
/// row does not lie there, or its sum is too large.
template <class Accuracy, class V, std::size_t N>
SMX_OUTER bool weigh_short_tile_in_window(short_tile<V, N>& found, V const (&x)[N], std::size_t n,
                                          math::exp_scale<simd::element_of<V>> k, reference<V> const& guess) {
    using T = simd::element_of<V>;
    constexpr std::size_t slice = simd::slice<T>;
    static_assert(N % slice == 0);
    if (!guess.near) return false;
    auto const ref = math::exp_windows_at<V>(k, guess.exponent);
    // All carriers first: weights of what is outside may be denormal, and take ten times the time.
    V carrier[N];
    math::exp_window_seen<V> seen;
    simd::unroll<N>([&](std::size_t i) SMX_INLINE_LAMBDA {
        simd::pack<V, 1> const c =
            math::exp_window_carrier(simd::pack<V, 1>{{x[i < N - slice + 1 || i < n ? i : 0]}}, ref);
        carrier[i] = c.part[0];
        seen.add(c);
    });
    if (!seen.inside()) return false;
    simd::unroll<N / slice>([&](std::size_t s) SMX_INLINE_LAMBDA {
        simd::pack<V, slice> v, c;
        simd::unroll<slice>([&](std::size_t j) SMX_INLINE_LAMBDA {
            v.part[j] = x[slice * s + j];
            c.part[j] = carrier[slice * s + j];
        });
        v = math::exp_window_weight<Accuracy>(v, c, ref);
        simd::unroll<slice>([&](std::size_t j) SMX_INLINE_LAMBDA { found.weights[slice * s + j] = v.part[j]; });
    });
    for (std::size_t i = N - slice + 1; i != N; ++i)
        if (i >= n) found.weights[i] = V(T(0));
    found.total = sum_of_short_rows(found.weights);
    found.normal = true;
    return !found.total.any_above(math::exp_limits<T>::most);
}

/// Weighs x: element i of the rows, of which there are n, N - slice < n <= N, is x[i]. Returns false if a row must be
/// taken alone: an exponent is far, or the sum is not a positive number.
template <class Accuracy, class V, std::size_t N, class Finish>
SMX_OUTER bool weigh_short_tile(short_tile<V, N>& found, V (&x)[N], std::size_t n,
                                math::exp_scale<simd::element_of<V>> k, Finish const& finish) {
    using T = simd::element_of<V>;
    constexpr std::size_t slice = simd::slice<T>;
    static_assert(N % slice == 0);
    for (std::size_t i = N - slice + 1; i != N; ++i)
        if (i >= n) x[i] = V(-simd::infinity<T>);
    V largest = x[0];
    simd::unroll<N>([&](std::size_t i) SMX_INLINE_LAMBDA { largest = simd::max(largest, x[i]); });
    V const exponent = math::exp_exponent(largest, V(k.hi));
    if (simd::any_far(exponent, V(static_cast<T>(math::near_exponent)), largest)) return false;

    auto const ref = math::exp_reference_at(k, simd::at_least(exponent, V(finish.template lowest_exponent<T>(k))));
    simd::unroll<N / slice>([&](std::size_t s) SMX_INLINE_LAMBDA {
        simd::pack<V, slice> v;
        simd::unroll<slice>([&](std::size_t j) SMX_INLINE_LAMBDA { v.part[j] = x[slice * s + j]; });
        v = math::exp_weight<Accuracy>(v, ref);
        simd::unroll<slice>([&](std::size_t j) SMX_INLINE_LAMBDA { found.weights[slice * s + j] = v.part[j]; });
    });
    found.total = sum_of_short_rows(found.weights);
    found.normal = false;
    return found.total.all_above(0);
}

/// Of a row of a few elements the sum is a float too often.
template <class T, class Accuracy, std::size_t N>
inline constexpr bool tile_is_divided_once = divides_once<T, Accuracy> && (N > simd::slice<T>);

/// The inverses of the sums: to be found some time before the results are written, which would wait for them.
template <class Accuracy, class V, std::size_t N>
SMX_OUTER void invert_short_tile(short_tile_inverse<V>& inverse, short_tile<V, N> const& found) {
    if (!found.normal) [[unlikely]] {
        inverse.parts = reciprocal<V>::template of<Accuracy>(found.total);
        return;
    }
    auto const parts = reciprocal<V>::template of_normal<Accuracy>(found.total);
    inverse.parts.hi = parts.hi;
    inverse.parts.lo = parts.lo;
    if constexpr (tile_is_divided_once<simd::element_of<V>, Accuracy, N>) inverse.in_one_part = all_in_one_part(parts);
}

/// x[i] = element i of their results.
template <class Accuracy, class V, std::size_t N, class Finish>
SMX_OUTER void results_of_short_tile(short_tile<V, N> const& found, short_tile_inverse<V> const& inverse, V (&x)[N],
                                     Finish const& finish) {
    auto const divide = [&](auto const& by) SMX_INLINE_LAMBDA {
        simd::unroll<N>([&](std::size_t i) SMX_INLINE_LAMBDA { x[i] = finish.apply(found.weights[i], by); });
    };
    if (!found.normal) [[unlikely]]
        return divide(inverse.parts);
    if constexpr (tile_is_divided_once<simd::element_of<V>, Accuracy, N>)
        if (inverse.in_one_part) [[likely]]
            return divide(one_part_of_normal<V>{inverse.parts.hi});
    divide(two_parts_of_normal<V>{inverse.parts.hi, inverse.parts.lo});
}

} // namespace algorithm
SMX_END
