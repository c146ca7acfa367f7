#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes the measured table of README.md between its marks.

    python3 tests/tools/write_tables.py --tests build/test --bench build/bench

Errors come from the tests that enforce the bounds (operators.*, half.*, logarithms.*), times from bench_operators.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
SKIPPED = 77  # the processor lacks the instruction set
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


def runs_of(folder, suite, *options):
    """(instruction set, output) of every <suite>.<isa> in a build folder that this machine can run."""
    for program in sorted(folder.glob(f"tests/{suite}.*")):
        emulator = ("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu") if program.suffix == ".neon" else ()
        status, text = output_of(*emulator, program, *options)
        if status == SKIPPED:
            continue
        if status != 0:
            sys.exit(f"{program} failed:\n{text}")
        yield program.suffix[1:], text


def errors_of(folder):
    """{(operator, type, isa): (ULP, witness)}"""
    return {(name, element, isa): (float(ulp), where)
            for isa, text in runs_of(folder, "operators", "--gtest_filter=*AreWithinTheirPromise")
            for element, name, ulp, where in OPERATOR.findall(text)}


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
    if not errors:
        sys.exit(f"no {arguments.tests}/tests/operators.* could be run: build the preset test first")
    bench_note = (f"Written by `tests/tools/write_tables.py`. Errors: the worst over 30 families of rows, "
                  f"{built_by(arguments.tests)}. Times: by turns in one run, {built_by(arguments.bench)} "
                  f"-march=native; {machine()}; commit {commit()}.")
    replace_block(SOURCE / "README.md", "measured",
                  measured_table(errors, half_errors(arguments.tests), TIMED.findall(text), bench_note))


if __name__ == "__main__":
    main()
