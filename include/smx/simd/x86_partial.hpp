// SPDX-License-Identifier: BSL-1.0
// x86: the first elements of a register, loaded and stored in pieces, not with a mask: an access with one waits for all
// the bytes that it might have touched, or keeps later ones waiting for them. In place, rows of 50 to 120 floats take
// .65 to .8 of the time; a row of 20 whose result lies behind it, .6.
#pragma once

#include <smx/simd/x86.hpp>
#include <smx/simd/x86_lanes.hpp>

#if defined(__AVX__)

SMX_BEGIN
namespace simd::native {

SMX_INLINE __m256 keep_first(__m256 x, __m256 other, std::size_t count) {
    return _mm256_blendv_ps(other, x, _mm256_castsi256_ps(first(0.0F, count)));
}
SMX_INLINE __m256d keep_first(__m256d x, __m256d other, std::size_t count) {
    return _mm256_blendv_pd(other, x, _mm256_castsi256_pd(first(0.0, count)));
}
SMX_INLINE __m256 pieces(float const* p, __m256, std::size_t count) {
    __m128 x = _mm_setzero_ps();
    if ((count & 1) != 0) x = _mm_load_ss(p + (count & 6));
    if ((count & 2) != 0)
        x = _mm_movelh_ps(_mm_castsi128_ps(_mm_loadl_epi64(reinterpret_cast<__m128i const*>(p + (count & 4)))), x);
    if ((count & 4) != 0) return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), x, 1);
    return _mm256_insertf128_ps(_mm256_setzero_ps(), x, 0);
}
SMX_INLINE __m256d pieces(double const* p, __m256d, std::size_t count) {
    __m128d const x = (count & 1) != 0 ? _mm_load_sd(p + (count & 2)) : _mm_setzero_pd();
    if ((count & 2) != 0) return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(p)), x, 1);
    return _mm256_insertf128_pd(_mm256_setzero_pd(), x, 0);
}
SMX_INLINE __m256 load_first(float const* p, __m256 fill, std::size_t count) {
    return count >= 8 ? _mm256_loadu_ps(p) : keep_first(pieces(p, fill, count), fill, count);
}
SMX_INLINE __m256d load_first(double const* p, __m256d fill, std::size_t count) {
    return count >= 4 ? _mm256_loadu_pd(p) : keep_first(pieces(p, fill, count), fill, count);
}
SMX_INLINE void store_first(float* p, __m256 x, std::size_t count) {
    if (count >= 8) return _mm256_storeu_ps(p, x);
    __m128 rest = _mm256_castps256_ps128(x);
    if ((count & 4) != 0) {
        _mm_storeu_ps(p, rest);
        rest = _mm256_extractf128_ps(x, 1);
        p += 4;
    }
    if ((count & 2) != 0) {
        _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_castps_si128(rest));
        rest = _mm_movehl_ps(rest, rest);
        p += 2;
    }
    if ((count & 1) != 0) _mm_store_ss(p, rest);
}
SMX_INLINE void store_first(double* p, __m256d x, std::size_t count) {
    if (count >= 4) return _mm256_storeu_pd(p, x);
    __m128d rest = _mm256_castpd256_pd128(x);
    if ((count & 2) != 0) {
        _mm_storeu_pd(p, rest);
        rest = _mm256_extractf128_pd(x, 1);
        p += 2;
    }
    if ((count & 1) != 0) _mm_store_sd(p, rest);
}

#if defined(__AVX512F__)
SMX_INLINE __m512 keep_first(__m512 x, __m512 other, std::size_t count) {
    return _mm512_mask_mov_ps(other, first_of_16(count), x);
}
SMX_INLINE __m512d keep_first(__m512d x, __m512d other, std::size_t count) {
    return _mm512_mask_mov_pd(other, first_of_8(count), x);
}
SMX_INLINE __m512 load_first(float const* p, __m512 fill, std::size_t count) {
    if (count >= 16) return _mm512_loadu_ps(p);
    __m256d const few = _mm256_castps_pd(pieces(p + (count & 8), __m256{}, count & 7)); // by 64 bits: without AVX512DQ
    __m512d const all = (count & 8) != 0
                            ? _mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(_mm256_loadu_ps(p))), few, 1)
                            : _mm512_insertf64x4(_mm512_setzero_pd(), few, 0);
    return keep_first(_mm512_castpd_ps(all), fill, count);
}
SMX_INLINE __m512d load_first(double const* p, __m512d fill, std::size_t count) {
    if (count >= 8) return _mm512_loadu_pd(p);
    __m256d const few = pieces(p + (count & 4), __m256d{}, count & 3);
    return keep_first((count & 4) != 0 ? _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_loadu_pd(p)), few, 1)
                                       : _mm512_insertf64x4(_mm512_setzero_pd(), few, 0),
                      fill, count);
}
SMX_INLINE __m256 lower_half(__m512 x) { return _mm512_castps512_ps256(x); }
SMX_INLINE __m256d lower_half(__m512d x) { return _mm512_castpd512_pd256(x); }
SMX_INLINE void store(float* p, __m256 x) { _mm256_storeu_ps(p, x); }
SMX_INLINE void store(double* p, __m256d x) { _mm256_storeu_pd(p, x); }
/// The first count < 64 / sizeof(T).
template <class T, class V> SMX_INLINE void store_half_and_rest(T* p, V x, std::size_t count) {
    constexpr std::size_t half = 32 / sizeof(T);
    if ((count & half) == 0) return store_first(p, lower_half(x), count);
    native::store(p, lower_half(x));
    store_first(p + half, upper_half(x), count - half);
}
SMX_INLINE void store_first(float* p, __m512 x, std::size_t count) {
    count >= 16 ? _mm512_storeu_ps(p, x) : store_half_and_rest(p, x, count);
}
SMX_INLINE void store_first(double* p, __m512d x, std::size_t count) {
    count >= 8 ? _mm512_storeu_pd(p, x) : store_half_and_rest(p, x, count);
}
#endif

} // namespace simd::native
SMX_END

#endif
