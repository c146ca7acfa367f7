# SPDX-License-Identifier: BSL-1.0
"""The code of the steady loops: the innermost loops that take whole packs call nothing, keep their registers, and have
no more instructions than counted here. What their functions store in the stack frame lies within lines of the cache."""

import re
import shutil
import unittest
from typing import NamedTuple

from toolbox import COMPILERS, CONSUMER, INCLUDES, PackageTest, main

ARM = "aarch64-linux-gnu-g++"
LABEL = re.compile(r"^(\.?[\w$]+):")
JUMP = re.compile(r"^(?:j\w+|b|b\.?(?:eq|ne|h[is]|l[eost]|c[cs]|mi|pl|v[cs]|g[et])|cbn?z\s+\w+,|tbn?z\s+\w+, \S+)\s+(\.L[\w$]+)")
CALL = re.compile(r"^(?:callq?|bl)\b")
# What the next line does not follow: jumps, and calls that do not return.
ENDS = re.compile(r"^(?:(?:jmpq?|b|br|retq?|ud2)\b(?!\.)|(?:callq?|bl)\b.*(?:refuse|violation|throw|Unwind|terminate|abort))")
MULTIPLY_ADD = re.compile(r"^(?:vfn?m(?:add|sub)|fml[as])")
# clang++ says itself what a spill is; g++ addresses its frame by rbp or rsp, without an index.
SPILL = re.compile(r"(?:16|32|64)-byte (?:Folded )?Spill|^vmov\w+\t%[yz]mm\d+, -?\d*\(%r[sb]p\)$|^st[rp]\tq\d+,.*\[(?:sp|x29)\b")
PAIR = re.compile(r"^stp\t")  # two registers
ALIGNMENT = re.compile(r"^andq\t\$-(\d+), %rsp$")
KERNELS = {"floats": "batchIf.*three_pass_reload_t", "doubles": "batchId.*three_pass_reload_t",
           "long rows": "batchIf.*two_pass_t"}


class Machine(NamedTuple):
    flags: tuple
    registers: dict  # kernel: of a pack
    most: dict  # kernel: instructions for one register in the first pass over a row that weighs it
    spills: dict  # (compiler, kernel): vectors that a turn of the loop may store in the stack frame
    spills_of_runs: dict = {}  # where a turn may be a whole run: those of a run, its end with it
    packs_of_run: dict = {}


# The counts are those of g++ 12 and clang++ 14, rounded up, with the end of a run. A hand-written pass over floats needs
# 15 on AVX-512 (a load, 4 to reduce the range, 7 for the table and the polynomial, 3 to weigh, store and add), one for
# the wide sums and the loop's own.
MACHINES = {
    "avx512": Machine(("-march=skylake-avx512",), {"floats": 4, "doubles": 8, "long rows": 4},
                      {"floats": 23, "doubles": 30, "long rows": 24},
                      {("g++", "floats"): 5, ("g++", "doubles"): 3, ("g++", "long rows"): 6}),
    # A multiply-add overwrites an argument, so each wants a move, and the table wants three. Of the columns of a run the
    # first prefetches, too: 30 instead of 25. Of doubles g++ 12 lays the loop out in two places.
    "neon": Machine((), {"floats": 4, "long rows": 4}, {"floats": 25, "long rows": 28},
                    {(ARM, "floats"): 3, (ARM, "long rows"): 7}),
    # 16 registers: g++ keeps sums in memory, clang++ constants, what two_pass knows of exponents, and in the loop that
    # takes packs of doubles the halves of a run. A turn is a run of eight lines, 16 registers, so vectors are counted in
    # a run: 1.5 a register, where runs of four lines stored 1, but g++ takes .92 of their time and clang++ .95 (Zen 4).
    # In a loop clang++ stored one in a pack of floats, and took 1.1 times the time. Since references are raised it stores
    # 15 in a run, not 11, and takes .95 to 1.0 of the time of rows in memory, doubles .96 to .99 (Zen 4). Since what is
    # around loops is left to kernels, g++ stores 6 of floats in a run, not 11, and takes .94 to 1.0 of the time; 12 of
    # doubles, not 10, and .97 to 1.0 (Granite Rapids). Since two packs of floats are one for clang++, it stores 19 in a
    # run, not 15, and takes .93 to .98 of the time (Zen 4).
    "avx2": Machine(("-mavx2", "-mfma", "-mbmi2"), {"floats": 2, "doubles": 4, "long rows": 2},
                    {"floats": 27, "doubles": 42, "long rows": 28},
                    {("g++", "long rows"): 2, ("clang++", "doubles"): 7},
                    {("g++", "floats"): 7, ("g++", "doubles"): 12, ("clang++", "floats"): 19},
                    {"floats": 8, "doubles": 4}),
}
# Multiply-adds of each register: fewer are a loop over lines.
LEAST = {"floats": 6, "doubles": 12, "long rows": 6}


class Loop(list):
    """The instructions of a loop, and those of the one around it: the end of a run, if packs are taken by a loop."""

    def __init__(self, lines, around=()):
        super().__init__(lines)
        self.around = list(around)


def stored(lines):
    """How many vectors these instructions store in the stack frame."""
    return sum(2 if PAIR.match(line) else 1 for line in lines if SPILL.search(line))


