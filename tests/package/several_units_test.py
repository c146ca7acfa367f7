# SPDX-License-Identifier: BSL-1.0
"""One program of units with different flags: no two of them share code, and each is right."""

import itertools
import platform
import re
import shutil
import unittest

from toolbox import AVX2, AVX512, COMPILERS, CONSUMER, INCLUDES, main, processor_has
from units import QUICKEST, V3, V4, UnitsTest

UNITS = {"plain": [], "fast": [V3, "-ffast-math"], "avx512": [V4]}
NEEDS = {"plain": (), "fast": AVX2, "avx512": AVX512}
# Each adds something to one before it that changes code.
NAMED_APART = ["", "-msse3", "-mssse3", "-msse4.1", "-msse4.2", "-mavx", "-mavx -mf16c", "-mavx2", "-mavx2 -mfma",
               "-mbmi", "-mbmi2", "-mlzcnt", V3, f"{V3} -mavxvnni", "-mavx512f", "-mavx512f -mavx512vl", V4, f"{V4} -mavx512vnni",
               f"{V4} -mavx512bf16", f"{V4} -mavx512fp16", f"{V3} -ffast-math", f"{V3} -ffinite-math-only",
               f"{V3} -fno-exceptions", f"{V3} -DSMX_FEW_KERNELS"]
NAMED_APART_BY_GCC = [f"{V3} -fassociative-math -fno-signed-zeros -fno-trapping-math"]  # clang++ 14 does not say so
# The one hook of the program; and what holds no floating-point code: integer constants, help for exceptions, pointer and
# count of the span in top_k_softmax_options.
SHARED_ON_PURPOSE = re.compile(r"^_ZN3smx\w*(current_violation_handlerE|set_violation_handlerEPFvPKcE)$"
                               r"|^_ZNKSt17integral_constantI\w+$|^DW\.ref\.|^__clang_call_terminate$"
                               r"|^_ZNK?St4spanIKdL\w+$|^_ZNK?St8__detail16__extent_storage\w+$")


@unittest.skipUnless(platform.machine() in ("x86_64", "AMD64"), "the flags are those of x86-64")
class SeveralUnits(UnitsTest):
    def symbols_of(self, object_file):
        """What the linker keeps one copy of, whichever unit it comes from."""
        lines = [line.split() for line in self.must("nm", object_file).splitlines()]
        return {words[-1] for words in lines if words[-2] in "WVu" and len(words) == 3}

    def symbols_of_every_operator(self, name, flags):
        """The same, as clang++ has it before it inlines and drops anything: no machine code is made."""
        text = self.folder / f"{name}.ll"
        self.compile("clang++", "-DEVERY_OPERATOR", f"-DUNIT={name}", *flags, "-Xclang", "-disable-llvm-passes", "-S",
                     "-emit-llvm", CONSUMER / "one_unit.cpp", "-o", text)
        functions = r"^define (?:linkonce|weak)\S* [^@]*@([\w.$]+)\("
        variables = r"^@([\w.$]+) = (?:linkonce|weak)"
        return {symbol for kind in (functions, variables) for symbol in re.findall(kind, text.read_text(), re.MULTILINE)}

    def share_nothing(self, symbols):
        for one, other in itertools.combinations(symbols, 2):
            shared = {symbol for symbol in symbols[one] & symbols[other] if not SHARED_ON_PURPOSE.match(symbol)}
            self.assertEqual(shared, set(), f"{one} and {other} share symbols: the linker keeps the code of one of them")
            for name in (one, other):
                self.assertTrue([symbol for symbol in symbols[name] if "smx" in symbol], "there is nothing to compare")

    def test_no_code_is_shared_and_each_unit_is_right(self):
        objects = {name: self.unit(QUICKEST, name, "-O0", *flags) for name, flags in UNITS.items()}  # every function shows
        self.share_nothing({name: self.symbols_of(file) for name, file in objects.items()})

        # The linker keeps the first copy of a symbol: with the widest unit first, a shared one would break the narrowest.
        program = self.program(dict(reversed(objects.items())))
        self.judged(program, *(name for name in UNITS if processor_has(*NEEDS[name])))
        if shutil.which("qemu-x86_64"):
            self.judged(program, "plain", emulator=("qemu-x86_64", "-cpu", "Nehalem"))

    def abi_name(self, compiler, flags):
        return self.must(compiler, "-std=c++20", *flags.split(), *INCLUDES, "-E", "-P", "-x", "c++",
                         self.folder / "name").strip()

    def test_every_flag_that_changes_code_is_in_the_name(self):
        (self.folder / "name").write_text("#include <smx/detail/config.hpp>\nSMX_ABI\n")
        for compiler in COMPILERS:
            names = {}
            for flags in NAMED_APART + (NAMED_APART_BY_GCC if compiler == "g++" else []):
                name = self.abi_name(compiler, flags)
                self.assertRegex(name, r"^v\d+_\d+_\w+$")
                self.assertNotIn(name, names, f"{compiler}: '{flags}' and '{names.get(name)}' share their code")
                names[name] = flags

    @unittest.skipUnless("clang++" in COMPILERS, "there is no clang++")
    def test_no_operator_shares_code(self):
        self.share_nothing({name: self.symbols_of_every_operator(name, flags) for name, flags in UNITS.items()})


main()
