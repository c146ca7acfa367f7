// SPDX-License-Identifier: BSL-1.0
// The loop. Every pass over a row is this one: packs, then one partial pack.
// It never peels to alignment, so the order of operations depends on the length alone, not on the address.
#pragma once

#include <smx/simd/memory.hpp>

SMX_BEGIN
namespace algorithm {

/// body(offset, extent) for [begin, end) in steps of `Step` elements; the last extent may be partial.
template <std::size_t Step, class Body> SMX_INLINE void sweep(std::size_t begin, std::size_t end, Body&& body) {
    std::size_t offset = begin;
    for (; end - offset >= Step; offset += Step) body(offset, simd::whole{});
    if (offset != end) body(offset, simd::partial{end - offset});
}

} // namespace algorithm
SMX_END
