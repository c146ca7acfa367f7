// SPDX-License-Identifier: BSL-1.0
// What a compiler is kept from: to reassociate, to reorder, to know a number or a constant. No instruction each.
#pragma once

#include <smx/simd/arch.hpp>

SMX_BEGIN
namespace simd {

/// `v`, but the compiler can neither reassociate nor contract across it.
/// Used where the order of roundings is the point and the user may have said -ffast-math.
template <one_register V> SMX_INLINE V barrier(V v) {
#if defined(__GNUC__) && defined(__AVX512F__)
    asm("" : "+v"(v.data));
#elif defined(__GNUC__) && (defined(__x86_64__) || defined(__SSE2__))
    asm("" : "+x"(v.data));
#elif defined(__GNUC__) && defined(__aarch64__)
    asm("" : "+w"(v.data));
#endif
    return v;
}
SMX_INLINE double barrier(double v) {
#if defined(__GNUC__) && defined(__SSE2__)
    asm("" : "+x"(v));
#elif defined(__GNUC__) && defined(__aarch64__)
    asm("" : "+w"(v));
#endif
    return v;
}

/// `v`, but what is computed from it stands behind what `first` is computed from: two packs at once do not fit in 16
/// registers, with the rest of a long row not in 32, and compilers would spill to mix them, where the processor mixes
/// by itself. One row of 64 to 128 floats takes .8 to .9 of the time (AVX2, zen3), of 144 to 256 .89 to .95, of 257 to
/// 512 .66 to .78 (AVX-512, zen5), rows of a matrix .8 to 1.0 (clang++, AVX2), longer ones there .96 to 1.0 (zen4).
template <one_register V> SMX_INLINE V after(V v, [[maybe_unused]] V first) {
#if defined(__GNUC__) && defined(__AVX512F__)
    if constexpr (sizeof(V) >= 32) asm("" : "+v"(v.data) : "v"(first.data));
#elif defined(__GNUC__) && defined(__AVX__)
    if constexpr (sizeof(V) == 32) asm("" : "+x"(v.data) : "x"(first.data));
#endif
    return v;
}

/// `v`, computed here: clang++ would put off the sums of a run to its end, and keep all weights until then. Rows of 300
/// to 65,536 floats take .92 to .97 of the time (AVX2, zen3).
template <one_register V> SMX_INLINE V not_later(V v) {
#if defined(__clang__) && defined(__AVX__)
    if constexpr (sizeof(V) == 32) asm volatile("" : "+x"(v.data));
#endif
    return v;
}

/// n, but the compiler cannot know it: a loop of so many turns is not unrolled.
SMX_INLINE std::size_t barrier(std::size_t n) {
#if defined(__GNUC__)
    asm("" : "+r"(n));
#endif
    return n;
}

/// True where a loop had better load its constants at each turn: g++ would rather keep them in registers, and in memory
/// what the loop adds up. Rows of 512 to 65,536 floats take .82 to .91 of the time; clang++ knows by itself.
#if defined(__GNUC__) && !defined(__clang__)
template <one_register V> inline constexpr bool loads_constants = sizeof(V) >= 32;
#else
template <one_register V> inline constexpr bool loads_constants = false;
#endif
/// The same constants, of which the compiler knows nothing.
template <class T> SMX_INLINE T const* in_memory(T const* constants) {
#if defined(__GNUC__)
    asm volatile("" : "+r"(constants));
#endif
    return constants;
}

} // namespace simd
SMX_END
