// SPDX-License-Identifier: BSL-1.0
// x86: what happens between the lanes of a register, and between registers of floats and of doubles.
#pragma once

#include <smx/simd/arch.hpp>

#if defined(__x86_64__) || defined(_M_X64) || defined(__SSE2__)

#include <immintrin.h>

SMX_BEGIN
namespace simd::native {

SMX_INLINE __m128 narrow(__m128d low, __m128d high) { return _mm_movelh_ps(_mm_cvtpd_ps(low), _mm_cvtpd_ps(high)); }
SMX_INLINE __m128d widen_low(__m128 x) { return _mm_cvtps_pd(x); }
SMX_INLINE __m128d widen_high(__m128 x) { return _mm_cvtps_pd(_mm_movehl_ps(x, x)); }
SMX_INLINE float first_lane(__m128 x) { return _mm_cvtss_f32(x); }
SMX_INLINE double first_lane(__m128d x) { return _mm_cvtsd_f64(x); }
SMX_INLINE float largest_lane(__m128 x) {
    __m128 const two = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return first_lane(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}
SMX_INLINE double largest_lane(__m128d x) { return first_lane(_mm_max_sd(x, _mm_unpackhi_pd(x, x))); }
SMX_INLINE double sum_lanes(__m128d x) { return first_lane(_mm_add_sd(x, _mm_unpackhi_pd(x, x))); }
SMX_INLINE __m128d lanes_from(__m128d x, std::size_t) { return _mm_unpackhi_pd(x, x); }

#if defined(__AVX__)
SMX_INLINE __m128i lookup(std::int32_t const* table, __m128 by) { // of four, twice, and one of them
    auto const* const fours = reinterpret_cast<float const*>(table);
    __m128i const index = _mm_castps_si128(by);
    __m128 const low = _mm_permutevar_ps(_mm_loadu_ps(fours), index);
    __m128 const high = _mm_permutevar_ps(_mm_loadu_ps(fours + 4), index);
    return _mm_castps_si128(_mm_blendv_ps(low, high, _mm_castsi128_ps(_mm_slli_epi32(index, 29))));
}
#if defined(__AVX2__)
SMX_INLINE __m256i lookup(std::int32_t const* table, __m256 by) {
    return _mm256_permutevar8x32_epi32(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(table)),
                                       _mm256_castps_si256(by));
}
/// The last 1 to 15 of sixteen lanes of 32 bits, moved to the first ones; 0 in the others.
SMX_INLINE void last_lanes(__m256& low, __m256& high, std::size_t count) {
    __m256i const turn = _mm256_set1_epi32(-static_cast<int>(count) & 7);
    __m256i const from = _mm256_add_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), turn); // counted modulo 8
    __m256 const behind = _mm256_castsi256_ps(_mm256_cmpgt_epi32(from, _mm256_set1_epi32(7)));
    __m256 const last = _mm256_permutevar8x32_ps(high, from), kept = _mm256_andnot_ps(behind, last);
    low = count > 8 ? _mm256_blendv_ps(_mm256_permutevar8x32_ps(low, from), last, behind) : kept;
    high = count > 8 ? kept : _mm256_setzero_ps();
}
SMX_INLINE void last_lanes(__m256d& low, __m256d& high, std::size_t count) {
    __m256 l = _mm256_castpd_ps(low), h = _mm256_castpd_ps(high);
    last_lanes(l, h, 2 * count);
    low = _mm256_castps_pd(l);
    high = _mm256_castps_pd(h);
}
#else
SMX_INLINE __m256i lookup(std::int32_t const* table, __m256 by) {
    __m256i const low = _mm256_castsi128_si256(lookup(table, _mm256_castps256_ps128(by)));
    return _mm256_insertf128_si256(low, lookup(table, _mm256_extractf128_ps(by, 1)), 1);
}
#endif
SMX_INLINE float first_lane(__m256 x) { return first_lane(_mm256_castps256_ps128(x)); }
SMX_INLINE double first_lane(__m256d x) { return first_lane(_mm256_castpd256_pd128(x)); }
SMX_INLINE float largest_lane(__m256 x) {
    return largest_lane(_mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1)));
}
SMX_INLINE double largest_lane(__m256d x) {
    return largest_lane(_mm_max_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1)));
}
SMX_INLINE double sum_lanes(__m256d x) {
    return sum_lanes(_mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd(x, 1)));
}
SMX_INLINE __m256d lanes_from(__m256d x, std::size_t first) {
    return first == 2 ? _mm256_permute2f128_pd(x, x, 1) : _mm256_permute_pd(x, 5);
}
SMX_INLINE __m256 narrow(__m256d low, __m256d high) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(low)), _mm256_cvtpd_ps(high), 1);
}
SMX_INLINE __m256d widen_low(__m256 x) { return _mm256_cvtps_pd(_mm256_castps256_ps128(x)); }
SMX_INLINE __m256d widen_high(__m256 x) { return _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1)); }
SMX_INLINE __m256d load_widened(float const* p, __m256d) { return _mm256_cvtps_pd(_mm_loadu_ps(p)); }
SMX_INLINE bool any_bit(__m256i v, __m256i bits) { return _mm256_testz_si256(v, bits) == 0; }
#endif

