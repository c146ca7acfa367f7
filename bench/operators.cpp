// SPDX-License-Identifier: BSL-1.0
// Every operator against smx::softmax on the same row, by turns: nanoseconds an element, and the ratio.
//     bench_operators [length] [rounds]
// Each result is compared with its formula in double before it is timed.
#include <smx/smx.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {

using numbers = std::vector<double>;

numbers shares(numbers v) {
    double sum = 0;
    for (double const e : v) sum += e;
    for (double& e : v) e /= sum;
    return v;
}
template <class F> numbers each(numbers v, F f) {
    for (double& e : v) e = f(e);
    return v;
}
numbers exponentials(numbers const& x) {
    double const m = *std::max_element(x.begin(), x.end());
    return each(x, [&](double v) { return std::exp(v - m); });
}
/// The root of a decreasing f between lo and hi.
template <class F> double root(double lo, double hi, F f) {
    for (int i = 0; i != 60; ++i) ((f((lo + hi) / 2) > 0) ? lo : hi) = (lo + hi) / 2;
    return lo;
}
numbers threshold(numbers const& x, double alpha) {
    double const m = (alpha - 1) * *std::max_element(x.begin(), x.end()), p = 1 / (alpha - 1);
    auto const share = [&](double tau) {
        return [=](double v) { return std::pow(std::max((alpha - 1) * v - tau, 0.0), p); };
    };
    numbers top; // nothing below m - 1 has a share
    for (double const v : x)
        if ((alpha - 1) * v > m - 1) top.push_back(v);
    double const tau = root(m - 1, m, [&](double t) {
        double sum = -1;
        for (double const v : top) sum += share(t)(v);
        return sum;
    });
    return each(x, share(tau));
}
double softplus(double v) { return std::log1p(std::exp(-std::abs(v))) + std::max(v, 0.0); }
double stable(double v) { return v < 0 ? 1 / (1 - v) : 1 + v; }

struct contestant {
    std::string name;
    std::function<void()> run;
    std::function<numbers(numbers const&)> formula;
    std::function<double(std::size_t)> result;
    double seconds = 1e9;
};

double time_of(std::function<void()> const& run, std::size_t repetitions) {
    auto const begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i != repetitions; ++i) run();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() /
           static_cast<double>(repetitions);
}

} // namespace

