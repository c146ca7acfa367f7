# SPDX-License-Identifier: BSL-1.0
"""One program of units with different machine flags: no two of them share code, and each is right."""

import itertools
import platform
import re
import shutil
import unittest

from toolbox import AVX2, AVX512, COMPILERS, CONSUMER, PackageTest, main, processor_has

UNITS = {"plain": [], "avx2": ["-march=x86-64-v3"], "avx512": ["-march=x86-64-v4"]}
NEEDS = {"plain": (), "avx2": AVX2, "avx512": AVX512}
# The one hook of the program; and what holds no floating-point code: integer constants, and help for exceptions.
SHARED_ON_PURPOSE = re.compile(r"^_ZN3smx\w*(current_violation_handlerE|set_violation_handlerEPFvPKcE)$"
                               r"|^_ZNKSt17integral_constantI\w+$|^DW\.ref\.|^__clang_call_terminate$")


@unittest.skipUnless(platform.machine() in ("x86_64", "AMD64"), "the flags are those of x86-64")
class SeveralUnits(PackageTest):
    def objects(self, compiler, level):
        for name, flags in UNITS.items():
            object_file = self.folder / f"{name}.o"
            self.compile(compiler, level, *flags, f"-DUNIT={name}", "-c", CONSUMER / "one_unit.cpp", "-o", object_file)
            yield name, object_file

    def weak_symbols(self, object_file):
        """What the linker keeps one copy of, whichever unit it comes from."""
        lines = [line.split() for line in self.must("nm", object_file).splitlines()]
        return {words[-1] for words in lines if words[-2] in "WVu" and len(words) == 3}

    def check(self, compiler, level):
        objects = dict(self.objects(compiler, level))
        symbols = {name: self.weak_symbols(file) for name, file in objects.items()}
        for one, other in itertools.combinations(symbols, 2):
            shared = {symbol for symbol in symbols[one] & symbols[other] if not SHARED_ON_PURPOSE.match(symbol)}
            self.assertEqual(shared, set(), f"{one} and {other} share symbols: the linker keeps the code of one of them")
            if level == "-O0":
                for name in (one, other):
                    self.assertTrue([symbol for symbol in symbols[name] if "smx" in symbol], "nm shows nothing to compare")

        # The linker keeps the first copy of a symbol: with the widest unit first, a shared one would break the narrowest.
        program = self.folder / "program"
        self.compile(compiler, CONSUMER / "several_units.cpp", *reversed(list(objects.values())), "-o", program)
        self.must(program, *(name for name in UNITS if processor_has(*NEEDS[name])))
        if shutil.which("qemu-x86_64"):
            self.must("qemu-x86_64", "-cpu", "Nehalem", program, "plain")

    def test_no_code_is_shared_and_each_unit_is_right(self):
        # At -O0 nothing is inlined, so every function shows; one compiler with -O2 is enough beside it.
        for compiler, level in [*((compiler, "-O0") for compiler in COMPILERS), (COMPILERS[0], "-O2")]:
            with self.subTest(compiler=compiler, level=level):
                self.check(compiler, level)


main()
