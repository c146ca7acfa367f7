#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes the measured tables of README.md and tests/README.md between their marks.

    python3 tests/tools/write_tables.py --tests build/test --bench build/bench

Errors come from the tests that enforce the bounds (operators.*, half.*, logarithms.*), times from bench_operators.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
OPERATOR = re.compile(r"^(float|double), (.+): ([\d.]+) ULP, (.*)$", re.MULTILINE)
WORST_HALF = re.compile(r"worst ([\d.]+) ULP")
TIMED = re.compile(r"^\| ([\w. ]+) \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)


def output_of(*command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout


def machine():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
        if line.startswith("model\t"):
            model = line.split(":", 1)[1].strip()
    return f"{name}, model {model}"


def built_by(folder):
    """Compiler and flags of a build folder."""
    cache = dict(re.findall(r"^(\w+):\w+=(.*)$", (folder / "CMakeCache.txt").read_text(), re.MULTILINE))
    version = output_of(cache["CMAKE_CXX_COMPILER"], "--version")[1].splitlines()[0]
    flags = " ".join(filter(None, (cache.get("CMAKE_CXX_FLAGS"),
                                   cache.get(f"CMAKE_CXX_FLAGS_{cache['CMAKE_BUILD_TYPE'].upper()}"))))
    return f"{version}, {flags}"


def commit():
    return output_of("git", "-C", SOURCE, "describe", "--always", "--dirty", "--tags")[1].strip()


def errors_of(folder):
    """{(operator, type, isa): (ULP, witness)} of every operators.<isa> that this machine can run."""
    found = {}
    for program in sorted(folder.glob("tests/operators.*")):
        isa = program.suffix[1:]
        status, text = output_of(program, "--gtest_filter=*AreWithinTheirPromise")
        if status == 0:
            for element, name, ulp, where in OPERATOR.findall(text):
                found[name, element, isa] = float(ulp), where
    if not found:
        sys.exit(f"no {folder}/tests/operators.* could be run: build the preset test first")
    return found


def half_errors(folder):
    """{type: ULP of softmax's 16-bit results}."""
    found = {}
    for program in folder.glob("tests/half.*"):
        for element in ("bfloat16", "float16"):
            text = output_of(program, f"--gtest_filter=*_to_{element}.EveryElement*")[1]
            for ulp in WORST_HALF.findall(text):
                found[element] = max(found.get(element, 0), float(ulp))
    return found


def replace_block(path, name, lines):
    text = path.read_text()
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        sys.exit(f"{path} has no block <!-- {name} -->")
    path.write_text(pattern.sub(lambda match: match[1] + "\n".join(lines) + "\n" + match[2], text))


def witness_table(errors, note):
    lines = [note, "", "| operator | type | instruction set | worst, ULP | where |", "|---|---|---|---|---|"]
    for (name, element, isa), (ulp, where) in sorted(errors.items()):
        lines.append(f"| {name} | {element} | {isa} | {ulp:.2f} | {where} |")
    return lines


def measured_table(errors, halves, timed, note):
    def worst(operator, precise, element):
        of_it = [ulp for (name, kind, _), (ulp, _) in errors.items()
                 if kind == element and re.split(r"[ ,]", name)[0] == operator and ("precise" in name) == precise]
        return f"{max(of_it):.2f}" if of_it else ""

    lines = [note, "", "| operator, 4,096 floats | error: float, ULP | double | ns an element | × softmax |",
             "|---|--:|--:|--:|--:|"]
    for name, nanoseconds, ratio in timed:
        operator, _, variant = name.partition(" ")
        if variant in halves:
            lines.append(f"| {name} | {halves[variant]:.4f} of its own | | {nanoseconds} | {ratio} |")
        else:
            known = variant in ("", "precise")
            cells = [worst(operator, variant == "precise", element) if known else "" for element in ("float", "double")]
            lines.append(f"| {name} | {cells[0]} | {cells[1]} | {nanoseconds} | {ratio} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=Path, default=SOURCE / "build/test")
    parser.add_argument("--bench", type=Path, default=SOURCE / "build/bench")
    arguments = parser.parse_args()
    status, text = output_of(arguments.bench / "bin/bench_operators", "4096")
    if status != 0:
        sys.exit("bench_operators failed")
    errors = errors_of(arguments.tests)
    where = f"{machine()}; commit {commit()}"
    tests_note = f"Written by `tests/tools/write_tables.py`: {built_by(arguments.tests)}; {where}."
    bench_note = (f"Written by `tests/tools/write_tables.py`. Errors: the worst over 30 families of rows, "
                  f"{built_by(arguments.tests)}. Times: by turns in one run, {built_by(arguments.bench)} "
                  f"-march=native; {where}.")
    replace_block(SOURCE / "tests/README.md", "worst errors", witness_table(errors, tests_note))
    replace_block(SOURCE / "README.md", "measured",
                  measured_table(errors, half_errors(arguments.tests), TIMED.findall(text), bench_note))


if __name__ == "__main__":
    main()
