# SPDX-License-Identifier: BSL-1.0
"""The code of the steady loops: the innermost loops that take whole packs call nothing, keep their registers, and have
no more instructions than counted here."""

import re
import shutil
import unittest
from typing import NamedTuple

from toolbox import COMPILERS, CONSUMER, INCLUDES, PackageTest, main

ARM = "aarch64-linux-gnu-g++"
LABEL = re.compile(r"^(\.?[\w$]+):")
JUMP = re.compile(r"^(?:j\w+|b|b\.\w+|cbn?z\s+\w+,|tbn?z\s+\w+, \S+)\s+(\.L[\w$]+)")
CALL = re.compile(r"^(?:call|bl)\b")
MULTIPLY_ADD = re.compile(r"^(?:vfn?m(?:add|sub)|fml[as])")
# clang++ says itself what a spill is; g++ addresses its frame by rbp or rsp, without an index.
SPILL = re.compile(r"(?:16|32|64)-byte (?:Folded )?Spill|^vmov\w+\t%[yz]mm\d+, -?\d*\(%r[sb]p\)$|^st[rp]\tq\d+,.*\[(?:sp|x29)\b")
KERNELS = {"floats": "batchIf.*three_pass_reload_t", "doubles": "batchId.*three_pass_reload_t",
           "long rows": "batchIf.*two_pass_t"}


class Machine(NamedTuple):
    flags: tuple
    registers: int  # of a pack
    most: dict  # kernel: instructions for one register in the first pass over a row that weighs it
    spills: dict  # (compiler, kernel): vectors that a turn of the loop may store in the stack frame


# The counts are those of g++ 12 and clang++ 14, rounded up. A hand-written pass over floats needs 16 on AVX-512 (a
# load and maximum, 4 to reduce the range, 5 for the polynomial, 3 to weigh, store and add) and the loop's own.
MACHINES = {
    "avx512": Machine(("-march=skylake-avx512",), 8, {"floats": 20, "doubles": 26, "long rows": 24},
                      {("g++", "long rows"): 8}),
    # A multiply-add overwrites an argument, so each wants a move: 23 by hand, and the constants of a whole pack. Of
    # doubles g++ 12 lays the loop out in two places.
    "neon": Machine((), 8, {"floats": 24, "long rows": 29},
                    {(ARM, "floats"): 3, (ARM, "long rows"): 7}),
    # 16 registers: g++ keeps the sum of a run in memory, clang++ what two_pass knows of exponents.
    "avx2": Machine(("-mavx2", "-mfma", "-mbmi2"), 4, {"floats": 22, "doubles": 30, "long rows": 34},
                    {("g++", "floats"): 2, ("g++", "doubles"): 6, ("g++", "long rows"): 2,
                     ("clang++", "long rows"): 8}),
}


def functions(assembly):
    """(name, lines without directives) of each function."""
    name, lines = None, []
    for line in assembly.splitlines():
        label = LABEL.match(line)
        if label and not label.group(1).startswith("."):
            if name:
                yield name, lines
            name, lines = label.group(1), []
        elif name and (label or re.match(r"^\s+[a-z]", line)):
            lines.append(line.strip())
    if name:
        yield name, lines


def innermost_loops(lines):
    """The instructions of each loop that holds no other."""
    places, code = {}, []
    for line in lines:
        label = LABEL.match(line)
        if label:
            places[label.group(1)] = len(code)
        else:
            code.append(line)
    jumps = [(places[j.group(1)], end) for end, line in enumerate(code) if (j := JUMP.match(line))
             and places.get(j.group(1), end + 1) <= end]
    for begin, end in jumps:
        if not any((b, e) != (begin, end) and begin <= b and e <= end for b, e in jumps):
            yield code[begin:end + 1]


def steady_loops(assembly, kernel, registers):
    """Those of a kernel that take whole packs: every register has at least seven multiply-adds. Where g++ puts rare
    code, such as the end of a row, between the jump and its target, the loop is found again, longer: not counted."""
    found = [loop for name, lines in functions(assembly) if re.search(KERNELS[kernel], name)
             for loop in innermost_loops(lines)
             if sum(bool(MULTIPLY_ADD.match(line)) for line in loop) >= 7 * registers]
    return [loop for loop in found if len(loop) <= 1.5 * min(map(len, found))]


class Codegen(PackageTest):
    def check(self, compiler, machine):
        code = self.folder / "steady_loops.s"
        self.must(compiler, "-std=c++20", "-O3", "-w", "-S", *machine.flags, *INCLUDES, CONSUMER / "steady_loops.cpp",
                  "-o", code)
        assembly = code.read_text()
        for kernel, most in machine.most.items():
            with self.subTest(compiler=compiler, kernel=kernel):
                loops = steady_loops(assembly, kernel, machine.registers)
                self.assertTrue(loops, "no steady loop was found")
                for loop in loops:
                    text = "\n".join(loop)
                    self.assertFalse([line for line in loop if CALL.match(line)], text)
                    spills = [line for line in loop if SPILL.search(line)]
                    self.assertLessEqual(len(spills), machine.spills.get((compiler, kernel), 0), text)
                least = min(len(loop) for loop in loops) / machine.registers
                print(f"{compiler} {kernel}: {least:.1f} instructions for a register")
                self.assertLessEqual(least, most)

    def test_avx512(self):
        for compiler in COMPILERS:
            self.check(compiler, MACHINES["avx512"])

    def test_avx2(self):
        for compiler in COMPILERS:
            self.check(compiler, MACHINES["avx2"])

    @unittest.skipUnless(shutil.which(ARM), f"there is no {ARM}")
    def test_neon(self):
        self.check(ARM, MACHINES["neon"])

    def test_a_spill_and_a_call_are_seen(self):
        loop = ["f_batchIf_three_pass_reload_t:", ".L1:", *["\tvfmadd213ps\t%zmm1, %zmm2, %zmm3"] * 56,
                "\tvmovaps\t%zmm3, -64(%rbp)", "\tcall\texpf", "\tjne\t.L1"]
        (found,) = steady_loops("\n".join(loop), "floats", 8)
        self.assertEqual(sum(bool(SPILL.search(line)) for line in found), 1)
        self.assertEqual(sum(bool(CALL.match(line)) for line in found), 1)


main()
