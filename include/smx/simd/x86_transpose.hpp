// SPDX-License-Identifier: BSL-1.0
// x86: slices of 16 bytes, one of a row: four floats or two doubles. A register holds those of neighbouring rows or, in
// load_slices and store_slices, of rows `step` elements apart. zip: the elements of two registers in turn, of the lower
// or upper halves of each slice; pair: these halves whole.
#pragma once

#include <smx/simd/x86.hpp>

#if defined(__x86_64__) || defined(_M_X64) || defined(__SSE2__)

SMX_BEGIN
namespace simd::native {

SMX_INLINE __m128 load_slices(float const* p, std::size_t, std::size_t width, __m128) {
    if (width == 4) return _mm_loadu_ps(p);
    if (width == 3)
        return _mm_movelh_ps(_mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(p))),
                             _mm_load_ss(p + 2));
    if (width == 2) return _mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(p)));
    return _mm_load_ss(p);
}
SMX_INLINE __m128d load_slices(double const* p, std::size_t, std::size_t width, __m128d) {
    return width == 2 ? _mm_loadu_pd(p) : _mm_load_sd(p);
}
SMX_INLINE void store_slices(float* p, std::size_t, std::size_t width, __m128 v) {
    if (width == 4) return _mm_storeu_ps(p, v);
    if (width == 1) return _mm_store_ss(p, v);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_castps_si128(v));
    if (width == 3) _mm_store_ss(p + 2, _mm_movehl_ps(v, v));
}
SMX_INLINE void store_slices(double* p, std::size_t, std::size_t width, __m128d v) {
    width == 2 ? _mm_storeu_pd(p, v) : _mm_store_sd(p, v);
}
SMX_INLINE __m128 zip_low(__m128 a, __m128 b) { return _mm_unpacklo_ps(a, b); }
SMX_INLINE __m128 zip_high(__m128 a, __m128 b) { return _mm_unpackhi_ps(a, b); }
SMX_INLINE __m128 pair_low(__m128 a, __m128 b) { return _mm_movelh_ps(a, b); }
SMX_INLINE __m128 pair_high(__m128 a, __m128 b) { return _mm_movehl_ps(b, a); }
SMX_INLINE __m128d zip_low(__m128d a, __m128d b) { return _mm_unpacklo_pd(a, b); }
SMX_INLINE __m128d zip_high(__m128d a, __m128d b) { return _mm_unpackhi_pd(a, b); }

#if defined(__AVX__)
/// Elements `stride` apart.
SMX_INLINE __m128 load_strided(float const* p, std::size_t stride, __m128) {
    __m128 const two = _mm_insert_ps(_mm_load_ss(p), _mm_load_ss(p + stride), 0x10);
    return _mm_insert_ps(_mm_insert_ps(two, _mm_load_ss(p + 2 * stride), 0x20), _mm_load_ss(p + 3 * stride), 0x30);
}
SMX_INLINE __m256 load_strided(float const* p, std::size_t stride, __m256) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(load_strided(p, stride, __m128{})),
                                load_strided(p + 4 * stride, stride, __m128{}), 1);
}
SMX_INLINE __m256 load_slices(float const* p, std::size_t step, std::size_t width, __m256) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(load_slices(p, 0, width, __m128{})),
                                load_slices(p + step, 0, width, __m128{}), 1);
}
SMX_INLINE __m256d load_slices(double const* p, std::size_t step, std::size_t width, __m256d) {
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(load_slices(p, 0, width, __m128d{})),
                                load_slices(p + step, 0, width, __m128d{}), 1);
}
SMX_INLINE void store_slices(float* p, std::size_t step, std::size_t width, __m256 v) {
    store_slices(p, 0, width, _mm256_castps256_ps128(v));
    store_slices(p + step, 0, width, _mm256_extractf128_ps(v, 1));
}
SMX_INLINE void store_slices(double* p, std::size_t step, std::size_t width, __m256d v) {
    store_slices(p, 0, width, _mm256_castpd256_pd128(v));
    store_slices(p + step, 0, width, _mm256_extractf128_pd(v, 1));
}
SMX_INLINE __m256d zip_low(__m256d a, __m256d b) { return _mm256_unpacklo_pd(a, b); }
SMX_INLINE __m256d zip_high(__m256d a, __m256d b) { return _mm256_unpackhi_pd(a, b); }
SMX_INLINE __m256 zip_low(__m256 a, __m256 b) { return _mm256_unpacklo_ps(a, b); }
SMX_INLINE __m256 zip_high(__m256 a, __m256 b) { return _mm256_unpackhi_ps(a, b); }
SMX_INLINE __m256 pair_low(__m256 a, __m256 b) {
    return _mm256_castpd_ps(zip_low(_mm256_castps_pd(a), _mm256_castps_pd(b)));
}
SMX_INLINE __m256 pair_high(__m256 a, __m256 b) {
    return _mm256_castpd_ps(zip_high(_mm256_castps_pd(a), _mm256_castps_pd(b)));
}
/// Of the slices of two registers, one after the other: every other one from the first on, from the second on; and the
/// reverse, lower and upper half.
SMX_INLINE __m256 even_slices(__m256 a, __m256 b) { return _mm256_permute2f128_ps(a, b, 0x20); }
SMX_INLINE __m256 odd_slices(__m256 a, __m256 b) { return _mm256_permute2f128_ps(a, b, 0x31); }
SMX_INLINE __m256 slices_in_turn_low(__m256 a, __m256 b) { return even_slices(a, b); }
SMX_INLINE __m256 slices_in_turn_high(__m256 a, __m256 b) { return odd_slices(a, b); }
SMX_INLINE __m256d even_slices(__m256d a, __m256d b) { return _mm256_permute2f128_pd(a, b, 0x20); }
SMX_INLINE __m256d odd_slices(__m256d a, __m256d b) { return _mm256_permute2f128_pd(a, b, 0x31); }
SMX_INLINE __m256d slices_in_turn_low(__m256d a, __m256d b) { return even_slices(a, b); }
SMX_INLINE __m256d slices_in_turn_high(__m256d a, __m256d b) { return odd_slices(a, b); }
#endif

