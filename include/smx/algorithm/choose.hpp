// SPDX-License-Identifier: BSL-1.0
// Which algorithm for which length. All give the same bits, so the choice is one of speed only.
#pragma once

#include <smx/detail/config.hpp>

#include <cstddef>

// Bytes of a row up to which the three-pass reload wins (its second and third reads hit the cache), and from which
// prefetching pays. Both may be set by users; the rows of bench/softmax that justify the defaults are in
// bench/README.md.
#ifndef SMX_ONLINE_FROM_BYTES
#define SMX_ONLINE_FROM_BYTES (std::size_t(1) << 21)
#endif
#ifndef SMX_PREFETCH_FROM_BYTES
#define SMX_PREFETCH_FROM_BYTES (std::size_t(1) << 20)
#endif

SMX_BEGIN
namespace algorithm {

inline constexpr std::size_t online_from_bytes = SMX_ONLINE_FROM_BYTES;
inline constexpr std::size_t prefetch_from_bytes = SMX_PREFETCH_FROM_BYTES;
inline constexpr std::size_t prefetch_ahead_bytes = 2048;

/// How far ahead a pass over `n` elements prefetches, in elements; 0: not at all.
template <class T> constexpr std::size_t prefetch_ahead(std::size_t n) {
    return n * sizeof(T) >= prefetch_from_bytes ? prefetch_ahead_bytes / sizeof(T) : 0;
}

} // namespace algorithm
SMX_END
