// SPDX-License-Identifier: BSL-1.0
// Registers of 16-bit words, and what they say as bfloat16 or float16: a register of float.
#pragma once

#include <smx/simd/bits.hpp>
#include <smx/simd/half.hpp>
#include <smx/simd/x86_words.hpp>

#include <cstring>

SMX_BEGIN
namespace simd {

/// V::size 16-bit words where no register is made for them.
template <one_register V> struct plain_words { std::uint16_t word[V::size]; };

template <one_register V> SMX_INLINE auto load_words(void const* p) {
    if constexpr (requires(V v) { native::load_words(p, v.data); }) {
        return native::load_words(p, V(element_of<V>(0)).data);
    } else {
        plain_words<V> words;
        std::memcpy(words.word, p, sizeof words.word);
        return words;
    }
}
template <one_register V, class Words> SMX_INLINE void store_words(void* p, Words const& words) {
    if constexpr (std::is_same_v<Words, plain_words<V>>)
        std::memcpy(p, words.word, sizeof words.word);
    else
        native::store_words(p, words, V(element_of<V>(0)).data);
}

/// Words as the low halves of integers, and back.
template <one_register V, class Words> SMX_INLINE integers_of<V> extend_words(Words const& words) {
    if constexpr (std::is_same_v<Words, plain_words<V>>) {
        alignas(64) std::int32_t lanes[V::size];
        for (std::size_t i = 0; i != V::size; ++i) lanes[i] = words.word[i];
        return integers_of<V>::load_aligned(lanes);
    } else {
        return integers_of<V>(native::extend_words(words, V(element_of<V>(0)).data));
    }
}
template <one_register V> SMX_INLINE auto truncate_to_words(integers_of<V> v) {
    if constexpr (requires(V t) { native::truncate_to_words(v.data, t.data); }) {
        return native::truncate_to_words(v.data, V(element_of<V>(0)).data);
    } else {
        alignas(64) std::int32_t lanes[V::size];
        v.store_aligned(lanes);
        plain_words<V> words;
        for (std::size_t i = 0; i != V::size; ++i) words.word[i] = static_cast<std::uint16_t>(lanes[i]);
        return words;
    }
}

/// What bfloat16 and float16 say about one number, for a register of them.
template <class Format, one_register V, class Words> SMX_INLINE V widen_words(Words const& words) {
    using I = integers_of<V>;
    if constexpr (std::is_same_v<Format, bfloat16>) {
        return from_bits<V>(simd::shift_left(extend_words<V>(words), 16));
    } else if constexpr (requires(V t) { native::widen_float16(words, t.data); }) {
        return V(native::widen_float16(words, V(element_of<V>(0)).data));
    } else {
        // Everything but the exponent is in place after a shift. Denormals are shifted by an addition, which is exact.
        I const v = extend_words<V>(words);
        I const size = simd::shift_left(v & I(0x7FFF), 13);
        I const ordinary = size + I(0x38000000);
        I const tiny = to_bits(simd::barrier(from_bits<V>(size + I(0x38800000))) - V(0x1p-14F));
        I const special = size + I(0x70000000);
        I const quiet = special | I(0x00400000);
        I const finite = xsimd::select(size < I(0x00800000), tiny, ordinary);
        I const number = xsimd::select(size < I(0x0F800000), finite, special);
        return from_bits<V>(xsimd::select(size > I(0x0F800000), quiet, number) | simd::shift_left(v & I(0x8000), 16));
    }
}
template <class Format, one_register V> SMX_INLINE auto narrow_to_words(V v) {
    using I = integers_of<V>;
    if constexpr (std::is_same_v<Format, bfloat16>) {
        // Not the instruction of AVX512_BF16, which takes denormals for 0.
        if constexpr (requires { native::narrow_to_bfloat16(v.data); }) {
            return native::narrow_to_bfloat16(v.data);
        } else {
            I const bits = to_bits(v);
            I const high = simd::shift_right(bits, 16);
            I const rounded = simd::shift_right(bits + I(0x7FFF) + (high & I(1)), 16);
            return simd::truncate_to_words<V>(
                xsimd::select((bits & I(0x7FFFFFFF)) > I(0x7F800000), high | I(0x40), rounded));
        }
    } else if constexpr (requires { native::narrow_to_float16(v.data); }) {
        return native::narrow_to_float16(v.data);
    } else {
        // Below 2^-14 an addition does the rounding: 0.5 has the last place of a denormal float16.
        I const bits = to_bits(v);
        I const size = bits & I(0x7FFFFFFF);
        I const kept = simd::shift_right(size, 13);
        I const ordinary = simd::shift_right(size + I(0xFFF - 0x38000000) + (kept & I(1)), 13);
        I const tiny = to_bits(simd::barrier(from_bits<V>(size) + V(0.5F))) - I(0x3F000000);
        I const quiet = I(0x7E00) | (kept & I(0x3FF));
        I const finite = xsimd::select(size < I(0x38800000), tiny, ordinary);
        I const number = xsimd::select(size < I(0x477FF000), finite, I(0x7C00));
        return simd::truncate_to_words<V>(xsimd::select(size > I(0x7F800000), quiet, number) |
                                          (simd::shift_right(bits, 16) & I(0x8000)));
    }
}

} // namespace simd
SMX_END
