# SPDX-License-Identifier: BSL-1.0
"""-ffast-math and -Ofast: finite rows keep every documented bound, with and without FMA, masked or not; options that are
not finite are refused."""

import platform
import unittest

from toolbox import AVX2, AVX512, COMPILERS, INCLUDES, main, processor_has, run
from units import V3, V4, UnitsTest

# The program is linked with the flags too: g++ then flushes denormal numbers, for the whole program.
KINDS = {
    "clang++, SSE2": ("clang++", (), ["-O2", "-ffast-math"]),
    "clang++, AVX2": ("clang++", AVX2, ["-Ofast", V3, "-Wno-unknown-warning-option", "-Wno-deprecated-ofast"]),
    "g++, AVX-512": ("g++", AVX512, ["-O1", "-ffast-math", V4]),
}

# The exit status is the number of options that were taken.
BAD_OPTIONS = """
#include <smx/relu.hpp>
template <class Options> int taken(Options const& options) {
    float x[3] = {1, 2, 3};
    try {
        smx::relu(x, x, options);
        return 1;
    } catch (std::invalid_argument const&) { return 0; }
}
int main() {
    double volatile inf = __builtin_inf(), nan = __builtin_nan("");
    return taken(smx::relu_options{.scale = inf}) + taken(smx::relu_options{.scale = nan}) +
           taken(smx::relu_options{.temperature = inf}) + taken(smx::relu_options{.temperature = nan}) +
           taken(smx::relu_options{.length = inf}) + taken(smx::relu_options{.length = nan}) +
           taken(smx::relu_options{.scale = 1e300, .temperature = 1e-300});
}
"""


@unittest.skipUnless(platform.machine() in ("x86_64", "AMD64"), "the flags are those of x86-64")
class FastMath(UnitsTest):
    def test_finite_rows_keep_their_bounds(self):
        for kind, (compiler, needed, flags) in KINDS.items():
            if compiler not in COMPILERS:
                continue
            with self.subTest(kind):
                program = self.program({"fast": self.unit(compiler, "fast", "-DROWS_ARE_SPANS", *flags)}, *flags, linker=compiler)
                if processor_has(*needed):
                    self.judged(program, "fast")

    def test_options_that_are_not_finite_are_refused(self):
        source, program = self.folder / "bad_options.cpp", self.folder / "bad_options"
        source.write_text(BAD_OPTIONS)
        for compiler in COMPILERS:
            with self.subTest(compiler):
                self.must(compiler, "-std=c++20", "-O1", "-ffast-math", *INCLUDES, source, "-o", program)
                self.assertEqual(run(program), (0, ""))


main()
