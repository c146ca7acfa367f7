// SPDX-License-Identifier: BSL-1.0
// Load, store and keep. The tail of a row is a type: the same line of code handles the body with whole{} and the last
// elements with partial{count}. Nothing outside [p, p + count) is read or written.
#pragma once

#include <smx/simd/operations.hpp>
#include <smx/simd/x86_partial.hpp>
#include <smx/simd/x86_stream.hpp>

SMX_BEGIN
namespace simd {

/// Every lane belongs to the row.
struct whole {};

/// Only the first `count` lanes do. `count` may be 0, and may exceed the number of lanes.
struct partial {
    std::size_t count;
};

/// The extent of what begins `offset` elements further on.
SMX_INLINE whole beyond(whole, std::size_t) { return {}; }
SMX_INLINE partial beyond(partial extent, std::size_t offset) {
    return {extent.count > offset ? extent.count - offset : 0};
}

/// How many of `lanes` lanes belong to the row.
SMX_INLINE std::size_t count_of(whole, std::size_t lanes) { return lanes; }
SMX_INLINE std::size_t count_of(partial extent, std::size_t lanes) {
    return extent.count < lanes ? extent.count : lanes;
}

template <one_register V> SMX_INLINE V load(element_of<V> const* p, whole, V) { return V::load_unaligned(p); }
template <one_register V> SMX_INLINE void store(element_of<V>* p, V v, whole) { v.store_unaligned(p); }
template <one_register V> SMX_INLINE V keep(V v, V, whole) { return v; }

/// Elements of the row where there are some, `fill` in the other lanes.
template <one_register V> SMX_INLINE V load(element_of<V> const* p, partial extent, V fill) {
    if constexpr (requires { native::load_first(p, fill.data, extent.count); }) {
        return V(native::load_first(p, fill.data, extent.count));
    } else {
        alignas(64) element_of<V> lanes[V::size];
        fill.store_aligned(lanes);
        for (std::size_t i = 0; i != simd::count_of(extent, V::size); ++i) lanes[i] = p[i];
        return V::load_aligned(lanes);
    }
}

/// Writes the lanes that belong to the row.
template <one_register V> SMX_INLINE void store(element_of<V>* p, V v, partial extent) {
    if constexpr (requires { native::store_first(p, v.data, extent.count); }) {
        native::store_first(p, v.data, extent.count);
    } else {
        alignas(64) element_of<V> lanes[V::size];
        v.store_aligned(lanes);
        for (std::size_t i = 0; i != simd::count_of(extent, V::size); ++i) p[i] = lanes[i];
    }
}

/// `v` in the lanes that belong to the row, `identity` in the others.
template <one_register V> SMX_INLINE V keep(V v, V identity, partial extent) {
    if constexpr (requires { native::keep_first(v.data, identity.data, extent.count); }) {
        return V(native::keep_first(v.data, identity.data, extent.count));
    } else {
        alignas(64) element_of<V> lanes[V::size];
        v.store_aligned(lanes);
        return simd::load<V>(lanes, extent, identity);
    }
}

/// Asks for the cache line of `p`, to be read or to be overwritten. Never faults; may do nothing.
SMX_INLINE void prefetch(void const* p) {
#if defined(__GNUC__)
    __builtin_prefetch(p, 0, 3);
#else
    (void)p;
#endif
}
template <class T> SMX_INLINE void prefetch_for_write(T const* p) {
    if constexpr (requires { native::prefetch_write(p); }) native::prefetch_write(p);
#if defined(__GNUC__)
    else
        __builtin_prefetch(p, 1, 3);
#endif
}

/// True where registers can be written past the caches.
template <one_register V> constexpr bool streams() {
    return requires(element_of<V> * p, V v) { native::stream(p, v.data); };
}
/// Writes a register past the caches, which take no copy of its lines. p lies on 16 bytes.
template <one_register V> SMX_INLINE void stream(element_of<V>* p, V v) { native::stream(p, v.data); }
/// What was written so, to the place that p is in, is seen by others before what is written later.
template <one_register V, class T> SMX_INLINE void finish_streams(T const* p) {
    if constexpr (streams<V>()) native::finish_streams(p);
}

} // namespace simd
SMX_END
