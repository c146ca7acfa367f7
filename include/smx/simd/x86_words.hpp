// SPDX-License-Identifier: BSL-1.0
// x86: registers of 16-bit words, as many as the register of floats beside them, and what is narrowed to bytes:
// overloads on the raw register, as in simd/x86.hpp.
#pragma once

#include <smx/simd/x86.hpp>

#if defined(__x86_64__) || defined(_M_X64) || defined(__SSE2__)

SMX_BEGIN
namespace simd::native {

SMX_INLINE __m128i load_words(void const* p, __m128) { return _mm_loadl_epi64(static_cast<__m128i const*>(p)); }
SMX_INLINE void store_words(void* p, __m128i words, __m128) { _mm_storel_epi64(static_cast<__m128i*>(p), words); }
SMX_INLINE __m128i extend_words(__m128i words, __m128) { return _mm_unpacklo_epi16(words, _mm_setzero_si128()); }
SMX_INLINE __m128i truncate_to_words(__m128i x, __m128) {
    __m128i const signed_words = _mm_srai_epi32(_mm_slli_epi32(x, 16), 16); // what no saturation changes
    return _mm_packs_epi32(signed_words, signed_words);
}
#if defined(__F16C__)
SMX_INLINE __m128 widen_float16(__m128i words, __m128) { return _mm_cvtph_ps(words); }
SMX_INLINE __m128i narrow_to_float16(__m128 x) { return _mm_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT); }
#endif

#if defined(__AVX2__)
SMX_INLINE __m128i load_words(void const* p, __m256) { return _mm_loadu_si128(static_cast<__m128i const*>(p)); }
SMX_INLINE void store_words(void* p, __m128i words, __m256) { _mm_storeu_si128(static_cast<__m128i*>(p), words); }
SMX_INLINE __m256i extend_words(__m128i words, __m256) { return _mm256_cvtepu16_epi32(words); }
SMX_INLINE __m128i truncate_to_words(__m256i x, __m256) {
    __m256i const words = _mm256_blend_epi16(x, _mm256_setzero_si256(), 0xAA);
    __m256i const packed = _mm256_packus_epi32(words, words); // each half by itself
    return _mm256_castsi256_si128(_mm256_permute4x64_epi64(packed, 0x08));
}
#if defined(__F16C__)
SMX_INLINE __m256 widen_float16(__m128i words, __m256) { return _mm256_cvtph_ps(words); }
SMX_INLINE __m128i narrow_to_float16(__m256 x) { return _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT); }
#endif
#endif

#if defined(__AVX512F__)
SMX_INLINE __m256i load_words(void const* p, __m512) { return _mm256_loadu_si256(static_cast<__m256i const*>(p)); }
SMX_INLINE void store_words(void* p, __m256i words, __m512) { _mm256_storeu_si256(static_cast<__m256i*>(p), words); }
SMX_INLINE __m512i extend_words(__m256i words, __m512) { return _mm512_cvtepu16_epi32(words); }
SMX_INLINE __m256i truncate_to_words(__m512i x, __m512) { return _mm512_cvtepi32_epi16(x); }
SMX_INLINE __m512 widen_float16(__m256i words, __m512) { return _mm512_cvtph_ps(words); }
SMX_INLINE __m256i narrow_to_float16(__m512 x) { return _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT); }
// bfloat16 in the high words, rounded. A NaN becomes one whose rounding does not carry.
SMX_INLINE __m512i round_to_high_words(__m512 x) {
    __m512i const bits = _mm512_castps_si512(_mm512_fixupimm_ps(x, x, _mm512_set1_epi32(0x33), 0));
    __mmask16 const odd = _mm512_test_epi32_mask(bits, _mm512_set1_epi32(0x10000));
    __m512i const even_rounded = _mm512_add_epi32(bits, _mm512_set1_epi32(0x7FFF));
    return _mm512_mask_add_epi32(even_rounded, odd, even_rounded, _mm512_set1_epi32(1));
}
SMX_INLINE __m256i narrow_to_bfloat16(__m512 x) {
    return _mm512_cvtepi32_epi16(_mm512_srli_epi32(round_to_high_words(x), 16));
}
#if defined(__AVX512BW__)
SMX_INLINE void store_two_bfloat16(void* p, __m512 a, __m512 b) {
    __m512i const high_words = _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31, 29,
                                                27, 25, 23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    _mm512_storeu_si512(p, _mm512_permutex2var_epi16(round_to_high_words(a), high_words, round_to_high_words(b)));
}
#endif
SMX_INLINE void store_bytes(void* p, __m512 x) {
    _mm_storeu_si128(static_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(x)));
}
#if defined(__AVX512BW__) && defined(__AVX512VL__)
SMX_INLINE __m256i load_words_first(void const* p, __m512, std::size_t count) {
    return _mm256_maskz_loadu_epi16(first_of_16(count), p);
}
SMX_INLINE __m256i load_words_where(void const* p, __m512 lanes) {
    return _mm256_maskz_loadu_epi16(_mm512_cmp_ps_mask(lanes, _mm512_setzero_ps(), _CMP_NEQ_OQ), p);
}
SMX_INLINE void store_words_first(void* p, __m256i words, __m512, std::size_t count) {
    _mm256_mask_storeu_epi16(p, first_of_16(count), words);
}
#endif
#endif

} // namespace simd::native
SMX_END

#endif
