// SPDX-License-Identifier: BSL-1.0
// softmax, once for each instruction set: one overload for each architecture of xsimd. Each is compiled in a file of
// its own, with its own flags, so this interface is pointers and a count: an inline function of std that both sides use
// is one function to the linker, and it would keep that of either side.
#pragma once

#include <array> // xsimd 8.1 uses these two without including them
#include <cstddef>
#include <cstdint>

#include <xsimd/xsimd.hpp>

namespace dispatch {

using baseline = xsimd::sse2;
using avx2 = xsimd::fma3<xsimd::avx2>;
using avx512 = xsimd::avx512bw;

void softmax_on(baseline, float const* x, float* y, std::size_t n);
void softmax_on(avx2, float const* x, float* y, std::size_t n);
void softmax_on(avx512, float const* x, float* y, std::size_t n);

} // namespace dispatch
