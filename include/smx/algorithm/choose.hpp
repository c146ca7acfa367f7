// SPDX-License-Identifier: BSL-1.0
// Which algorithm for which length. All give the same bits, so the choice is one of speed only.
#pragma once

#include <smx/detail/config.hpp>

#include <cstddef>

// Bytes of a row from which two reads of it beat three whose last two hit the cache, for float and for double, and from
// which prefetching pays. Users may set them. The race on a machine with 2 MB of L2: two_pass
// overtakes three_pass_reload by 7 % at 2 MiB of float and between 4 and 8 MiB of double; prefetching gains 5 to 7 % at
// 1 MiB and nothing at 512 KiB. online is 5 to 15 % behind two_pass wherever three_pass_reload is.
#ifndef SMX_TWO_PASS_FROM_BYTES_FLOAT
#define SMX_TWO_PASS_FROM_BYTES_FLOAT (std::size_t(1) << 21)
#endif
#ifndef SMX_TWO_PASS_FROM_BYTES_DOUBLE
#define SMX_TWO_PASS_FROM_BYTES_DOUBLE (std::size_t(1) << 22)
#endif
#ifndef SMX_PREFETCH_FROM_BYTES
#define SMX_PREFETCH_FROM_BYTES (std::size_t(1) << 20)
#endif

SMX_BEGIN
namespace algorithm {

template <class T>
inline constexpr std::size_t two_pass_from_bytes = sizeof(T) == sizeof(float) ? SMX_TWO_PASS_FROM_BYTES_FLOAT
                                                                              : SMX_TWO_PASS_FROM_BYTES_DOUBLE;
inline constexpr std::size_t prefetch_from_bytes = SMX_PREFETCH_FROM_BYTES;
inline constexpr std::size_t prefetch_ahead_bytes = 4096;

/// How far ahead a pass over `n` elements prefetches, in elements; 0: not at all.
template <class T> constexpr std::size_t prefetch_ahead(std::size_t n) {
    return n * sizeof(T) >= prefetch_from_bytes ? prefetch_ahead_bytes / sizeof(T) : 0;
}

} // namespace algorithm
SMX_END
