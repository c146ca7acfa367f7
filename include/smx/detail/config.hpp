// SPDX-License-Identifier: BSL-1.0
// The inline namespace that keeps differently compiled copies apart.
//
// Two translation units with different -m or floating-point flags hold different machine code for the same template.
// Were their symbols equal, the linker would keep one of the two for both. So the name of the inline namespace lists
// the version and every flag that changes the code: smx::v0_1_avx2_fma_bmi::softmax is not smx::v0_1_sse2::softmax.
#pragma once

#include <smx/detail/inlining.hpp>
#include <smx/version.hpp>

#define SMX_JOIN_(a, b) a##b
#define SMX_JOIN(a, b) SMX_JOIN_(a, b)

// --- the widest vector extension
#if defined(__AVX512F__)
#define SMX_ABI_VECTOR _avx512
#elif defined(__AVX2__)
#define SMX_ABI_VECTOR _avx2
#elif defined(__AVX__)
#define SMX_ABI_VECTOR _avx
#elif defined(__SSE4_2__)
#define SMX_ABI_VECTOR _sse42
#elif defined(__SSE4_1__)
#define SMX_ABI_VECTOR _sse41
#elif defined(__SSSE3__)
#define SMX_ABI_VECTOR _ssse3
#elif defined(__SSE3__)
#define SMX_ABI_VECTOR _sse3
#elif defined(__SSE2__) || defined(_M_X64)
#define SMX_ABI_VECTOR _sse2
#elif defined(__ARM_FEATURE_SVE)
#define SMX_ABI_VECTOR _sve
#elif defined(__ARM_NEON)
#define SMX_ABI_VECTOR _neon
#else
#define SMX_ABI_VECTOR _plain
#endif

// --- what else a compiler may use of the machine
#if defined(__FMA__)
#define SMX_ABI_FMA _fma
#else
#define SMX_ABI_FMA
#endif
#if defined(__BMI2__)
#define SMX_ABI_BMI _bmi2
#elif defined(__BMI__)
#define SMX_ABI_BMI _bmi
#else
#define SMX_ABI_BMI
#endif
#if defined(__LZCNT__)
#define SMX_ABI_LZCNT _lz
#else
#define SMX_ABI_LZCNT
#endif
#if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && defined(__AVX512CD__)
#define SMX_ABI_LEVEL _v4
#elif defined(__AVX512VL__)
#define SMX_ABI_LEVEL _vl
#else
#define SMX_ABI_LEVEL
#endif
#if defined(__AVX512VBMI2__) || defined(__AVX512VNNI__)
#define SMX_ABI_EXTRA _vnni
#elif defined(__AVXVNNI__)
#define SMX_ABI_EXTRA _avxvnni
#else
#define SMX_ABI_EXTRA
#endif
#if defined(__AVX512FP16__)
#define SMX_ABI_HALF _fp16
#elif defined(__AVX512BF16__)
#define SMX_ABI_HALF _bf16
#elif defined(__F16C__)
#define SMX_ABI_HALF _f16c
#else
#define SMX_ABI_HALF
#endif

// --- floating-point mode and exceptions
#if defined(__FAST_MATH__)
#define SMX_ABI_MATH _fast
#elif defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#define SMX_ABI_MATH _finite
#else
#define SMX_ABI_MATH
#endif
#if defined(__ASSOCIATIVE_MATH__) && !defined(__FAST_MATH__)
#define SMX_ABI_ORDER _assoc
#else
#define SMX_ABI_ORDER
#endif
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS) || defined(_CPPUNWIND)
#define SMX_HAS_EXCEPTIONS 1
#define SMX_ABI_THROW
#else
#define SMX_HAS_EXCEPTIONS 0
#define SMX_ABI_THROW _noexcept
#endif

// --- what a user sets (algorithm/choose.hpp): files that set different bytes may not meet in one program
#if defined(SMX_PREFETCH_FROM_BYTES) || defined(SMX_STREAM_FROM_BYTES) ||                                              \
    defined(SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_FLOAT) || defined(SMX_RECOMPUTE_IN_PLACE_FROM_BYTES_DOUBLE)
#define SMX_ABI_TUNED _tuned
#else
#define SMX_ABI_TUNED
#endif

#if defined(SMX_FEW_KERNELS)
#define SMX_ABI_KERNELS _few
#else
#define SMX_ABI_KERNELS
#endif

#define SMX_ABI_VERSION SMX_JOIN(SMX_JOIN(v, SMX_VERSION_MAJOR), SMX_JOIN(_, SMX_VERSION_MINOR))
#define SMX_ABI_MACHINE                                                                                                \
    SMX_JOIN(SMX_JOIN(SMX_JOIN(SMX_ABI_VECTOR, SMX_ABI_LEVEL), SMX_JOIN(SMX_ABI_EXTRA, SMX_ABI_HALF)),                 \
             SMX_JOIN(SMX_JOIN(SMX_ABI_FMA, SMX_ABI_BMI), SMX_ABI_LZCNT))
#define SMX_ABI_MODE                                                                                                   \
    SMX_JOIN(SMX_JOIN(SMX_ABI_MATH, SMX_ABI_ORDER), SMX_JOIN(SMX_ABI_THROW, SMX_JOIN(SMX_ABI_KERNELS, SMX_ABI_TUNED)))
#define SMX_ABI SMX_JOIN(SMX_ABI_VERSION, SMX_JOIN(SMX_ABI_MACHINE, SMX_ABI_MODE))

#define SMX_BEGIN                                                                                                      \
    namespace smx {                                                                                                    \
    inline namespace SMX_ABI {
#define SMX_END                                                                                                        \
    }                                                                                                                  \
    }