#if defined(__AVX512F__)
SMX_INLINE __m512i lookup(std::int32_t const* table, __m512 by) { // of sixteen, which are eight and again eight
    return _mm512_permutexvar_epi32(_mm512_castps_si512(by), _mm512_loadu_si512(table));
}
SMX_INLINE __m256d upper_half(__m512d x) { return _mm512_extractf64x4_pd(x, 1); }
SMX_INLINE __m256 upper_half(__m512 x) { return _mm256_castpd_ps(upper_half(_mm512_castps_pd(x))); }
SMX_INLINE float first_lane(__m512 x) { return first_lane(_mm512_castps512_ps128(x)); }
SMX_INLINE double first_lane(__m512d x) { return first_lane(_mm512_castpd512_pd128(x)); }
SMX_INLINE float largest_lane(__m512 x) {
    return largest_lane(_mm256_max_ps(_mm512_castps512_ps256(x), upper_half(x)));
}
SMX_INLINE double largest_lane(__m512d x) {
    return largest_lane(_mm256_max_pd(_mm512_castpd512_pd256(x), upper_half(x)));
}
SMX_INLINE double sum_lanes(__m512d x) { return sum_lanes(_mm256_add_pd(_mm512_castpd512_pd256(x), upper_half(x))); }
SMX_INLINE __m512d lanes_from(__m512d x, std::size_t first) {
    return first == 4   ? _mm512_shuffle_f64x2(x, x, 0x4E)
           : first == 2 ? _mm512_permutex_pd(x, 0x4E)
                        : _mm512_permute_pd(x, 0x55);
}
SMX_INLINE bool any_bit(__m512i v, __m512i bits) { return _mm512_test_epi32_mask(v, bits) != 0; }
SMX_INLINE __m512 narrow(__m512d low, __m512d high) {
    __m512d const lower = _mm512_castpd256_pd512(_mm256_castps_pd(_mm512_cvtpd_ps(low)));
    return _mm512_castpd_ps(_mm512_insertf64x4(lower, _mm256_castps_pd(_mm512_cvtpd_ps(high)), 1));
}
SMX_INLINE __m512d widen_low(__m512 x) { return _mm512_cvtps_pd(_mm512_castps512_ps256(x)); }
SMX_INLINE __m512d widen_high(__m512 x) { return _mm512_cvtps_pd(upper_half(x)); }
SMX_INLINE __m512d load_widened(float const* p, __m512d) { return _mm512_cvtps_pd(_mm256_loadu_ps(p)); }
#endif

} // namespace simd::native
SMX_END

#endif
