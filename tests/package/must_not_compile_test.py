# SPDX-License-Identifier: BSL-1.0
"""Wrong calls fail to compile, and the error names the rule. Each has a right call next to it that does compile."""

import re

from toolbox import COMPILERS, INCLUDES, PackageTest, main, run

# From rows to rows of the same kind; OPERATOR is each of these.
OPERATORS = ("softmax log_softmax sink_softmax clipped_softmax stablemax log_stablemax sparsemax entmax15 entmax sigmoid "
             "relu softplus lssar").split()
# what is wrong: (the right call, the wrong call, words of the error)
CALLS_OF_OPERATORS = {
    "rows of int": (
        "std::vector<float> x(3), y(3); smx::OPERATOR(x, y);",
        "std::vector<int> x(3), y(3); smx::OPERATOR(x, y);",
        "floating_point_rows"),
    "a const output": (
        "std::vector<float> const x(3); std::vector<float> y(3); smx::OPERATOR(x, y);",
        "std::vector<float> x(3); std::vector<float> const y(3); smx::OPERATOR(x, y);",
        "writable_rows_like"),
    "an output view of const elements": (
        "std::vector<float> x(3), y(3); smx::OPERATOR(x, std::span<float>(y));",
        "std::vector<float> x(3), y(3); smx::OPERATOR(x, std::span<float const>(y));",
        "writable_rows_like"),
    "a container that dies with the call as output": (
        "std::vector<float> x(3), y(3); smx::OPERATOR(x, y);",
        "std::vector<float> x(3); smx::OPERATOR(x, std::vector<float>(3));",
        "outlives_the_call"),
    "an output of another type": (
        "std::vector<float> x(3), y(3); smx::OPERATOR(x, y);",
        "std::vector<float> x(3); std::vector<double> y(3); smx::OPERATOR(x, y);",
        "writable_rows_like"),
    "an output of bytes": (
        "std::vector<float> x(3), y(3); smx::OPERATOR(x, y);",
        "std::vector<float> x(3); std::vector<unsigned char> y(3); smx::OPERATOR(x, y);",
        "writable_rows_like"),
    "columns into rows": (
        "float a[6], b[6]; smx::OPERATOR(smx::columns(smx::matrix_view{a, 2, 3}), smx::columns(smx::matrix_view{b, 2, 3}));",
        "float a[6], b[6]; smx::OPERATOR(smx::columns(smx::matrix_view{a, 2, 3}), smx::matrix_view{b, 2, 3});",
        "writable_rows_like"),
}
CALLS = {
    "log_sum_exp: rows of int": (
        "std::vector<float> x(3); float l = smx::log_sum_exp(x); (void)l;",
        "std::vector<int> x(3); float l = smx::log_sum_exp(x); (void)l;",
        "floating_point_rows"),
    "log_sum_exp: const values": (
        "float x[6], l[2]; smx::log_sum_exp(smx::matrix_view{x, 2, 3}, l);",
        "float x[6]; float const l[2] = {}; smx::log_sum_exp(smx::matrix_view{x, 2, 3}, l);",
        "writable_values_of"),
    "log_sum_exp: values of another type": (
        "double x[6], l[2]; smx::log_sum_exp(smx::matrix_view{x, 2, 3}, l);",
        "double x[6]; float l[2]; smx::log_sum_exp(smx::matrix_view{x, 2, 3}, l);",
        "writable_values_of"),
    "log_sum_exp: values that die with the call": (
        "float x[6], l[2]; smx::log_sum_exp(smx::matrix_view{x, 2, 3}, std::span<float>(l));",
        "float x[6]; smx::log_sum_exp(smx::matrix_view{x, 2, 3}, std::vector<float>(2));",
        "writable_values_of"),
    "quantized_softmax: rows of int": (
        "std::vector<float> x(3); std::vector<std::uint8_t> y(3); smx::quantized_softmax(x, y);",
        "std::vector<int> x(3); std::vector<std::uint8_t> y(3); smx::quantized_softmax(x, y);",
        "floating_point_rows"),
    "quantized_softmax: a const output": (
        "std::vector<float> x(3); std::vector<std::uint8_t> y(3); smx::log2_quantized_softmax(x, y);",
        "std::vector<float> x(3); std::vector<std::uint8_t> const y(3); smx::log2_quantized_softmax(x, y);",
        "writable_bytes_like"),
    "quantized_softmax: an output that is not of bytes": (
        "std::vector<float> x(3); std::vector<std::uint8_t> y(3); smx::log_sqrt2_quantized_softmax(x, y);",
        "std::vector<float> x(3), y(3); smx::log_sqrt2_quantized_softmax(x, y);",
        "writable_bytes_like"),
    "quantized_softmax: an output that dies with the call": (
        "std::vector<float> x(3); std::vector<std::uint8_t> y(3); smx::quantized_softmax(x, std::span(y));",
        "std::vector<float> x(3); smx::quantized_softmax(x, std::vector<std::uint8_t>(3));",
        "writable_bytes_like"),
    "quantized_softmax: bytes without the worth of their step": (
        "std::vector<std::uint8_t> x(3), y(3); smx::quantized_softmax(x, y, {.input_scale = 0.1});",
        "std::vector<std::uint8_t> x(3), y(3); smx::quantized_softmax(x, y);",
        "floating_point_rows"),
    "top_k_softmax: const weights": (
        "std::vector<float> x(9), w(3); std::vector<int> i(3); smx::top_k_softmax(x, w, i);",
        "std::vector<float> x(9); std::vector<float> const w(3); std::vector<int> i(3); smx::top_k_softmax(x, w, i);",
        "writable_values_of"),
    "top_k_softmax: weights of another type": (
        "std::vector<double> x(9), w(3); std::vector<int> i(3); smx::top_k_softmax(x, w, i);",
        "std::vector<double> x(9); std::vector<float> w(3); std::vector<int> i(3); smx::top_k_softmax(x, w, i);",
        "writable_values_of"),
    "top_k_softmax: indices that are not integers": (
        "std::vector<float> x(9), w(3); std::vector<short> i(3); smx::top_k_softmax(x, w, i);",
        "std::vector<float> x(9), w(3), i(3); smx::top_k_softmax(x, w, i);",
        "writable_indices"),
    "top_k_softmax: const indices": (
        "std::vector<float> x(9), w(3); std::vector<int> i(3); smx::top_k_softmax(x, w, std::span<int>(i));",
        "std::vector<float> x(9), w(3); std::vector<int> i(3); smx::top_k_softmax(x, w, std::span<int const>(i));",
        "writable_indices"),
    "top_k_softmax: indices that die with the call": (
        "std::vector<float> x(9), w(3); std::vector<int> i(3); smx::top_k_softmax(x, w, i);",
        "std::vector<float> x(9), w(3); smx::top_k_softmax(x, w, std::vector<int>(3));",
        "writable_indices"),
    "online_state: a block of another type": (
        "std::vector<float> x(3); smx::online_state<float> s; s.push(x);",
        "std::vector<double> x(3); smx::online_state<float> s; s.push(x);",
        "same_as"),
    "online_state: a block of columns": (
        "float x[6]; smx::online_state s(smx::matrix_view{x, 2, 3});",
        "float x[6]; smx::online_state s(smx::columns(smx::matrix_view{x, 2, 3}));",
        "by_columns"),
    "scores: a mask of int": (
        "std::vector<float> x(3); bool m[3] = {}; auto s = smx::scores(x).where(m); (void)s;",
        "std::vector<float> x(3); int m[3] = {}; auto s = smx::scores(x).where(m); (void)s;",
        "mask_rows"),
    "scores: a second bias": (
        "std::vector<float> x(3), b(3); auto s = smx::scores(x).add(b); (void)s;",
        "std::vector<float> x(3), b(3); auto s = smx::scores(x).add(b).add(b); (void)s;",
        "has_bias"),
    "scores of columns": (
        "float x[6]; auto s = smx::scores(smx::matrix_view{x, 2, 3}); (void)s;",
        "float x[6]; auto s = smx::scores(smx::columns(smx::matrix_view{x, 2, 3})); (void)s;",
        "by_columns"),
    "a mask as output": (
        "std::vector<float> x(3), y(3); smx::softmax(smx::scores(x), y);",
        "std::vector<float> x(3), y(3); smx::softmax(x, smx::scores(y));",
        "writable_rows_like"),
}
for operator in OPERATORS:
    for wrong, calls in CALLS_OF_OPERATORS.items():
        CALLS[f"{operator}: {wrong}"] = tuple(part.replace("OPERATOR", operator) for part in calls)


