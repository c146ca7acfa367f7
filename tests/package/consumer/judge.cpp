// SPDX-License-Identifier: BSL-1.0
// Judges units: every operator against its definition in long double, and a hash of all of its results.
//
// The units that are named as arguments are judged; a line is printed for each operator, and the exit status is the
// number of operators that broke their promise. This file is compiled without the flags that units are tried with.
#define SMX_TEST_WITH_MPFR 0
#include "../../support/exact_operators.hpp"
#include "../../support/inputs.hpp"
#include "unit.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <string>

extern unit const* const units_of_this_program[]; ///< the last is null

namespace {

using smx_test::is_masked, smx_test::number, smx_test::number_from, smx_test::numbers;
constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

/// Of the elements for which keep(i); zeros if they are all -inf.
template <class Keep> numbers softmax_where(numbers z, Keep keep) {
    for (std::size_t i = 0; i != z.size(); ++i)
        if (!keep(i)) z[i] = number_from(minus_infinity);
    if (is_masked(smx_test::largest_of(z))) return numbers(z.size(), number_from(0));
    return smx_test::exact::softmax(z);
}
numbers softmax_of_masked(numbers const& z) {
    return softmax_where(z, [](std::size_t i) { return i % 3 != 1; });
}
numbers softmax_of_the_first_half(numbers const& z) {
    return softmax_where(z, [&](std::size_t i) { return i < (z.size() + 1) / 2; });
}
numbers softmax_of_five(numbers const& z) {
    return softmax_where(z, [&](std::size_t i) {
        std::size_t before = 0;
        for (std::size_t j = 0; j != z.size(); ++j) before += z[j] > z[i] || (z[j] == z[i] && j < i);
        return before < 5;
    });
}
numbers log_sum_exp(numbers const& z) {
    number const sum = smx_test::largest_of(z) + smx_test::exact::log_sum(z);
    return smx_test::each(z, [&](number const&) { return sum; });
}
numbers codes(numbers const& z) {
    return smx_test::each(smx_test::exact::softmax(z),
                          [](number const& p) { return std::min(256 * p, number_from(255)); });
}
/// alpha = 1.25, by bisection: tau below the scores, which are taken against the largest.
numbers entmax(numbers const& z) {
    number const m = smx_test::largest_of(z);
    number low = -1, high = 0;
    auto const weigh = [&](number const& v) {
        number const base = is_masked(v) ? number_from(0) : std::max((v - m) / 4 - low, number_from(0));
        return base * base * base * base;
    };
    for (number step = (high - low) / 2; low + step != low; step /= 2) {
        low += step;
        number sum = 0;
        for (number const& v : z) sum += weigh(v);
        if (sum < 1) low -= step;
    }
    return smx_test::each(z, weigh);
}
numbers lssar(numbers const& z) {
    number const length = number_from(static_cast<double>(z.size()));
    numbers const share = smx_test::exact::softplus(z);
    number const offset = z.size() <= 3 ? 0 : 1;
    auto const excess = [&](number const& a) { return std::max(length * a - offset, number_from(0)); };
    number const most = excess(smx_test::largest_of(share));
    if (!(most > 1e-3)) return share; // what is left of the excess is rounding
    return smx_test::shares(smx_test::each(share, [&](number const& a) { return std::pow(excess(a) / most, 15); }));
}

/// An operator, its definition, and what the documentation promises of it.
template <class T> struct promise {
    char const* name;
    typename every_operator<T>::row* every_operator<T>::*of;
    numbers (*exact)(numbers const&);
    double ulp = 6;      ///< the largest error
    double floor = 0;    ///< errors of smaller results are measured in ULP of this
    double largest = -1; ///< scores up to this size are promised; -1: all
};

template <class T> std::vector<promise<T>> promises() {
    namespace exact = smx_test::exact;
    using all = every_operator<T>;
    double const epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
    return {
        {"softmax", &all::softmax, exact::softmax},
        {"precise", &all::precise, exact::softmax, 4},
        {"column", &all::column, exact::softmax},
        {"masked", &all::masked, softmax_of_masked},
        {"causal", &all::causal, softmax_of_the_first_half},
        {"bfloat16", &all::bfloat16, exact::softmax, 0.512 * 0x1p16, 0, 3e38},
        {"log_softmax", &all::log_softmax, exact::log_softmax, 4},
        {"log_sum_exp", &all::log_sum_exp, log_sum_exp, 2, 1},
        {"sink_softmax", &all::sink_softmax, [](numbers const& z) { return exact::sink_softmax(z, 0.7); }},
        {"clipped_softmax", &all::clipped_softmax,
         [](numbers const& z) { return exact::clipped_softmax(z, 1.03, -0.003); }, 6, 0.003},
        {"stablemax", &all::stablemax, exact::stablemax, 4},
        {"log_stablemax", &all::log_stablemax, exact::log_stablemax},
        {"sparsemax", &all::sparsemax, exact::sparsemax, 4, 1},
        {"entmax15", &all::entmax15, exact::entmax15, 4, 1},
        {"entmax", &all::entmax, entmax, 4, 1},
        {"top_k_softmax", &all::top_k_softmax, softmax_of_five},
        {"sigmoid", &all::sigmoid, [](numbers const& z) { return exact::sigmoid(z, -7.6); }, 4},
        {"relu", &all::relu, exact::relu, 1.5},
        {"softplus", &all::softplus, exact::softplus, 6, 0, 1e4},
        {"lssar", &all::lssar, lssar, 1e-4 / epsilon, 1, 100},
        {"quantized_softmax", &all::quantized_softmax, codes, 0.5001 / 256 / epsilon, 256},
        {"online_state", &all::online_state, exact::softmax, 4},
    };
}

template <class T> T nearest_bfloat16(T v) {
    std::uint32_t bits = 0;
    float const narrow = static_cast<float>(v);
    std::memcpy(&bits, &narrow, sizeof bits);
    bits = (bits + 0x7FFFU + (bits >> 16 & 1U)) & 0xFFFF0000U;
    float rounded = 0;
    std::memcpy(&rounded, &bits, sizeof bits);
    return static_cast<T>(rounded);
}

/// Whether the documentation says something about a score of this size.
template <class T> bool is_promised(unit const& one, promise<T> const& p, T score) {
    if (std::isinf(score)) return score < 0 && one.is_strict;
    return p.largest < 0 || std::abs(score) <= static_cast<T>(p.largest);
}

/// FNV-1a.
template <class T> void add_to(std::uint64_t& hash, std::vector<T> const& row) {
    unsigned char bytes[sizeof(T)];
    for (T const& v : row) {
        std::memcpy(bytes, &v, sizeof v);
        for (unsigned char const byte : bytes) hash = (hash ^ byte) * 0x100000001B3U;
    }
}

template <class T> bool keeps(unit const& one, char const* element, every_operator<T> const& all, promise<T> const& p) {
    double worst = 0;
    std::uint64_t hash = 0xCBF29CE484222325U;
    std::string where = "nowhere";
    for (smx_test::family<T> const& f : smx_test::families<T>()) {
        for (std::size_t n : {1U, 3U, 16U, 33U, 257U, 1003U}) {
            std::vector<T> x = f.make(n), y(n, T(-7));
            if (p.of == &every_operator<T>::bfloat16)
                for (T& v : x) v = nearest_bfloat16(v);
            if (!std::all_of(x.begin(), x.end(), [&](T v) { return is_promised(one, p, v); })) continue;
            (all.*p.of)(x.data(), y.data(), n);
            add_to(hash, y);
            numbers const exact = p.exact(smx_test::scaled(x));
            for (std::size_t i = 0; i != n; ++i) {
                T const got = one.is_strict ? y[i] : y[i] + T(0); // +0 of -0
                double const error = smx_test::error_of(got, exact[i], p.floor);
                if (error > worst) {
                    worst = error;
                    char text[200];
                    std::snprintf(text, sizeof text, "%s[%zu], element %zu, x = %.17g, y = %.17g, not %.17g", f.name, n,
                                  i, static_cast<double>(x[i]), static_cast<double>(y[i]),
                                  static_cast<double>(exact[i]));
                    where = text;
                }
            }
        }
    }
    bool const kept = worst <= p.ulp && worst > 0;
    std::printf("%s %s %s %016" PRIX64 " %.3f ULP of %g%s%s\n", one.name, element, p.name, hash, worst, p.ulp,
                kept ? "" : " BROKEN: ", kept ? "" : where.c_str());
    return kept;
}

template <class T> int broken(unit const& one, char const* element, every_operator<T> const& all) {
    int count = 0;
    for (promise<T> const& p : promises<T>())
        if (all.*p.of != nullptr && !keeps(one, element, all, p)) ++count;
    return count;
}

} // namespace

int main(int argc, char** argv) {
    int wrong = argc - 1; // units that were not yet judged
    for (int argument = 1; argument < argc; ++argument)
        for (unit const* const* one = units_of_this_program; *one != nullptr; ++one)
            if (std::strcmp(argv[argument], (*one)->name) == 0)
                wrong += broken(**one, "float", (*one)->of_float) + broken(**one, "double", (*one)->of_double) - 1;
    return wrong;
}
