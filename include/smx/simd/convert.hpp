// SPDX-License-Identifier: BSL-1.0
// Rows whose elements are not those of the registers: 16-bit floating-point numbers, and integers in bytes to write.
// They become float on the way in and are rounded once on the way out; every machine gives the same bits.
#pragma once

#include <smx/simd/pack_memory.hpp>
#include <smx/simd/words.hpp>

#include <cstring>

SMX_BEGIN
namespace simd {

/// True where words can be loaded and stored in part. Elsewhere a partial pack passes through a buffer, once.
template <one_register V> constexpr bool loads_words_in_part() {
    return requires(void* p, V v) { native::load_words_first(p, v.data, std::size_t(0)); };
}

/// A pack of float from a row of 16-bit numbers, `dead` where the row has no elements.
template <class P, half_element S, class Extent>
SMX_INLINE P load_pack(S const* p, Extent extent, typename P::register_type dead) {
    using V = typename P::register_type;
    P result;
    if constexpr (std::is_same_v<Extent, whole>) {
        unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            result.part[j] = simd::widen_words<stored<S>, V>(simd::load_words<V>(p + j * V::size));
        });
        return result;
    } else if constexpr (loads_words_in_part<V>()) {
        unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            auto const rest = simd::beyond(extent, j * V::size);
            result.part[j] = simd::keep(
                simd::widen_words<stored<S>, V>(native::load_words_first(p + j * V::size, dead.data, rest.count)), dead,
                rest);
        });
        return result;
    } else {
        alignas(64) std::uint16_t buffer[P::size] = {};
        std::memcpy(buffer, p, count_of(extent, P::size) * sizeof(S));
        unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            result.part[j] = simd::widen_words<stored<S>, V>(simd::load_words<V>(buffer + j * V::size));
        });
        return simd::keep(result, dead, extent);
    }
}

/// A pack of float to a row of 16-bit numbers.
template <half_element S, class V, std::size_t K, class Extent>
SMX_INLINE void store(S* p, pack<V, K> const& v, Extent extent) {
    if constexpr (std::is_same_v<Extent, whole> && std::is_same_v<stored<S>, bfloat16> && K % 2 == 0 &&
                  requires(V t) { native::store_two_bfloat16(p, t.data, t.data); }) {
        unroll<K / 2>([&](std::size_t j) SMX_INLINE_LAMBDA {
            native::store_two_bfloat16(p + 2 * j * V::size, v.part[2 * j].data, v.part[2 * j + 1].data);
        });
    } else if constexpr (std::is_same_v<Extent, whole>) {
        unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
            simd::store_words<V>(p + j * V::size, simd::narrow_to_words<stored<S>>(v.part[j]));
        });
    } else if constexpr (loads_words_in_part<V>()) {
        unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
            native::store_words_first(p + j * V::size, simd::narrow_to_words<stored<S>>(v.part[j]), v.part[j].data,
                                      simd::beyond(extent, j * V::size).count);
        });
    } else {
        alignas(64) std::uint16_t buffer[K * V::size];
        unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
            simd::store_words<V>(buffer + j * V::size, simd::narrow_to_words<stored<S>>(v.part[j]));
        });
        std::memcpy(static_cast<void*>(p), buffer, count_of(extent, K * V::size) * sizeof(S));
    }
}

/// The elements whose lane is 1, and 0 where it is 0: nothing is read there.
template <half_element S, class V, std::size_t K, class Extent>
SMX_INLINE pack<V, K> load_pack_where(S const* p, Extent extent, pack<V, K> const& lanes) {
    pack<V, K> result;
    if constexpr (loads_words_in_part<V>()) {
        unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
            result.part[j] =
                simd::widen_words<stored<S>, V>(native::load_words_where(p + j * V::size, lanes.part[j].data));
        });
        return result;
    } else {
        constexpr std::size_t size = K * V::size;
        alignas(64) element_of<V> wanted[size];
        simd::store(wanted, lanes, whole{});
        stored<S> found[size];
        for (std::size_t i = 0; i != size; ++i) found[i].bits = 0;
        for (std::size_t i = 0; i != count_of(extent, size); ++i)
            if (wanted[i] != 0) found[i] = simd::to_stored(p[i]);
        return load_pack<pack<V, K>>(found, whole{}, V(element_of<V>(0)));
    }
}

/// A pack of the integers 0 to 255 to a row of bytes.
template <class V, std::size_t K, class Extent>
SMX_INLINE void store(std::uint8_t* p, pack<V, K> const& v, Extent extent) {
    if constexpr (std::is_same_v<Extent, whole> && requires(V t) { native::store_bytes(p, t.data); }) {
        unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA { native::store_bytes(p + j * V::size, v.part[j].data); });
    } else {
        constexpr std::size_t size = K * V::size;
        alignas(64) element_of<V> integers[size];
        simd::store(integers, v, whole{});
        for (std::size_t i = 0; i != count_of(extent, size); ++i)
            p[i] = static_cast<std::uint8_t>(static_cast<int>(integers[i]));
    }
}

} // namespace simd
SMX_END
