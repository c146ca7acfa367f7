// SPDX-License-Identifier: BSL-1.0
// Which algorithm for which length. All give the same bits, so the choice is one of speed only.
#pragma once

#include <smx/simd/memory.hpp>

// three_pass_reload, which a guess makes two reads and two writes, is first at every length where it may guess: 1.2 to
// 1.8 times as fast as two_pass up to 8 MiB, 1.05 to 1.2 beyond (a machine with 2 MB of L2), level with
// three_pass_recompute from 32 MiB on. Of a row in place nothing would be left to weigh again, so it wants the maximum
// first; there three_pass_recompute, which may guess, overtakes it. Users may set the bytes of such a row, for float
// and for double, and those from which prefetching pays: 5 to 7 % at 1 MiB, nothing at 512 KiB. AMD's processors fetch
// by themselves: there 16 Mi floats take 1.4 times the time with prefetches, so they get none.
#ifndef SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_FLOAT
#define SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_FLOAT (std::size_t(1) << 21)
#endif
#ifndef SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_DOUBLE
#define SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_DOUBLE (std::size_t(3) << 20)
#endif
#ifndef SMX_PREFETCH_FROM_BYTES
#define SMX_PREFETCH_FROM_BYTES (std::size_t(1) << 20)
#endif

SMX_BEGIN
namespace algorithm {

template <class T>
inline constexpr std::size_t recompute_in_place_from_bytes = sizeof(T) == sizeof(float)
                                                                 ? SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_FLOAT
                                                                 : SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_DOUBLE;
inline constexpr std::size_t prefetch_from_bytes = SMX_PREFETCH_FROM_BYTES;
inline constexpr std::size_t prefetch_ahead_bytes = 4096;

/// True for n elements that may be out of the caches when their turn comes.
template <class T> constexpr bool leaves_cache(std::size_t n) { return n * sizeof(T) >= prefetch_from_bytes; }

/// How far ahead a pass over `n` elements prefetches, in elements; 0: not at all.
template <class T> SMX_INLINE std::size_t prefetch_ahead(std::size_t n) {
    return leaves_cache<T>(n) && !simd::fetches_by_itself() ? prefetch_ahead_bytes / sizeof(T) : 0;
}

} // namespace algorithm
SMX_END
