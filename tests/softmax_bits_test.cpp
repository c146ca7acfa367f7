// SPDX-License-Identifier: BSL-1.0
// Bits: golden hashes that every machine with FMA, every compiler and every optimisation level must reproduce, and the
// equalities that hold on every machine. SMX_PRINT_GOLDEN=1 prints the hashes, for tests/golden/softmax.inc.
#include "support/inputs.hpp"
#include "support/kernels.hpp"
#include "support/ulp.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace smx_test {
namespace {

/// FNV-1a over the bytes of a row, little end first; a NaN counts as one and the same.
template <class T> std::uint64_t fnv1a(std::vector<T> const& row, std::uint64_t hash) {
    for (T const v : row) {
        std::uint64_t bits = bits_of(std::isnan(v) ? std::numeric_limits<T>::infinity() : v);
        for (std::size_t byte = 0; byte != sizeof(T); ++byte, bits >>= 8)
            hash = (hash ^ (bits & 0xFF)) * 0x100000001B3U;
    }
    return hash;
}

struct golden_entry {
    char const* element;
    char const* accuracy;
    char const* family;
    std::uint64_t hash;
};
// The first line keeps the array from being empty.
constexpr golden_entry golden[] = {
    {"", "", "", 0},
#include "golden/softmax.inc"
};

template <class T> std::uint64_t hash_of(kernel<T> const& softmax, family<T> const& f) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (std::size_t n : {1U, 2U, 3U, 7U, 16U, 33U, 100U, 257U, 1000U, 4097U, 10007U})
        hash = fnv1a(softmax(f.make(n)), hash);
    for (smx::softmax_options const& options : {smx::softmax_options{.scale = 0.08838834764831845},
                                                {.temperature = 0.7},
                                                {.scale = -1.7},
                                                {.scale = 1e-30},
                                                {.scale = 1e30}})
        hash = fnv1a(softmax(f.make(300), options), hash);
    return hash;
}

template <class T>
void expect_golden(kernel<T> const& softmax, std::string const& family, std::uint64_t hash, char const* purpose) {
    if (std::getenv("SMX_PRINT_GOLDEN") != nullptr)
        std::printf("{\"%s\", \"%s\", \"%s\", 0x%016" PRIX64 "},\n", name_of<T>().c_str(), softmax.accuracy,
                    family.c_str(), hash);
    auto const known = std::ranges::find_if(golden, [&](golden_entry const& g) {
        return g.element == name_of<T>() && std::string(g.accuracy) == softmax.accuracy && g.family == family;
    });
    if (known == std::end(golden))
        ADD_FAILURE() << "no golden hash for " << family;
    else
        EXPECT_EQ(hash, known->hash) << family << ": " << purpose;
}

template <class T> struct SoftmaxBits : testing::Test {};
TYPED_TEST_SUITE(SoftmaxBits, element_types, names);

TYPED_TEST(SoftmaxBits, AreTheGoldenOnes) {
    using T = TypeParam;
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: the bits are this machine's own";
    each_accuracy<T>([&](kernel<T> const& softmax) {
        for (family<T> const& f : families<T>()) expect_golden(softmax, f.name, hash_of(softmax, f), f.purpose);
        // The shortest rows in blocks, and one whose blocks are longer, with an end that is none.
        std::uint64_t hash = 0xCBF29CE484222325U;
        for (std::size_t n : {65535U, 65536U, 70001U, 589833U}) hash = fnv1a(softmax(rows::bell<T>(n, 4)), hash);
        expect_golden(softmax, "long_rows", hash, "rows in blocks");
    });
}

TYPED_TEST(SoftmaxBits, DoNotDependOnTheAlgorithm) {
    using T = TypeParam;
    for (family<T> const& f : families<T>())
        for (std::size_t n : {1U, 5U, 64U, 129U, 511U, 1025U, 2047U, 2048U, 2049U, 4096U, 6145U, 10007U}) {
            if (emulated && n > 2049) continue;
            auto const x = f.make(n);
            for (accuracy_class<T> const& accuracy : accuracies<T>()) {
                auto const expected = accuracy.any()(x);
                for (kernel<T> const& softmax : accuracy.algorithms)
                    ASSERT_TRUE(same_bits(softmax(x), expected)) << softmax.name() << ", " << f.name << ", " << n;
            }
        }
}

