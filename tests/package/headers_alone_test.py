# SPDX-License-Identifier: BSL-1.0
"""Every header can be the first, the only, and twice the same include of a file."""

from toolbox import COMPILERS, SOURCE, PackageTest, main


class HeadersAlone(PackageTest):
    def test_each_header_compiles_alone_and_twice(self):
        include = SOURCE / "include"
        headers = sorted(file.relative_to(include) for file in include.rglob("*.hpp"))
        self.assertTrue(headers)
        for header in headers:
            source = self.folder / "alone.cpp"
            source.write_text(f"#include <{header}>\n#include <{header}>\n")
            for compiler in COMPILERS[:1]:  # one is enough: this finds includes that are missing
                with self.subTest(compiler=compiler, header=str(header)):
                    self.compile(compiler, "-fsyntax-only", source)


main()
