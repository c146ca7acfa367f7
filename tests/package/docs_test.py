# SPDX-License-Identifier: BSL-1.0
"""Doxygen has no complaint about the docstrings, and its reference holds every name that the README tells users."""

import re
import shutil
import unittest

from toolbox import SOURCE, XSIMD_FOLDER, PackageTest, main, run


def names_of_the_readme():
    """Whatever follows smx:: in it, and the operators, which its table has in its first column."""
    text = (SOURCE / "README.md").read_text()
    targets = {"smx"}  # smx::smx, a target of CMake
    operators = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return set(re.findall(r"\bsmx::(\w+)", text)) - targets | set(re.findall(r"`(\w+)`", "".join(operators)))


@unittest.skipUnless(shutil.which("doxygen"), "there is no doxygen")
class Docs(PackageTest):
    def configured(self):
        """The folder of a build's reference, which is yet to be written."""
        build = self.folder / "build"
        self.must("cmake", "-S", SOURCE, "-B", build, f"-DSMX_XSIMD_INCLUDE_DIR={XSIMD_FOLDER}", "-DSMX_BUILD_TESTS=OFF",
                  "-DSMX_BUILD_BENCH=OFF", "-DSMX_BUILD_EXAMPLES=OFF")
        return build / "docs"

    def test_no_complaint_and_every_name(self):
        docs = self.configured()
        self.must("cmake", "--build", docs.parent, "--target", "docs")
        self.assertTrue((docs / "html" / "index.html").is_file())
        tags = (docs / "smx.tag").read_text()
        space = re.search(r'<compound kind="namespace">\s*<name>smx</name>.*?</compound>', tags, re.DOTALL)[0]
        listed = set(re.findall(r"<name>(\w+)</name>", space)) | set(re.findall(r"<(?:class|concept).*?>smx::(\w+)<", space))
        names = names_of_the_readme()
        self.assertGreaterEqual(names, {"softmax", "online_state", "matrix_view"}, "is that the README?")
        self.assertEqual(names - listed, set(), "the reference lacks names of the README")

    def test_complaints_are_failures(self):
        docs = self.configured()
        header = self.folder / "wrong.hpp"
        header.write_text("#pragma once\n/// Adds. \\param c is not there.\nint add(int a, int b);\n")
        with (docs / "Doxyfile").open("a") as settings:
            settings.write(f'INPUT = "{header}"\nUSE_MDFILE_AS_MAINPAGE =\n')
        status, output = run("cmake", "--build", docs.parent, "--target", "docs")
        self.assertNotEqual(status, 0, output)
        self.assertIn("wrong.hpp:2", output)


main()
