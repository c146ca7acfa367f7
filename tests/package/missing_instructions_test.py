# SPDX-License-Identifier: BSL-1.0
"""On a processor without AVX (emulated), tests that are compiled for AVX2 and AVX-512 are skipped, and not passed."""

import platform
import shutil
import unittest

from toolbox import SOURCE, XSIMD_FOLDER, PackageTest, main

TEST = """
#include <smx/softmax.hpp>
#include <gtest/gtest.h>
#include <vector>
std::vector<float> const scores(1000, 1.0F); // made before main(), with AVX where that is allowed
TEST(Softmax, OfEqualScoresIsUniform) {
    std::vector<float> weights(scores.size());
    smx::softmax(scores, weights);
    EXPECT_FLOAT_EQ(weights.front(), 0.001F);
    EXPECT_FLOAT_EQ(weights.back(), 0.001F);
}
"""


@unittest.skipUnless(platform.machine() == "x86_64", "the instruction sets are those of x86-64")
@unittest.skipUnless(shutil.which("qemu-x86_64"), "there is no qemu-x86_64")
class MissingInstructions(PackageTest):
    def test_ctest_reports_skipped(self):
        tree = self.folder / "tree"
        for part in ("include", "cmake", "tests/support"):
            shutil.copytree(SOURCE / part, tree / part)
        shutil.copy(SOURCE / "CMakeLists.txt", tree)
        (tree / "tests/CMakeLists.txt").write_text("smx_add_test(NAME sum SOURCES sum_test.cpp)\n")
        (tree / "tests/sum_test.cpp").write_text(TEST)
        build = self.folder / "build"
        self.must("cmake", "-S", tree, "-B", build, "-DSMX_INSTALL=OFF", "-DCMAKE_BUILD_TYPE=Release",
                  f"-DSMX_XSIMD_INCLUDE_DIR={XSIMD_FOLDER}", "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-x86_64;-cpu;Nehalem")
        self.must("cmake", "--build", build)
        output = self.must("ctest", "--test-dir", build)
        for isa, outcome in (("baseline", r"Passed"), ("avx2", r"\*\*\*Skipped"), ("avx512", r"\*\*\*Skipped")):
            self.assertRegex(output, rf"sum\.{isa} \.+ *{outcome}")


main()
