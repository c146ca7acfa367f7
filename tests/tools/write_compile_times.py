#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes the table of compile times of README.md between its marks.

    python3 tests/tools/write_compile_times.py [--runs 3] [--print]

Each file of one call is compiled with every compiler that is here, by turns; the least processor time counts, since all
that disturbs a compiler makes it slower. Nothing is linked.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from write_tables import SOURCE, commit, machine, output_of, replace_block

HEADERS = "#include <smx/softmax.hpp>\n#include <vector>\n"
ROWS = "std::vector<float> const& x, std::vector<float>& y"
MATRICES = "smx::matrix_view<float const> x, smx::matrix_view<float> y"
CALLS = {  # of one file
    "the header, no call": HEADERS,
    "softmax(row)": f"{HEADERS}void f({ROWS}) {{ smx::softmax(x, y); }}\n",
    "softmax(matrix)": f"{HEADERS}void f({MATRICES}) {{ smx::softmax(x, y); }}\n",
    "softmax(matrix), SMX_FEW_KERNELS": f"#define SMX_FEW_KERNELS\n{HEADERS}void f({MATRICES}) {{ smx::softmax(x, y); }}\n",
    "softmax(columns)": f"{HEADERS}void f({MATRICES}) {{ smx::softmax(smx::columns(x), smx::columns(y)); }}\n",
}
FLAGS = {"AVX2, -O2": ("-O2", "-march=x86-64-v3"), "AVX-512, -O2": ("-O2", "-march=x86-64-v4"),
         "AVX2, -O0": ("-O0", "-march=x86-64-v3")}
COMPILERS = [name for name in ("g++", "clang++") if shutil.which(name)]


def seconds_of(command):
    """User and system time."""
    before = os.times()
    subprocess.run(command, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def code_of(file):
    """Bytes of code and constants, whatever the linker would drop."""
    return int(output_of("size", file)[1].splitlines()[1].split()[0])


def measured(runs):
    """(call, compiler, flags): (seconds, bytes)."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="smx-compile-times-") as folder:
        source, target = Path(folder) / "call.cpp", Path(folder) / "call.o"
        for _ in range(runs):
            for call, text in CALLS.items():
                source.write_text(text)
                for compiler in COMPILERS:
                    for name, flags in FLAGS.items():
                        seconds = seconds_of([compiler, "-std=c++20", *flags, "-DNDEBUG", f"-I{SOURCE / 'include'}", "-c",
                                              str(source), "-o", str(target)])
                        least = found.get((call, compiler, name), (seconds,))[0]
                        found[call, compiler, name] = min(least, seconds), code_of(target)
    return found


def table(found, note):
    columns = [(compiler, name) for compiler in COMPILERS for name in FLAGS]
    lines = [note, "", "| one call, seconds (KB of code) | " + " | ".join(f"{compiler}, {name}" for compiler, name in columns) + " |",
             "|---|" + "--:|" * len(columns)]
    for call in CALLS:
        cells = [found[call, *column] for column in columns]
        lines.append(f"| {call} | " + " | ".join(f"{seconds:.1f} ({size / 1000:.0f})" for seconds, size in cells) + " |")
    return lines


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--print", action="store_true", help="print the table instead of writing it")
    options = arguments.parse_args()
    if not COMPILERS:
        sys.exit("there is neither g++ nor clang++")
    versions = "; ".join(output_of(compiler, "--version")[1].splitlines()[0] for compiler in COMPILERS)
    note = (f"Written by `tests/tools/write_compile_times.py`: processor time, the least of {options.runs} runs. {versions}; "
            f"{machine()}; commit {commit()}.")
    lines = table(measured(options.runs), note)
    if options.print:
        print("\n".join(lines))
    else:
        replace_block(SOURCE / "README.md", "compile times", lines)


if __name__ == "__main__":
    main()
