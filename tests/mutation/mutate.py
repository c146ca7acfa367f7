# SPDX-License-Identifier: BSL-1.0
"""Breaks the headers in one place at a time and sees whether the tests notice.

A copy of the tree is mutated, never the tree itself. The tests that a mutation names are built for one instruction set
and run in their order, up to the first that fails. All copies share one build folder, so that what a mutation does not
touch is compiled once.
"""

import argparse
import datetime
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from mutations import MUTATIONS

SOURCE = Path(__file__).resolve().parents[2]
README = Path(__file__).resolve().parent / "README.md"
PARTS = ("include", "cmake", "tests", "CMakeLists.txt")
CHEAP = {"simd", "words", "exp", "refusals"}  # one small object each
TABLE = re.compile(r"(<!-- written by mutate.py --markdown -->\n).*?(<!-- end -->)", re.DOTALL)
TABLE_HEAD = "| mutation | of | noticed by | seconds | date | commit |\n|---|---|---|---|---|---|\n"
# Of GoogleTest; through the environment, because not every test is one of its programs.
TEST_ENVIRONMENT = {"GTEST_BRIEF": "1", "GTEST_FAIL_FAST": "1"}


class Outcome(NamedTuple):
    verdict: str  # caught, SURVIVED, DOES NOT APPLY, DOES NOT COMPILE
    detail: str = ""
    seconds: float = 0


def run(*command, timeout=None):
    """Exit status (None: out of time) and output of a command."""
    try:
        done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", check=False, timeout=timeout,
                              env={**os.environ, **TEST_ENVIRONMENT, "LC_ALL": "C"})
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout


def copy_what_differs(source, target):
    """Leaves files alone that are equal, so that nothing is compiled because of their dates."""
    files = [source] if source.is_file() else [file for file in source.rglob("*") if file.is_file()]
    for file in files:
        copy = target / file.relative_to(SOURCE)
        if not copy.is_file() or copy.read_bytes() != file.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)


class Workshop:
    """The copy of the tree and its build folder."""

    def __init__(self, arguments):
        self.tree = arguments.scratch / "tree"
        self.build = arguments.scratch / f"build-{arguments.compiler}-{arguments.isa}"
        self.isa, self.jobs, self.timeout = arguments.isa, arguments.jobs, arguments.timeout
        for part in PARTS:
            copy_what_differs(SOURCE / part, self.tree)
        # -w: what a mutation leaves unused is no error.
        status, output = run("cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                             f"-DCMAKE_CXX_COMPILER={arguments.compiler}", "-DCMAKE_CXX_FLAGS=-w",
                             "-DCMAKE_CXX_FLAGS_RELEASE=-O1", f"-DSMX_ISAS={self.isa}", "-DSMX_BUILD_TESTS=ON",
                             "-DSMX_BUILD_BENCH=OFF", "-DSMX_BUILD_EXAMPLES=OFF", "-DSMX_INSTALL=OFF")
        if status != 0:
            sys.exit(f"cmake failed:\n{output}")

    def compile(self, test):
        """What the compiler says if the test cannot be built, else None."""
        status, output = run("cmake", "--build", self.build, "--target", f"{test}.{self.isa}", "-j", self.jobs)
        return None if status == 0 else output

    def failure(self, test):
        """The first failure of a test that was built, or None."""
        status, output = run(self.build / "tests" / f"{test}.{self.isa}", timeout=self.timeout)
        if status == 0:
            return None
        if status is None:
            return f"{test}: out of time"
        first = re.search(r"^\[  FAILED  \] ([^ ,\n]+)", output, re.MULTILINE)
        return f"{test}: {first.group(1)}" if first else f"{test}: exit status {status}"

    def check_unmutated(self, tests):
        for test in tests:
            wrong = self.compile(test) or self.failure(test)
            if wrong:
                sys.exit(f"{test} fails without any mutation:\n{wrong}")
            print(f"unmutated: {test} passes", flush=True)

    def outcome(self, mutation):
        began = time.monotonic()
        file = self.tree / "include/smx" / mutation.file
        original = file.read_text()
        if original.count(mutation.text) != 1:
            return Outcome("DOES NOT APPLY", f"the text occurs {original.count(mutation.text)} times")
        file.write_text(original.replace(mutation.text, mutation.replacement))
        try:
            for test in mutation.tests:
                errors = self.compile(test)
                if errors:
                    first = re.search(r"error: .*", errors)
                    return Outcome("DOES NOT COMPILE", first.group(0) if first else errors[-300:])
                failure = self.failure(test)
                if failure:
                    return Outcome("caught", failure, time.monotonic() - began)
        finally:
            file.write_text(original)
        return Outcome("SURVIVED", ", ".join(mutation.tests), time.monotonic() - began)


