# SPDX-License-Identifier: BSL-1.0
"""The C++ that the documentation shows compiles, strictly warned.

What counts as C++, in Markdown files and in the comments of headers (which are Markdown too):
- every block fenced as ```cpp;
- in comments also an indented block whose last line ends in ; or }. Other indented blocks are formulas. One that names
  smx::, or has a line that ends in ; before its last, is neither: a failure.

The #include lines of a block go to the top of the file that is compiled. Statements become the body of a function; a
block that begins with `template` stays outside. What a block takes for granted is its prelude, declared before it: in
Markdown a comment directly above it, <!-- snippet: float* p; -->, which no page shows; for headers, which are read as
they are, an entry of PRELUDES.
"""

import re
from dataclasses import dataclass

from toolbox import COMPILERS, INCLUDES, SOURCE, WARNINGS, PackageTest, main, run

INCLUDE = SOURCE / "include"
PAGES = [SOURCE / "README.md", INCLUDE / "smx" / "README.md", *sorted((SOURCE / "examples").rglob("README.md"))]
HEADERS = sorted(INCLUDE.rglob("*.hpp"))
INCLUDES_OF_HEADERS = "#include <smx/smx.hpp>\n#include <functional>\n#include <vector>\n"
PRELUDES = {
    "smx/scores.hpp": "std::vector<float> x, y, bias; std::vector<unsigned char> mask;",
    "smx/execution.hpp": """
        std::vector<float> x, y;
        struct pool_of_the_user { void parallel_for(std::size_t, std::function<void(std::size_t)> const&); } my_pool;""",
    "smx/online_state.hpp": """
        struct numbers {
            numbers& operator*=(double);
            numbers& operator+=(numbers const&);
            friend numbers operator*(std::vector<float> const&, numbers const&);
        } accumulator, values;
        std::vector<float> scores, w;
        using smx::online_state;
        online_state<float> state, whole;""",
    "smx/simd/half.hpp": "namespace my { struct half { unsigned short bits; }; }",
}

