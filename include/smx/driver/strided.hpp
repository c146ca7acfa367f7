// SPDX-License-Identifier: BSL-1.0
// A column as a row: elements at a stride, gathered and scattered one by one. For the columns that a tile cannot take.
#pragma once

#include <smx/simd/convert.hpp>

SMX_BEGIN
namespace driver {

template <class T> struct strided_source {
    T const* first;
    std::size_t stride;

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        alignas(64) simd::stored<T> gathered[P::size];
        for (std::size_t i = 0; i != simd::count_of(extent, P::size); ++i)
            gathered[i] = simd::to_stored(first[(offset + i) * stride]);
        return simd::load_pack<P>(gathered, extent, dead);
    }
};

template <class T> struct strided_sink {
    using element = T;
    T* first;
    std::size_t stride;

    template <class P, class Extent> SMX_INLINE void store(std::size_t offset, P const& v, Extent extent) const {
        alignas(64) simd::stored<T> scattered[P::size];
        simd::store(scattered, v, simd::whole{});
        for (std::size_t i = 0; i != simd::count_of(extent, P::size); ++i)
            first[(offset + i) * stride] = simd::from_stored<T>(scattered[i]);
    }
    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        return strided_source<T>{first, stride}.template load<P>(offset, extent, dead);
    }
    SMX_INLINE strided_sink beyond(std::size_t offset) const { return {first + offset * stride, stride}; }
};

} // namespace driver
SMX_END
