// SPDX-License-Identifier: BSL-1.0
// Rows in memory as sources and sinks.
#pragma once

#include <smx/simd/pack.hpp>

SMX_BEGIN
namespace driver {

/// A contiguous row to read. `ahead` is how far to prefetch, in elements; 0 inside the caches.
template <class T> struct row_source {
    T const* row;
    std::size_t ahead = 0;

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        if (ahead != 0) simd::prefetch_pack<P>(row + offset + ahead);
        return simd::load_pack<P>(row + offset, extent, dead);
    }
};

/// A contiguous row to write, and to read back what was written.
template <class T> struct row_sink {
    T* row;
    std::size_t ahead = 0;

    template <class P, class Extent> SMX_INLINE void store(std::size_t offset, P const& v, Extent extent) const {
        if (ahead != 0) simd::prefetch_pack_for_write<P>(row + offset + ahead);
        simd::store(row + offset, v, extent);
    }
    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        return simd::load_pack<P>(row + offset, extent, dead);
    }
};

} // namespace driver
SMX_END
