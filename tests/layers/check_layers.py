# SPDX-License-Identifier: BSL-1.0
"""check_layers.py [<folder that holds smx/>]: reports every line that breaks the order of the layers, one per line.

An include points to the same layer or down. Only simd/ names xsimd or an intrinsic.
"""

import re
import sys
from pathlib import Path

LAYERS = {"detail": 0, "simd": 1, "math": 2, "algorithm": 3, "driver": 4}
VOCABULARY = {"version.hpp": 0, "matrix.hpp": 0, "execution.hpp": 0, "scores.hpp": 4}  # in the top folder, but every layer may speak of them
OPERATORS = 5  # the other headers of the top folder

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
SIMD_HEADER = re.compile(r"^(xsimd/.*|arm_\w+\.h|\w*intrin\.h)$")
SIMD_NAME = re.compile(r"\bxsimd\s*::|\b_mm\d*_\w+|\b__m(?:64|128|256|512)[di]?\b|\b__mmask\d+\b|\b__builtin_ia32_\w+"
                       r"|\bv[a-z][a-z0-9_]*_[fsup](?:8|16|32|64)\b|\b(?:float|u?int)(?:8|16|32|64)x\d+(?:x\d+)?_t\b")


def layer_of(path):
    """The layer of a header, given its path below smx/; None if the folder is not a layer."""
    if len(path.parts) == 1:
        return VOCABULARY.get(path.name, OPERATORS)
    return LAYERS.get(path.parts[0])


def violations(include):
    root = include / "smx"
    for file in sorted(root.rglob("*.hpp")):
        path = file.relative_to(root)
        layer = layer_of(path)
        if layer is None:
            yield f"{path}: the folder {path.parts[0]}/ is not one of the layers {', '.join(LAYERS)}"
            continue
        in_simd = path.parts[0] == "simd"
        # Comments may speak of anything. They become as many empty lines as they were long.
        text = COMMENT.sub(lambda comment: "\n" * comment.group().count("\n"), file.read_text())
        for number, line in enumerate(text.splitlines(), 1):
            where = f"{path}:{number}"
            included = INCLUDE.match(line)
            if included:
                quotes, name = included.groups()
                if quotes == '"':
                    yield f'{where}: "{name}" is not written as <smx/...>'
                elif name.startswith("smx/"):
                    target = Path(name).relative_to("smx")
                    target_layer = layer_of(target)
                    if not (root / target).is_file():
                        yield f"{where}: <{name}> does not exist"
                    elif target_layer is None or target_layer > layer:
                        yield f"{where}: layer {layer} includes <{name}> of layer {target_layer}"
                elif SIMD_HEADER.match(name) and not in_simd:
                    yield f"{where}: <{name}> is included outside simd/"
            elif not in_simd:
                for found in SIMD_NAME.finditer(line):
                    yield f"{where}: {found.group()} is named outside simd/"


def main():
    here = Path(__file__).resolve().parents[2] / "include"
    found = list(violations(Path(sys.argv[1]) if len(sys.argv) > 1 else here))
    print("\n".join(found) if found else "includes point down, and only simd/ names xsimd or an intrinsic")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
