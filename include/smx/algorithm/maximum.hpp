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
    typename P::register_type const lowest(-std::numeric_limits<typename P::value_type>::infinity());
    P largest = simd::fill<P>(lowest);
    sweep<P::size>(begin, end, [&](std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        largest = simd::max(largest, source.template load<P>(offset, extent, lowest));
    });
    return simd::largest_lane(simd::largest_part(largest));
}

} // namespace algorithm
SMX_END
