# SPDX-License-Identifier: BSL-1.0
"""-ffast-math and -Ofast: finite rows keep every documented bound, with and without FMA, masked or not."""

import platform
import unittest

from toolbox import AVX2, AVX512, COMPILERS, main, processor_has
from units import V3, V4, UnitsTest

# The program is linked with the flags too: g++ then flushes denormal numbers, for the whole program.
KINDS = {
    "clang++, SSE2": ("clang++", (), ["-O2", "-ffast-math"]),
    "clang++, AVX2": ("clang++", AVX2, ["-Ofast", V3, "-Wno-unknown-warning-option", "-Wno-deprecated-ofast"]),
    "g++, AVX-512": ("g++", AVX512, ["-O1", "-ffast-math", V4]),
}


@unittest.skipUnless(platform.machine() in ("x86_64", "AMD64"), "the flags are those of x86-64")
class FastMath(UnitsTest):
    def test_finite_rows_keep_their_bounds(self):
        for kind, (compiler, needed, flags) in KINDS.items():
            if compiler not in COMPILERS:
                continue
            with self.subTest(kind):
                program = self.program({"fast": self.unit(compiler, "fast", *flags)}, *flags, linker=compiler)
                if processor_has(*needed):
                    self.judged(program, "fast")


main()