// Rows with a largest exponent beyond 2^13 are moved to 0 first, which changes bits: who weighs a row in whatever way
// must find the same rows to be such, wherever the largest element is, whatever a guess was taken from.
TYPED_TEST(SoftmaxBits, DoNotDependOnWhoFindsAnExponentFar) {
    using T = TypeParam;
    double const ln2 = 0x1.62e42fefa39efp-1, beyond = sizeof(T) == 4 ? 20 : 340;
    for (double const top :
         {8191.7, 8192.3, 8192.8, 8192 + beyond / 8, 8192 + beyond, -8192.3, -8192.53, -8192.8, -8193.4})
        for (double const first : {top - 1, 7590.0, -9000.0})
            for (std::size_t n : {3U, 5U, 16U, 24U, 40U, 48U, 96U, 100U, 160U, 192U, 300U}) {
                if (first > top) continue;
                std::size_t const step = emulated || n > 192 ? 37 : 4;
                for (std::size_t at = 1; at < n; at += step) {
                    generator g(n + at);
                    std::vector<T> x(n);
                    for (T& v : x) v = static_cast<T>((top - beyond / 8) * ln2) - std::abs(g.bell<T>(beyond / 4));
                    x[0] = static_cast<T>(first * ln2);
                    x[at] = static_cast<T>(top * ln2);
                    for (accuracy_class<T> const& accuracy : accuracies<T>()) {
                        auto const expected = accuracy.any()(x);
                        for (kernel<T> const& softmax : accuracy.algorithms) {
                            ASSERT_TRUE(same_bits(softmax(x), expected))
                                << softmax.name() << ", " << top << " behind " << first << ", " << at << " of " << n;
                            std::vector<T> down(n);
                            softmax.columns({x.data(), n, 1}, {down.data(), n, 1}, {});
                            ASSERT_TRUE(same_bits(down, expected))
                                << softmax.name() << ", a column, " << top << " behind " << first << ", " << n;
                        }
                    }
                }
            }
}

// What rises by steps outgrows one reference after another, and the weights before move each time: by powers of two
// that are numbers, and by others that are not; more often than a reference is raised; from runs, blocks and a row's
// end.
TYPED_TEST(SoftmaxBits, DoNotDependOnHowOftenAReferenceIsRaised) {
    using T = TypeParam;
    double const unit = sizeof(T) == 4 ? 1 : 8, ln2 = 0x1.62e42fefa39efp-1;
    auto const check = [](std::vector<T> const& x, std::string const& what) {
        for (accuracy_class<T> const& accuracy : accuracies<T>()) {
            auto const expected = accuracy.any()(x);
            for (kernel<T> const& softmax : accuracy.algorithms)
                ASSERT_TRUE(same_bits(softmax(x), expected)) << softmax.name() << ", " << what;
        }
    };
    for (std::size_t n : {260U, 1001U, 2600U})
        for (double const step : {30.0, 63.0, 67.0, 101.0, 127.0, 155.0, 213.0, 253.0, 407.0})
            for (std::size_t steps : {1U, 2U, 4U, 5U, 8U})
                for (std::size_t masked : {0U, 3U}) {
                    if (emulated && n > 1001) continue;
                    generator g(n + steps);
                    std::vector<T> x(n);
                    for (std::size_t i = 0; i != n; ++i) {
                        double const level = step * unit * static_cast<double>(i * (steps + 1) / n);
                        x[i] = static_cast<T>(level * ln2) + g.bell<T>(3);
                        if (masked != 0 && i % masked == 1) x[i] = -std::numeric_limits<T>::infinity();
                        if (i % 50 == 7) x[i] -= static_cast<T>(unit * (60 + static_cast<double>(i % 120)));
                    }
                    check(x, std::to_string(steps) + " steps of " + std::to_string(step) + ", every " +
                                 std::to_string(masked) + "rd masked, of " + std::to_string(n));
                }
    if (emulated) return;
    auto x = rows::bell<T>((std::size_t(1) << 18) + 4097, 3); // of several blocks
    for (std::size_t const at : {std::size_t(4000), std::size_t(100000), x.size() - 1})
        x[at] = static_cast<T>(unit * static_cast<double>(at / 1000 + 70));
    check(x, "a long row");
}

