// SPDX-License-Identifier: BSL-1.0
// x86: what xsimd does not say, or says differently from version to version, as overloads on the raw register.
// Each name is optional: simd/operations.hpp uses an overload where one exists, and portable code where none does.
#pragma once

#include <smx/simd/arch.hpp>

#if defined(__x86_64__) || defined(_M_X64) || defined(__SSE2__)

#include <immintrin.h>

SMX_BEGIN
namespace simd::native {

#if defined(__FMA__)
SMX_INLINE __m128 fma(__m128 a, __m128 b, __m128 c) { return _mm_fmadd_ps(a, b, c); }
SMX_INLINE __m128d fma(__m128d a, __m128d b, __m128d c) { return _mm_fmadd_pd(a, b, c); }
SMX_INLINE __m256 fma(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
SMX_INLINE __m256d fma(__m256d a, __m256d b, __m256d c) { return _mm256_fmadd_pd(a, b, c); }
#endif

// MAXPS and MINPS return their second operand if either is NaN: a NaN in x survives the bound.
SMX_INLINE __m128 at_least(__m128 x, __m128 bound) { return _mm_max_ps(bound, x); }
SMX_INLINE __m128 at_most(__m128 x, __m128 bound) { return _mm_min_ps(bound, x); }
SMX_INLINE __m128d at_least(__m128d x, __m128d bound) { return _mm_max_pd(bound, x); }
SMX_INLINE __m128d at_most(__m128d x, __m128d bound) { return _mm_min_pd(bound, x); }
SMX_INLINE __m128 zero_below(__m128 x, __m128 bound) { return _mm_and_ps(_mm_cmpge_ps(x, bound), x); }
SMX_INLINE __m128d zero_below(__m128d x, __m128d bound) { return _mm_and_pd(_mm_cmpge_pd(x, bound), x); }

SMX_INLINE double float_below(double x) { // not through registers of integers
    return _mm_cvtsd_f64(_mm_and_pd(_mm_set_sd(x), _mm_castsi128_pd(_mm_set1_epi64x(-(1LL << 29)))));
}

SMX_INLINE unsigned above(__m128 x, __m128 bound) {
    return static_cast<unsigned>(_mm_movemask_ps(_mm_cmpnle_ps(x, bound)));
}
SMX_INLINE unsigned above(__m128d x, __m128d bound) {
    return static_cast<unsigned>(_mm_movemask_pd(_mm_cmpnle_pd(x, bound)));
}

#if defined(__AVX__)
SMX_INLINE __m256 at_least(__m256 x, __m256 bound) { return _mm256_max_ps(bound, x); }
SMX_INLINE __m256 at_most(__m256 x, __m256 bound) { return _mm256_min_ps(bound, x); }
SMX_INLINE __m256d at_least(__m256d x, __m256d bound) { return _mm256_max_pd(bound, x); }
SMX_INLINE __m256d at_most(__m256d x, __m256d bound) { return _mm256_min_pd(bound, x); }
SMX_INLINE __m256 zero_below(__m256 x, __m256 bound) { return _mm256_and_ps(_mm256_cmp_ps(x, bound, _CMP_GE_OQ), x); }
SMX_INLINE __m256d zero_below(__m256d x, __m256d bound) {
    return _mm256_and_pd(_mm256_cmp_pd(x, bound, _CMP_GE_OQ), x);
}

SMX_INLINE unsigned above(__m256 x, __m256 bound) {
    return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(x, bound, _CMP_NLE_UQ)));
}
SMX_INLINE unsigned above(__m256d x, __m256d bound) {
    return static_cast<unsigned>(_mm256_movemask_pd(_mm256_cmp_pd(x, bound, _CMP_NLE_UQ)));
}

