// SPDX-License-Identifier: BSL-1.0
// x86: slices of 16 bytes, one of a row: four floats or two doubles. A register holds those of neighbouring rows or, in
// load_slices and store_slices, of rows `step` elements apart; transpose_slices turns registers of slices into columns.
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
SMX_INLINE void transpose_slices(__m128 (&v)[4]) {
    __m128d const low_ab = _mm_castps_pd(_mm_unpacklo_ps(v[0], v[1])),
                  high_ab = _mm_castps_pd(_mm_unpackhi_ps(v[0], v[1]));
    __m128d const low_cd = _mm_castps_pd(_mm_unpacklo_ps(v[2], v[3])),
                  high_cd = _mm_castps_pd(_mm_unpackhi_ps(v[2], v[3]));
    v[0] = _mm_castpd_ps(_mm_unpacklo_pd(low_ab, low_cd));
    v[1] = _mm_castpd_ps(_mm_unpackhi_pd(low_ab, low_cd));
    v[2] = _mm_castpd_ps(_mm_unpacklo_pd(high_ab, high_cd));
    v[3] = _mm_castpd_ps(_mm_unpackhi_pd(high_ab, high_cd));
}
SMX_INLINE void transpose_slices(__m128d (&v)[2]) {
    __m128d const low = _mm_unpacklo_pd(v[0], v[1]);
    v[1] = _mm_unpackhi_pd(v[0], v[1]);
    v[0] = low;
}

#if defined(__AVX__)
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
SMX_INLINE void transpose_slices(__m256 (&v)[4]) {
    __m256d const low_ab = _mm256_castps_pd(_mm256_unpacklo_ps(v[0], v[1])),
                  high_ab = _mm256_castps_pd(_mm256_unpackhi_ps(v[0], v[1]));
    __m256d const low_cd = _mm256_castps_pd(_mm256_unpacklo_ps(v[2], v[3])),
                  high_cd = _mm256_castps_pd(_mm256_unpackhi_ps(v[2], v[3]));
    v[0] = _mm256_castpd_ps(_mm256_unpacklo_pd(low_ab, low_cd));
    v[1] = _mm256_castpd_ps(_mm256_unpackhi_pd(low_ab, low_cd));
    v[2] = _mm256_castpd_ps(_mm256_unpacklo_pd(high_ab, high_cd));
    v[3] = _mm256_castpd_ps(_mm256_unpackhi_pd(high_ab, high_cd));
}
SMX_INLINE void transpose_slices(__m256d (&v)[2]) {
    __m256d const low = _mm256_unpacklo_pd(v[0], v[1]);
    v[1] = _mm256_unpackhi_pd(v[0], v[1]);
    v[0] = low;
}
#endif

#if defined(__AVX512F__)
SMX_INLINE __m512 load_slices(float const* p, std::size_t step, std::size_t width, __m512) {
    __m512 v = _mm512_castps128_ps512(load_slices(p, 0, width, __m128{}));
    v = _mm512_insertf32x4(v, load_slices(p + step, 0, width, __m128{}), 1);
    v = _mm512_insertf32x4(v, load_slices(p + 2 * step, 0, width, __m128{}), 2);
    return _mm512_insertf32x4(v, load_slices(p + 3 * step, 0, width, __m128{}), 3);
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
SMX_INLINE void transpose_slices(__m512 (&v)[4]) {
    __m512d const low_ab = _mm512_castps_pd(_mm512_unpacklo_ps(v[0], v[1])),
                  high_ab = _mm512_castps_pd(_mm512_unpackhi_ps(v[0], v[1]));
    __m512d const low_cd = _mm512_castps_pd(_mm512_unpacklo_ps(v[2], v[3])),
                  high_cd = _mm512_castps_pd(_mm512_unpackhi_ps(v[2], v[3]));
    v[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(low_ab, low_cd));
    v[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low_ab, low_cd));
    v[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high_ab, high_cd));
    v[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high_ab, high_cd));
}
SMX_INLINE void transpose_slices(__m512d (&v)[2]) {
    __m512d const low = _mm512_unpacklo_pd(v[0], v[1]);
    v[1] = _mm512_unpackhi_pd(v[0], v[1]);
    v[0] = low;
}
#endif

} // namespace simd::native
SMX_END

#endif
