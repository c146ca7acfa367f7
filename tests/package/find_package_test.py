# SPDX-License-Identifier: BSL-1.0
"""An installed smx: find_package takes the right versions and refuses the others, and the installed tree can be moved."""

import json

from toolbox import COMPILERS, CONSUMER, NO_FORCED_INLINING, SOURCE, XSIMD_FOLDER, PackageTest, main, run


class FindPackage(PackageTest):
    def setUp(self):
        super().setUp()
        self.prefix = self.installed()

    def configure(self, name, *options):
        self.build = self.folder / name
        return run("cmake", "-S", CONSUMER / "find_package", "-B", self.build, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
                   f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DSMX_XSIMD_INCLUDE_DIR={XSIMD_FOLDER}", *options)

    def consume(self, name, *options):
        status, output = self.configure(name, *options)
        self.assertEqual(status, 0, output)
        self.must("cmake", "--build", self.build)
        self.must(self.build / "consumer")

    def command(self):
        """How the project that was configured last compiles its source."""
        [entry] = json.loads((self.build / "compile_commands.json").read_text())
        return entry["command"]

    def test_is_consumed_and_decides_no_machine(self):
        for compiler in COMPILERS:
            with self.subTest(compiler):
                self.consume(compiler, "-DWANTED_VERSION=0.1", f"-DCMAKE_CXX_COMPILER={compiler}")
                self.assertNotIn("-march", self.command())
                self.assertIn(str(self.prefix / "include"), self.command())

    def test_native_is_asked_for_by_name(self):
        status, output = self.configure("native", "-DMORE_LIBRARIES=smx::native")
        self.assertEqual(status, 0, output)
        self.assertIn("-march=native", self.command())

    def test_other_versions_are_refused(self):
        for version in ("0.0", "0.1.1", "0.2", "1.0"):
            with self.subTest(version):
                status, output = self.configure(f"version-{version}", f"-DWANTED_VERSION={version}")
                self.assertNotEqual(status, 0, "was accepted")
                self.assertIn("smxConfig.cmake, version: 0.1.0", output)

    def test_xsimd_without_a_package_is_found_by_its_header(self):
        self.consume("no-xsimd-package", "-DCMAKE_DISABLE_FIND_PACKAGE_xsimd=ON",
                     f"-DCMAKE_CXX_FLAGS={NO_FORCED_INLINING}")

    def test_an_xsimd_that_is_missing_or_too_old_is_named(self):
        status, output = self.configure("no-xsimd", f"-DSMX_XSIMD_INCLUDE_DIR={self.folder}")
        self.assertNotEqual(status, 0, "was accepted")
        self.assertRegex(output, r"which\s+holds\s+no\s+xsimd/xsimd.hpp")

        config = self.folder / "old" / "xsimd" / "config"
        config.mkdir(parents=True)
        (config.parent / "xsimd.hpp").touch()
        (config / "xsimd_config.hpp").write_text(
            "#define XSIMD_VERSION_MAJOR 7\n#define XSIMD_VERSION_MINOR 6\n#define XSIMD_VERSION_PATCH 0\n")
        status, output = self.configure("old-xsimd", f"-DSMX_XSIMD_INCLUDE_DIR={self.folder / 'old'}")
        self.assertNotEqual(status, 0, "was accepted")
        self.assertRegex(output, r"is\s+7\.6\.0;\s+smx\s+needs\s+8\.1\s+or\s+newer")

    def test_no_installed_file_names_the_prefix_or_the_sources(self):
        for file in self.prefix.rglob("*"):
            if file.is_file():
                text = file.read_text()
                self.assertNotIn(str(self.folder), text, file)
                self.assertNotIn(str(SOURCE), text, file)

    def test_every_header_and_the_licence_are_installed(self):
        headers = {file.relative_to(SOURCE) for file in (SOURCE / "include").rglob("*.hpp")}
        installed = {file.relative_to(self.prefix) for file in (self.prefix / "include").rglob("*") if file.is_file()}
        self.assertEqual(installed, headers)
        self.assertTrue((self.prefix / "share/licenses/smx/LICENSE").is_file())


main()
