// SPDX-License-Identifier: BSL-1.0
// 64-bit ARM: the counterpart of simd/x86.hpp.
#pragma once

#include <smx/simd/arch.hpp>

#if defined(__aarch64__) && defined(__ARM_NEON)

#include <arm_neon.h>

SMX_BEGIN
namespace simd::native {

SMX_INLINE float32x4_t fma(float32x4_t a, float32x4_t b, float32x4_t c) { return vfmaq_f32(c, a, b); }
SMX_INLINE float64x2_t fma(float64x2_t a, float64x2_t b, float64x2_t c) { return vfmaq_f64(c, a, b); }

// FMAX and FMIN return NaN if either operand is NaN.
SMX_INLINE float32x4_t at_least(float32x4_t x, float32x4_t bound) { return vmaxq_f32(x, bound); }
SMX_INLINE float32x4_t at_most(float32x4_t x, float32x4_t bound) { return vminq_f32(x, bound); }
SMX_INLINE float64x2_t at_least(float64x2_t x, float64x2_t bound) { return vmaxq_f64(x, bound); }
SMX_INLINE float64x2_t at_most(float64x2_t x, float64x2_t bound) { return vminq_f64(x, bound); }

SMX_INLINE float32x4_t zero_below(float32x4_t x, float32x4_t bound) {
    return vreinterpretq_f32_u32(vandq_u32(vcgeq_f32(x, bound), vreinterpretq_u32_f32(x)));
}
SMX_INLINE float64x2_t zero_below(float64x2_t x, float64x2_t bound) {
    return vreinterpretq_f64_u64(vandq_u64(vcgeq_f64(x, bound), vreinterpretq_u64_f64(x)));
}

// xsimd 8.1 has functions for these that g++ does not inline.
SMX_INLINE int32x4_t to_bits(float32x4_t x) { return vreinterpretq_s32_f32(x); }
SMX_INLINE int64x2_t to_bits(float64x2_t x) { return vreinterpretq_s64_f64(x); }
SMX_INLINE float32x4_t from_bits(int32x4_t x) { return vreinterpretq_f32_s32(x); }
SMX_INLINE float64x2_t from_bits(int64x2_t x) { return vreinterpretq_f64_s64(x); }
SMX_INLINE int32x4_t shift_left(int32x4_t x, int count) { return vshlq_s32(x, vdupq_n_s32(count)); }
SMX_INLINE int64x2_t shift_left(int64x2_t x, int count) { return vshlq_s64(x, vdupq_n_s64(count)); }

SMX_INLINE bool any_bit(int32x4_t x, int32x4_t bits) {
    return vmaxvq_u32(vreinterpretq_u32_s32(vandq_s32(x, bits))) != 0;
}
SMX_INLINE int32x4_t lookup(std::int32_t const* table, float32x4_t by) { // of bytes: those of number i begin at 4 i
    uint32x4_t const index = vandq_u32(vreinterpretq_u32_f32(by), vdupq_n_u32(7));
    uint32x4_t const bytes = vmlaq_u32(vdupq_n_u32(0x03020100), index, vdupq_n_u32(0x04040404));
    uint8x16x2_t const numbers = vld1q_u8_x2(reinterpret_cast<unsigned char const*>(table));
    return vreinterpretq_s32_u8(vqtbl2q_u8(numbers, vreinterpretq_u8_u32(bytes)));
}

SMX_INLINE float64x2_t lanes_from(float64x2_t x, std::size_t) { return vdupq_laneq_f64(x, 1); }

// 16-bit words: four, in half a register.
SMX_INLINE uint16x4_t load_words(void const* p, float32x4_t) {
    uint16x4_t words;
    __builtin_memcpy(&words, p, sizeof words);
    return words;
}
SMX_INLINE void store_words(void* p, uint16x4_t words, float32x4_t) { __builtin_memcpy(p, &words, sizeof words); }
SMX_INLINE int32x4_t extend_words(uint16x4_t words, float32x4_t) { return vreinterpretq_s32_u32(vmovl_u16(words)); }
SMX_INLINE uint16x4_t truncate_to_words(int32x4_t x, float32x4_t) { return vmovn_u32(vreinterpretq_u32_s32(x)); }
SMX_INLINE float32x4_t widen_float16(uint16x4_t words, float32x4_t) {
    return vcvt_f32_f16(vreinterpret_f16_u16(words));
}
SMX_INLINE uint16x4_t narrow_to_float16(float32x4_t x) { return vreinterpret_u16_f16(vcvt_f16_f32(x)); }

SMX_INLINE float32x4_t narrow(float64x2_t low, float64x2_t high) { return vcvt_high_f32_f64(vcvt_f32_f64(low), high); }
SMX_INLINE float64x2_t widen_low(float32x4_t x) { return vcvt_f64_f32(vget_low_f32(x)); }
SMX_INLINE float64x2_t widen_high(float32x4_t x) { return vcvt_high_f64_f32(x); }

// --- slices of 16 bytes, one of a row: see x86_transpose.hpp
SMX_INLINE float32x4_t load_slices(float const* p, std::size_t, std::size_t width, float32x4_t) {
    if (width == 4) return vld1q_f32(p);
    if (width == 1) return vld1q_lane_f32(p, vdupq_n_f32(0), 0);
    float32x4_t const two = vcombine_f32(vld1_f32(p), vdup_n_f32(0));
    return width == 2 ? two : vld1q_lane_f32(p + 2, two, 2);
}
SMX_INLINE float64x2_t load_slices(double const* p, std::size_t, std::size_t width, float64x2_t) {
    return width == 2 ? vld1q_f64(p) : vld1q_lane_f64(p, vdupq_n_f64(0), 0);
}
SMX_INLINE void store_slices(float* p, std::size_t, std::size_t width, float32x4_t v) {
    if (width == 4) return vst1q_f32(p, v);
    if (width == 1) return vst1q_lane_f32(p, v, 0);
    vst1_f32(p, vget_low_f32(v));
    if (width == 3) vst1q_lane_f32(p + 2, v, 2);
}
SMX_INLINE void store_slices(double* p, std::size_t, std::size_t width, float64x2_t v) {
    width == 2 ? vst1q_f64(p, v) : vst1q_lane_f64(p, v, 0);
}
SMX_INLINE float64x2_t zip_low(float64x2_t a, float64x2_t b) { return vzip1q_f64(a, b); }
SMX_INLINE float64x2_t zip_high(float64x2_t a, float64x2_t b) { return vzip2q_f64(a, b); }
SMX_INLINE float32x4_t zip_low(float32x4_t a, float32x4_t b) { return vzip1q_f32(a, b); }
SMX_INLINE float32x4_t zip_high(float32x4_t a, float32x4_t b) { return vzip2q_f32(a, b); }
SMX_INLINE float32x4_t pair_low(float32x4_t a, float32x4_t b) {
    return vreinterpretq_f32_f64(zip_low(vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b)));
}
SMX_INLINE float32x4_t pair_high(float32x4_t a, float32x4_t b) {
    return vreinterpretq_f32_f64(zip_high(vreinterpretq_f64_f32(a), vreinterpretq_f64_f32(b)));
}

} // namespace simd::native
SMX_END

#endif
