#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs the race and writes bench/README.md and bench/plots.

    python3 bench/report                                       # build/bench, as README.md says
    python3 bench/report --avx2 build/bench-avx2/bin/bench_race
    python3 bench/report --from build/race.json                # writes again what the last run measured
    python3 bench/report --to bench/zen3                       # of another machine, without what was tried

Needs matplotlib (Debian: python3-matplotlib).
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import plots
import tables
from races import Race, cache_sizes

BENCH = Path(__file__).resolve().parents[1]
BUILD = BENCH.parent / "build"
# Of the peers that choose their kernels when they start, these can be told to stay below AVX-512.
AVX2_ONLY = {"DNNL_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}


def run(program, arguments, environment):
    """What one race printed as JSON. It has verified every contestant; a wrong one did not run, and is named."""
    command = [program, "--json", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=os.environ | environment, text=True, check=False)
    if not done.stdout.strip():
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}")
    return json.loads(done.stdout)


def measure(options):
    arguments = ["--seconds", str(options.seconds), "--filter", options.filter]
    races = {"native": run(options.race, arguments, {})}
    if options.avx2:
        races["avx2"] = run(options.avx2, arguments, AVX2_ONLY)
    return {"caches": cache_sizes(), "races": races}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--race", type=Path, default=BUILD / "bench/bin/bench_race", help="the program, built for this machine")
    parser.add_argument("--avx2", type=Path, help="the program, built with SMX_BENCH_ISA=avx2: a second race")
    parser.add_argument("--seconds", type=float, default=1, help="time for each shape")
    parser.add_argument("--filter", default=".", help="regular expression on names such as row/float/4096/xnnpack")
    parser.add_argument("--data", type=Path, default=BUILD / "race.json", help="where the measurements are kept")
    parser.add_argument("--from", dest="source", type=Path, help="measurements to report, instead of a run")
    parser.add_argument("--to", type=Path, default=BENCH, help="the folder of README.md and plots/")
    options = parser.parse_args()

    if options.source:
        measured = json.loads(options.source.read_text())
    else:
        measured = measure(options)
        options.data.parent.mkdir(parents=True, exist_ok=True)
        options.data.write_text(json.dumps(measured, indent=1) + "\n")

    races = {isa: Race(data) for isa, data in measured["races"].items()}
    drawn = plots.draw(races, measured["caches"], options.to / "plots")
    options.to.mkdir(parents=True, exist_ok=True)
    dead_ends = (BENCH / "tried_and_dropped.md").read_text() if options.to.resolve() == BENCH else ""
    against = os.path.relpath(BENCH / "against/README.md", options.to)
    (options.to / "README.md").write_text(tables.report(races, drawn, dead_ends, against))


if __name__ == "__main__":
    main()
