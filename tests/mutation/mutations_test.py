# SPDX-License-Identifier: BSL-1.0
"""The list of mutations fits the headers and the tests as they are now. Nothing is compiled."""

import re
import sys
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))
from mutations import MUTATIONS  # noqa: E402


class Mutations(unittest.TestCase):
    def test_each_text_occurs_once(self):
        for mutation in MUTATIONS:
            with self.subTest(mutation.name):
                text = (SOURCE / "include/smx" / mutation.file).read_text()
                self.assertEqual(text.count(mutation.text), 1)
                self.assertNotEqual(mutation.text, mutation.replacement)

    def test_names_are_distinct_and_many(self):
        names = {mutation.name for mutation in MUTATIONS}
        self.assertEqual(len(names), len(MUTATIONS))
        self.assertGreaterEqual(len(names), 45)

    def test_the_tests_that_should_notice_exist(self):
        lists = "".join((SOURCE / folder / "CMakeLists.txt").read_text() for folder in ("tests", "tests/fuzz"))
        known = set(re.findall(r"smx_add_(?:test\(NAME|kernel_test\(|long_suite\(|fuzz_test\() ?(\w+)", lists))
        for mutation in MUTATIONS:
            with self.subTest(mutation.name):
                self.assertTrue(mutation.tests)
                self.assertLessEqual(set(mutation.tests), known)


unittest.main(verbosity=2)
