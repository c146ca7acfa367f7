# SPDX-License-Identifier: BSL-1.0
"""One program of units with different machine flags: no two of them share code, and each is right."""

import itertools
import platform
import re
import shutil
import unittest

from toolbox import AVX2, AVX512, main, processor_has
from units import QUICKEST, V3, V4, UnitsTest

UNITS = {"plain": [], "fast": [V3, "-ffast-math"], "avx512": [V4]}
NEEDS = {"plain": (), "fast": AVX2, "avx512": AVX512}
# The one hook of the program; and what holds no floating-point code: integer constants, and help for exceptions.
SHARED_ON_PURPOSE = re.compile(r"^_ZN3smx\w*(current_violation_handlerE|set_violation_handlerEPFvPKcE)$"
                               r"|^_ZNKSt17integral_constantI\w+$|^DW\.ref\.|^__clang_call_terminate$")


@unittest.skipUnless(platform.machine() in ("x86_64", "AMD64"), "the flags are those of x86-64")
class SeveralUnits(UnitsTest):
    def weak_symbols(self, object_file):
        """What the linker keeps one copy of, whichever unit it comes from."""
        lines = [line.split() for line in self.must("nm", object_file).splitlines()]
        return {words[-1] for words in lines if words[-2] in "WVu" and len(words) == 3}

    def check(self, compiler, level):
        objects = {name: self.unit(compiler, name, level, "-DEVERY_OPERATOR", *flags) for name, flags in UNITS.items()}
        symbols = {name: self.weak_symbols(file) for name, file in objects.items()}
        for one, other in itertools.combinations(symbols, 2):
            shared = {symbol for symbol in symbols[one] & symbols[other] if not SHARED_ON_PURPOSE.match(symbol)}
            self.assertEqual(shared, set(), f"{one} and {other} share symbols: the linker keeps the code of one of them")
            if level == "-O0":
                for name in (one, other):
                    self.assertTrue([symbol for symbol in symbols[name] if "smx" in symbol], "nm shows nothing to compare")

        # The linker keeps the first copy of a symbol: with the widest unit first, a shared one would break the narrowest.
        program = self.program(dict(reversed(objects.items())))
        self.judged(program, *(name for name in UNITS if processor_has(*NEEDS[name])))
        if shutil.which("qemu-x86_64"):
            self.judged(program, "plain", emulator=("qemu-x86_64", "-cpu", "Nehalem"))

    def test_no_code_is_shared_and_each_unit_is_right(self):
        # At -O0 nothing is inlined, so every function shows.
        self.check(QUICKEST, "-O0")


main()
