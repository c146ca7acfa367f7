// SPDX-License-Identifier: BSL-1.0
// One program for every machine of a kind: it holds softmax for three instruction sets, and xsimd chooses at run time.
// Then every one that this machine can run is checked.
#include "softmax_on.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <vector>

namespace {

using namespace dispatch;
using row_function = void(float const* x, float* y, std::size_t n);
using all = xsimd::arch_list<avx512, avx2, baseline>; // best first; the last is for everybody

/// What xsimd::dispatch calls with the best architecture of a list. It gives a function to be kept, rather than doing
/// the work: the call below xsimd::dispatch is noexcept, and smx::softmax reports bad calls by exceptions.
struct function_for {
    template <class Arch> row_function* operator()(Arch) const {
        return [](float const* x, float* y, std::size_t n) { softmax_on(Arch{}, x, y, n); };
    }
};

template <class Wanted> struct is {
    template <class Arch> bool operator()(Arch) const { return std::is_same_v<Arch, Wanted>; }
};
/// Whether this machine has it.
template <class Arch> bool can_run() { return xsimd::dispatch<xsimd::arch_list<Arch, baseline>>(is<Arch>{})(); }

std::vector<float> scores() {
    std::vector<float> x(1003);
    for (std::size_t i = 0; i != x.size(); ++i) x[i] = static_cast<float>(i * 37 % 101) / 8 - 6;
    return x;
}

/// The largest error in units of the last place.
double error_of(std::vector<float> const& x, std::vector<float> const& y) {
    double sum = 0, worst = 0;
    for (float const v : x) sum += std::exp(static_cast<double>(v));
    for (std::size_t i = 0; i != x.size(); ++i) {
        double const exact = std::exp(static_cast<double>(x[i])) / sum;
        double const ulp = std::ldexp(1.0, std::ilogb(exact) - 23);
        worst = std::max(worst, std::abs(static_cast<double>(y[i]) - exact) / ulp);
    }
    return worst;
}

struct checked {
    char const* name;
    bool runs;
    std::vector<float> weights;
    bool right;
};
template <class Arch> checked check(char const* name, std::vector<float> const& x) {
    checked result{name, can_run<Arch>(), std::vector<float>(x.size()), true};
    if (!result.runs) {
        std::printf("%-9s this machine cannot run it\n", name);
        return result;
    }
    softmax_on(Arch{}, x.data(), result.weights.data(), x.size());
    double const error = error_of(x, result.weights);
    result.right = error <= 6; // what smx::softmax promises, with FMA or without
    std::printf("%-9s largest error %.2f ULP%s\n", name, error, result.right ? "" : "  <- too large");
    return result;
}

} // namespace

int main() {
    std::vector<float> const x = scores();
    std::vector<float> y(x.size());

    row_function* const softmax = xsimd::dispatch<all>(function_for{})(); // once; then it is a pointer like any other
    softmax(x.data(), y.data(), x.size());

    checked const of_avx512 = check<avx512>("AVX-512", x), of_avx2 = check<avx2>("AVX2+FMA", x),
                  of_baseline = check<baseline>("SSE2", x);
    checked const& chosen = of_avx512.runs ? of_avx512 : of_avx2.runs ? of_avx2 : of_baseline;
    std::printf("chosen:   %s\n", chosen.name);

    bool const chose_well = y == chosen.weights;
    if (!chose_well) std::printf("xsimd::dispatch gave something else\n");
    bool const same_bits = !of_avx512.runs || of_avx512.weights == of_avx2.weights;
    if (!same_bits) std::printf("AVX-512 and AVX2 differ in their bits\n");
    bool const right = of_avx512.right && of_avx2.right && of_baseline.right;
    return right && chose_well && same_bits ? EXIT_SUCCESS : EXIT_FAILURE;
}
