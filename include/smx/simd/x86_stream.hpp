// SPDX-License-Identifier: BSL-1.0
// x86: registers written past the caches. An address that lies on 16 bytes alone, as what malloc gives does, is written
// in slices of as many; the processor gathers them into lines.
#pragma once

#include <smx/detail/config.hpp>

#include <cstdint>

#if defined(__AVX__)

#include <immintrin.h>

SMX_BEGIN
namespace simd::native {

SMX_INLINE bool lies_on(void const* p, std::uintptr_t bytes) {
    return reinterpret_cast<std::uintptr_t>(p) % bytes == 0;
}
SMX_INLINE void stream(float* p, __m256 x) {
    if (lies_on(p, 32)) return _mm256_stream_ps(p, x);
    _mm_stream_ps(p, _mm256_castps256_ps128(x));
    _mm_stream_ps(p + 4, _mm256_extractf128_ps(x, 1));
}
SMX_INLINE void stream(double* p, __m256d x) {
    if (lies_on(p, 32)) return _mm256_stream_pd(p, x);
    _mm_stream_pd(p, _mm256_castpd256_pd128(x));
    _mm_stream_pd(p + 2, _mm256_extractf128_pd(x, 1));
}
#if defined(__AVX512F__)
SMX_INLINE void stream(float* p, __m512 x) {
    if (lies_on(p, 64)) return _mm512_stream_ps(p, x);
    _mm_stream_ps(p, _mm512_castps512_ps128(x));
    _mm_stream_ps(p + 4, _mm512_extractf32x4_ps(x, 1));
    _mm_stream_ps(p + 8, _mm512_extractf32x4_ps(x, 2));
    _mm_stream_ps(p + 12, _mm512_extractf32x4_ps(x, 3));
}
SMX_INLINE void stream(double* p, __m512d x) {
    if (lies_on(p, 64)) return _mm512_stream_pd(p, x);
    __m256d const low = _mm512_castpd512_pd256(x), high = _mm512_extractf64x4_pd(x, 1);
    _mm_stream_pd(p, _mm256_castpd256_pd128(low));
    _mm_stream_pd(p + 2, _mm256_extractf128_pd(low, 1));
    _mm_stream_pd(p + 4, _mm256_castpd256_pd128(high));
    _mm_stream_pd(p + 6, _mm256_extractf128_pd(high, 1));
}
#endif
SMX_INLINE void finish_streams(void const*) { _mm_sfence(); }

} // namespace simd::native
SMX_END

#endif