def write_table(outcomes):
    """Into the README: this run's rows, and the rows of mutations that it left out."""
    text = README.read_text()
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    _, commit = run("git", "-C", SOURCE, "rev-parse", "--short", "HEAD")
    for mutation, outcome in outcomes:
        by = outcome.detail if outcome.verdict == "caught" else f"**{outcome.verdict}**"
        rows[mutation.name] = (f"| `{mutation.name}` | {mutation.file} | {by} | {outcome.seconds:.0f} "
                               f"| {datetime.date.today()} | {commit.strip()} |")
    table = "".join(rows[mutation.name] + "\n" for mutation in MUTATIONS if mutation.name in rows)
    README.write_text(TABLE.sub(lambda found: found.group(1) + TABLE_HEAD + table + found.group(2), text))


def chosen(arguments):
    if arguments.only:
        unknown = set(arguments.only) - {mutation.name for mutation in MUTATIONS}
        if unknown:
            sys.exit(f"no such mutation: {', '.join(sorted(unknown))}")
        return [mutation for mutation in MUTATIONS if mutation.name in arguments.only]
    candidates = [mutation for mutation in MUTATIONS if not arguments.cheap or CHEAP.issuperset(mutation.tests)]
    if arguments.sample:
        picked = random.Random(arguments.seed).sample(candidates, min(arguments.sample, len(candidates)))
        return sorted(picked, key=MUTATIONS.index)
    return candidates


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print the mutations and do nothing")
    parser.add_argument("--only", action="append", metavar="NAME", help="this mutation; may be given several times")
    parser.add_argument("--sample", type=int, metavar="N", help="N mutations by chance")
    parser.add_argument("--seed", default="0", metavar="TEXT", help="of the chance (default: 0)")
    parser.add_argument("--cheap", action="store_true", help=f"those alone whose tests are of {', '.join(sorted(CHEAP))}")
    parser.add_argument("--timeout", type=int, default=120, metavar="SECONDS", help="for one test (default: 120)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="compilers at once (default: one per core)")
    parser.add_argument("--isa", default="avx2", help="instruction set (default: avx2)")
    parser.add_argument("--compiler", default="clang++", help="default: clang++")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "smx-mutation",
                        help="folder of the copy, kept for the next run (default: %(default)s)")
    parser.add_argument("--markdown", action="store_true", help="write the results into the README beside this file")
    return parser.parse_args()


def main():
    arguments = parsed()
    mutations = chosen(arguments)
    if arguments.list:
        for mutation in mutations:
            print(f"{mutation.name:36} {mutation.file:26} {', '.join(mutation.tests)}")
        return 0
    workshop = Workshop(arguments)
    workshop.check_unmutated(dict.fromkeys(test for mutation in mutations for test in mutation.tests))
    outcomes = []
    for number, mutation in enumerate(mutations, 1):
        outcome = workshop.outcome(mutation)
        outcomes.append((mutation, outcome))
        print(f"{number:3}/{len(mutations)} {mutation.name:36} {outcome.verdict:10} {outcome.detail} "
              f"({outcome.seconds:.0f} s)", flush=True)
        if arguments.markdown:
            write_table(outcomes)
    missed = [mutation.name for mutation, outcome in outcomes if outcome.verdict != "caught"]
    print(f"\n{len(outcomes) - len(missed)} of {len(outcomes)} mutations were caught")
    for name in missed:
        print(f"  not caught: {name}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
