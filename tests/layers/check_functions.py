# SPDX-License-Identifier: BSL-1.0
"""check_functions.py <nm> <object or archive>...: reports every function that g++ made of what is to become a part of the
function around it: SMX_OUTER (detail/inlining.hpp). There is one where nothing around it is SMX_NOINLINE, or where
something SMX_INLINE calls it. It would be right, and slow.
"""

import re
import subprocess
import sys
from pathlib import Path

INCLUDE = Path(__file__).resolve().parents[2] / "include"
SCOPE = re.compile(r"^(?:namespace (?P<space>\w+) \{|(?P<end>\}) // namespace|(?:template <.*> )?(?:struct|class) (?P<type>\w+)\b[^;]*$)", re.MULTILINE)
OUTER = re.compile(r"^(?P<indent> *).*?\bSMX_OUTER\b(?!_)[^;{]*?\b(?P<name>\w+)\(", re.MULTILINE)
OF_TYPE = re.compile(r"\b(?:decltype|requires)\(")


def outer_functions(include):
    """namespace::name, or namespace::class::name, of each."""
    found = set()
    for file in sorted((include / "smx").rglob("*.hpp")):
        if file.name == "inlining.hpp":
            continue
        text = OF_TYPE.sub("", re.sub(r"//(?! namespace)[^\n]*", "", file.read_text()))
        scopes = list(SCOPE.finditer(text))
        for function in OUTER.finditer(text):
            around = [scope for scope in scopes if scope.start() < function.start()]
            spaces = [scope["space"] for scope in around if scope["space"] or scope["end"]][-1:]
            types = [scope["type"] for scope in around if scope["type"]][-1:] if function["indent"] else []
            found.add("::".join(filter(None, spaces + types + [function["name"]])))
    return found


def without_arguments(symbol):
    """A demangled name without template arguments, parameters and the inline namespace."""
    depth, kept = 0, []
    for letter in symbol:
        depth -= letter == ">"
        if depth == 0 and letter not in "<>":
            kept.append(letter)
        depth += letter == "<"
    return re.sub(r"^smx::v\d\w*::", "", "".join(kept).split("(")[0].split(" ")[-1])


def emitted(symbols, outer):
    """Which of these demangled symbols are functions of `outer`. A lambda is none, whatever it is in."""
    return [symbol for symbol in symbols if "{lambda" not in symbol and without_arguments(symbol) in outer]


def main():
    nm, files = sys.argv[1], sys.argv[2:]
    listed = subprocess.run([nm, "--demangle", "--defined-only", "--format=posix", *files], check=True,
                            stdout=subprocess.PIPE, text=True).stdout.splitlines()
    functions = [line.rsplit(" ", 3)[0] for line in listed if re.search(r" [TtWw] [0-9a-f]+ ", line + " ")]
    of_smx = [name for name in functions if "smx::" in name]
    found = sorted(set(emitted(of_smx, outer_functions(INCLUDE))))
    print("\n".join(found) if found else f"none of {len(of_smx)} functions is SMX_OUTER")
    return 1 if found or not of_smx else 0


if __name__ == "__main__":
    sys.exit(main())