#if defined(__AVX512F__)
/// The lower halves of two registers, and the upper ones.
SMX_INLINE __m512d lower_halves(__m512d a, __m512d b) { return _mm512_shuffle_f64x2(a, b, 0x44); }
SMX_INLINE __m512d upper_halves(__m512d a, __m512d b) { return _mm512_shuffle_f64x2(a, b, 0xEE); }
SMX_INLINE __m512d even_slices(__m512d a, __m512d b) { return _mm512_shuffle_f64x2(a, b, 0x88); }
SMX_INLINE __m512d odd_slices(__m512d a, __m512d b) { return _mm512_shuffle_f64x2(a, b, 0xDD); }
SMX_INLINE __m512d slices_in_turn_low(__m512d a, __m512d b) {
    return _mm512_permutex2var_pd(a, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), b);
}
SMX_INLINE __m512d slices_in_turn_high(__m512d a, __m512d b) {
    return _mm512_permutex2var_pd(a, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), b);
}
SMX_INLINE __m512 even_slices(__m512 a, __m512 b) { return _mm512_shuffle_f32x4(a, b, 0x88); }
SMX_INLINE __m512 odd_slices(__m512 a, __m512 b) { return _mm512_shuffle_f32x4(a, b, 0xDD); }
SMX_INLINE __m512 slices_in_turn_low(__m512 a, __m512 b) {
    return _mm512_castpd_ps(slices_in_turn_low(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}
SMX_INLINE __m512 slices_in_turn_high(__m512 a, __m512 b) {
    return _mm512_castpd_ps(slices_in_turn_high(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}
SMX_INLINE __m512 load_strided(float const* p, std::size_t stride, __m512) {
    __m256d const low = _mm256_castps_pd(load_strided(p, stride, __m256{})),
                  high = _mm256_castps_pd(load_strided(p + 8 * stride, stride, __m256{}));
    return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(low), high, 1));
}
SMX_INLINE __m512 load_slices(float const* p, std::size_t step, std::size_t width, __m512) {
    __m256d const low = _mm256_castps_pd(load_slices(p, step, width, __m256{})),
                  high = _mm256_castps_pd(load_slices(p + 2 * step, step, width, __m256{}));
    return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castpd256_pd512(low), high, 1));
}
SMX_INLINE __m512d load_slices(double const* p, std::size_t step, std::size_t width, __m512d) {
    __m256d const low = load_slices(p, step, width, __m256d{}),
                  high = load_slices(p + 2 * step, step, width, __m256d{});
    return _mm512_insertf64x4(_mm512_castpd256_pd512(low), high, 1);
}
SMX_INLINE void store_slices(float* p, std::size_t step, std::size_t width, __m512 v) {
    store_slices(p, 0, width, _mm512_castps512_ps128(v));
    store_slices(p + step, 0, width, _mm512_extractf32x4_ps(v, 1));
    store_slices(p + 2 * step, 0, width, _mm512_extractf32x4_ps(v, 2));
    store_slices(p + 3 * step, 0, width, _mm512_extractf32x4_ps(v, 3));
}
SMX_INLINE void store_slices(double* p, std::size_t step, std::size_t width, __m512d v) {
    store_slices(p, step, width, _mm512_castpd512_pd256(v));
    store_slices(p + 2 * step, step, width, _mm512_extractf64x4_pd(v, 1));
}
SMX_INLINE __m512d zip_low(__m512d a, __m512d b) { return _mm512_unpacklo_pd(a, b); }
SMX_INLINE __m512d zip_high(__m512d a, __m512d b) { return _mm512_unpackhi_pd(a, b); }
SMX_INLINE __m512 zip_low(__m512 a, __m512 b) { return _mm512_unpacklo_ps(a, b); }
SMX_INLINE __m512 zip_high(__m512 a, __m512 b) { return _mm512_unpackhi_ps(a, b); }
SMX_INLINE __m512 pair_low(__m512 a, __m512 b) {
    return _mm512_castpd_ps(zip_low(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}
SMX_INLINE __m512 pair_high(__m512 a, __m512 b) {
    return _mm512_castpd_ps(zip_high(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}
#endif

} // namespace simd::native
SMX_END

#endif