class MustNotCompile(PackageTest):
    def attempt(self, compiler, calls):
        """Each call is on a line of its own, so all wrong ones can be compiled at once: {line: what is said of it}."""
        head = "#include <smx/smx.hpp>\n#include <cstdint>\n#include <span>\n#include <vector>\n"
        first = head.count("\n") + 1
        source = self.folder / "calls.cpp"
        source.write_text(head + "".join(f"void call_{line}() {{ {call} }}\n" for line, call in enumerate(calls, first)))
        unlimited = "-ferror-limit=0" if "clang" in compiler else "-fmax-errors=0"
        status, output = run(compiler, "-std=c++20", *INCLUDES, unlimited, "-fsyntax-only", source)
        said = dict.fromkeys(range(first, first + len(calls)), "")
        places = list(re.finditer(r"^\S*calls\.cpp:(\d+):\d+: error:", output, re.MULTILINE))
        for place, following in zip(places, [*places[1:], None]):
            said[int(place[1])] += output[place.start():following.start() if following else len(output)]
        return status, output, list(said.values())

    def test_the_right_calls_compile(self):
        right = list(dict.fromkeys(right_call for right_call, _, _ in CALLS.values()))
        for compiler in COMPILERS:
            with self.subTest(compiler):
                status, output, _ = self.attempt(compiler, right)
                self.assertEqual(status, 0, output)

    def test_the_wrong_calls_are_refused_by_name(self):
        for compiler in COMPILERS:
            _, output, said = self.attempt(compiler, [wrong_call for _, wrong_call, _ in CALLS.values()])
            for (wrong, (_, _, words)), complaint in zip(CALLS.items(), said, strict=True):
                with self.subTest(wrong, compiler=compiler):
                    self.assertNotEqual(complaint, "", f"it compiled\n{output[:2000]}")
                    self.assertIn(words, complaint)


main()
