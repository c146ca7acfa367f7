# SPDX-License-Identifier: BSL-1.0
"""-fno-exceptions -fno-rtti: a bad call reaches the user's hook with the text; without a hook the text goes to stderr."""

import signal

from toolbox import COMPILERS, CONSUMER, INCLUDES, PackageTest, main, run

TEXT = "smx::softmax: y has rows of 3 elements, but x of 4"
FLAGS = ("-fno-exceptions", "-fno-rtti")


class WithoutExceptions(PackageTest):
    def compilers(self):
        """Those that can compile xsimd itself so: clang refuses a `throw` in xsimd 8.1 and 9.0."""
        only_xsimd = self.folder / "only_xsimd.cpp"
        only_xsimd.write_text("#include <array>\n#include <cstdint>\n#include <xsimd/xsimd.hpp>\n")
        able = [name for name in COMPILERS
                if run(name, "-std=c++20", *FLAGS, *INCLUDES, "-fsyntax-only", only_xsimd)[0] == 0]
        self.assertTrue(able)
        return able

    def test_the_hook(self):
        for compiler in self.compilers():
            with self.subTest(compiler):
                program = self.folder / compiler
                self.compile(compiler, "-O1", *FLAGS, CONSUMER / "without_exceptions.cpp", "-o", program)
                self.assertEqual(run(program, "hook"), (42, f"hook: {TEXT}\n"))
                self.assertEqual(run(program, "returns"), (-signal.SIGABRT, f"hook: {TEXT}\n"))
                self.assertEqual(run(program), (-signal.SIGABRT, f"{TEXT}\n"))


main()
