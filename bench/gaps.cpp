// SPDX-License-Identifier: BSL-1.0
// The error against the gap to the maximum: of every contestant the worst ULP of each bin of gaps, as JSON.
// tests/tools/write_errors.py draws it.
#include "contestant.hpp"
#include "oracle.hpp"

#include <cstdio>
#include <random>

namespace bench {
namespace {

constexpr std::size_t cols = 1000, bins = 80;

/// Gaps up to here: results stay normal numbers.
template <class T> constexpr double widest = sizeof(T) == 4 ? 80 : 700;

/// Rows with gaps of all sizes below a maximum near 0, at any place.
template <class T> void fill(buffer<T>& x, std::size_t rows) {
    // Multiples of 2^-50: their differences are exact in the oracle.
    auto const on_grid = [](double v) { return std::ldexp(std::nearbyint(std::ldexp(v, 50)), -50); };
    std::mt19937_64 random(1);
    for (std::size_t r = 0; r != rows; ++r) {
        double const largest = static_cast<double>(static_cast<T>(on_grid(score(r))));
        for (std::size_t i = 0; i != cols; ++i) {
            double const gap = static_cast<double>(random() >> 11) * 0x1p-53 * widest<T>;
            x.data()[r * cols + i] = static_cast<T>(on_grid(largest - gap));
        }
        x.data()[r * cols + random() % cols] = static_cast<T>(largest);
    }
}

/// The bin of each element.
template <class T> std::vector<std::size_t> bins_of(T const* x, std::size_t rows) {
    std::vector<std::size_t> bin(rows * cols);
    for (std::size_t i = 0; i != rows * cols; ++i) {
        T const* const row = x + i / cols * cols;
        double const gap = static_cast<double>(*std::max_element(row, row + cols)) - static_cast<double>(x[i]);
        bin[i] = std::min(static_cast<std::size_t>(gap / widest<T> * bins), bins - 1);
    }
    return bin;
}

/// All algorithms of smx give the same bits.
template <class T> bool takes_part(contestant<T> const& who, shape form) {
    bool const twin = who.name.starts_with("smx:") && !who.name.starts_with("smx:automatic");
    return who.promised_ulp != not_a_softmax && !twin && who.supports(form);
}

template <class T> void print(std::size_t rows) {
    shape const form{rows, cols};
    buffer<T> x(form.elements(), {}), y(form.elements(), {});
    fill(x, rows);
    problem<T> const p{form, x.data(), y.data()};
    oracle<T> const truth(p);
    auto const bin = bins_of(x.data(), rows);
    std::printf("\"%s\": {\"widest\": %g, \"errors\": {", name_of_type<T>().c_str(), widest<T>);
    char const* before = "";
    for (auto const& who : contestants<T>()) {
        if (!takes_part(who, form)) continue;
        who.prepare(p)();
        std::vector<double> worst(bins);
        for (std::size_t i = 0; i != form.elements(); ++i)
            worst[bin[i]] = std::max(worst[bin[i]], truth.ulp(i, p.y[i]));
        std::printf("%s\n  \"%s\": [", before, who.name.c_str());
        for (std::size_t b = 0; b != bins; ++b) std::printf(b == 0 ? "%.3g" : ", %.3g", worst[b]);
        std::printf("]");
        before = ",";
    }
    std::printf("}}");
}

} // namespace
} // namespace bench

// bench_gaps [rows]
int main(int argc, char** argv) {
    std::size_t const rows = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2000;
    std::printf("{");
    bench::print<float>(rows);
    std::printf(",\n");
    bench::print<double>(rows);
    std::printf("}\n");
}
