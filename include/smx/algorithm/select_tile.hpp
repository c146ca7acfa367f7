// SPDX-License-Identifier: BSL-1.0
// The few largest elements of many rows at once, in order, ties to the lowest index (select.hpp): a row in each lane,
// every element of it compared with all that are selected.
#pragma once

#include <smx/simd/pack.hpp>
#include <smx/simd/transpose.hpp>

SMX_BEGIN
namespace algorithm {

/// The K largest elements of a row in each lane and their indices, which V holds exactly. -inf is never selected.
template <class V, std::size_t K> struct selection_in_lanes {
    using T = simd::element_of<V>;
    V values[K], indices[K];

    SMX_INLINE selection_in_lanes() {
        simd::unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
            values[j] = V(-simd::infinity<T>);
            indices[j] = V(T(0));
        });
    }
    /// Elements come in the order of their indices, so an equal one never displaces another.
    SMX_INLINE void add(V x, V index) {
        simd::unroll<K - 1>([&](std::size_t below) SMX_INLINE_LAMBDA {
            std::size_t const j = K - 1 - below;
            V const value = simd::select_at_least(values[j], x, values[j], x),
                    place = simd::select_at_least(values[j], x, indices[j], index);
            indices[j] = simd::select_at_least(values[j - 1], x, place, indices[j - 1]);
            values[j] = simd::select_at_least(values[j - 1], x, value, values[j - 1]);
        });
        indices[0] = simd::select_at_least(values[0], x, indices[0], index);
        values[0] = simd::select_at_least(values[0], x, values[0], x);
    }
};

/// The most elements that are selected so.
template <class T> inline constexpr std::size_t most_selected_in_lanes = 128 / sizeof(T);

/// The k <= most_selected_in_lanes largest elements of V::size rows of n > 0, those of rank j from values + j V::size
/// and indices + j V::size on; there is place for the next power of two above k, at least a slice. Returns false if a
/// row holds a NaN, or fewer than k elements above -inf.
template <class V, std::size_t K = 2>
SMX_NOINLINE bool select_in_lanes(simd::element_of<V> const* x, std::size_t stride, std::size_t n, std::size_t k,
                                  simd::element_of<V>* values, simd::element_of<V>* indices) {
    using T = simd::element_of<V>;
    if constexpr (2 * K <= most_selected_in_lanes<T>)
        if (k > K) return algorithm::select_in_lanes<V, 2 * K>(x, stride, n, k, values, indices);
    // Further on, few elements are selected: of 1,000 to ask takes .6 of the time, of 128 .97.
    constexpr std::size_t slice = simd::slice<T>, always = 16 * K;
    V const infinity(simd::infinity<T>);
    selection_in_lanes<V, K> best;
    V index(T(0));
    for (std::size_t i = 0; i < n; i += slice) {
        std::size_t const width = n - i < slice ? n - i : slice;
        V columns[slice];
        simd::load_slices(x + i, stride, width, columns);
        for (std::size_t j = 0; j != width; ++j) {
            if (simd::any_not_at_most(columns[j], infinity)) [[unlikely]]
                return false;
            if (i < always || simd::any_above(columns[j], best.values[K - 1])) best.add(columns[j], index);
            index = index + V(T(1));
        }
    }
    simd::unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
        best.values[j].store_aligned(values + j * V::size);
        best.indices[j].store_aligned(indices + j * V::size);
    });
    return simd::all_above(V::load_aligned(values + (k - 1) * V::size), -infinity);
}

} // namespace algorithm
SMX_END
