// SPDX-License-Identifier: BSL-1.0
// As many rows as a register has lanes: their first elements, and their sums, all at once. A sum is what sum_lanes
// makes of each, bit for bit, in a third of its operations.
#pragma once

#include <smx/simd/reduce.hpp>
#include <smx/simd/x86_transpose.hpp>

SMX_BEGIN
namespace simd {

/// The elements p[0], p[stride], ..., one for each lane.
template <one_register V> SMX_INLINE V load_strided(element_of<V> const* p, std::size_t stride) {
    return V(native::load_strided(p, stride, V(element_of<V>(0)).data));
}

/// Machines that can, for registers D of doubles.
template <one_register D> constexpr bool sums_rows() {
    return requires(D v) { native::odd_slices(v.data, v.data); };
}

/// Lane r of the result: the sum of the lanes of rows[r], by halving.
template <one_register D> SMX_INLINE D sums_of_rows(D const (&rows)[D::size]) {
    auto const meet = [](D a, D b) SMX_INLINE_LAMBDA { // element j of four meets j + 2, of two rows
        return D(native::even_slices(a.data, b.data)) + D(native::odd_slices(a.data, b.data));
    };
    auto const halve = []<class R>(R a, R b) SMX_INLINE_LAMBDA { // element j of eight meets j + 4
        return R(native::lower_halves(a.data, b.data)) + R(native::upper_halves(a.data, b.data));
    };
    D even, odd; // the sums of these rows, in two parts each
    if constexpr (D::size == 4) {
        even = meet(rows[0], rows[2]);
        odd = meet(rows[1], rows[3]);
    } else {
        even = meet(halve(rows[0], rows[2]), halve(rows[4], rows[6]));
        odd = meet(halve(rows[1], rows[3]), halve(rows[5], rows[7]));
    }
    return D(native::zip_low(even.data, odd.data)) + D(native::zip_high(even.data, odd.data));
}

} // namespace simd
SMX_END
