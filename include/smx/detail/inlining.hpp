// SPDX-License-Identifier: BSL-1.0
// What is inlined, and what is a function by itself.
#pragma once

// Inlining is forced where the compiler optimises. At -O0 there is no speed to lose, and each copy of a variable would
// have its own place on the stack: every operator in one file takes clang++ 5 minutes and 10 GiB with it, 9 s without.
// SMX_NO_FORCED_INLINING does the same at any level: for sanitizers and tests. One call of softmax compiles in .3 to .7
// of the time and takes 1.2 to 5 times as long; the results are the same.
#if defined(SMX_NO_FORCED_INLINING) || ((defined(__GNUC__) || defined(__clang__)) && !defined(__OPTIMIZE__))
#define SMX_FORCES_INLINING 0
#else
#define SMX_FORCES_INLINING 1
#endif

// SMX_NOINLINE: a function by itself. What it calls becomes a part of it, unless that is one, too.
// SMX_COLD: one for what is rare.
//
// clang++ aligns the stack for what it knows before it chooses registers; what it spills then lies on 16 bytes, and
// stores of 64 cross the lines of a cache where the stack of a process happens to begin so: rows of 256 floats in
// registers took 1.6 times the time in half of all runs (AVX-512), of 100 1.1 to 1.9 (AVX2).
#if defined(__clang__) && (defined(__x86_64__) || defined(__i386__))
#define SMX_NOINLINE __attribute__((noinline, force_align_arg_pointer))
#define SMX_COLD __attribute__((noinline, cold))
#elif defined(__clang__)
#define SMX_NOINLINE __attribute__((noinline))
#define SMX_COLD __attribute__((noinline, cold))
#elif defined(__GNUC__) && SMX_FORCES_INLINING
#define SMX_NOINLINE __attribute__((noinline, flatten))
#define SMX_COLD __attribute__((noinline, cold, flatten))
#elif defined(__GNUC__)
#define SMX_NOINLINE __attribute__((noinline))
#define SMX_COLD __attribute__((noinline, cold))
#elif defined(_MSC_VER)
#define SMX_NOINLINE __declspec(noinline)
#define SMX_COLD __declspec(noinline)
#else
#define SMX_NOINLINE
#define SMX_COLD
#endif
#if defined(__GNUC__) || defined(__clang__)
#define SMX_NOINLINE_LAMBDA SMX_NOINLINE
#else
#define SMX_NOINLINE_LAMBDA
#endif

// SMX_INLINE: what stands in a loop over elements. g++ simplifies it at every level of calls before it goes on to the
// next, which gives the best loops; but what is ten levels deep is simplified ten times.
// SMX_OUTER: what stands around such loops. g++ leaves it to the SMX_NOINLINE function that it ends up in, which takes
// all levels at once: one call of softmax compiles in .4 to .7 of the time. If loops are left to that, too, it is .4 to
// .5, but rows in memory take 1.3 to 1.5 times as long (AVX2).
#if !SMX_FORCES_INLINING
#define SMX_INLINE inline
#define SMX_INLINE_LAMBDA
#elif defined(__GNUC__) || defined(__clang__)
#define SMX_INLINE __attribute__((always_inline)) inline
#define SMX_INLINE_LAMBDA __attribute__((always_inline))
#elif defined(_MSC_VER)
#define SMX_INLINE __forceinline
#define SMX_INLINE_LAMBDA
#else
#define SMX_INLINE inline
#define SMX_INLINE_LAMBDA
#endif
#if defined(__GNUC__) && !defined(__clang__)
#define SMX_OUTER inline
#define SMX_OUTER_LAMBDA
#else
#define SMX_OUTER SMX_INLINE
#define SMX_OUTER_LAMBDA SMX_INLINE_LAMBDA
#endif
