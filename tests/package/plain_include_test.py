# SPDX-License-Identifier: BSL-1.0
"""smx without CMake: -I include, whatever the machine flags, without a warning, and with -ffast-math too."""

from toolbox import AVX2, COMPILERS, CONSUMER, PackageTest, main, processor_has

AVX2_BY_NAME = ["-mavx2", "-mfma"]
NATIVE = ["-march=native"]
# Every kind of flags, and both compilers; not every pair of them, each of which compiles for 10 seconds.
KINDS = [("g++", []), ("g++", [*NATIVE, "-ffast-math"]), ("clang++", NATIVE), ("clang++", AVX2_BY_NAME),
         ("clang++", [*NATIVE, "-ffast-math"])]


class PlainInclude(PackageTest):
    def test_compiles_without_a_warning_and_is_right(self):
        for compiler, flags in KINDS:
            if compiler not in COMPILERS:
                continue
            with self.subTest(compiler=compiler, flags=flags):
                program = self.folder / "program"
                self.compile(compiler, "-O1", *flags, CONSUMER / "main.cpp", "-o", program)
                if flags != AVX2_BY_NAME or processor_has(*AVX2):
                    self.must(program)


main()