FENCED = re.compile(r"(?:^<!-- snippet:(?P<prelude>.*?)-->\n)?^```cpp\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r"(?:\A|(?<=\n\n))(?: {4}.*\n)+")
COMMENT = re.compile(r"(?:^ *//.*\n)+", re.MULTILINE)
INCLUDE_LINE = re.compile(r"^ *(#include .*)", re.MULTILINE)
# Examples name results that nothing reads.
UNUSED = ["-Wno-unused-variable", "-Wno-unused-but-set-variable"]


@dataclass
class Snippet:
    file: str
    line: int
    code: str
    prelude: str


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def of_markdown(file, text, lines_before=0):
    return [Snippet(file, lines_before + line_of(text, block.start("code")), block["code"], block["prelude"] or "")
            for block in FENCED.finditer(text)]


def is_code(block):
    """Whether an indented block is code rather than a formula; ValueError if it is neither."""
    lines = [line.split("//")[0].rstrip() for line in block.splitlines()]
    if lines[-1].endswith((";", "}")):
        return True
    if "smx::" in block or any(line.endswith(";") for line in lines):
        raise ValueError("neither code (whose last line ends in ; or }) nor a formula:\n" + block)
    return False


def of_header(file, text, prelude=""):
    found = []
    for comment in COMMENT.finditer(text):
        markdown = re.sub(r"^ *///? ?", "", comment[0], flags=re.MULTILINE)
        before = line_of(text, comment.start()) - 1
        found += of_markdown(file, markdown, before)
        found += [Snippet(file, before + line_of(markdown, block.start()), block[0], prelude)
                  for block in INDENTED.finditer(markdown) if is_code(block[0])]
    return found


def translation_unit(snippets, includes=""):
    """All of them in one file, whose errors name the lines of the documentation."""
    head, bodies = INCLUDE_LINE.findall(includes), []
    for number, snippet in enumerate(snippets):
        head += INCLUDE_LINE.findall(snippet.prelude + "\n" + snippet.code)
        # An #include leaves an empty line behind, so that lines keep their numbers.
        prelude, code = (INCLUDE_LINE.sub("", part) for part in (snippet.prelude, snippet.code))
        prelude = f'#line 1 "prelude of {snippet.file}:{snippet.line}"\n{prelude}\n'
        place = f'#line {snippet.line} "{snippet.file}"\n'
        if code.lstrip().startswith("template"):
            bodies.append(prelude + place + code)
        else:
            bodies.append(f"namespace snippet_{number} {{\n{prelude}void body() {{\n{place}{code}}}\n}}\n")
    return "\n".join(dict.fromkeys(head)) + "\n" + "".join(bodies)


class SnippetsTest(PackageTest):
    def attempt(self, snippets, includes=""):
        """The exit status of the compiler and what it said."""
        source = self.folder / "snippets.cpp"
        source.write_text(translation_unit(snippets, includes))
        # OpenMP's header for machines without it: this folder is looked through last.
        (self.folder / "omp.h").write_text('extern "C" int omp_get_max_threads(void);\n')
        return run(COMPILERS[-1], "-std=c++20", *WARNINGS, *UNUSED, *INCLUDES, "-fopenmp", "-idirafter", self.folder,
                   "-fsyntax-only", source)

    def compiles(self, snippets, includes=""):
        status, output = self.attempt(snippets, includes)
        self.assertEqual(status, 0, output)

    def is_refused(self, snippets, place):
        status, output = self.attempt(snippets, "#include <vector>\n")
        self.assertNotEqual(status, 0, "it compiled")
        self.assertRegex(output, rf"(?m)^{place}:\d+: error:")


class Documentation(SnippetsTest):
    def test_pages(self):
        found = {file: of_markdown(file, (SOURCE / file).read_text())
                 for file in (str(page.relative_to(SOURCE)) for page in PAGES)}
        self.assertTrue(found["README.md"])
        for file, snippets in found.items():
            if snippets:
                with self.subTest(file):
                    self.compiles(snippets)

    def test_comments_of_headers(self):
        snippets = []
        for header in HEADERS:
            file = str(header.relative_to(INCLUDE))
            snippets += of_header(file, header.read_text(), PRELUDES.get(file, ""))
        self.assertLessEqual(set(PRELUDES), {snippet.file for snippet in snippets}, "a prelude of no snippet")
        self.compiles(snippets, INCLUDES_OF_HEADERS)


class BrokenSnippets(SnippetsTest):
    """What is wrong is found, and its line named."""

    def test_a_page(self):
        page = "# Title\n<!-- snippet: std::vector<int> x; -->\n```cpp\n#include <vector>\nx.clear();\nx.celar();\n```\n"
        self.compiles(of_markdown("page.md", page.replace("celar", "clear")))
        self.is_refused(of_markdown("page.md", page), "page.md:6")

    def test_a_page_without_its_prelude(self):
        self.is_refused(of_markdown("page.md", "```cpp\nint n = 1;\nn += m;\n```\n"), "page.md:3")

    def test_what_is_warned_of(self):
        self.is_refused(of_markdown("page.md", "```cpp\ndouble d = 1;\nfloat f = d;\n```\n"), "page.md:3")

    def test_comments(self):
        header = "#pragma once\n\n/// Text:\n///\n///     y_i = x_i\n///\n///     x.celar();  // why\nint f();\n"
        self.compiles(of_header("a.hpp", header.replace("celar", "clear"), "std::vector<int> x;"), "#include <vector>")
        self.is_refused(of_header("a.hpp", header, "std::vector<int> x;"), "a.hpp:7")

    def test_a_declaration(self):
        header = "//     template <> struct rank_of<int> {};\n"
        self.compiles(of_header("a.hpp", header, "template <class T> struct rank_of;"))
        self.is_refused(of_header("a.hpp", header), "a.hpp:1")

    def test_neither_code_nor_formula(self):
        for block in ("smx::softmax(x, y)", "i = 1;\n//     j = 2"):
            with self.subTest(block), self.assertRaisesRegex(ValueError, "neither"):
                of_header("a.hpp", f"// Text:\n//\n//     {block}\n")


main()
