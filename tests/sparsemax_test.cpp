// SPDX-License-Identifier: BSL-1.0
// sparsemax and 1.5-entmax, which share their threshold: examples, values, accuracy, support, bits.
#include "support/elements.hpp"
#include "support/entmax_oracle.hpp"
#include "support/guarded.hpp"
#include "support/padded.hpp"

#include <smx/scores.hpp>
#include <smx/sparsemax.hpp>

#include <cinttypes>
#include <cmath>
#include <cstdio>

namespace smx_test {
namespace {

template <class T> constexpr T inf = std::numeric_limits<T>::infinity();
template <class T> constexpr T nan = std::numeric_limits<T>::quiet_NaN();

struct sparse {
    static constexpr double alpha = 2;
    static constexpr char const* label = "sparsemax";
    static constexpr std::uint64_t golden_float = 0xE24BF9DBEB8DCC22U, golden_double = 0x5B5D8FC4D72066F9U;
    static void call(auto const& x, auto&& y, smx::sparsemax_options const& o = {}) { smx::sparsemax(x, y, o); }
};
struct between {
    static constexpr double alpha = 1.5;
    static constexpr char const* label = "entmax15";
    static constexpr std::uint64_t golden_float = 0x1BC060B49EB3F746U, golden_double = 0x9419E2C785BDBE84U;
    static void call(auto const& x, auto&& y, smx::sparsemax_options const& o = {}) {
        smx::entmax15(x, y, {o.scale, o.temperature, o.fully_masked});
    }
};

template <class Operator, class Element> struct of {
    using T = Element;
    using op = Operator;
    static std::string name() { return std::string(op::label) + "_" + name_of<T>(); }
    static std::vector<T> run(std::vector<T> const& x, smx::sparsemax_options const& o = {}) {
        std::vector<T> y(x.size(), T(-7));
        op::call(x, y, o);
        return y;
    }
};

template <class K> struct Sparsemax : testing::Test {};
using cases = testing::Types<of<sparse, float>, of<sparse, double>, of<between, float>, of<between, double>>;
TYPED_TEST_SUITE(Sparsemax, cases, names);

constexpr double bound = 8;

TYPED_TEST(Sparsemax, OfExamples) {
    using T = typename TypeParam::T;
    struct example {
        double alpha;
        std::vector<T> x;
        std::vector<double> y;
    };
    std::vector<example> const examples = {
        {2, {1, 2, 3}, {0, 0, 1}},
        {2, {1, T(0.8), T(0.1)}, {0.6, 0.4, 0}},
        {2, {T(0.1), T(0.1), 0}, {0.366666666667, 0.366666666667, 0.266666666667}},
        {2, {T(0.5), T(0.2), T(0.1), T(-0.4)}, {0.566666666667, 0.266666666667, 0.166666666667, 0}},
        {1.5, {1, 2, 3}, {0, 0.1692810861169, 0.8307189138831}},
        {1.5, {0, 2}, {0, 1}},
        {1.5, {T(0.5), T(0.2), T(0.1), T(-0.4)}, {0.4529588792842, 0.2735522198211, 0.22375, 0.04973890089469}},
    };
    for (example const& e : examples) {
        if (e.alpha != TypeParam::op::alpha) continue;
        auto const y = TypeParam::run(e.x);
        for (std::size_t i = 0; i != y.size(); ++i) {
            EXPECT_NEAR(static_cast<double>(y[i]), e.y[i], sizeof(T) == 4 ? 1e-7 : 2e-12);
            EXPECT_EQ(y[i] == 0, e.y[i] == 0);
        }
    }
}

TYPED_TEST(Sparsemax, OfSpecialValues) {
    using T = typename TypeParam::T;
    constexpr T largest = std::numeric_limits<T>::max();
    for (std::size_t n : {1U, 2U, 5U, 15U, 16U, 17U, 64U, 129U, 300U, 5000U})
        for (std::size_t at : {std::size_t(0), n / 2, n - 1}) {
            for (T const background : {T(0), T(-inf<T>), T(largest), T(-1e30F)}) {
                std::vector<T> x(n, background);
                x[at] = nan<T>;
                EXPECT_TRUE(all_nan(TypeParam::run(x))) << n << ", NaN at " << at << " in " << background;
                x[at] = inf<T>;
                EXPECT_TRUE(all_nan(TypeParam::run(x))) << n;
                EXPECT_TRUE(all_nan(TypeParam::run(x, {.scale = 1e-30}))) << n;
                for (T& v : x) v = -v;
                EXPECT_TRUE(all_nan(TypeParam::run(x, {.scale = -1}))) << n;
                EXPECT_TRUE(all_nan(TypeParam::run(x, {.scale = 0}))) << n;
            }
            std::vector<T> x(n, -inf<T>), one(n, T(0));
            EXPECT_TRUE(all_nan(TypeParam::run(x)));
            EXPECT_TRUE(same_bits(TypeParam::run(x, {.fully_masked = smx::masked::zeros}), one));
            one[at] = 1;
            for (T const v : {T(0), T(0.7), T(-1e30F), largest, -largest, std::numeric_limits<T>::denorm_min()})
                for (double const scale : {1.0, 0.37, 1e-30, 1e30, 5e-300}) {
                    x[at] = v;
                    EXPECT_TRUE(same_bits(TypeParam::run(x, {.scale = scale}), one)) << n << ", " << v << ", " << scale;
                }
        }
    EXPECT_TRUE(TypeParam::run({}).empty());
}

TYPED_TEST(Sparsemax, OfEqualElements) {
    using T = typename TypeParam::T;
    for (std::size_t n : {1U, 2U, 3U, 7U, 16U, 100U, 1000U, 1024U, 1025U, 4097U, 100003U})
        for (T const v :
             {T(0), T(0.7), T(-3e5), T(-1e30F), std::numeric_limits<T>::max(), std::numeric_limits<T>::lowest()})
            for (double const scale : {1.0, -0.3, 0.0, 1e-30, 1e30}) {
                auto const y = TypeParam::run(std::vector<T>(n, v), {.scale = scale});
                double const expected = 1 / static_cast<double>(n);
                EXPECT_NEAR(static_cast<double>(y[0]), expected, bound * std::numeric_limits<T>::epsilon() / 2) << n;
                EXPECT_TRUE(same_bits(y, std::vector<T>(n, y[0])));
                EXPECT_GT(y[0], 0);
            }
}

TYPED_TEST(Sparsemax, OfEveryLength) {
    using T = typename TypeParam::T;
    double worst = 0;
    for (std::size_t n = 1; n <= 200; ++n)
        for (double const scale : {0.01, 0.3, 1.0, 4.0}) {
            auto const x = rows::bell<T>(n, scale);
            ASSERT_TRUE(near(TypeParam::run(x), exact_entmax(x, 1, TypeParam::op::alpha), bound, true, &worst))
                << n << ", " << scale;
        }
    for (std::size_t n : {1000U, 1024U, 2049U, 4096U, 100003U, 1048576U})
        for (double const scale : {1e-5, 0.001, 0.1, 1.0, 4.0}) {
            if (emulated && n > 5000) continue;
            auto const x = rows::bell<T>(n, scale);
            ASSERT_TRUE(near(TypeParam::run(x), exact_entmax(x, 1, TypeParam::op::alpha), bound, true, &worst))
                << n << ", " << scale;
        }
    this->RecordProperty("worst", std::to_string(worst));
    std::printf("worst error %.2f units\n", worst);
}

TYPED_TEST(Sparsemax, OfEveryFamily) {
    using T = typename TypeParam::T;
    double worst = 0;
    for (family<T> const& f : families<T>())
        for (std::size_t n : {33U, 257U, 4099U})
            for (double const scale : {1.0, 0.08838834764831845, -1.7, 1e-3, 30.0}) {
                auto const x = f.make(n);
                // -inf is not the least of a row whose sign changes.
                if (scale < 0 && std::ranges::find(x, -inf<T>) != x.end()) continue;
                auto const exact = exact_entmax(x, scale, TypeParam::op::alpha);
                auto const got = TypeParam::run(x, {.scale = scale});
                // Ties and elements next to the threshold: the support is a matter of the last place.
                ASSERT_TRUE(near(got, exact, bound, false, &worst)) << f.name << ", " << n << ", " << scale;
            }
    std::printf("worst error %.2f units\n", worst);
}

// Steps towards the threshold end when what is left of them is nothing beside the width, whatever that is.
TYPED_TEST(Sparsemax, OfSmallElementsAndALargeFactor) {
    using T = typename TypeParam::T;
    for (std::size_t n : {5U, 33U, 257U, 4099U})
        for (double const power : {0x1p-20, 0x1p-50, 0x1p20}) {
            std::vector<T> const x = rows::bell<T>(n, 0.1);
            std::vector<T> scaled = x;
            for (T& v : scaled) v *= static_cast<T>(power);
            ASSERT_TRUE(same_bits(TypeParam::run(scaled, {.scale = 1 / power}), TypeParam::run(x)))
                << n << ", " << power;
        }
}

// Next to no weight is left for the second: the gap and the factor may both be rounded up.
TYPED_TEST(Sparsemax, NeverExceedsOne) {
    using T = typename TypeParam::T;
    generator g(1);
    auto const fraction = [&] { return static_cast<double>(g.next() >> 12) * 0x1p-52; };
    for (int i = 0; i != 20000; ++i) {
        double const c = std::ldexp(1 + fraction(), static_cast<int>(g.below(20)) - 10);
        T const m = static_cast<T>(fraction() * 4 / c);
        T second = static_cast<T>(static_cast<double>(m) - 1 / c);
        for (std::size_t steps = g.below(4); steps != 0; --steps) second = std::nextafter(second, m);
        auto const y = TypeParam::run({m, second}, {.scale = c});
        ASSERT_TRUE(y[0] <= 1 && y[1] >= 0) << m << ", " << second << ", " << c;
        constexpr std::size_t rows = 16;
        T many[rows][2], results[rows][2];
        for (T(&row)[2] : many) {
            row[0] = m;
            row[1] = second;
        }
        TypeParam::op::call(smx::matrix_view(&many[0][0], rows, 2), smx::matrix_view(&results[0][0], rows, 2),
                            {.scale = c});
        for (T const(&row)[2] : results)
            ASSERT_TRUE(row[0] == y[0] && row[1] == y[1]) << m << ", " << second << ", " << c;
    }
}

// Each step drops few elements, and they do not fit on the stack.
TYPED_TEST(Sparsemax, OfRowsThatAreHardToFilter) {
    using T = typename TypeParam::T;
    for (std::size_t n : {1500U, 5000U, 20011U})
        for (double const ratio : {0.5, 0.9, 0.99, 0.999}) {
            std::vector<T> x(n);
            double v = 1;
            for (std::size_t i = 0; i != n; ++i, v *= ratio) x[i] = static_cast<T>(-v);
            auto const exact = exact_entmax(x, 1, TypeParam::op::alpha);
            ASSERT_TRUE(near(TypeParam::run(x), exact, bound, false)) << n << ", " << ratio;
            for (T& e : x) e = -e;
            ASSERT_TRUE(near(TypeParam::run(x), exact_entmax(x, 1, TypeParam::op::alpha), bound, false)) << n;
            ASSERT_TRUE(near(TypeParam::run(x, {.scale = -1}), exact, bound, false)) << n << ", " << ratio;
        }
}

TYPED_TEST(Sparsemax, InPlaceAndWithinTheRow) {
    using T = typename TypeParam::T;
    guarded<T> memory(5000);
    for (std::size_t n : {1U, 3U, 16U, 31U, 100U, 1025U, 4097U})
        for (double const scale : {1e-4, 1.0})
            for (std::size_t const gap : {0U, 1U, 3U}) {
                auto const x = rows::bell<T>(n, scale);
                auto const expected = TypeParam::run(x);
                for (bool const at_start : {true, false}) {
                    std::span<T> const y = at_start ? memory.at_start(n, gap) : memory.at_end(n, gap);
                    std::ranges::copy(x, y.begin());
                    TypeParam::op::call(y, y);
                    ASSERT_TRUE(same_bits(std::vector<T>(y.begin(), y.end()), expected)) << n;
                    ASSERT_TRUE(memory.intact()) << n;
                }
            }
}

// As many rows at once as a register has lanes: to the bits of each by itself. Up to three lines long all rows are, of
// longer ones those that have few elements near their threshold, as all but one of these.
TYPED_TEST(Sparsemax, OfManyRowsAtOnce) {
    using T = typename TypeParam::T;
    enum kind { bells, ties, gaps, a_nan, an_infinity, one_ahead, kinds };
    std::vector<std::size_t> lengths{51, 64, 79, 100, 129, 300, 512, 513, 1000, 1024, 1025};
    if (emulated) lengths = {64, 79, 300, 512};
    for (std::size_t n = 1; n <= 50; n += emulated ? 3 : 1) lengths.push_back(n);
    for (std::size_t const n : lengths)
        for (int k = 0; k != kinds; ++k)
            for (double const scale : {1.0, 0.05, -0.7}) {
                padded<T> x(33, n, k == ties ? n + 1 : n), y(33, n, n + 3), z(n, 33, 40), columns(n, 33, 33);
                generator g(n * kinds + static_cast<std::size_t>(k));
                for (std::size_t r = 0; r != x.rows; ++r)
                    for (std::size_t i = 0; i != n; ++i) {
                        T v = g.bell<T>((n <= 50 ? r % 4 == 0 : r == 20) ? 0.02 : 3);
                        if (k == ties) v = std::round(v);
                        if (k == gaps && g.below(3) == 0) v = scale > 0 ? -inf<T> : inf<T>;
                        if (k == a_nan && r % 16 == 7 && i == n / 2) v = nan<T>;
                        if (k == an_infinity && r % 16 == 5 && i == n / 3) v = inf<T>;
                        if (k == one_ahead && i == r % n) v += static_cast<T>(100 / scale);
                        x.at(r, i) = columns.at(i, r) = v;
                    }
                TypeParam::op::call(std::as_const(x).view(), y.view(), {.scale = scale});
                TypeParam::op::call(smx::columns(std::as_const(columns).view()), smx::columns(z.view()),
                                    {.scale = scale});
                for (std::size_t r = 0; r != x.rows; ++r) {
                    auto const alone = TypeParam::run(x.row(r), {.scale = scale});
                    ASSERT_TRUE(same_bits(y.row(r), alone)) << "row " << r << " of " << n << ", kind " << k;
                    ASSERT_TRUE(same_bits(z.column(r), alone)) << "column " << r << " of " << n << ", kind " << k;
                }
                ASSERT_TRUE(y.padding_intact() && z.padding_intact());
            }
}

TYPED_TEST(Sparsemax, OfColumnsAndScores) {
    using T = typename TypeParam::T;
    padded<T> x = filled<T>(37, 19, 23), y(37, 19, 29);
    TypeParam::op::call(smx::columns(std::as_const(x).view()), smx::columns(y.view()));
    for (std::size_t c = 0; c != x.cols; ++c)
        ASSERT_TRUE(same_bits(y.column(c), TypeParam::run(x.column(c)))) << "column " << c;
    EXPECT_TRUE(y.padding_intact());

    padded<T> a = filled<T>(40, 33, 33), b(40, 33, 35);
    std::vector<unsigned char> mask(a.cols);
    for (std::size_t i = 0; i != mask.size(); ++i) mask[i] = i % 3 != 0;
    for (std::size_t r = 0; r != a.rows; ++r) a.at(r, 0) = nan<T>; // behind the mask: never read
    TypeParam::op::call(smx::scores(std::as_const(a).view()).where(mask).causal(), b.view());
    for (std::size_t r = 0; r != a.rows; ++r) {
        auto row = a.row(r);
        row.resize(std::min(r + 1, row.size()));
        for (std::size_t i = 0; i != row.size(); ++i)
            if (mask[i] == 0) row[i] = -inf<T>;
        auto expected = TypeParam::run(row, {.fully_masked = smx::masked::zeros});
        expected.resize(a.cols, T(0));
        ASSERT_TRUE(same_bits(b.row(r), expected)) << "row " << r;
    }
    EXPECT_TRUE(b.padding_intact());
}

// 0 is not -0, alone and in a tile.
TYPED_TEST(Sparsemax, ZerosHaveNoSign) {
    using T = typename TypeParam::T;
    std::vector<T> const row{T(0.75), T(0.25), T(-0.0), T(0)};
    padded<T> x(20, 4, 4), y(20, 4, 4);
    for (std::size_t r = 0; r != x.rows; ++r)
        for (std::size_t i = 0; i != row.size(); ++i) x.at(r, i) = row[i];
    TypeParam::op::call(std::as_const(x).view(), y.view());
    for (T const v : TypeParam::run(row)) EXPECT_FALSE(std::signbit(v));
    for (std::size_t r = 0; r != y.rows; ++r)
        for (T const v : y.row(r)) ASSERT_FALSE(std::signbit(v)) << "row " << r;
}

// Columns that no tile takes: as rows on the stack, as many as there is place for, or where they are.
TYPED_TEST(Sparsemax, OfTallColumns) {
    using T = typename TypeParam::T;
    for (std::size_t const n : {49U, 64U, 100U, 303U, 1000U, 2040U, 2700U, 3000U})
        for (std::size_t const cols : {1U, 2U, 5U, 16U, 37U}) {
            if (emulated && (n > 2040 || cols == 37)) continue;
            padded<T> x = filled<T>(n, cols, cols + 3), y(n, cols, cols + 1);
            x.at(n / 2, cols / 2) = nan<T>;
            TypeParam::op::call(smx::columns(std::as_const(x).view()), smx::columns(y.view()));
            std::vector<std::vector<T>> expected;
            for (std::size_t c = 0; c != cols; ++c) expected.push_back(TypeParam::run(x.column(c)));
            for (std::size_t c = 0; c != cols; ++c)
                ASSERT_TRUE(same_bits(y.column(c), expected[c])) << "column " << c << " of " << n << " x " << cols;
            TypeParam::op::call(smx::columns(std::as_const(x).view()), smx::columns(x.view()));
            for (std::size_t c = 0; c != cols; ++c)
                ASSERT_TRUE(same_bits(x.column(c), expected[c])) << "in place, column " << c << " of " << n;
            ASSERT_TRUE(x.padding_intact() && y.padding_intact());
        }
}

// The same on every machine with FMA, from every compiler. On a mismatch the hash is printed.
TYPED_TEST(Sparsemax, HasGoldenBits) {
    using T = typename TypeParam::T;
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: the bits are this machine's own";
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (std::size_t n : {1U, 3U, 16U, 33U, 257U, 1000U, 4097U, 10007U})
        for (double const scale : {1e-3, 0.1, 1.0, 4.0})
            for (double const c : {1.0, 0.7, -1.7, 1e-30})
                hash = hash_of_bits(TypeParam::run(rows::bell<T>(n, scale), {.scale = c}), hash);
    std::uint64_t const golden = sizeof(T) == 4 ? TypeParam::op::golden_float : TypeParam::op::golden_double;
    char text[32];
    std::snprintf(text, sizeof text, "0x%016" PRIX64, hash);
    EXPECT_EQ(hash, golden) << text;
}

} // namespace
} // namespace smx_test
