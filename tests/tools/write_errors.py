#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Writes what tests/README.md says about errors: the worst of every operator, those by length, and the plot of errors
against gaps, tests/plots/gaps.svg.

    cmake --preset errors && cmake --build --preset errors
    cmake --preset neon && cmake --build --preset neon --target operators.neon accuracy_by_length.neon    # if you like
    CXX=clang++ cmake --preset bench && cmake --build --preset bench --target bench.gaps
    python3 tests/tools/write_errors.py

Needs matplotlib (Debian: python3-matplotlib). An instruction set that the processor lacks is passed over.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import matplotlib

from write_tables import SOURCE, built_by, commit, errors_of, machine, output_of, replace_block, runs_of

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "smx", "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
from matplotlib import pyplot  # noqa: E402  after the choice of what it draws with

README = SOURCE / "tests/README.md"
PLOT = SOURCE / "tests/plots/gaps.svg"
OF_LENGTH = re.compile(r"^(float|double), (.+), (\d+) elements: ([\d.]+) ULP, (.*)$", re.MULTILINE)

# Contestants of the bench: how the plot calls and draws them. Those of smx are drawn last, above the others.
LINES = {
    "std_exp": ("std::exp", "#999999", 1),
    "xsimd_exp": ("xsimd::exp", "#cc79a7", 1),
    "eigen": ("Eigen", "#e69f00", 1),
    "onednn": ("oneDNN", "#009e73", 1),
    "xnnpack": ("XNNPACK", "#56b4e9", 1),
    "smx:automatic": ("smx", "#d55e00", 2),
    "smx:automatic:precise": ("smx precise", "#0072b2", 2),
}


def errors_by_length(folder):
    """{(operator, type, isa): {length: (ULP, family)}}"""
    found = {}
    for isa, text in runs_of(folder, "accuracy_by_length", "--gtest_also_run_disabled_tests"):
        for element, name, length, ulp, family in OF_LENGTH.findall(text):
            found.setdefault((name, element, isa), {})[int(length)] = float(ulp), family
    return found


def with_equal_isas_joined(found):
    """[(operator, type, isas, value)]: instruction sets that differ in nothing share a row."""
    rows = {}
    for (name, element, isa), value in sorted(found.items()):
        rows.setdefault((name, element, str(value)), ([], value))[0].append(isa)
    return [(name, element, ", ".join(isas), value) for (name, element, _), (isas, value) in rows.items()]


def operator_table(errors):
    lines = ["| operator | type | instruction set | worst, ULP | where |", "|---|---|---|---|---|"]
    for name, element, isas, (ulp, where) in with_equal_isas_joined(errors):
        lines.append(f"| {name} | {element} | {isas} | {ulp:.2f} | {where} |")
    return lines


def length_table(errors):
    lengths = sorted({length for of_lengths in errors.values() for length in of_lengths})
    lines = ["| operator | type | instruction set | " + " | ".join(f"{length:,}" for length in lengths) + " |",
             "|---|---|---|" + "---|" * len(lengths)]
    for name, element, isas, of_lengths in with_equal_isas_joined(errors):
        cells = ("{:.2f} {}".format(*of_lengths[length]) if length in of_lengths else "" for length in lengths)
        lines.append(f"| {name} | {element} | {isas} | {' | '.join(cells)} |")
    return lines


def gap_table(gaps):
    lines = ["| worst of all gaps, ULP | float | double |", "|---|--:|--:|"]
    for contestant, (label, _, _) in reversed(LINES.items()):
        errors = (gaps[element]["errors"].get(contestant) for element in ("float", "double"))
        lines.append(f"| {label} | {' | '.join(f'{max(of_gaps):.1f}' if of_gaps else '' for of_gaps in errors)} |")
    return lines


def draw(gaps):
    figure, panels = pyplot.subplots(1, 2, figsize=(10, 4), sharey=True, layout="constrained")
    for panel, element in zip(panels, ("float", "double")):
        widest, errors = gaps[element]["widest"], gaps[element]["errors"]
        for contestant, (label, color, width) in LINES.items():
            if contestant in errors:
                ulps = errors[contestant]
                middles = [widest * (i + 0.5) / len(ulps) for i in range(len(ulps))]
                panel.plot(middles, ulps, color=color, linewidth=width, label=label)
        panel.set_yscale("log", base=2)
        panel.yaxis.set_major_formatter("{x:g}")
        panel.grid(axis="y", color="#e5e5e5", linewidth=0.6)
        panel.set_xlim(0, widest)
        panel.set_title(element)
        panel.set_xlabel("gap to the maximum, max − x")
    panels[0].set_ylabel("worst error, ULP")
    handles, labels = panels[0].get_legend_handles_labels()
    panels[1].legend(handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    PLOT.parent.mkdir(exist_ok=True)
    figure.savefig(PLOT, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=Path, default=SOURCE / "build/errors")
    parser.add_argument("--neon", type=Path, default=SOURCE / "build/neon", help="may be missing; needs qemu-user")
    parser.add_argument("--bench", type=Path, default=SOURCE / "build/bench")
    arguments = parser.parse_args()
    by_operator = errors_of(arguments.tests) | errors_of(arguments.neon)
    by_length = errors_by_length(arguments.tests) | errors_by_length(arguments.neon)
    if not by_operator or not by_length:
        sys.exit(f"nothing in {arguments.tests}/tests could be run: build the preset errors first")
    status, text = output_of(arguments.bench / "bin/bench_gaps")
    if status != 0:
        sys.exit("bench_gaps failed")
    gaps = json.loads(text)
    measured = commit()  # before anything is written
    draw(gaps)

    def block(name, folder, flags, table):
        note = f"Written by `tests/tools/write_errors.py`: {built_by(folder)}{flags}; {machine()}; commit {measured}."
        replace_block(README, name, [note, "", *table])

    block("gaps", arguments.bench, " -march=native", gap_table(gaps))
    block("worst errors", arguments.tests, "", operator_table(by_operator))
    block("errors by length", arguments.tests, "", length_table(by_length))


if __name__ == "__main__":
    main()
