// SPDX-License-Identifier: BSL-1.0
// Softmax down the columns of a matrix: the lanes of a tile are columns, and the steps of the loop are rows.
#pragma once

#include <smx/algorithm/normalize.hpp>
#include <smx/algorithm/tile_sum.hpp>

SMX_BEGIN
namespace algorithm {

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
    if constexpr (Finish::is_plain) { // all lanes at once
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
