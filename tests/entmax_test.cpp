// SPDX-License-Identifier: BSL-1.0
// entmax for any alpha: examples, values, accuracy, the special cases, bits.
#include "support/elements.hpp"
#include "support/entmax_oracle.hpp"
#include "support/guarded.hpp"
#include "support/padded.hpp"

#include <smx/scores.hpp>

#include <cinttypes>
#include <cstdio>
#include <stdexcept>

namespace smx_test {
namespace {

template <class T> constexpr T inf = std::numeric_limits<T>::infinity();
template <class T> constexpr T nan = std::numeric_limits<T>::quiet_NaN();

template <class T> std::vector<T> entmax(std::vector<T> const& x, smx::entmax_options const& o) {
    std::vector<T> y(x.size(), T(-7));
    smx::entmax(x, y, o);
    return y;
}

template <class T> struct Entmax : testing::Test {};
TYPED_TEST_SUITE(Entmax, element_types, names);

constexpr double bound = 8;
constexpr double alphas[] = {1.001, 1.01, 1.1, 1.25, 1.49, 1.75, 1.99, 2.01, 2.5, 3, 5, 10, 64};

TYPED_TEST(Entmax, OfExamples) {
    using T = TypeParam;
    struct example {
        double alpha, y[3];
    };
    for (example const& e : {example{1.25, {0.03445018540326, 0.2148495115435, 0.7507003030533}},
                             {4.0 / 3, {0.01641910908891, 0.2027780461885, 0.7808028447226}},
                             {1.5, {0, 0.1692810861169, 0.8307189138831}},
                             {1.75, {0, 0.09819286560379, 0.9018071343962}},
                             {2, {0, 0, 1}},
                             {3, {0, 0, 1}},
                             {1.001, {0.0898198694371, 0.2446226915817, 0.6655574389812}}}) {
        auto const y = entmax<T>({1, 2, 3}, {.alpha = e.alpha});
        for (std::size_t i = 0; i != 3; ++i) {
            EXPECT_NEAR(static_cast<double>(y[i]), e.y[i], sizeof(T) == 4 ? 1e-7 : 2e-13) << e.alpha;
            EXPECT_EQ(y[i] == 0, e.y[i] == 0) << e.alpha;
        }
    }
}

TYPED_TEST(Entmax, IsItsSpecialCases) {
    using T = TypeParam;
    auto const x = rows::bell<T>(300, 1);
    std::vector<T> y(x.size());
    smx::softmax(x, y, {.scale = 0.7});
    EXPECT_TRUE(same_bits(entmax(x, {.alpha = 1, .scale = 0.7}), y));
    smx::softmax(x, y, {.scale = 0.7, .temperature = 3});
    EXPECT_TRUE(same_bits(entmax(x, {.alpha = 1, .scale = 0.7, .temperature = 3}), y));
    EXPECT_TRUE(same_bits(entmax(std::vector<T>(3, -std::numeric_limits<T>::infinity()),
                                 {.alpha = 1, .fully_masked = smx::masked::zeros}),
                          std::vector<T>(3, T(0))));
    smx::entmax15(x, y, {.scale = 0.7});
    EXPECT_TRUE(same_bits(entmax(x, {.scale = 0.7}), y));
    smx::sparsemax(x, y, {.scale = 0.7});
    EXPECT_TRUE(same_bits(entmax(x, {.alpha = 2, .scale = 0.7}), y));
}

TYPED_TEST(Entmax, RefusesWhatIsNoAlpha) {
    using T = TypeParam;
    for (double const alpha : {0.999, 0.0, -1.0, inf<double>, nan<double>})
        EXPECT_THROW(entmax<T>({1, 2}, {.alpha = alpha}), std::invalid_argument) << alpha;
}

TYPED_TEST(Entmax, OfSpecialValues) {
    using T = TypeParam;
    constexpr T largest = std::numeric_limits<T>::max();
    for (double const alpha : {1.001, 1.25, 1.9, 2.1, 64.0})
        for (std::size_t n : {1U, 2U, 17U, 64U, 1500U})
            for (std::size_t at : {std::size_t(0), n / 2, n - 1}) {
                for (T const background : {T(0), T(-inf<T>), T(largest)}) {
                    std::vector<T> x(n, background);
                    x[at] = nan<T>;
                    EXPECT_TRUE(all_nan(entmax(x, {.alpha = alpha}))) << n << ", " << alpha << ", " << background;
                    x[at] = inf<T>;
                    EXPECT_TRUE(all_nan(entmax(x, {.alpha = alpha}))) << n << ", " << alpha;
                }
                std::vector<T> x(n, -inf<T>), one(n, T(0));
                EXPECT_TRUE(all_nan(entmax(x, {.alpha = alpha})));
                EXPECT_TRUE(same_bits(entmax(x, {.alpha = alpha, .fully_masked = smx::masked::zeros}), one));
                one[at] = 1;
                for (T const v : {T(0), T(0.7), largest, -largest})
                    for (double const scale : {1.0, 1e-30, 1e30}) {
                        x[at] = v;
                        EXPECT_TRUE(same_bits(entmax(x, {.alpha = alpha, .scale = scale}), one))
                            << n << ", " << v << ", " << alpha << ", " << scale;
                    }
            }
}

TYPED_TEST(Entmax, OfEqualElements) {
    using T = TypeParam;
    for (double const alpha : alphas)
        for (std::size_t n : {1U, 2U, 3U, 16U, 100U, 1500U})
            for (T const v : {T(0), T(0.7), T(-3e5), std::numeric_limits<T>::lowest()})
                for (double const scale : {1.0, -0.3, 0.0}) {
                    auto const y = entmax(std::vector<T>(n, v), {.alpha = alpha, .scale = scale});
                    EXPECT_NEAR(static_cast<double>(y[0]), 1 / static_cast<double>(n),
                                bound * std::numeric_limits<T>::epsilon() / 2)
                        << n << ", " << alpha;
                    EXPECT_TRUE(same_bits(y, std::vector<T>(n, y[0])));
                }
}

TYPED_TEST(Entmax, IsAccurate) {
    using T = TypeParam;
    for (double const alpha : alphas) {
        double worst = 0;
        for (std::size_t n : {2U, 3U, 5U, 16U, 33U, 100U, 257U, 1500U})
            for (double const scale : {1e-6, 0.01, 0.3, 1.0, 4.0, 30.0}) {
                if ((emulated || alpha > 2) && n > 300 && scale < 0.3) continue; // the oracle takes too long
                auto const x = rows::bell<T>(n, scale);
                ASSERT_TRUE(near(entmax(x, {.alpha = alpha}), exact_entmax(x, 1, alpha), bound, true, &worst))
                    << n << ", alpha " << alpha << ", scale " << scale;
            }
        std::printf("alpha %g: worst error %.2f units\n", alpha, worst);
    }
}

TYPED_TEST(Entmax, OfEveryFamily) {
    using T = TypeParam;
    for (double const alpha : {1.05, 1.6, 2.2, 8.0})
        for (family<T> const& f : families<T>())
            for (double const scale : {1.0, -0.3, 1e-3}) {
                auto const x = f.make(129);
                if (scale < 0 && std::ranges::find(x, -inf<T>) != x.end()) continue;
                ASSERT_TRUE(
                    near(entmax(x, {.alpha = alpha, .scale = scale}), exact_entmax(x, scale, alpha), bound, false))
                    << f.name << ", " << alpha << ", " << scale;
            }
}

// For a large alpha the smallest difference decides.
TYPED_TEST(Entmax, TellsCloseElementsApart) {
    using T = TypeParam;
    for (double const alpha : {2.5, 4.0, 16.0, 64.0})
        for (double const gap : {1e-3, 1e-6, 1e-12, 1e-25}) {
            std::vector<T> x = {
                0,        static_cast<T>(-gap), static_cast<T>(-gap * 1.5), static_cast<T>(-gap / 1000), T(-gap * 1e-9),
                T(-0.25), static_cast<T>(-gap)};
            ASSERT_TRUE(near(entmax(x, {.alpha = alpha}), exact_entmax(x, 1, alpha), bound, false))
                << alpha << ", " << gap;
        }
}

// A high root magnifies factors, however small they are.
// Beside a much larger element doubles do not tell the others apart, whose roots are far from equal all the same: the
// smallest that has a weight lies between elements of which one has, and the other has none.
TYPED_TEST(Entmax, TellsApartWhatALargerElementHides) {
    using T = TypeParam;
    for (double const alpha : {3.0, 5.0, 16.0, 64.0})
        for (double const large : {1e-19, 1e-8, 1e-3})
            for (double const small : {1e-24, 1e-30, 1e-35}) {
                auto const at = [small](double times) { return static_cast<T>(small * times); };
                std::vector<T> const x{
                    -inf<T>, at(1e-2), at(3e1), T(-1), at(-1e-1), T(0), at(-1), static_cast<T>(large), at(1e-3)};
                ASSERT_TRUE(near(entmax(x, {.alpha = alpha}), exact_entmax(x, 1, alpha), bound, false))
                    << alpha << ", " << large << " beside " << small;
            }
}

TYPED_TEST(Entmax, TakesEveryFactor) {
    using T = TypeParam;
    for (double const alpha : {1.001, 1.5001, 2.5, 16.0, 64.0})
        for (double const scale : {4.9e-324, 1e-300, 1e-168, 1e-60, 1e-28, -1e-28, 1e-8, 1e19, 1e100, -1e300})
            for (double const size : {1e-30, 1.0, 1e30}) {
                if (alpha > 2 && scale > 0 && scale * size < 1e-301) continue; // below 2^-1022, as documented
                auto const x = rows::bell<T>(33, size);
                ASSERT_TRUE(near(entmax(x, {.alpha = alpha, .scale = scale}), exact_entmax(x, scale, alpha), bound))
                    << alpha << ", " << scale << ", " << size;
            }
}

TYPED_TEST(Entmax, InPlaceInColumnsAndUnderMasks) {
    using T = TypeParam;
    guarded<T> memory(2000);
    for (double const alpha : {1.2, 3.0}) {
        for (std::size_t n : {1U, 16U, 31U, 1300U}) {
            auto const x = rows::bell<T>(n, 0.1);
            std::span<T> const y = memory.at_end(n, 1);
            std::ranges::copy(x, y.begin());
            smx::entmax(y, y, {.alpha = alpha});
            ASSERT_TRUE(same_bits(std::vector<T>(y.begin(), y.end()), entmax(x, {.alpha = alpha}))) << n;
            ASSERT_TRUE(memory.intact()) << n;
        }
        padded<T> x = filled<T>(37, 7, 9), y(37, 7, 8);
        smx::entmax(smx::columns(std::as_const(x).view()), smx::columns(y.view()), {.alpha = alpha});
        for (std::size_t c = 0; c != x.cols; ++c)
            ASSERT_TRUE(same_bits(y.column(c), entmax(x.column(c), {.alpha = alpha}))) << "column " << c;
        EXPECT_TRUE(y.padding_intact());
        padded<T> z(37, 7, 8);
        smx::entmax(smx::scores(std::as_const(x).view()).causal(0), z.view(), {.alpha = alpha});
        for (std::size_t r = 0; r != x.rows; ++r) {
            auto row = x.row(r);
            for (std::size_t i = r; i < row.size(); ++i) row[i] = -inf<T>;
            auto const expected = entmax(row, {.alpha = alpha, .fully_masked = smx::masked::zeros});
            ASSERT_TRUE(same_bits(z.row(r), expected)) << "row " << r;
        }
    }
}

TYPED_TEST(Entmax, HasGoldenBits) {
    using T = TypeParam;
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: the bits are this machine's own";
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (double const alpha : {1.001, 1.3, 1.9, 2.3, 10.0})
        for (std::size_t n : {1U, 3U, 16U, 33U, 257U, 2000U})
            for (double const scale : {0.1, 1.0, 4.0})
                for (double const c : {1.0, 0.7, -1.7, 1e-30})
                    hash = hash_of_bits(entmax(rows::bell<T>(n, scale), {.alpha = alpha, .scale = c}), hash);
    std::uint64_t const golden = sizeof(T) == 4 ? 0xD14DCF62C3DE624FU : 0x2BD6B4EF01E373ADU;
    char text[32];
    std::snprintf(text, sizeof text, "0x%016" PRIX64, hash);
    EXPECT_EQ(hash, golden) << text;
}

} // namespace
} // namespace smx_test
