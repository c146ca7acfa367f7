# SPDX-License-Identifier: BSL-1.0
"""smx through pkg-config, from an installed tree that was moved."""

import shutil
import unittest

from toolbox import COMPILERS, CONSUMER, NO_FORCED_INLINING, WARNINGS, PackageTest, main, run


@unittest.skipIf(shutil.which("pkg-config") is None, "there is no pkg-config")
@unittest.skipIf(run("pkg-config", "--exists", "xsimd")[0] != 0, "pkg-config does not know xsimd")
class PkgConfig(PackageTest):
    def test_flags_and_version(self):
        prefix = self.installed()
        path = {"PKG_CONFIG_PATH": str(prefix / "share/pkgconfig")}
        self.must("pkg-config", "--exists", "smx >= 0.1", environment=path)
        self.assertNotEqual(run("pkg-config", "--exists", "smx >= 0.2", environment=path)[0], 0)
        flags = self.must("pkg-config", "--cflags", "--libs", "smx", environment=path).split()
        self.assertNotIn("-lxtl", flags)
        self.assertFalse([flag for flag in flags if flag.startswith("-m")])
        program = self.folder / "consumer"
        self.must(COMPILERS[0], "-std=c++20", NO_FORCED_INLINING, *WARNINGS, CONSUMER / "main.cpp", *flags, "-o", program)
        self.must(program)


main()
