// SPDX-License-Identifier: BSL-1.0
// What rows cost that are not as most are: masked, with gaps, rising or falling. Times the time of ordinary rows of the
// same shape, by turns, medians.
//     bench_inputs [rounds]
// Each result is compared with its formula in double before it is timed.
#include <smx/softmax.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace {

struct shape {
    std::size_t rows, cols;
};
/// By themselves and in matrices: in registers that they fill or not, and in memory.
constexpr shape shapes[] = {{1, 100}, {1, 128}, {64, 64}, {64, 100}, {64, 128}, {64, 256}, {64, 1000}, {1, 4096}};

constexpr float infinity = std::numeric_limits<float>::infinity();

/// Element i of n, from v, which is normal with a deviation of 2, and a number between 0 and 1.
struct kind {
    char const* name;
    std::function<float(std::size_t i, std::size_t n, float v, float chance)> element;
};
std::vector<kind> const kinds = {
    {"ordinary", [](auto, auto, float v, float) { return v; }},
    {"-inf: the first half", [](auto i, auto n, float v, float) { return i < n / 2 ? -infinity : v; }},
    {"-inf: the last half", [](auto i, auto n, float v, float) { return i < n / 2 ? v : -infinity; }},
    {"-inf: one of three", [](auto, auto, float v, float chance) { return chance < 1.0F / 3 ? -infinity : v; }},
    {"one of three 80 lower", [](auto, auto, float v, float chance) { return chance < 1.0F / 3 ? v - 80 : v; }},
    {"one of three 200 lower", [](auto, auto, float v, float chance) { return chance < 1.0F / 3 ? v - 200 : v; }},
    {"80 to 200 below the first", [](auto i, auto, float v, float c) { return i == 0 ? v : v - 80 - 120 * c; }},
    {"80 to 200 below one", [](auto i, auto n, float v, float c) { return i == n / 4 ? v : v - 80 - 120 * c; }},
    {"the last 100 higher", [](auto i, auto n, float v, float) { return i + 1 == n ? v + 100 : v; }},
    {"rising by 90",
     [](auto i, auto n, float v, float) { return v + 90 * static_cast<float>(i) / static_cast<float>(n); }},
    {"falling by 90",
     [](auto i, auto n, float v, float) { return v - 90 * static_cast<float>(i) / static_cast<float>(n); }},
    {"a deviation of 50", [](auto, auto, float v, float) { return 25 * v; }},
};

std::vector<float> rows_of(kind const& k, shape form) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 2);
    std::uniform_real_distribution<float> chance;
    std::vector<float> x(form.rows * form.cols);
    for (std::size_t i = 0; i != x.size(); ++i) {
        float const v = normal(random), c = chance(random);
        x[i] = k.element(i % form.cols, form.cols, v, c);
    }
    return x;
}

void softmax(std::vector<float> const& x, std::vector<float>& y, shape form) {
    if (form.rows == 1)
        smx::softmax(x, y);
    else
        smx::softmax(smx::matrix_view<float const>(x.data(), form.rows, form.cols),
                     smx::matrix_view<float>(y.data(), form.rows, form.cols));
}

bool is_right(std::vector<float> const& x, std::vector<float> const& y, shape form) {
    for (std::size_t r = 0; r != form.rows; ++r) {
        float const* const row = x.data() + r * form.cols;
        double const largest = static_cast<double>(*std::max_element(row, row + form.cols));
        double sum = 0;
        for (std::size_t i = 0; i != form.cols; ++i) sum += std::exp(static_cast<double>(row[i]) - largest);
        for (std::size_t i = 0; i != form.cols; ++i) {
            double const exact = std::exp(static_cast<double>(row[i]) - largest) / sum;
            if (!(std::abs(static_cast<double>(y[r * form.cols + i]) - exact) <= 1e-6 * exact + 1e-37)) return false;
        }
    }
    return true;
}

double nanoseconds(std::vector<float> const& x, std::vector<float>& y, shape form) {
    std::size_t const repetitions = 1 + 100000 / x.size();
    auto const begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i != repetitions; ++i) softmax(x, y, form);
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() /
           static_cast<double>(repetitions * x.size());
}

double median(std::vector<double> v) {
    auto const middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
    std::nth_element(v.begin(), middle, v.end());
    return *middle;
}

} // namespace

int main(int count, char** arguments) {
    std::size_t const rounds = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 101;
    if (rounds == 0) {
        std::fprintf(stderr, "usage: bench_inputs [rounds above 0]\n");
        return 2;
    }
    std::vector<std::vector<double>> ratios(kinds.size());
    std::string head = "| rows of floats |", rule = "| --- |", ordinary = "| ordinary, ns an element |";
    for (shape const form : shapes) {
        std::vector<std::vector<float>> x;
        std::vector<float> y(form.rows * form.cols);
        for (kind const& k : kinds) {
            x.push_back(rows_of(k, form));
            softmax(x.back(), y, form);
            if (!is_right(x.back(), y, form)) {
                std::fprintf(stderr, "bench_inputs: %s, %zu x %zu is wrong\n", k.name, form.rows, form.cols);
                return 1;
            }
        }
        std::vector<std::vector<double>> times(kinds.size());
        for (std::size_t round = 0; round != rounds; ++round)
            for (std::size_t k = 0; k != kinds.size(); ++k) times[k].push_back(nanoseconds(x[k], y, form));
        for (std::size_t k = 0; k != kinds.size(); ++k) ratios[k].push_back(median(times[k]) / median(times[0]));
        char text[64];
        std::snprintf(text, sizeof text, " %zu × %zu |", form.rows, form.cols);
        head += text;
        rule += " --: |";
        std::snprintf(text, sizeof text, " %.3f |", median(times[0]));
        ordinary += text;
    }
    std::printf("%s\n%s\n%s\n", head.c_str(), rule.c_str(), ordinary.c_str());
    for (std::size_t k = 1; k != kinds.size(); ++k) {
        std::printf("| %s, × ordinary |", kinds[k].name);
        for (double const ratio : ratios[k]) std::printf(" %.2f |", ratio);
        std::printf("\n");
    }
}
