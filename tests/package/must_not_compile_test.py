# SPDX-License-Identifier: BSL-1.0
"""Wrong calls fail to compile, and the error names the rule. Each has a right call next to it that does compile."""

from toolbox import COMPILERS, INCLUDES, PackageTest, main, run

# what is wrong: (the right call, the wrong call, words of the error)
CALLS = {
    "rows of int": (
        "std::vector<float> x(3), y(3); smx::softmax(x, y);",
        "std::vector<int> x(3), y(3); smx::softmax(x, y);",
        "floating_point_rows"),
    "a const output": (
        "std::vector<float> const x(3); std::vector<float> y(3); smx::softmax(x, y);",
        "std::vector<float> x(3); std::vector<float> const y(3); smx::softmax(x, y);",
        "writable_rows_like"),
    "an output view of const elements": (
        "std::vector<float> x(3), y(3); smx::softmax(x, std::span<float>(y));",
        "std::vector<float> x(3), y(3); smx::softmax(x, std::span<float const>(y));",
        "writable_rows_like"),
    "a container that dies with the call as output": (
        "std::vector<float> x(3), y(3); smx::softmax(x, y);",
        "std::vector<float> x(3); smx::softmax(x, std::vector<float>(3));",
        "outlives_the_call"),
    "an output of another type": (
        "std::vector<float> x(3), y(3); smx::softmax(x, y);",
        "std::vector<float> x(3); std::vector<double> y(3); smx::softmax(x, y);",
        "writable_rows_like"),
    "columns into rows": (
        "float a[6], b[6]; smx::softmax(smx::columns(smx::matrix_view{a, 2, 3}), smx::columns(smx::matrix_view{b, 2, 3}));",
        "float a[6], b[6]; smx::softmax(smx::columns(smx::matrix_view{a, 2, 3}), smx::matrix_view{b, 2, 3});",
        "writable_rows_like"),
}


class MustNotCompile(PackageTest):
    def attempt(self, compiler, *calls):
        bodies = "".join(f"void call_{number}() {{ {call} }}\n" for number, call in enumerate(calls))
        source = self.folder / "calls.cpp"
        source.write_text(f"#include <smx/smx.hpp>\n#include <span>\n#include <vector>\n{bodies}")
        return run(compiler, "-std=c++20", *INCLUDES, "-fsyntax-only", source)

    def test_the_right_calls_compile(self):
        for compiler in COMPILERS:
            with self.subTest(compiler):
                status, output = self.attempt(compiler, *(right_call for right_call, _, _ in CALLS.values()))
                self.assertEqual(status, 0, output)

    def test_the_wrong_calls_are_refused_by_name(self):
        for compiler in COMPILERS:
            for wrong, (_, wrong_call, words) in CALLS.items():
                with self.subTest(wrong, compiler=compiler):
                    status, output = self.attempt(compiler, wrong_call)
                    self.assertNotEqual(status, 0, "it compiled")
                    self.assertIn(words, output)


main()
