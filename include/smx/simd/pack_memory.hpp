// SPDX-License-Identifier: BSL-1.0
// Load, store, keep and prefetch of packs, whole or in part.
#pragma once

#include <smx/simd/memory.hpp>
#include <smx/simd/pack.hpp>

#include <type_traits>

SMX_BEGIN
namespace simd {

/// True where a register can be loaded and stored in part. Elsewhere a partial pack passes through a buffer, once.
template <one_register V> constexpr bool loads_in_part() {
    return requires(element_of<V> * p, V v) { native::load_first(p, v.data, std::size_t(0)); };
}

template <class V, std::size_t K, class Extent>
SMX_INLINE void store(element_of<V>* p, pack<V, K> const& v, Extent extent) {
    if constexpr (std::is_same_v<Extent, partial> && !loads_in_part<V>()) {
        alignas(64) element_of<V> buffer[K * V::size];
        simd::store(buffer, v, whole{});
        for (std::size_t i = 0; i != count_of(extent, K * V::size); ++i) p[i] = buffer[i];
    } else {
        unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
            simd::store(p + j * V::size, v.part[j], simd::beyond(extent, j * V::size));
        });
    }
}

/// Past the caches.
template <class V, std::size_t K> SMX_INLINE void stream(element_of<V>* p, pack<V, K> const& v) {
    unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA { simd::stream(p + j * V::size, v.part[j]); });
}

template <class P, class Extent>
SMX_INLINE P load_pack(typename P::value_type const* p, Extent extent, typename P::register_type dead) {
    using V = typename P::register_type;
    if constexpr (std::is_same_v<Extent, partial> && !loads_in_part<V>()) {
        alignas(64) typename P::value_type buffer[P::size];
        simd::store(buffer, fill<P>(dead), whole{});
        for (std::size_t i = 0; i != count_of(extent, P::size); ++i) buffer[i] = p[i];
        return load_pack<P>(buffer, whole{}, dead);
    } else {
        P result;
        unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            result.part[j] = simd::load<V>(p + j * V::size, simd::beyond(extent, j * V::size), dead);
        });
        return result;
    }
}

/// 1 in the lanes whose byte is not 0, 0 in the others and beyond the extent.
template <class P, class Extent> SMX_INLINE P load_mask(unsigned char const* p, Extent extent) {
    using V = typename P::register_type;
    using T = typename P::value_type;
    P result;
    unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
        auto const rest = simd::beyond(extent, j * V::size);
        if constexpr (std::is_same_v<Extent, whole> && requires(V v) { native::load_mask(p, v.data); }) {
            result.part[j] = V(native::load_mask(p + j * V::size, V(T(0)).data));
        } else {
            alignas(64) T lanes[V::size] = {};
            for (std::size_t i = 0; i != simd::count_of(rest, V::size); ++i)
                lanes[i] = p[j * V::size + i] != 0 ? T(1) : T(0);
            result.part[j] = V::load_aligned(lanes);
        }
    });
    return result;
}

/// The elements whose lane is 1, and 0 where it is 0: nothing is read there.
template <class S, class V, std::size_t K, class Extent>
SMX_INLINE pack<V, K> load_pack_where(S const* p, Extent extent, pack<V, K> const& lanes) {
    using T = element_of<V>;
    pack<V, K> result;
    unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
        if constexpr (requires(V v) { native::load_where(p, v.data); }) {
            result.part[j] = V(native::load_where(p + j * V::size, lanes.part[j].data));
        } else {
            alignas(64) T wanted[V::size];
            alignas(64) S found[V::size] = {};
            lanes.part[j].store_aligned(wanted);
            for (std::size_t i = 0; i != simd::count_of(simd::beyond(extent, j * V::size), V::size); ++i)
                if (wanted[i] != 0) found[i] = p[j * V::size + i];
            result.part[j] = load_pack<pack<V, 1>>(found, whole{}, V(T(0))).part[0];
        }
    });
    return result;
}

template <class V, std::size_t K> SMX_INLINE pack<V, K> keep(pack<V, K> const& v, V, whole) { return v; }
template <class V, std::size_t K> SMX_INLINE pack<V, K> keep(pack<V, K> const& v, V identity, partial extent) {
    if constexpr (!loads_in_part<V>()) {
        alignas(64) element_of<V> buffer[K * V::size];
        simd::store(buffer, v, whole{});
        return load_pack<pack<V, K>>(buffer, extent, identity);
    } else {
        pack<V, K> result;
        unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
            result.part[j] = simd::keep(v.part[j], identity, simd::beyond(extent, j * V::size));
        });
        return result;
    }
}

/// The last `count` lanes of a line, fewer than all, moved to the first ones; 0 in the others. Of none: any lanes.
template <class V, std::size_t K> SMX_INLINE pack<V, K> last_lanes(pack<V, K> v, std::size_t count) {
    using T = element_of<V>;
    if constexpr (K == 1 && requires { native::compress(v.part[0].data, 0U); }) {
        return {{V(native::compress(v.part[0].data, ~0U << (V::size - count)))}};
    } else if constexpr (K == 2 && requires { native::last_lanes(v.part[0].data, v.part[1].data, count); }) {
        native::last_lanes(v.part[0].data, v.part[1].data, count);
        return v;
    } else {
        alignas(64) T lanes[2 * K * V::size];
        simd::store(lanes, v, whole{});
        simd::store(lanes + K * V::size, fill<pack<V, K>>(V(T(0))), whole{});
        return load_pack<pack<V, K>>(lanes + (K * V::size - count), whole{}, V(T(0)));
    }
}

/// The cache lines of a pack, asked for to be read or to be overwritten.
template <class P, class S> SMX_INLINE void prefetch_pack(S const* p) {
    for (std::size_t byte = 0; byte < P::size * sizeof(S); byte += 64)
        prefetch(reinterpret_cast<char const*>(p) + byte);
}
template <class P, class S> SMX_INLINE void prefetch_pack_for_write(S const* p) {
    for (std::size_t byte = 0; byte < P::size * sizeof(S); byte += 64)
        prefetch_for_write(reinterpret_cast<char const*>(p) + byte);
}

} // namespace simd
SMX_END
