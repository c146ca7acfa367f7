# SPDX-License-Identifier: BSL-1.0
"""What must not change a bit where there is FMA: contraction, optimisation, the standard, RTTI, the machine, the compiler."""

import platform
import unittest

from toolbox import AVX2, AVX512, COMPILERS, main, processor_has
from units import V3, V4, UnitsTest

KINDS = {
    "clang++, by default": ("clang++", AVX2, ["-O1", V3]),
    "clang++, contracted, C++23": ("clang++", AVX2, ["-O1", V3, "-ffp-contract=fast", "-std=c++2b"]),
    "clang++, AVX-512, neither contracted nor optimised": ("clang++", AVX512, ["-O0", V4, "-ffp-contract=off"]),
    "clang++, few kernels": ("clang++", AVX2, ["-O1", V3, "-DSMX_FEW_KERNELS"]),
    "g++, not contracted, no RTTI, C++23": ("g++", AVX2, ["-O1", V3, "-ffp-contract=off", "-fno-rtti", "-std=c++23"]),
}  # g++ contracts by default: the golden hashes of the suites are of that


@unittest.skipUnless(platform.machine() in ("x86_64", "AMD64"), "the flags are those of x86-64")
@unittest.skipUnless(processor_has(*AVX2), "the bits are those of machines with FMA")
class SameBits(UnitsTest):
    def test_flags_change_no_bit(self):
        first = None
        for kind, (compiler, needed, flags) in KINDS.items():
            if compiler not in COMPILERS:
                continue
            with self.subTest(kind):
                program = self.program({"one": self.unit(compiler, "one", "-DROWS_ARE_SPANS", *flags)})
                if processor_has(*needed):
                    hashes = self.judged(program, "one")
                    first = first or hashes
                    self.assertEqual(hashes, first)
        self.assertIsNotNone(first)


main()
