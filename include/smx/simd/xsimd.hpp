// SPDX-License-Identifier: BSL-1.0
// Includes xsimd quietly: as a system header even under plain -I, and without GCC 12's false alarms from its own
// avx512fintrin.h, which otherwise reach users who compile with -Wall.
#pragma once

#if defined(__GNUC__)
#pragma GCC system_header
#endif
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <array> // xsimd 8.1 uses these two without including them
#include <cstdint>

#include <xsimd/xsimd.hpp>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
