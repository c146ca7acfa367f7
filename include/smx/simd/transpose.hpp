// SPDX-License-Identifier: BSL-1.0
// As many rows as a register has lanes, turned into columns and back: for rows too short to fill a register.
//
// A slice (four floats, two doubles) of columns at a time. Lane l of 128 bits of register j is loaded with a slice of
// row slice l + j; transposing the registers inside these lanes gives columns whose lanes are the rows in order.
#pragma once

#include <smx/simd/memory.hpp>
#include <smx/simd/x86_transpose.hpp>

SMX_BEGIN
namespace simd {

/// Elements in 16 bytes.
template <class T> inline constexpr std::size_t slice = 16 / sizeof(T);

/// Machines that can.
template <one_register V> constexpr bool transposes() {
    return requires(element_of<V> * p, V v) { native::load_slices(p, std::size_t(1), std::size_t(1), v.data); };
}

/// Four registers of slices of four, or two of two, into columns; and back: it is its own inverse.
template <class R> SMX_INLINE void transpose_slices(R (&v)[4]) {
    R const low_ab = native::zip_low(v[0], v[1]), high_ab = native::zip_high(v[0], v[1]);
    R const low_cd = native::zip_low(v[2], v[3]), high_cd = native::zip_high(v[2], v[3]);
    v[0] = native::pair_low(low_ab, low_cd);
    v[1] = native::pair_high(low_ab, low_cd);
    v[2] = native::pair_low(high_ab, high_cd);
    v[3] = native::pair_high(high_ab, high_cd);
}
template <class R> SMX_INLINE void transpose_slices(R (&v)[2]) {
    R const low = native::zip_low(v[0], v[1]);
    v[1] = native::zip_high(v[0], v[1]);
    v[0] = low;
}

/// to[i] = element i of rows p, p + stride, ..., for i < width <= slice; the others of the slice are 0.
template <one_register V>
SMX_INLINE void load_slices(element_of<V> const* p, std::size_t stride, std::size_t width, V* to) {
    constexpr std::size_t count = slice<element_of<V>>;
    decltype(V::data) columns[count];
    for (std::size_t i = 0; i != count; ++i)
        columns[i] = native::load_slices(p + i * stride, count * stride, width, V(0).data);
    simd::transpose_slices(columns);
    for (std::size_t i = 0; i != count; ++i) to[i] = V(columns[i]);
}

/// The reverse; nothing outside the rows is written.
template <one_register V>
SMX_INLINE void store_slices(element_of<V>* p, std::size_t stride, std::size_t width, V const* from) {
    constexpr std::size_t count = slice<element_of<V>>;
    decltype(V::data) rows[count];
    for (std::size_t i = 0; i != count; ++i) rows[i] = from[i].data;
    simd::transpose_slices(rows);
    for (std::size_t i = 0; i != count; ++i) native::store_slices(p + i * stride, count * stride, width, rows[i]);
}

/// Slices of neighbouring rows, `Slices` of each, one row after the other in as many registers: register s of the
/// result has slice s of each row.
template <std::size_t Slices, class R> SMX_INLINE void part_rows(R const (&rows)[Slices], R (&slices)[Slices]) {
    if constexpr (Slices == 1) {
        slices[0] = rows[0];
    } else {
        R even[Slices / 2], odd[Slices / 2], of_even[Slices / 2], of_odd[Slices / 2];
        for (std::size_t i = 0; i != Slices / 2; ++i) {
            even[i] = native::even_slices(rows[2 * i], rows[2 * i + 1]);
            odd[i] = native::odd_slices(rows[2 * i], rows[2 * i + 1]);
        }
        simd::part_rows<Slices / 2>(even, of_even);
        simd::part_rows<Slices / 2>(odd, of_odd);
        for (std::size_t i = 0; i != Slices / 2; ++i) {
            slices[2 * i] = of_even[i];
            slices[2 * i + 1] = of_odd[i];
        }
    }
}
/// The reverse.
template <std::size_t Slices, class R> SMX_INLINE void join_rows(R const (&slices)[Slices], R (&rows)[Slices]) {
    if constexpr (Slices == 1) {
        rows[0] = slices[0];
    } else {
        R even[Slices / 2], odd[Slices / 2], of_even[Slices / 2], of_odd[Slices / 2];
        for (std::size_t i = 0; i != Slices / 2; ++i) {
            of_even[i] = slices[2 * i];
            of_odd[i] = slices[2 * i + 1];
        }
        simd::join_rows<Slices / 2>(of_even, even);
        simd::join_rows<Slices / 2>(of_odd, odd);
        for (std::size_t i = 0; i != Slices / 2; ++i) {
            rows[2 * i] = native::slices_in_turn_low(even[i], odd[i]);
            rows[2 * i + 1] = native::slices_in_turn_high(even[i], odd[i]);
        }
    }
}

/// True where rows of N elements without gaps are better read and written by whole registers: of one slice or two, and
/// of four in registers of 64 bytes.
template <one_register V, std::size_t N> constexpr bool loads_packed_rows() {
    constexpr std::size_t slices = N / slice<element_of<V>>;
    return requires(V v) { native::even_slices(v.data, v.data); }
    &&(slices == 1 || slices == 2 || (slices == 4 && sizeof(V) == 64));
}
/// to[i] = element i of the rows from p on, which lanes stand for in an order of their own: that of store_packed_rows.
template <one_register V, std::size_t N> SMX_INLINE void load_packed_rows(element_of<V> const* p, V (&to)[N]) {
    constexpr std::size_t count = slice<element_of<V>>, slices = N / count;
    decltype(V::data) columns[slices][count];
    for (std::size_t i = 0; i != count; ++i) {
        decltype(V::data) rows[slices], parts[slices];
        for (std::size_t r = 0; r != slices; ++r) rows[r] = V::load_unaligned(p + (slices * i + r) * V::size).data;
        simd::part_rows<slices>(rows, parts);
        for (std::size_t s = 0; s != slices; ++s) columns[s][i] = parts[s];
    }
    for (std::size_t s = 0; s != slices; ++s) {
        simd::transpose_slices(columns[s]);
        for (std::size_t i = 0; i != count; ++i) to[s * count + i] = V(columns[s][i]);
    }
}
/// The reverse.
template <one_register V, std::size_t N> SMX_INLINE void store_packed_rows(element_of<V>* p, V const (&from)[N]) {
    constexpr std::size_t count = slice<element_of<V>>, slices = N / count;
    decltype(V::data) columns[slices][count];
    for (std::size_t s = 0; s != slices; ++s) {
        for (std::size_t i = 0; i != count; ++i) columns[s][i] = from[s * count + i].data;
        simd::transpose_slices(columns[s]);
    }
    for (std::size_t i = 0; i != count; ++i) {
        decltype(V::data) rows[slices], parts[slices];
        for (std::size_t s = 0; s != slices; ++s) parts[s] = columns[s][i];
        simd::join_rows<slices>(parts, rows);
        for (std::size_t r = 0; r != slices; ++r) V(rows[r]).store_unaligned(p + (slices * i + r) * V::size);
    }
}

/// columns[i] = element i of the rows, for i < n, n > 0; what is left of the last slice is written, too.
template <one_register V>
SMX_INLINE void load_transposed(element_of<V> const* p, std::size_t stride, std::size_t n, element_of<V>* columns) {
    constexpr std::size_t count = slice<element_of<V>>;
    std::size_t i = 0;
    do { // once at least: g++ would else take the first column for uninitialized
        V part[count];
        simd::load_slices(p + i, stride, n - i < count ? n - i : count, part);
        for (std::size_t j = 0; j != count; ++j) part[j].store_aligned(columns + (i + j) * V::size);
        i += count;
    } while (i < n);
}
template <one_register V>
SMX_INLINE void store_transposed(element_of<V>* p, std::size_t stride, std::size_t n, element_of<V> const* columns) {
    constexpr std::size_t count = slice<element_of<V>>;
    for (std::size_t i = 0; i < n; i += count) {
        V part[count];
        for (std::size_t j = 0; j != count; ++j) part[j] = V::load_aligned(columns + (i + j) * V::size);
        simd::store_slices(p + i, stride, n - i < count ? n - i : count, part);
    }
}

} // namespace simd
SMX_END
