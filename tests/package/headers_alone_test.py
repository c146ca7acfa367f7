# SPDX-License-Identifier: BSL-1.0
"""Every header can be the first, the only, and twice the same include of a file, and all of them together; strictly warned.

xsimd is precompiled, as that is most of the time. It holds nothing of smx, and only headers that include it get to see
it, so an include that is missing stays missing.
"""

import re

from toolbox import COMPILERS, SOURCE, PackageTest, main, run

INCLUDE = SOURCE / "include"
HEADERS = sorted(str(file.relative_to(INCLUDE)) for file in INCLUDE.rglob("*.hpp"))
# Headers for other libraries: what they need, and the flags it takes.
OPTIONAL = {"smx/openmp.hpp": ("omp.h", ["-fopenmp"]), "smx/onetbb.hpp": ("oneapi/tbb/parallel_for.h", [])}
USUAL = [header for header in HEADERS if header not in OPTIONAL]
THE_ONE_WITH_XSIMD = "smx/simd/xsimd.hpp"
# What some projects add to the usual warnings. Those that only one of the compilers knows are in its list.
STRICTER = "-Wsign-conversion -Wold-style-cast -Wdouble-promotion -Wcast-qual -Wundef -Wextra-semi -Wformat=2 -Wnon-virtual-dtor".split()


def reached_from(header, seen=None):
    """The headers of smx that it includes, and itself."""
    seen = set() if seen is None else seen
    if header not in seen:
        seen.add(header)
        for inner in re.findall(r"^\s*#\s*include <(smx/[\w/.]+)>", (INCLUDE / header).read_text(), re.MULTILINE):
            reached_from(inner, seen)
    return seen


class HeadersAlone(PackageTest):
    def precompiled_xsimd(self, compiler):
        """The flags that include xsimd from a precompiled header."""
        header = self.folder / f"xsimd-{compiler}.hpp"
        text = (INCLUDE / THE_ONE_WITH_XSIMD).read_text()
        header.write_text("".join(re.findall(r"^#include .*\n", text, re.MULTILINE)))
        clang = "clang" in compiler
        output = f"{header}.{'pch' if clang else 'gch'}"
        self.compile(compiler, *STRICTER, "-x", "c++-header", header, "-o", output)
        return ["-include-pch", output] if clang else ["-include", header, "-Winvalid-pch"]

    def check(self, compiler, headers, flags):
        source = self.folder / "includes.cpp"
        source.write_text("".join(f"#include <{header}>\n" for header in headers))
        self.compile(compiler, *STRICTER, *flags, "-fsyntax-only", source)

    def finds(self, compiler, library, flags):
        source = self.folder / "library.cpp"
        source.write_text(f"#include <{library}>\n")
        return run(compiler, "-std=c++20", *flags, "-fsyntax-only", source)[0] == 0

    def test_headers_for_other_libraries(self):
        checked = 0
        for compiler in COMPILERS:
            for header, (library, flags) in OPTIONAL.items():
                with self.subTest(compiler=compiler, header=header):
                    if self.finds(compiler, library, flags):
                        self.check(compiler, [header] * 2, flags)
                        checked += 1
        if not checked:
            self.skipTest("neither OpenMP nor oneTBB was found")

    def test_each_header_compiles_alone_and_twice(self):
        self.assertTrue(USUAL)
        for compiler in COMPILERS:
            xsimd = self.precompiled_xsimd(compiler)
            # Whether an include is missing is nothing that compilers disagree on: the quicker one goes through them.
            for header in USUAL if compiler == COMPILERS[-1] else []:
                with self.subTest(compiler=compiler, header=header):
                    self.check(compiler, [header] * 2, xsimd if THE_ONE_WITH_XSIMD in reached_from(header) else [])
            with self.subTest(compiler=compiler, header="all, twice, backwards first"):
                self.check(compiler, USUAL[::-1] + USUAL, xsimd)


main()
