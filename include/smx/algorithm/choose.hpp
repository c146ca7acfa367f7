// SPDX-License-Identifier: BSL-1.0
// Which algorithm for which length. All give the same bits, so the choice is one of speed only. Files of one program
// that set bytes have to set the same; files that set none are free of them (config.hpp), as are those with and without
// SMX_FEW_KERNELS of each other.
#pragma once

#include <smx/simd/processor.hpp>

#include <cstddef>

// three_pass_reload, which a guess makes two reads and two writes, is first at every length where it may guess: 1.2 to
// 1.8 times as fast as two_pass up to 8 MiB, 1.05 to 1.2 beyond (a machine with 2 MB of L2), level with
// three_pass_recompute from 32 MiB on. Of a row in place nothing would be left to weigh again, so it wants the maximum
// first; there three_pass_recompute, which may guess, overtakes it. Users may set the bytes of such a row, for float
// and for double.
#ifndef SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_FLOAT
#define SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_FLOAT (std::size_t(1) << 21)
#endif
#ifndef SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_DOUBLE
#define SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_DOUBLE (std::size_t(3) << 20)
#endif
// Beyond the caches processors differ. Users may set the bytes of x from which prefetching pays (on zen5 eight times as
// many), and those of y from which results are written past the caches, which is then done on every x86.
//   other  prefetches of 4 KiB ahead: 5 to 7 % at 1 MiB, nothing at 512 KiB.
//   sapphire_rapids  likewise, 3 to 20 %. Past the caches rows and columns of 32 MiB and more: .71 to .95 of the time
//          (AVX-512), .89 to 1.03 (AVX2); at 16 MiB .84 to 1.2.
//   zen4   none: 16 Mi floats take 1.4 times the time with prefetches. Past the caches rows of 32 MiB and more, .76 to
//          1.03 of the time (at 16 MiB 1.14), columns from 8 MiB on, .66 to .78.
//   zen5   8 KiB ahead from 8 MiB on: matrices of 12 to 32 MiB take .64 to .95 of the time, those of AVX2 .59 to .95,
//          but rows of 1 to 4 MiB 1.03. Past the caches from 16 MiB on, where 32 MiB of L3 do not hold x and y:
//          rows in registers .7 to .8, those up to 4,096 elements .43 to .8, longer ones .65 to .8 (AVX-512). Columns
//          that go past the caches are asked for two tiles ahead, not one: .75 to .98 of the time.
#ifndef SMX_PREFETCH_FROM_BYTES
#define SMX_PREFETCH_FROM_BYTES (std::size_t(1) << 20)
#endif

SMX_BEGIN
namespace algorithm {

/// Whether rows that fit in registers have code of their own by their length. Without (SMX_FEW_KERNELS) of many rows up
/// to 48 floats are tiles on the stack, one of up to a line is in a register, and all others are in memory: 1.2 to 2.2
/// times the time up to 512 floats (AVX-512; AVX2 .95 to 1.8), 1.0 beyond, for a quarter of the code, compiled in a
/// quarter to a third of the time.
#if defined(SMX_FEW_KERNELS)
inline constexpr bool has_kernels_by_length = false;
#else
inline constexpr bool has_kernels_by_length = true;
#endif

template <class T>
inline constexpr std::size_t recompute_in_place_from_bytes = sizeof(T) == sizeof(float)
                                                                 ? SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_FLOAT
                                                                 : SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_DOUBLE;
inline constexpr std::size_t prefetch_from_bytes = SMX_PREFETCH_FROM_BYTES;

/// True for n elements that may be out of the caches when their turn comes.
template <class T> constexpr bool leaves_cache(std::size_t n) { return n * sizeof(T) >= prefetch_from_bytes; }

/// True if the processor fetches rows better by itself.
SMX_INLINE bool fetches_by_itself() { return simd::this_processor() == simd::processor::zen4; }

/// How far ahead a pass over `n` elements prefetches, in elements; 0: not at all.
template <class T> SMX_INLINE std::size_t prefetch_ahead(std::size_t n) {
    if (!leaves_cache<T>(n) || fetches_by_itself()) return 0;
    if (simd::this_processor() != simd::processor::zen5) return 4096 / sizeof(T);
    return leaves_cache<T>(n / 8) ? 8192 / sizeof(T) : 0;
}

/// True if the processor takes a register of 64 bytes in two halves.
SMX_INLINE bool halves_registers() { return simd::this_processor() == simd::processor::zen4; }

/// True if n elements are to be read row by row, not the first elements of a register of rows before the rest of these,
/// as row tiles do (row_tiles.hpp). Zen 4 fetches what lies in order: from 6 MiB on rows of 32, 48 and 64 floats take
/// .68, .87 and .44 of the time row by row, below 1.2, 1.35 and 1.0 (AVX-512); on AVX2 32 .85.
template <class T> SMX_INLINE bool is_read_row_by_row(std::size_t n) {
    return fetches_by_itself() && n * sizeof(T) >= std::size_t(6) << 20;
}

/// How many tiles ahead columns are prefetched that may be out of the caches, and may be written past them.
SMX_INLINE std::size_t tiles_ahead(bool streams) {
    return streams && simd::this_processor() == simd::processor::zen5 ? 2 : 1;
}

enum class results { of_rows, of_columns };
/// True if n of them are to be written past the caches.
template <class T> SMX_INLINE bool outgrows_caches(std::size_t n, [[maybe_unused]] results which) {
#if defined(SMX_STREAM_FROM_BYTES)
    return n * sizeof(T) >= SMX_STREAM_FROM_BYTES;
#else
    constexpr std::size_t mebibytes = (std::size_t(1) << 20) / sizeof(T);
    if (n < 8 * mebibytes) return false;
    switch (simd::this_processor()) {
    case simd::processor::zen4:
        return which == results::of_columns || n >= 32 * mebibytes;
    case simd::processor::sapphire_rapids:
        return n >= 32 * mebibytes;
    case simd::processor::zen5:
        return n >= 16 * mebibytes;
    default:
        return false;
    }
#endif
}

} // namespace algorithm
SMX_END
