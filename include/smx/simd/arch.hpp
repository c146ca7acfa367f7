// SPDX-License-Identifier: BSL-1.0
// The register types of an architecture, and the two sizes that every loop is built on: the line and the pack.
#pragma once

#include <smx/detail/config.hpp>
#include <smx/simd/xsimd.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>

SMX_BEGIN
namespace simd {

/// The architecture that the compiler flags allow; the default of every `Arch` parameter.
using default_arch = xsimd::default_arch;

/// One register of `T`.
template <class T, class Arch> using vector = xsimd::batch<T, Arch>;

/// One register, as opposed to a pack of them.
template <class V>
concept one_register = requires {
    typename V::arch_type;
};

template <class V> using element_of = typename V::value_type;
template <class V> using arch_of = typename V::arch_type;

// Constants, not std functions: at -O0 those are code that differently compiled parts of a program would share.
template <class T> inline constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T> inline constexpr T quiet_nan = std::numeric_limits<T>::quiet_NaN();

template <class T> struct integer_of;
template <> struct integer_of<float> { using type = std::int32_t; };
template <> struct integer_of<double> { using type = std::int64_t; };

/// The register of signed integers that are as wide as the elements of `V`.
template <class V> using integers_of = vector<typename integer_of<element_of<V>>::type, arch_of<V>>;

/// True where a multiply-add rounds once. Everything that smx promises about bits is promised where this holds.
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
inline constexpr bool has_fma = true;
#else
inline constexpr bool has_fma = false;
#endif

/// The line: 64 bytes of elements, on every machine. Element i of a row belongs to virtual lane i mod line, and each
/// virtual lane is summed by itself. This decides bits.
template <class T> inline constexpr std::size_t line = 64 / sizeof(T);

/// How many registers hold a line.
template <class V> inline constexpr std::size_t line_registers = line<element_of<V>> / V::size;

/// The pack: how many registers are in flight at once. This decides speed only, so it is free per machine: of doubles
/// the 32 registers of 64 bytes take eight chains, the 16 of AVX2 take four; of floats, whose exponentials need a table
/// and more that is known for a moment only, half as many.
template <class V>
inline constexpr std::size_t pack_registers = (sizeof(V) == 64   ? 8
                                               : sizeof(V) == 32 ? 4
                                               : has_fma         ? 8
                                                                 : 4) /
                                              (has_fma && sizeof(element_of<V>) == 4 ? 2 : 1);

// What simd/x86*.hpp and simd/neon.hpp may overload for raw registers. Declared without arguments, so that asking for
// an overload which a machine does not have is a question with the answer no.
namespace native {
void to_bits();
void from_bits();
void shift_left();
void float_below();
void any_bit();
void lookup();
void fma();
void at_least();
void at_most();
void product_or_zero();
void times_power_or_zero();
void first_lane();
void largest_lane();
void sum_lanes();
void lanes_from();
void above();
void compress();
void widen_low();
void widen_high();
void load_widened();
void narrow();
void keep_first();
void load_first();
void last_lanes();
void store_first();
void load_mask();
void add_at_least();
void add_unless_at_least();
void load_where();
void prefetch_write();
void stream();
void finish_streams();
void load_slices();
void store_slices();
void zip_low();
void zip_high();
void pair_low();
void pair_high();
void load_strided();
void lower_halves();
void upper_halves();
void even_slices();
void odd_slices();
void slices_in_turn_low();
void slices_in_turn_high();
void load_words();
void load_words_first();
void load_words_where();
void store_words();
void store_words_first();
void extend_words();
void truncate_to_words();
void narrow_to_bfloat16();
void store_two_bfloat16();
void widen_float16();
void narrow_to_float16();
void store_bytes();
void shift_positive();
} // namespace native

} // namespace simd
SMX_END
