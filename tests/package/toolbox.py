# SPDX-License-Identifier: BSL-1.0
"""What the package tests share: compilers, fresh folders, commands whose output is kept, and CTest's word for skipped."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
CONSUMER = Path(__file__).resolve().parent / "consumer"
WARNINGS = "-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror".split()
COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)]
QUICKEST = COMPILERS[-1]  # clang++ takes half the time of g++, where both are
NO_FORCED_INLINING = "-DSMX_NO_FORCED_INLINING"  # for tests of how smx is found: compiles in a fraction of the time
XSIMD_FOLDER = os.environ.get("SMX_XSIMD_INCLUDE_DIR", "")
CTEST_SKIPPED = 77

# What a user of plain compiler commands writes.
INCLUDES = [f"-I{SOURCE / 'include'}"] + ([f"-I{XSIMD_FOLDER}"] if XSIMD_FOLDER else [])


def run(*command, environment=None):
    """Runs a command; returns its exit status and everything that it printed. CMake takes the quickest compiler unless
    the command says otherwise."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                          env={**os.environ, "LC_ALL": "C", "CXX": QUICKEST, **(environment or {})})
    return done.returncode, done.stdout


def processor_has(*features):
    """Whether this machine can run code for all of these features (as /proc/cpuinfo names them)."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            return set(features) <= set(line.split())
    return False


AVX2 = ("avx2", "fma", "bmi2")
AVX512 = AVX2 + ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")


class PackageTest(unittest.TestCase):
    """A test with a fresh folder, self.folder."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="smx-package-")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name).resolve()

    @classmethod
    def kept_folder(cls):
        """A folder that all tests of this class share."""
        temporary = tempfile.TemporaryDirectory(prefix="smx-package-")
        cls.addClassCleanup(temporary.cleanup)
        return Path(temporary.name).resolve()

    def must(self, *command, environment=None):
        """Runs a command that has to succeed; returns what it printed."""
        status, output = run(*command, environment=environment)
        self.assertEqual(status, 0, f"{' '.join(map(str, command))}\n{output}")
        return output

    def compile(self, compiler, *arguments):
        """Compiles as C++20 with every warning an error."""
        return self.must(compiler, "-std=c++20", *WARNINGS, *INCLUDES, *arguments)

    def installed(self):
        """The prefix of a freshly installed smx, moved after it was installed."""
        build, first, moved = self.folder / "smx", self.folder / "first", self.folder / "moved"
        self.must("cmake", "-S", SOURCE, "-B", build, f"-DSMX_XSIMD_INCLUDE_DIR={XSIMD_FOLDER}",
                  "-DSMX_BUILD_TESTS=OFF", "-DSMX_BUILD_BENCH=OFF", "-DSMX_BUILD_EXAMPLES=OFF")
        self.must("cmake", "--install", build, "--prefix", first)
        first.rename(moved)
        return moved


def main():
    """Runs the tests of the calling file. If none of them could run here, CTest is told that they were skipped."""
    outcome = unittest.main(verbosity=2, exit=False).result
    if not outcome.wasSuccessful():
        sys.exit(1)
    sys.exit(CTEST_SKIPPED if len(outcome.skipped) == outcome.testsRun else 0)
