# SPDX-License-Identifier: BSL-1.0
"""smx without CMake: -I include, whatever the machine flags, without a warning, and with -ffast-math too."""

from toolbox import AVX2, COMPILERS, CONSUMER, PackageTest, main, processor_has

FLAGS = {"baseline": [], "native": ["-march=native"], "avx2": ["-mavx2", "-mfma"]}


class PlainInclude(PackageTest):
    def consume(self, kinds, *more):
        for compiler in COMPILERS:
            for name, flags in kinds.items():
                with self.subTest(compiler=compiler, flags=name):
                    program = self.folder / f"{compiler}-{name}"
                    self.compile(compiler, "-O1", *flags, *more, CONSUMER / "main.cpp", "-o", program)
                    if name != "avx2" or processor_has(*AVX2):
                        self.must(program)

    def test_compiles_without_a_warning_and_is_right(self):
        self.consume(FLAGS)

    def test_fast_math_keeps_finite_results(self):
        self.consume({"native": FLAGS["native"]}, "-ffast-math")


main()
