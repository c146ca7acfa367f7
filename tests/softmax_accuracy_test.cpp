// SPDX-License-Identifier: BSL-1.0
// The promise of softmax.hpp: each element within 4 ULP (precise) and 8 ULP (standard) of the true value, for every
// kind of row, length, scale and temperature; standard stays within 6 where a row was not made to err. The algorithms
// agree bit for bit, so one comparison with the oracle serves all.
#include "support/inputs.hpp"
#include "support/kernels.hpp"
#include "support/oracle.hpp"
#include "support/ulp.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace smx_test {
namespace {

template <class T> struct SoftmaxAccuracy : testing::Test {
    using row = std::vector<T>;

    std::vector<witness> worst = std::vector<witness>(accuracies<T>().size());

    void check(row const& x, smx::softmax_options const& options, std::string const& what) {
        check(x, options, what, {accuracies<T>()[0].any().bound_ulp, accuracies<T>()[1].any().bound_ulp});
    }
    void check(row const& x, smx::softmax_options const& options, std::string const& what,
               std::array<double, 2> bounds) {
        if (failures > 20) return; // enough to see a pattern
        auto const exact = exact_softmax(x, options);
        for (std::size_t a = 0; a != worst.size(); ++a) {
            accuracy_class<T> const& accuracy = accuracies<T>()[a];
            row const y = accuracy.any()(x, options);
            witness here;
            expect(within(bounds[a], x, y, exact, &here), accuracy.any().name() + ", " + what);
            if (here.ulp > worst[a].ulp) worst[a] = {here.ulp, what + ": " + here.where};
            for (kernel<T> const& softmax : accuracy.algorithms)
                expect(same_bits(softmax(x, options), y), softmax.name() + ", " + what);
        }
    }

    void expect(testing::AssertionResult const& result, std::string const& what) {
        EXPECT_TRUE(result) << what;
        if (!result) ++failures;
    }

    int failures = 0;

    ~SoftmaxAccuracy() override {
        for (std::size_t a = 0; a != worst.size(); ++a)
            std::printf("%s, %s: %.3f ULP, %s\n", name_of<T>().c_str(), accuracies<T>()[a].any().accuracy, worst[a].ulp,
                        worst[a].where.c_str());
    }
};
TYPED_TEST_SUITE(SoftmaxAccuracy, element_types, names);

std::vector<std::size_t> lengths_up_to(std::size_t longest) {
    std::vector<std::size_t> result;
    for (std::size_t n :
         {1U,   2U,   3U,   5U,   7U,   8U,   15U,  16U,   17U,   31U,   33U,   63U,   64U,   65U,   100U,
          127U, 128U, 129U, 255U, 256U, 257U, 511U, 1000U, 1023U, 1025U, 4095U, 4096U, 4097U, 20011U})
        if (n <= longest) result.push_back(n);
    return result;
}

template <class T> std::string describe(family<T> const& f, std::size_t n, smx::softmax_options const& options) {
    std::ostringstream text;
    text.precision(17);
    text << f.name << "[" << n << "] scale " << options.scale << " temperature " << options.temperature;
    return text.str();
}

TYPED_TEST(SoftmaxAccuracy, EveryFamilyAtEveryLength) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    for (auto const& f : families<T>())
        for (std::size_t n : lengths_up_to(emulated ? 4097 : 20011)) this->check(f.make(n), {}, describe(f, n, {}));
}

// What standard loses most to: a run of 8 lines is summed in the row's own type, by a tree, and 3 crumbs in the lane of
// an element that has nearly all of the weight, each on a branch of its own, are a little more than half of its last
// place.
TYPED_TEST(SoftmaxAccuracy, CrumbsThatRoundTheSameWay) {
    using T = TypeParam;
    constexpr std::size_t line = 64 / sizeof(T);
    double const half = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2,
                 background = sizeof(T) == 4 ? -60 : -300;
    for (double more : {1.001, 1.01, 1.02, 1.05, 1.1, 1.5}) {
        std::vector<T> x(8 * line, static_cast<T>(background));
        x[line] = x[2 * line] = x[4 * line] = static_cast<T>(std::log(half * more));
        x[0] = 0;
        this->check(x, {}, "crumbs of half a place times " + std::to_string(more));
    }
    EXPECT_GT(this->worst[0].ulp, 1.9) << "these are not the crumbs of this order of sums";
}

// All that standard can lose, at once: an element of nearly all weight whose exponential is as much too large as it can
// be, crumbs that round the sum up three times, and an element (x[1]) whose exponential is too small. A search through
// some millions of such rows ended here; 2 * 1.696 + 3 + 1.5 = 7.90 is the most that there can be (softmax.hpp).
TYPED_TEST(SoftmaxAccuracy, ExponentialsThatErrApart) {
    using T = TypeParam;
    if (sizeof(T) != sizeof(float)) GTEST_SKIP() << "of double nobody has seen every exponential";
    double const dominant = -0x1.dc4858p-2, half = std::exp(dominant) * 0x1p-24 / 1.25612;
    std::vector<T> x(128, -100);
    x[0] = static_cast<T>(dominant);
    x[1] = static_cast<T>(-0x1.3e27cap+4);
    x[16] = x[32] = x[64] = static_cast<T>(std::log(half * 1.00061));
    this->check(x, {}, "exponentials that err apart", {8, 4});
    EXPECT_GT(this->worst[0].ulp, 6.7) << "these are no longer the exponentials or the sums that err most";
}

TYPED_TEST(SoftmaxAccuracy, EveryFamilyAtEveryFactor) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    static constexpr smx::softmax_options factors[] = {
        {.scale = 0.08838834764831845}, // 1 / sqrt(128)
        {.temperature = 0.7},
        {.scale = -1.7},
        {.scale = 1e-30},
        {.scale = -1e-30},
        {.scale = 1e30},
        {.scale = -1e30},
        {.scale = 0},
        {.scale = 1e-22}, // brings 1e30 near
        {.scale = 3, .temperature = 1e-4},
        {.scale = 1e200, .temperature = 1e199},
        {.scale = 1e-19}, // either side of 2^-60
        {.scale = 1e-18},
        {.scale = 1e18}, // and of 2^60
        {.scale = 2e18},
    };
    for (auto const& f : families<T>())
        for (smx::softmax_options const& options : factors)
            for (std::size_t n : {1U, 3U, 16U, 33U, 100U, 257U, emulated ? 300U : 1000U})
                this->check(f.make(n), options, describe(f, n, options));
}

// As far from 0 as elements can be and still differ by less than what makes a weight 0.
TYPED_TEST(SoftmaxAccuracy, FarFromZero) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    for (double size = 0x1p10; size <= (sizeof(T) == 4 ? 0x1p23 : 0x1p52); size *= 2)
        for (double sign : {1.0, -1.0}) {
            std::vector<T> x = rows::bell<T>(100, 5);
            for (T& v : x) v = rounded(static_cast<T>(sign * size * 1.4) + v);
            this->check(x, {}, "around " + std::to_string(sign * size * 1.4));
        }
}

// Two elements: 1 / (1 + e^d) and its complement, d swept finely. Nothing averages out here.
TYPED_TEST(SoftmaxAccuracy, PairsAtEveryGap) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    generator g(2);
    double const widest = sizeof(T) == 4 ? 88 : 709;
    int const count = emulated ? 1000 : 20000;
    for (int i = 0; i != count; ++i) {
        T const gap = static_cast<T>(static_cast<double>(i) * (widest / count)), base = g.bell<T>(10);
        this->check({base, rounded(base - gap)}, {}, "pair " + std::to_string(i));
    }
}

} // namespace
} // namespace smx_test