#if defined(__AVX2__) // not by floats: their conversion waits for what was in the register before, here the last row
SMX_INLINE __m256i first(float, std::size_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count < 8 ? count : 8)),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
SMX_INLINE __m256i first(double, std::size_t count) {
    return _mm256_cmpgt_epi64(_mm256_set1_epi64x(static_cast<int>(count < 4 ? count : 4)),
                              _mm256_setr_epi64x(0, 1, 2, 3));
}
#else
SMX_INLINE __m256i first(float, std::size_t count) {
    __m256 const lanes = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_castps_si256(
        _mm256_cmp_ps(lanes, _mm256_set1_ps(static_cast<float>(count < 8 ? count : 8)), _CMP_LT_OQ));
}
SMX_INLINE __m256i first(double, std::size_t count) {
    __m256d const lanes = _mm256_setr_pd(0, 1, 2, 3);
    return _mm256_castpd_si256(
        _mm256_cmp_pd(lanes, _mm256_set1_pd(static_cast<double>(count < 4 ? count : 4)), _CMP_LT_OQ));
}
#endif
#if defined(__AVX2__)
/// Of 64 bits. There is no shift that keeps the sign, and xsimd makes one of registers of SSE2, through functions that
/// a unit without AVX would share at -O0.
SMX_INLINE __m256i shift_positive(__m256i v, int count) { return _mm256_srli_epi64(v, count); }
SMX_INLINE __m256 load_mask(unsigned char const* p, __m256) {
    __m256i const bytes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(p)));
    return _mm256_cvtepi32_ps(_mm256_min_epi32(bytes, _mm256_set1_epi32(1)));
}
SMX_INLINE __m256d load_mask(unsigned char const* p, __m256d) {
    int four;
    __builtin_memcpy(&four, p, sizeof four);
    __m128i const bytes = _mm_cvtepu8_epi32(_mm_cvtsi32_si128(four));
    return _mm256_cvtepi32_pd(_mm_min_epi32(bytes, _mm_set1_epi32(1)));
}
#endif
SMX_INLINE __m256 load_where(float const* p, __m256 lanes) {
    return _mm256_maskload_ps(p, _mm256_castps_si256(_mm256_cmp_ps(lanes, _mm256_setzero_ps(), _CMP_NEQ_OQ)));
}
SMX_INLINE __m256d load_where(double const* p, __m256d lanes) {
    return _mm256_maskload_pd(p, _mm256_castpd_si256(_mm256_cmp_pd(lanes, _mm256_setzero_pd(), _CMP_NEQ_OQ)));
}

// PREFETCHW by hand: compilers emit it only under -mprfchw, and processors without it take it for a no-op.
SMX_INLINE void prefetch_write(void const* p) { asm volatile("prefetchw %0" : : "m"(*static_cast<char const*>(p))); }
#endif

