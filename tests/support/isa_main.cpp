// SPDX-License-Identifier: BSL-1.0
// main() of every test executable: runs the tests if the processor has the instructions that they were compiled for.
//
// This file is compiled without those instructions, and asks before any constructor of the tests runs: already the
// registration of a test may be compiled to them.
#include <gtest/gtest.h>

#include <unistd.h>

namespace {

#if defined(SMX_MAIN_FOR_avx512)
bool processor_can() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}
constexpr char skipped[] = "skipped: this processor has no AVX-512 (F, BW, CD, DQ, VL)\n";
#elif defined(SMX_MAIN_FOR_avx2) || defined(SMX_MAIN_FOR_few)
bool processor_can() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
}
constexpr char skipped[] = "skipped: this processor has no AVX2 with FMA\n";
#elif defined(SMX_MAIN_FOR_avx)
bool processor_can() {
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx");
}
constexpr char skipped[] = "skipped: this processor has no AVX\n";
#elif defined(SMX_MAIN_FOR_baseline) || defined(SMX_MAIN_FOR_neon)
bool processor_can() { return true; } // the instructions belong to every machine of the kind
constexpr char skipped[] = "";
#else
#error "SMX_MAIN_FOR_<instruction set> is not defined: make test executables with smx_add_test"
#endif

[[gnu::constructor(101)]] void ask_the_processor() {
    if (processor_can()) return;
    [[maybe_unused]] auto const written = write(STDOUT_FILENO, skipped, sizeof skipped - 1);
    _exit(SMX_TEST_SKIPPED);
}

} // namespace

#if !defined(SMX_TEST_HAS_ITS_OWN_MAIN)
int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
#endif
