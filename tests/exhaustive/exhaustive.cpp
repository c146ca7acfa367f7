// SPDX-License-Identifier: BSL-1.0
// Every float of the domain of each function of include/smx/math, and samples of double: the worst error, its witness,
// and whether the promised bound holds. See README.md.
#include "functions.hpp"
#include "sweep.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace smx_test {
namespace {

struct options {
    std::uint64_t stride = 1;
    unsigned threads = 2;
    std::string function;
    bool markdown = false, self_check = false;
};

char const* unit_of(measure how) {
    switch (how) {
    case measure::relative:
        return "half-epsilons";
    case measure::ulp:
        return "ULP";
    case measure::ulp_of_one:
        return "ULP of 1";
    default:
        return "differences";
    }
}

template <class T> void print(function<T> const& f, tally const& t, bool markdown) {
    bool const relative = f.how == measure::relative;
    double const error = t.error(f.how);
    bool const broken = !(error <= f.bound);
    char around[40] = "", witness[80] = "";
    if (relative) std::snprintf(around, sizeof around, " around %.3f", t.middle());
    if (error != 0) std::snprintf(witness, sizeof witness, markdown ? "`%a`" : " at x = %a", t.witness(f.how));
    if (relative) {
        std::size_t const length = std::strlen(witness);
        std::snprintf(witness + length, sizeof witness - length, markdown ? ", `%a`" : ", %a", t.other_witness());
    }
    std::printf(markdown ? "| `%s` | %s | %s | %s | %llu | %.3f %s%s | %s | %.4g%s |\n"
                         : "%s, %s, %s: %s, %llu arguments; worst %.3f %s%s%s; bound %.4g%s\n",
                f.name.c_str(), sizeof(T) == 4 ? "float" : "double", SMX_TEST_ISA, f.where.c_str(),
                static_cast<unsigned long long>(t.count), error, unit_of(f.how), around, witness, f.bound,
                broken ? " BROKEN" : "");
    std::fflush(stdout);
}

/// The bound holds, and double and the oracle agree on the worst error.
bool passes(function<float> const& f, options const& o) {
    tally const found = sweep(f, o.stride, o.threads);
    bool const has_formula = static_cast<bool>(f.formula);
    tally const sure = has_formula ? confirmed(f, found) : found;
    print(f, sure, o.markdown);
    double const a = found.error(f.how), b = sure.error(f.how);
    if (a != b && !(std::abs(a - b) <= 1e-5 * (1 + std::abs(a)))) {
        std::fprintf(stderr, "%s: %.9g by double, %.9g by the oracle\n", f.name.c_str(), a, b);
        return false;
    }
    return found.count != 0 && a <= f.bound && b <= f.bound;
}
bool passes(function<double> const& f, options const& o) {
    if (!numbers_serve_double && f.formula) return true;
    tally const found = compare(f, samples(f, o.stride));
    print(f, found, o.markdown);
    return found.count != 0 && found.error(f.how) <= f.bound;
}

template <class T> bool all_pass(options const& o, int& matching) {
    bool all = true;
    for (function<T> const& f : functions<T>()) {
        if (f.name.compare(0, o.function.size(), o.function) != 0) continue;
        ++matching;
        all = passes(f, o) && all;
    }
    return all;
}

/// A function with one wrong result, at x, is refused with x as the witness; without it, it passes.
bool finds(function<float> f, float x, float wrong) {
    f.arguments = domain<float>{}.from_to(neighbour(x, -100000), neighbour(x, 100000));
    options const o{};
    if (!passes(f, o)) return false;
    f.results = [right = f.results, x, wrong](float const* from, float* to) {
        right(from, to);
        for (std::size_t i = 0; i != block; ++i)
            if (from[i] == x) to[i] = wrong;
    };
    tally const found = sweep(f, o.stride, o.threads);
    return !passes(f, o) &&
           (found.witness(f.how) == static_cast<double>(x) || found.other_witness() == static_cast<double>(x));
}

/// One wrong result in 200001 is found, whatever the measure.
bool comparators_can_fail() {
    constexpr float x = -0x1.23456p0F, nan = std::numeric_limits<float>::quiet_NaN();
    float const e_to_x = std::exp(x);
    float const weight = e_to_x * 0x1p64F;
    bool all = true;
    auto const expect = [&](bool found, char const* what) {
        std::printf("%s: %s\n", what, found ? "found" : "NOT FOUND");
        all = all && found;
    };
    function<float> const weights = exp_weight<float, smx::precise_t>("exp_weight.precise", 1.95);
    expect(finds(weights, x, neighbour(weight, 6)), "a weight 6 places too large");
    expect(finds(weights, x, neighbour(weight, -6)), "a weight 6 places too small");
    expect(finds(weights, x, 0.0F), "a weight that vanished");
    expect(finds(exp_nonpositive<float>(), x, neighbour(e_to_x, -4)), "a result 4 places too small");
    expect(finds(exp_nonpositive<float>(), x, nan), "a NaN");
    expect(finds(exp_nonpositive<float>(), -100.0F, 0x1p-100F), "a denormal that is 2^-100");
    expect(finds(exp_nonpositive<float>(), -200.0F, 0x1p-147F), "a denormal that should be 0");
    expect(finds(exp_nonpositive<float>(), -infinite<float>, 1.0F), "e^-inf that is 1");
    expect(finds(exp_nonpositive<float>(), x, -infinite<float>), "an infinity");
    expect(finds(power<float>("power.2", 2), 0.125F, 0x1p-6F + 0x1p-21F), "a power 4 ULP of 1 too large");
    expect(finds(narrow<smx::bfloat16>("bfloat16", bfloat16_format), 0x1.01p0F, 0x1.02p0F),
           "a tie that went up to odd");
    expect(finds(narrow<smx::float16>("float16", float16_format), -0x1p-26F, 0.0F), "a zero without its sign");
    return all;
}

int usage(char const* what) {
    std::fprintf(stderr,
                 "exhaustive: %s\n"
                 "  --stride N       every N-th float, N odd (1: all)\n"
                 "  --function NAME  those whose names begin so\n"
                 "  --threads N      at once (2)\n"
                 "  --markdown       rows of a table\n"
                 "  --self-check     that wrong results would be found\n",
                 what);
    return 2;
}

int run(int argc, char** argv) {
    options o;
    for (int i = 1; i < argc; ++i) {
        auto const is = [&](char const* name) { return std::strcmp(argv[i], name) == 0; };
        if (is("--markdown")) {
            o.markdown = true;
        } else if (is("--self-check")) {
            o.self_check = true;
        } else if (i + 1 == argc) {
            return usage("an option is unknown or lacks its value");
        } else if (is("--stride")) {
            o.stride = std::strtoull(argv[++i], nullptr, 10);
        } else if (is("--threads")) {
            o.threads = static_cast<unsigned>(std::strtoul(argv[++i], nullptr, 10));
        } else if (is("--function")) {
            o.function = argv[++i];
        } else {
            return usage("an option is unknown");
        }
    }
    if (o.stride % 2 == 0) return usage("an even stride would see even patterns alone");
    if (o.threads == 0 || o.threads > 1024) return usage("a number of threads from 1 to 1024 is wanted");
    if (o.self_check) return comparators_can_fail() ? 0 : 1;
    if (o.markdown)
        std::printf("| function | type | instruction set | domain | arguments | worst | at x = | bound |\n"
                    "|---|---|---|---|---|---|---|---|\n");
    int matching = 0;
    bool const floats = all_pass<float>(o, matching), doubles = all_pass<double>(o, matching);
    if (matching == 0) return usage("no function has that name");
    return floats && doubles ? 0 : 1;
}

} // namespace
} // namespace smx_test

int main(int argc, char** argv) { return smx_test::run(argc, argv); }
