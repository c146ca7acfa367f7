// SPDX-License-Identifier: BSL-1.0
// First steps: a row, its temperature, a matrix, columns, and the tags that choose an algorithm and an accuracy.

#include <smx/softmax.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <vector>

namespace {

bool all_right = true;

void verify(char const* what, std::span<float const> weights, std::span<double const> expected) {
    bool right = weights.size() == expected.size();
    std::printf("%-28s", what);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        double const weight = static_cast<double>(weights[i]);
        std::printf(" %.6f", weight);
        right = right && std::abs(weight - expected[i]) <= 1e-6 * expected[i];
    }
    std::printf("%s\n", right ? "" : "  <- wrong");
    all_right = all_right && right;
}

// The definition, in double, for scores so small that nothing overflows.
template <std::size_t N> std::array<double, N> defined(std::array<double, N> scores) {
    double sum = 0;
    for (double& s : scores) sum += s = std::exp(s);
    for (double& s : scores) s /= sum;
    return scores;
}

} // namespace

int main() {
    std::vector<float> const x = {1, 2, 3, 4};
    std::vector<float> y(4), sharp(4), same(4), close(4);
    std::vector<float> rows = {1, 2, 3, 4, 6, 8}, columns = rows;
    smx::matrix_view<float> const r{rows.data(), 2, 3}, c{columns.data(), 2, 3};

    smx::softmax(x, y);                             // a row: vector, array, span, anything contiguous
    smx::softmax(x, sharp, {.temperature = 0.5});   // below 1 sharpens, above 1 flattens
    smx::softmax(r, r);                             // each row of a matrix, here in place
    smx::softmax(smx::columns(c), smx::columns(c)); // down each column instead
    smx::softmax(smx::two_pass, x, same);           // another algorithm: other memory traffic, the same bits
    smx::softmax(smx::precise, x, close);           // a tighter bound on the error of every element

    verify("softmax(x, y)", y, defined<4>({1, 2, 3, 4}));
    verify("temperature 0.5", sharp, defined<4>({2, 4, 6, 8}));
    verify("first row of a matrix", std::span(rows).first(3), defined<3>({1, 2, 3}));
    verify("second row", std::span(rows).last(3), defined<3>({4, 6, 8}));
    for (std::size_t i = 0; i < c.cols; ++i) {
        double const gap = static_cast<double>(i) + 3; // of the column's two scores: 4 - 1, 6 - 2, 8 - 3
        verify("a column", std::array{columns[i], columns[c.cols + i]}, defined<2>({0, gap}));
    }
    verify("two_pass", same, defined<4>({1, 2, 3, 4}));
    verify("precise", close, defined<4>({1, 2, 3, 4}));
    if (same != y) std::printf("two_pass has other bits than the default\n");
    return all_right && same == y ? EXIT_SUCCESS : EXIT_FAILURE;
}