int main(int count, char** arguments) {
    std::size_t const n = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 4096;
    std::size_t const rounds = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 40;
    if (n == 0 || rounds == 0) {
        std::fprintf(stderr, "usage: bench_operators [length above 0] [rounds above 0]\n");
        return 2;
    }
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> x(n), y(n + 16);
    for (float& v : x) v = normal(random);
    std::vector<smx::bfloat16> bx(n), by(n);
    std::vector<smx::float16> hx(n), hy(n);
    for (std::size_t i = 0; i != n; ++i) {
        bx[i] = smx::bfloat16(x[i]);
        hx[i] = smx::float16(x[i]);
    }
    std::vector<std::uint8_t> bytes(n);
    float value = 0;
    // The output begins 64 bytes further into its page than the input: no load waits for a store 4 KiB apart.
    std::span<float> const out(y.data() + 16, n);
    auto const in_out = [&](std::size_t i) { return static_cast<double>(out[i]); };
    auto const softmax = [](numbers const& v) { return shares(exponentials(v)); };

    std::vector<contestant> all{
        {"softmax", [&] { smx::softmax(x, out); }, softmax, in_out},
        {"softmax precise", [&] { smx::softmax(smx::precise, x, out); }, softmax, in_out},
        {"softmax bfloat16", [&] { smx::softmax(bx, by); }, softmax,
         [&](std::size_t i) { return static_cast<double>(static_cast<float>(by[i])); }},
        {"softmax float16", [&] { smx::softmax(hx, hy); }, softmax,
         [&](std::size_t i) { return static_cast<double>(static_cast<float>(hy[i])); }},
        {"log_softmax", [&] { smx::log_softmax(x, out); },
         [&](numbers const& v) { return each(softmax(v), [](double p) { return std::log(p); }); }, in_out},
        {"log_sum_exp", [&] { value = smx::log_sum_exp(x); },
         [](numbers const& v) {
             double sum = 0;
             for (double const e : v) sum += std::exp(e);
             return numbers(v.size(), std::log(sum));
         },
         [&](std::size_t) { return static_cast<double>(value); }},
        {"sink_softmax", [&] { smx::sink_softmax(x, out); },
         [](numbers const& v) {
             double sum = 1;
             for (double const e : v) sum += std::exp(e);
             return each(v, [&](double e) { return std::exp(e) / sum; });
         },
         in_out},
        {"clipped_softmax", [&] { smx::clipped_softmax(x, out); },
         [&](numbers const& v) {
             return each(softmax(v), [](double p) { return std::clamp(1.06 * p - 0.03, 0.0, 1.0); });
         },
         in_out},
        {"stablemax", [&] { smx::stablemax(x, out); }, [](numbers const& v) { return shares(each(v, stable)); },
         in_out},
        {"log_stablemax", [&] { smx::log_stablemax(x, out); },
         [](numbers const& v) { return each(shares(each(v, stable)), [](double p) { return std::log(p); }); }, in_out},
        {"sparsemax", [&] { smx::sparsemax(x, out); }, [](numbers const& v) { return threshold(v, 2); }, in_out},
        {"entmax15", [&] { smx::entmax15(x, out); }, [](numbers const& v) { return threshold(v, 1.5); }, in_out},
        {"entmax 1.25", [&] { smx::entmax(x, out, {.alpha = 1.25}); },
         [](numbers const& v) { return threshold(v, 1.25); }, in_out},
        {"sigmoid", [&] { smx::sigmoid(x, out); },
         [](numbers const& v) { return each(v, [](double e) { return 1 / (1 + std::exp(-e)); }); }, in_out},
        {"relu", [&] { smx::relu(x, out); },
         [](numbers const& v) {
             return each(v, [&](double e) { return std::max(e, 0.0) / static_cast<double>(v.size()); });
         },
         in_out},
        {"softplus", [&] { smx::softplus(x, out); }, [](numbers const& v) { return shares(each(v, softplus)); },
         in_out},
        {"quantized_softmax", [&] { smx::quantized_softmax(x, bytes); }, softmax,
         [&](std::size_t i) { return static_cast<double>(bytes[i]) / 256; }},
    };

    // Verified before it is timed.
    numbers const exact_x(x.begin(), x.end());
    for (contestant& who : all) {
        who.run();
        numbers const expected = who.formula(exact_x);
        double const tolerance = who.name == "quantized_softmax" ? 0.51 / 256
                                 : who.name.ends_with("16")      ? 0.04 // inputs were rounded to 8 bits, too
                                                                 : 1e-6;
        for (std::size_t i = 0; i != n; ++i) {
            double const off = std::abs(who.result(i) - expected[i]) / std::max(1.0, std::abs(expected[i]));
            if (!(off <= tolerance)) {
                std::fprintf(stderr, "%s is wrong: element %zu is %g, must be %g\n", who.name.c_str(), i, who.result(i),
                             expected[i]);
                return 1;
            }
        }
    }
    std::size_t const repetitions = std::max<std::size_t>(1, 1000000 / n);
    for (std::size_t round = 0; round != rounds; ++round)
        for (contestant& who : all) who.seconds = std::min(who.seconds, time_of(who.run, repetitions));
    std::printf("| operator, %zu elements N(0, 1) | ns/element | x softmax |\n| --- | --- | --- |\n", n);
    for (contestant const& who : all)
        std::printf("| %s | %.3f | %.2f |\n", who.name.c_str(), who.seconds * 1e9 / static_cast<double>(n),
                    who.seconds / all[0].seconds);
}
