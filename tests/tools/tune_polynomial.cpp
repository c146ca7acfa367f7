// SPDX-License-Identifier: BSL-1.0
// Looks for the terms of exp_eighths<standard_t> (include/smx/math/exp2_fraction.hpp): those whose exponentials have
// the least range of relative errors over all floats, every rounding included. Half of it, in units of 2^-24, counts
// twice in the error of softmax.
//
//     g++ -std=c++20 -O3 -march=native -fno-math-errno tests/tools/tune_polynomial.cpp -o tune_polynomial
//     ./tune_polynomial <seed> <seconds of a round> <rounds>
//
// A round anneals over the arguments at which some known polynomial errs most, and then tries all floats: the winner is
// known to the next round. The terms in use are of the fifth round of 20 s, from Sollya's minimax polynomial.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

namespace {

constexpr int count = 3; // terms of q: 2^f is 1 + f q(f)
struct polynomial {
    float terms[count];
};
struct argument {
    float f, power; // 2^(i/8)
    double inverse; // 2^E / e^x, where E + i/8 is the exponent of e^x, rounded
};
struct range {
    double low = 1e9, high = -1e9;
    void see(double error) {
        low = std::min(low, error);
        high = std::max(high, error);
    }
    double middle() const { return (low + high) / 2; }
    /// Half the range; the factor kappa, which is its middle, must be near 1, too (tests/exp_test.cpp).
    double cost() const { return (high - low) / 2 + std::max(0.0, std::abs(middle()) - 0.5); }
};

double error_of(polynomial const& p, argument const& a) {
    float value = p.terms[0];
    for (int k = 1; k != count; ++k) value = std::fma(value, a.f, p.terms[k]);
    return (static_cast<double>(std::fma(a.power * a.f, value, a.power)) * a.inverse - 1) * 0x1p24;
}

/// Every float that has a weight against 2^0 and is not next to 0, reduced as math/exp.hpp does it.
template <class Body> void each_float(Body const& body) {
    for (float x = -131.5F; x < -0x1p-8F; x = std::nextafter(x, 0.0F)) {
        constexpr float hi = 0x1.715476p0F, lo = 0x1.4ae0cp-26F, magic = 0x1.8p20F;
        float const n = std::fma(x, hi, magic) - magic, f = std::fma(x, lo, std::fma(x, hi, -n));
        float const whole = std::floor(n), power = static_cast<float>(std::exp2(static_cast<double>(n - whole)));
        body(argument{f, power, std::ldexp(1 / std::exp(static_cast<double>(x)), static_cast<int>(whole))});
    }
}
range over_all(polynomial const& p) {
    range all;
    each_float([&](argument const& a) { all.see(error_of(p, a)); });
    return all;
}
double cost_over(std::vector<argument> const& pool, polynomial const& p, double enough) {
    constexpr std::size_t block = 1 << 13;
    range all;
    for (std::size_t first = 0; first < pool.size() && all.high - all.low < 2 * enough; first += block)
        for (std::size_t i = first; i != std::min(pool.size(), first + block); ++i) all.see(error_of(p, pool[i]));
    return all.cost();
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s <seed> <seconds of a round> <rounds>\n", argv[0]);
        return 2;
    }
    std::mt19937_64 random(std::strtoull(argv[1], nullptr, 10));
    double const seconds = std::strtod(argv[2], nullptr);
    auto const fraction = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };

    struct known {
        polynomial p;
        range errors;
    };
    std::vector<known> all{{{{0x1.c698c2p-5F, 0x1.ec0fc4p-3F, 0x1.62e432p-1F}}, {}}};
    all[0].errors = over_all(all[0].p);
    for (long round = 0; round != std::strtol(argv[3], nullptr, 10); ++round) {
        known const best = *std::ranges::min_element(all, {}, [](known const& one) { return one.errors.cost(); });
        std::vector<argument> pool;
        each_float([&](argument const& a) {
            if (std::ranges::any_of(all, [&](known const& one) {
                    double const half = (one.errors.high - one.errors.low) / 2;
                    return std::abs(error_of(one.p, a) - one.errors.middle()) >
                           std::min(half, best.errors.cost() + 0.05) - 0.4;
                }))
                pool.push_back(a);
        });
        std::ranges::shuffle(pool, random);

        int const reach[count] = {5000, 100, 4}; // last places of each term that a step may go
        polynomial now = best.p, found = now;
        double cost = cost_over(pool, now, 1e9), least = cost;
        auto const start = std::chrono::steady_clock::now();
        for (;;) {
            double const spent =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / seconds;
            if (spent >= 1) break;
            double const heat = 0.003 * (1 - spent) + 1e-5;
            polynomial next = now;
            for (std::size_t changes = 1 + random() % 3; changes != 0; --changes) {
                std::size_t const k = random() % count;
                double const places = std::round((2 * fraction() - 1) * reach[k] * std::exp(-4 * fraction()));
                next.terms[k] += static_cast<float>(std::ldexp(places, std::ilogb(next.terms[k]) - 23));
            }
            double const next_cost = cost_over(pool, next, cost + 4 * heat);
            if (next_cost < cost || std::exp((cost - next_cost) / heat) > fraction()) {
                now = next;
                cost = next_cost;
            }
            if (cost < least) {
                found = now;
                least = cost;
            }
        }
        all.push_back({found, over_all(found)});
        range const& errors = all.back().errors;
        std::printf("round %ld: %.4f around %.3f:", round, (errors.high - errors.low) / 2, errors.middle());
        for (float const term : found.terms) std::printf(" %a", static_cast<double>(term));
        std::printf("\n");
        std::fflush(stdout);
    }
}
