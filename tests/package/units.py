# SPDX-License-Identifier: BSL-1.0
"""Programs of consumer/one_unit.cpp, compiled with the flags that a test is about, and judged by consumer/judge.cpp."""

from toolbox import CONSUMER, QUICKEST, PackageTest, run

V2, V3, V4 = (f"-march=x86-64-v{level}" for level in (2, 3, 4))


class UnitsTest(PackageTest):
    """A test that judges units: every operator of smx, in float and double."""

    @classmethod
    def setUpClass(cls):
        cls.judge = None

    def unit(self, compiler, name, *flags):
        """Compiles a unit; returns its object file. Flags that follow the warnings may take some back."""
        object_file = self.folder / f"{name}.o"
        self.compile(compiler, *flags, f"-DUNIT={name}", "-c", CONSUMER / "one_unit.cpp", "-o", object_file)
        return object_file

    def program(self, objects, *link_flags, linker=QUICKEST):
        """Links the judge with units: {name: object file}. The linker keeps the first copy of what two of them hold."""
        if self.judge is None:
            type(self).judge = self.kept_folder() / "judge.o"
            self.compile(QUICKEST, "-O1", "-c", CONSUMER / "judge.cpp", "-o", self.judge)
        table = self.folder / "units_of_this_program.cpp"
        table.write_text(f'#include "{CONSUMER / "unit.hpp"}"\n'
                         f"namespace units {{ extern unit const {', '.join(objects)}; }}\n"
                         "extern unit const* const units_of_this_program[];\n"
                         "unit const* const units_of_this_program[] = "
                         f"{{{', '.join(f'&units::{name}' for name in objects)}, nullptr}};\n")
        program = self.folder / "program"
        self.compile(linker, *link_flags, table, self.judge, *objects.values(), "-o", program)
        return program

    def judged(self, program, *names, emulator=()):
        """The hashes of every operator of these units, if all keep their promises: {(element, operator): hash}."""
        status, output = run(*emulator, program, *names)
        self.assertEqual(status, 0, "\n".join(line for line in output.splitlines() if "BROKEN" in line) or output)
        words = [line.split() for line in output.splitlines()]
        self.assertTrue(words, "nothing was judged")
        return {(line[1], line[2]): line[3] for line in words if line[0] == names[-1]}