// A NaN may hide the largest element from who looks for it, so that a reference is raised again and again.
TYPED_TEST(SoftmaxBits, NanEndsTheRaising) {
    using T = TypeParam;
    T const nan = std::numeric_limits<T>::quiet_NaN(), high = sizeof(T) == 4 ? T(150) : T(1200);
    for (std::size_t at = 0; at != 300; at += emulated ? 60 : 1)
        for (std::size_t behind : {1U, 16U, 32U, 128U}) {
            auto x = rows::bell<T>(300, 1);
            x[at] = high;
            x[(at + behind) % 300] = nan;
            for (accuracy_class<T> const& accuracy : accuracies<T>())
                for (kernel<T> const& softmax : accuracy.algorithms)
                    for (T const v : softmax(x)) ASSERT_TRUE(std::isnan(v)) << softmax.name() << ", " << at;
        }
}

// A row by itself, and one of a matrix, may each fit in registers: in how many depends on its length.
TYPED_TEST(SoftmaxBits, DoNotDependOnTheRegisters) {
    using T = TypeParam;
    for (std::size_t n = 1; n <= 300; ++n) {
        auto const x = rows::bell<T>(n, 4);
        std::vector<T> twice(x), y(2 * n, T(-7));
        twice.insert(twice.end(), x.begin(), x.end());
        for (accuracy_class<T> const& accuracy : accuracies<T>())
            for (kernel<T> const& softmax : accuracy.algorithms) {
                auto const expected = accuracy.any()(x), alone = softmax(x);
                softmax.rows({twice.data(), 2, n}, {y.data(), 2, n}, {});
                ASSERT_TRUE(same_bits(alone, expected)) << softmax.name() << ", " << n;
                ASSERT_TRUE(same_bits({y.begin(), y.begin() + static_cast<std::ptrdiff_t>(n)}, expected))
                    << softmax.name() << ", the first of two rows of " << n;
                ASSERT_TRUE(same_bits({y.begin() + static_cast<std::ptrdiff_t>(n), y.end()}, expected))
                    << softmax.name() << ", the second of two rows of " << n;
            }
    }
}

// automatic changes its algorithm by length, and kernels prefetch from a length on.
TYPED_TEST(SoftmaxBits, DoNotDependOnTheAlgorithmOfLongRows) {
    using T = TypeParam;
    for (std::size_t bytes : {std::size_t(1) << 20, std::size_t(1) << 21}) {
        if (emulated && bytes > std::size_t(1) << 20) continue;
        std::size_t const n = bytes / sizeof(T) + 5;
        for (auto const& x : {rows::bell<T>(n, 4), rows::ramp<T>(n, 1e-4)})
            for (accuracy_class<T> const& accuracy : accuracies<T>()) {
                auto const expected = accuracy.any()(x);
                for (kernel<T> const& softmax : accuracy.algorithms)
                    ASSERT_TRUE(same_bits(softmax(x), expected)) << softmax.name() << ", " << n;
            }
    }
}

TYPED_TEST(SoftmaxBits, TellAccuraciesApart) {
    using T = TypeParam;
    auto const x = rows::bell<T>(1000, 4);
    std::set<std::uint64_t> hashes;
    each_accuracy<T>([&](kernel<T> const& softmax) { hashes.insert(fnv1a(softmax(x), 0)); });
    EXPECT_EQ(hashes.size(), accuracies<T>().size());
}

} // namespace
} // namespace smx_test