def needed_alignment(lines):
    """Bytes that a stack frame has to be aligned to for the registers that these instructions store in it."""
    spilled = [line for line in lines if SPILL.search(line)]
    return max((size for name, size in (("%zmm", 64), ("%ymm", 32)) if any(name in line for line in spilled)), default=0)


def alignment(lines):
    return max((int(found.group(1)) for found in map(ALIGNMENT.match, lines) if found), default=0)


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
    """The instructions of each loop that holds no other: what reaches the way back to its head without passing the head. Not what
    lies between the two: compilers put rare code there, such as the end of a row, and parts of the loop elsewhere."""
    places, code = {}, []
    for line in lines:
        label = LABEL.match(line)
        if label:
            places[label.group(1)] = len(code)
        else:
            code.append(line)
    before = [[] for _ in range(len(code) + 1)]
    starts = set(places.values())
    edges = []  # into blocks: by a jump, or from the line above
    for place, line in enumerate(code):
        jump = JUMP.match(line)
        if jump and jump.group(1) in places:
            before[places[jump.group(1)]].append(place)
            edges.append((place, places[jump.group(1)]))
        if not ENDS.match(line):
            before[place + 1].append(place)
            if place + 1 in starts:
                edges.append((place, place + 1))
    loops = []
    for end, begin in edges:
        loop, waiting = {begin}, [end]
        while waiting:
            place = waiting.pop()
            if place not in loop:
                loop.add(place)
                waiting.extend(before[place])
        if begin == 0 or 0 not in loop:  # else something else leads there: it is no way back
            loops.append(loop)
    for loop in loops:
        if not any(other < loop for other in loops):
            around = min((other for other in loops if loop < other), key=len, default=loop)
            yield Loop([code[place] for place in sorted(loop)], [code[place] for place in sorted(around - loop)])


def steady_loops(assembly, kernel, registers):
    """Those of a kernel that take whole packs."""
    return [loop for name, lines in functions(assembly) if re.search(KERNELS[kernel], name)
            for loop in innermost_loops(lines)
            if sum(bool(MULTIPLY_ADD.match(line)) for line in loop) >= LEAST[kernel] * registers]


def packs_of(loop, kernel, registers):
    """How many packs a turn of the loop takes: compilers unroll the two packs of a run."""
    return sum(bool(MULTIPLY_ADD.match(line)) for line in loop) // (LEAST[kernel] * registers)


class Codegen(PackageTest):
    def check(self, compiler, machine):
        code = self.folder / "steady_loops.s"
        self.must(compiler, "-std=c++20", "-O3", "-w", "-S", *machine.flags, *INCLUDES, CONSUMER / "steady_loops.cpp",
                  "-o", code)
        assembly = code.read_text()
        spans = [(name, lines) for name, lines in functions(assembly) if "normalize_span" in name]
        self.assertTrue(spans)
        for name, lines in spans:
            self.assertGreaterEqual(alignment(lines), needed_alignment(lines), name)
        for kernel, most in machine.most.items():
            with self.subTest(compiler=compiler, kernel=kernel):
                registers = machine.registers[kernel]
                loops = steady_loops(assembly, kernel, registers)
                self.assertTrue(loops, "no steady loop was found")
                for loop in loops:
                    self.assertFalse([line for line in loop if CALL.match(line)], "\n".join(loop))
                packs, steady = min(((packs_of(loop, kernel, registers), loop) for loop in loops),
                                    key=lambda found: len(found[1]) / found[0])  # others are it with something rare
                allowed = machine.spills.get((compiler, kernel), 0)
                if (compiler, kernel) in machine.spills_of_runs:
                    turns = machine.packs_of_run[kernel] // packs
                    of_run = stored(steady) * turns + (stored(steady.around) if turns > 1 else 0)
                    print(f"{compiler} {kernel}: {of_run} vectors stored in a run")
                    self.assertLessEqual(of_run, machine.spills_of_runs[compiler, kernel], "\n".join(steady))
                else:
                    self.assertLessEqual(stored(steady), allowed * packs, "\n".join(steady))
                least = len(steady) / packs / registers
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

    def test_a_frame_that_is_not_aligned_is_seen(self):
        spill, aligns = "vmovups\t%zmm3, -64(%rsp)                 # 64-byte Spill", "andq\t$-64, %rsp"
        self.assertEqual((needed_alignment([spill]), alignment([spill])), (64, 0))
        self.assertEqual((needed_alignment(["vmovaps\t%ymm3, 32(%rsp)"]), alignment([aligns, spill])), (32, 64))
        self.assertEqual(needed_alignment([aligns]), 0)

    def test_a_loop_is_found_wherever_its_parts_lie(self):
        pack = ["\tvfmadd213ps\t%zmm1, %zmm2, %zmm3"] * 28
        loop = ["f_batchIf_three_pass_reload_t:", "\tjmp\t.L2", ".L1:", *pack, "\tje\t.L3", ".L2:", *pack, "\tjne\t.L4",
                "\tjmp\t.L1", ".L4:", "\tcall\tfar", "\tret", ".L3:", "\tret"]
        (found,) = steady_loops("\n".join(loop), "floats", 8)
        self.assertEqual(len(found), 59)


main()
