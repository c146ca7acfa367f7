#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes the worst errors of the functions of math/, with their witnesses, into their docstrings and into
tests/exhaustive/README.md.

    build/exhaustive/tests/exhaustive/exhaustive.avx2 --markdown > avx2.md
    build/exhaustive/tests/exhaustive/exhaustive.baseline --stride 7 --markdown > baseline.md
    python3 tests/tools/write_witnesses.py --build build/exhaustive avx2.md baseline.md:7

The docstrings get the first error of each function. A number behind a file: it holds those of one float in so many.
"""

import argparse
import re
import textwrap
from pathlib import Path
from typing import NamedTuple

from write_tables import SOURCE, built_by, commit, machine

README = SOURCE / "tests/exhaustive/README.md"
TABLE = re.compile(r"(<!-- worst errors -->\n).*?(<!-- end -->)", re.DOTALL)
MARGIN = 120


class Docstring(NamedTuple):
    """Whose last paragraph is that of the worst errors."""
    file: str
    declaration: str
    functions: dict  # of the sweep: what the docstring calls them


DOCSTRINGS = [
    Docstring("exp.hpp", "template <class Accuracy, class Place = in_a_loop, class X, class V, class R>\nSMX_INLINE X exp_weight(",
              {"exp_weight.half": "half_t: ", "exp_weight.standard": "standard_t: ", "exp_weight.precise": "precise_t: "}),
    Docstring("exp.hpp", "template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> exp_nonpositive(",
              {"exp_nonpositive": ""}),
    Docstring("log.hpp", "template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> log(", {"log": ""}),
    Docstring("log.hpp", "template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> log1p(", {"log1p": ""}),
    Docstring("inverse.hpp", "template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> inverse(", {"inverse": ""}),
    Docstring("power.hpp", "template <class V, std::size_t K> SMX_INLINE simd::pack<V, K> power(",
              {"power.half": "p = 1/2: ", "power.2": "p = 2: ", "power.15": "p = 15: "}),
    Docstring("logistic.hpp", "template <class V> struct logistic {", {"logistic": ""}),
    Docstring("stable_score.hpp", "template <class V> struct stable_score {",
              {"stable_score.usual": "", "stable_score.usual.inverse": "its inverse: "}),
]


def worst_of(rows):
    """{function: (error, witnesses)} of the rows for float."""
    found = {}
    for row in rows:
        function, element, _, _, _, error, witnesses, _ = (cell.strip() for cell in row.strip("|").split("|"))
        if element == "float":
            found[function.strip("`")] = error.split(" around")[0], witnesses.replace("`", "").replace(", ", " and ")
    return found


def paragraph(docstring, worst):
    errors = [f"{label}{worst[function][0]} at {worst[function][1]}" for function, label in docstring.functions.items()]
    floats = worst[next(iter(docstring.functions))][2]
    lines = textwrap.wrap(f"Worst error over {floats} (tests/exhaustive): {', '.join(errors)}.",
                          width=MARGIN - len("/// "), break_long_words=False, break_on_hyphens=False)
    return "".join(f"/// {line}\n" for line in lines)


def write_docstring(docstring, text):
    file = SOURCE / "include/smx/math" / docstring.file
    code = file.read_text()
    place = code.index(docstring.declaration)
    begin = code.rindex("/// Worst error", 0, place)
    if re.search(r"^(?!///)", code[begin:place].rstrip("\n"), re.MULTILINE):
        raise SystemExit(f"{file}: no such paragraph above {docstring.declaration}")
    file.write_text(code[:begin] + text + code[place:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, required=True, help="the folder that the sweep was built in")
    parser.add_argument("errors", nargs="+", metavar="FILE[:STRIDE]", help="what a sweep printed with --markdown")
    arguments = parser.parse_args()

    worst = {}
    text = f"{built_by(arguments.build)}; {machine()}; commit {commit()}.\n"
    for sweep in arguments.errors:
        file, _, stride = sweep.partition(":")
        table = Path(file).read_text().strip()
        floats = f"one float in {stride}" if stride else "all floats"
        for function, found in worst_of(table.splitlines()[2:]).items():
            worst.setdefault(function, (*found, floats))
        text += f"\nOver {floats}:\n\n{table}\n"
    for docstring in DOCSTRINGS:
        write_docstring(docstring, paragraph(docstring, worst))
    README.write_text(TABLE.sub(lambda found: found.group(1) + text + found.group(2), README.read_text()))


main()
