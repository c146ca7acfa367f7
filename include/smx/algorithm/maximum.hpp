// SPDX-License-Identifier: BSL-1.0
// The largest element of a row. Its order is free: the maximum is exact.
#pragma once

#include <smx/algorithm/sweep.hpp>
#include <smx/simd/reduce.hpp>

#include <limits>

SMX_BEGIN
namespace algorithm {

/// max x_i over [begin, end), -inf if there is none. If the row holds a NaN, the result is some element or NaN.
template <class P, class Source>
SMX_INLINE typename P::value_type maximum(Source const& source, std::size_t begin, std::size_t end) {
    typename P::register_type const lowest(-simd::infinity<typename P::value_type>);
    P largest = simd::fill<P>(lowest);
    sweep<P>(begin, end, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        auto const x = source.template load<typename decltype(shape)::pack_type>(offset, extent, lowest);
        simd::unroll<x.registers>([&](std::size_t j)
                                      SMX_INLINE_LAMBDA { largest.part[j] = simd::max(largest.part[j], x.part[j]); });
    });
    return simd::largest_lane(simd::largest_part(largest));
}

} // namespace algorithm
SMX_END