#if defined(__AVX512F__)
SMX_INLINE __m512 fma(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
SMX_INLINE __m512d fma(__m512d a, __m512d b, __m512d c) { return _mm512_fmadd_pd(a, b, c); }
SMX_INLINE __m512 at_least(__m512 x, __m512 bound) { return _mm512_max_ps(bound, x); }
SMX_INLINE __m512 at_most(__m512 x, __m512 bound) { return _mm512_min_ps(bound, x); }
SMX_INLINE __m512d at_least(__m512d x, __m512d bound) { return _mm512_max_pd(bound, x); }
SMX_INLINE __m512d at_most(__m512d x, __m512d bound) { return _mm512_min_pd(bound, x); }
SMX_INLINE __m512 product_or_zero(__m512 x, __m512 hi, __m512 lo, __m512 bound) {
    __mmask16 const keep = _mm512_cmp_ps_mask(x, bound, _CMP_GE_OQ);
    return _mm512_maskz_fmadd_ps(keep, x, lo, _mm512_maskz_mul_ps(keep, x, hi));
}
SMX_INLINE __m512d product_or_zero(__m512d x, __m512d hi, __m512d lo, __m512d bound) {
    __mmask8 const keep = _mm512_cmp_pd_mask(x, bound, _CMP_GE_OQ);
    return _mm512_maskz_fmadd_pd(keep, x, lo, _mm512_maskz_mul_pd(keep, x, hi));
}
SMX_INLINE __m512 product_or_zero(__m512 x, __m512 factor, __m512 bound) {
    return _mm512_maskz_mul_ps(_mm512_cmp_ps_mask(x, bound, _CMP_GE_OQ), x, factor);
}
SMX_INLINE __m512d product_or_zero(__m512d x, __m512d factor, __m512d bound) {
    return _mm512_maskz_mul_pd(_mm512_cmp_pd_mask(x, bound, _CMP_GE_OQ), x, factor);
}
SMX_INLINE __m512 times_power_or_zero(__m512 v, __m512 k, __m512 least) {
    return _mm512_maskz_scalef_ps(_mm512_cmp_ps_mask(k, least, _CMP_NLT_UQ), v, k);
}
SMX_INLINE __m512d times_power_or_zero(__m512d v, __m512d k, __m512d least) {
    return _mm512_maskz_scalef_pd(_mm512_cmp_pd_mask(k, least, _CMP_NLT_UQ), v, k);
}
SMX_INLINE unsigned above(__m512 x, __m512 bound) { return _mm512_cmp_ps_mask(x, bound, _CMP_NLE_UQ); }
SMX_INLINE unsigned above(__m512d x, __m512d bound) { return _mm512_cmp_pd_mask(x, bound, _CMP_NLE_UQ); }
// In the register: VCOMPRESSPS to memory takes 100 cycles and more on some processors.
SMX_INLINE __m512 compress(__m512 x, unsigned lanes) {
    return _mm512_maskz_compress_ps(static_cast<__mmask16>(lanes), x);
}
SMX_INLINE __m512d compress(__m512d x, unsigned lanes) {
    return _mm512_maskz_compress_pd(static_cast<__mmask8>(lanes), x);
}
SMX_INLINE __m512 add_at_least(__m512 sum, __m512 v, __m512 x, __m512 bound) {
    return _mm512_mask_add_ps(sum, _mm512_cmp_ps_mask(x, bound, _CMP_GE_OQ), sum, v);
}
SMX_INLINE __m512 add_unless_at_least(__m512 sum, __m512 v, __m512 x, __m512 bound) {
    return _mm512_mask_add_ps(sum, _mm512_cmp_ps_mask(x, bound, _CMP_NGE_UQ), sum, v);
}
SMX_INLINE __m512d add_at_least(__m512d sum, __m512d v, __m512d x, __m512d bound) {
    return _mm512_mask_add_pd(sum, _mm512_cmp_pd_mask(x, bound, _CMP_GE_OQ), sum, v);
}
SMX_INLINE __m512d add_unless_at_least(__m512d sum, __m512d v, __m512d x, __m512d bound) {
    return _mm512_mask_add_pd(sum, _mm512_cmp_pd_mask(x, bound, _CMP_NGE_UQ), sum, v);
}
SMX_INLINE __mmask16 first_of_16(std::size_t count) {
    return static_cast<__mmask16>(count < 16 ? (1U << count) - 1U : 0xFFFFU);
}
SMX_INLINE __mmask8 first_of_8(std::size_t count) {
    return static_cast<__mmask8>(count < 8 ? (1U << count) - 1U : 0xFFU);
}
SMX_INLINE __m512 load_mask(unsigned char const* p, __m512) {
    __m512i const bytes = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<__m128i const*>(p)));
    return _mm512_cvtepi32_ps(_mm512_min_epi32(bytes, _mm512_set1_epi32(1)));
}
SMX_INLINE __m512d load_mask(unsigned char const* p, __m512d) {
    __m256i const bytes = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(p)));
    return _mm512_cvtepi32_pd(_mm256_min_epi32(bytes, _mm256_set1_epi32(1)));
}
SMX_INLINE __m512 load_where(float const* p, __m512 lanes) {
    return _mm512_maskz_loadu_ps(_mm512_cmp_ps_mask(lanes, _mm512_setzero_ps(), _CMP_NEQ_OQ), p);
}
SMX_INLINE __m512d load_where(double const* p, __m512d lanes) {
    return _mm512_maskz_loadu_pd(_mm512_cmp_pd_mask(lanes, _mm512_setzero_pd(), _CMP_NEQ_OQ), p);
}
#endif

} // namespace simd::native
SMX_END

#endif
