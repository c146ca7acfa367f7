// SPDX-License-Identifier: BSL-1.0
// log_sum of as many rows as a register has lanes: each row by itself, but one step of all rows after the other, so
// that none waits for the end of a sum, and a logarithm is taken of all at once.
#pragma once

#include <smx/algorithm/log_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// What log_sum says of a row, of the row in each lane.
template <class V> struct rows_log_sum {
    using T = simd::element_of<V>;
    alignas(64) T largest[V::size], log_of_sum[V::size];
};

/// Returns false if a row must be taken alone: an exponent is not near, all elements are -inf, one is NaN, or more are
/// equal than can be counted in T. rows(r, ahead) is row r, which prefetches so far ahead, rows(r) without.
template <class Accuracy, class P, class Rows, class T>
SMX_OUTER bool log_sums_of_rows(rows_log_sum<typename P::register_type>& found, Rows const& rows, std::size_t n,
                                std::size_t ahead, row_scale<T> const& scale) {
    using V = typename P::register_type;
    using accuracy = logarithmic<Accuracy>;
    using one = simd::pack<V, 1>;
    if (!scale.ordinary || scale.c == 0 || n >= most_ties) return false;
    for (std::size_t r = 0; r != V::size; ++r) found.largest[r] = maximum<P>(rows(r, ahead), 0, n);
    V const largest = V::load_aligned(found.largest), exponent = math::exp_exponent(largest, V(scale.k.hi));
    if (simd::any_not_at_most(simd::magnitude(exponent), V(T(math::near_exponent)))) return false;
    alignas(64) T exponents[V::size], ties[V::size];
    alignas(64) double rests[V::size];
    exponent.store_aligned(exponents);
    std::size_t window_from = shortest_in_window;
    for (std::size_t r = 0; r != V::size; ++r) {
        auto const beside = exp_sum_beside<accuracy, P>(found.largest[r], rows(r), n,
                                                        exp_of_row<accuracy, V>{scale.k, V(exponents[r])}, window_from);
        rests[r] = beside.rest();
        ties[r] = static_cast<T>(beside.ties);
    }
    auto const ref = math::exp_reference_at(scale.k, exponent);
    V const of_largest = math::exp_weight<accuracy>(one{{largest}}, ref).part[0];
    V const above_one = wide<V>::of_totals(rests).over(of_largest, simd::barrier(V::load_aligned(ties) - V(T(1))));
    if (simd::any_not_at_most(above_one, V(simd::infinity<T>))) return false;
    math::log1p(one{{above_one}}).part[0].store_aligned(found.log_of_sum);
    return true;
}

} // namespace algorithm
SMX_END
