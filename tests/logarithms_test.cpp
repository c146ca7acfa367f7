// SPDX-License-Identifier: BSL-1.0
// log_sum_exp, and what log_softmax and log_stablemax promise beyond the generic tests; math::log1p and math::inverse;
// the refusals and options of the operators that are softmax with another finish.
#include "support/elements.hpp"
#include "support/exact_operators.hpp"
#include "support/inputs.hpp"
#include "support/padded.hpp"
#include "support/ulp.hpp"

#include <smx/math/inverse.hpp>
#include <smx/math/log.hpp>
#include <smx/smx.hpp>

#include <array>

namespace smx_test {
namespace {

template <class T> struct Logarithms : testing::Test {};
TYPED_TEST_SUITE(Logarithms, element_types, names);

template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T> constexpr T nan = std::numeric_limits<T>::quiet_NaN();
/// Beyond what stablemax takes with others.
template <class T> constexpr T giant = sizeof(T) == sizeof(float) ? T(0x1p61) : T(0x1p601);
template <class T> constexpr double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());

/// |got - exact| in ULP of exact.
template <class T> double ulps(T got, number const& exact) {
    double const size = std::max(std::abs(double_from(exact)), static_cast<double>(std::numeric_limits<T>::min()));
    double const ulp = std::ldexp(1.0, std::ilogb(size) - (std::numeric_limits<T>::digits - 1));
    return std::abs(double_from(number_from(static_cast<double>(got)) - exact)) / ulp;
}

TYPED_TEST(Logarithms, PublishedExamples) {
    using T = TypeParam;
    std::vector<T> const x{2, 1, T(0.1)};
    double const tolerance = sizeof(T) == 4 ? 3e-7 : 1e-12;
    EXPECT_NEAR(static_cast<double>(smx::log_sum_exp(x)), 2.4170300162778, tolerance);
    std::vector<T> const thousands{1000, 1000};
    EXPECT_NEAR(static_cast<double>(smx::log_sum_exp(thousands)), 1000.6931471806, sizeof(T) == 4 ? 4e-5 : 1e-10);
    std::vector<T> y(2);
    smx::log_softmax(std::vector<T>{10000, 10000}, y);
    EXPECT_NEAR(static_cast<double>(y[0]), -0.6931471805599453, tolerance); // x - (m + log s) gives -0.6933594 in float
    smx::log_softmax(std::vector<T>{0, 200}, y);
    EXPECT_EQ(y[0], T(-200));
    // The loss of a dominant element, to 2 ULP.
    for (double gap : {1.0, 5.0, 16.0, 16.7, 20.0, 40.0, 80.0}) {
        smx::log_softmax(std::vector<T>{static_cast<T>(gap), 0}, y);
        EXPECT_LE(ulps(y[0], exact::log_softmax(scaled(std::vector<T>{static_cast<T>(gap), 0}))[0]), 2) << gap;
    }
}

TYPED_TEST(Logarithms, LogSumExpIsWithinItsPromise) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    double worst = 0;
    for (family<T> const& f : families<T>())
        for (std::size_t n : {1U, 2U, 17U, 100U, 1000U}) {
            std::vector<T> const x = f.make(n);
            for (double c : {1.0, 0.3, -2.0}) {
                if (c < 0 && std::ranges::any_of(x, [](T v) { return std::isinf(v); })) continue;
                numbers const z = scaled(x, c);
                number const m = largest_of(z), l = exact::log_sum(z);
                double const size = std::max(std::abs(double_from(m)), double_from(l));
                number const exact = m + l;
                if (std::abs(double_from(exact)) > static_cast<double>(std::numeric_limits<T>::max())) continue;
                double const error =
                    std::abs(double_from(number_from(static_cast<double>(smx::log_sum_exp(x, {.scale = c}))) - exact)) /
                    std::max(size * epsilon<T>, static_cast<double>(std::numeric_limits<T>::denorm_min()));
                worst = std::max(worst, error);
                EXPECT_LE(error, 2) << f.name << "[" << n << "] times " << c;
                EXPECT_EQ(smx::log_sum_exp(smx::scores(x), {.scale = c}), smx::log_sum_exp(x, {.scale = c}));
            }
        }
    std::printf("%s: log_sum_exp %.3f ULP\n", name_of<T>().c_str(), worst);
}

// Beside the largest element m an element whose exponential errs the other way, and crumbs that round the sum of the
// others up or down: what families of rows do not meet.
TYPED_TEST(Logarithms, PairsThatErrApart) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    constexpr std::size_t line = 64 / sizeof(T);
    generator g(5);
    auto const fraction = [&] { return static_cast<double>(g.next() >> 12) * 0x1p-52; };
    double worst[2] = {}, worst_loss[2] = {};
    for (int i = 0; i != (emulated ? 400 : 4000); ++i) {
        std::vector<T> x(2 * line + 2, -infinity<T>), y(x.size());
        double const m = i % 2 == 0 ? 0 : std::ldexp(fraction() - 0.5, static_cast<int>(g.below(6)) - 4);
        double const below = std::ldexp(fraction() + 0.001, static_cast<int>(g.below(6)));
        x[0] = static_cast<T>(m);
        x[1] = static_cast<T>(m - below);
        double const half = std::ldexp(epsilon<T> / 2, std::ilogb(std::exp(static_cast<double>(x[1]))));
        if (i % 4 != 3) x[line + 1] = x[2 * line + 1] = static_cast<T>(std::log(half * (i % 8 < 4 ? 1.002 : 0.998)));
        number const log_sum = exact::log_sum(scaled(x)), exact = number_from(static_cast<double>(x[0])) + log_sum;
        double const size = std::max(std::abs(static_cast<double>(x[0])), double_from(log_sum));
        double const ulp = std::ldexp(epsilon<T>, std::ilogb(size));
        auto const check = [&](std::size_t a, auto accuracy, double promised, double promised_loss) {
            number const got = number_from(static_cast<double>(smx::log_sum_exp(accuracy, x)));
            double const error = std::abs(double_from(got - exact)) / ulp;
            smx::log_softmax(accuracy, x, y);
            double const loss = ulps(T(-y[0]), log_sum);
            EXPECT_LE(error, promised) << "log_sum_exp of " << x[0] << ", " << x[1] << ", " << x[line + 1];
            EXPECT_LE(loss, promised_loss) << "log_softmax of " << x[0] << ", " << x[1] << ", " << x[line + 1];
            worst[a] = std::max(worst[a], error);
            worst_loss[a] = std::max(worst_loss[a], loss);
        };
        check(0, smx::standard, 7, 6);
        check(1, smx::precise, 5, 5);
    }
    std::printf("%s: log_sum_exp %.3f, precise %.3f ULP; log_softmax of the largest %.3f, %.3f ULP\n",
                name_of<T>().c_str(), worst[0], worst[1], worst_loss[0], worst_loss[1]);
}

TYPED_TEST(Logarithms, LogSumExpObeysTheTableOfValues) {
    using T = TypeParam;
    using row = std::vector<T>;
    auto const lse = [](row const& x) { return smx::log_sum_exp(x); };
    EXPECT_EQ(lse({}), -infinity<T>);
    EXPECT_EQ(lse({-infinity<T>, -infinity<T>}), -infinity<T>);
    EXPECT_EQ(lse({1, infinity<T>, -infinity<T>}), infinity<T>);
    EXPECT_TRUE(std::isnan(lse({infinity<T>, nan<T>})));
    EXPECT_TRUE(std::isnan(lse({-infinity<T>, nan<T>})));
    EXPECT_TRUE(std::isnan(lse({nan<T>, 1, 2})));
    EXPECT_EQ(lse({-infinity<T>, 3}), T(3));
    EXPECT_EQ(lse({T(1e30), -T(1e30)}), T(1e30));
    for (std::size_t n : {1U, 16U, 17U, 100U})
        for (std::size_t at = 0; at < n; at += 7) {
            row x(n, -infinity<T>);
            x[at] = nan<T>;
            EXPECT_TRUE(std::isnan(lse(x))) << at << " of " << n;
            x[at] = T(-2.5);
            EXPECT_EQ(lse(x), T(-2.5));
        }
}

TYPED_TEST(Logarithms, LogSumExpTakesRowsColumnsAndLimits) {
    using T = TypeParam;
    std::vector<T> const x{1, 2, 3, 4, 5, 6};
    smx::matrix_view<T const> const m(x.data(), 2, 3);
    std::vector<T> rows(2), columns(3), limited(2);
    smx::log_sum_exp(m, rows);
    smx::log_sum_exp(smx::columns(m), columns);
    smx::log_sum_exp(smx::scores(m).causal(0), limited);
    EXPECT_EQ(rows[1], smx::log_sum_exp(std::vector<T>{4, 5, 6}));
    EXPECT_EQ(columns[2], smx::log_sum_exp(std::vector<T>{3, 6}));
    EXPECT_EQ(limited[0], -infinity<T>);
    EXPECT_EQ(limited[1], T(4));
    padded<T> tall(40, 3, 5);
    for (std::size_t r = 0; r != tall.rows; ++r)
        for (std::size_t c = 0; c != tall.cols; ++c) tall.at(r, c) = static_cast<T>(r % 7 + 3 * c);
    smx::log_sum_exp(smx::columns(tall.view()), columns);
    for (std::size_t c = 0; c != tall.cols; ++c) EXPECT_EQ(columns[c], smx::log_sum_exp(tall.column(c)));
    // Many short rows and columns, by tiles; of some a NaN, no element, or a giant.
    for (std::size_t n : {2U, 7U, 10U, 16U, 24U, 45U, 100U}) {
        padded<T> many = filled<T>(53, n, n + 2), wide = filled<T>(n, 53, 60);
        for (std::size_t i = 0; i != n; ++i) { // too far from 0 for exponents that are not moved
            many.at(43, i) = wide.at(i, 43) = many.at(43, i) + T(20000);
            many.at(52, i) = wide.at(i, 52) = many.at(52, i) - T(20000);
        }
        for (T const odd : {nan<T>, -infinity<T>, infinity<T>, T(1e30)}) {
            many.at(5, n / 2) = wide.at(n / 2, 5) = odd;
            for (std::size_t i = 0; i != n; ++i) many.at(20, i) = wide.at(i, 20) = odd;
            many.at(20, 0) = many.at(20, n - 1) = wide.at(0, 50) = wide.at(n - 1, 50) = T(12);
            for (smx::log_sum_exp_options const& options : {smx::log_sum_exp_options{}, {.scale = 0.3}, {.scale = 0}}) {
                std::vector<T> of_rows(53), of_columns(53);
                smx::log_sum_exp(many.view(), of_rows, options);
                smx::log_sum_exp(smx::columns(wide.view()), of_columns, options);
                for (std::size_t i = 0; i != 53; ++i) {
                    T const row = smx::log_sum_exp(many.row(i), options);
                    T const column = smx::log_sum_exp(wide.column(i), options);
                    EXPECT_TRUE(same_bits(std::vector{of_rows[i]}, {row})) << i << " of " << n << ", " << odd;
                    EXPECT_TRUE(same_bits(std::vector{of_columns[i]}, {column})) << i << " of " << n << ", " << odd;
                }
            }
        }
    }
    EXPECT_THROW(smx::log_sum_exp(m), std::invalid_argument);
    EXPECT_THROW(smx::log_sum_exp(m, columns), std::invalid_argument);
    EXPECT_THROW(smx::log_sum_exp(m, std::span<T>(const_cast<T*>(x.data()), 2)), std::invalid_argument);
}

TYPED_TEST(Logarithms, MathIsWithinItsPromise) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    using std::log1p;
    using V = smx::simd::vector<T, smx::simd::default_arch>;
    using P = smx::simd::pack<V, 1>;
    constexpr int high = std::numeric_limits<T>::max_exponent - 3, low = std::numeric_limits<T>::min_exponent + 3;
    generator g(11);
    double worst_log = 0, worst_inverse = 0;
    for (int i = 0; i != (emulated ? 2000 : 20000); ++i) {
        double const fraction = 1 + static_cast<double>(g.next() >> 12) * 0x1p-52;
        int const exponent = i % 2 == 0 ? static_cast<int>(g.below(12)) - 8
                                        : low + static_cast<int>(g.below(static_cast<std::size_t>(high - low)));
        T const v = static_cast<T>(std::ldexp(fraction, exponent));
        T const log = smx::simd::first_lane(smx::math::log1p(P{{V(v)}}).part[0]);
        T const inverse = smx::simd::first_lane(smx::math::inverse(P{{V(v)}}).part[0]);
        number const n = number_from(static_cast<double>(v));
        worst_log = std::max(worst_log, ulps(log, number(log1p(n))));
        worst_inverse = std::max(worst_inverse, ulps(inverse, number(number_from(1) / n)));
    }
    std::printf("%s: log1p %.3f ULP, inverse %.3f ULP\n", name_of<T>().c_str(), worst_log, worst_inverse);
    EXPECT_LE(worst_log, 2);
    EXPECT_LE(worst_inverse, smx::simd::has_fma ? 0.51 : 1.5);
    auto const log = [](T v) { return smx::simd::first_lane(smx::math::log1p(P{{V(v)}}).part[0]); };
    EXPECT_EQ(log(0), T(0));
    EXPECT_EQ(log(infinity<T>), infinity<T>);
    EXPECT_TRUE(std::isnan(log(nan<T>)));
}

TYPED_TEST(Logarithms, StablemaxDoesNotCollapse) {
    using T = TypeParam;
    std::vector<T> y(2);
    smx::log_stablemax(std::vector<T>{T(1.7e7), 0}, y);
    EXPECT_NEAR(static_cast<double>(y[0]), -5.8823523e-08, 1e-14); // log(s / sum) in float gives 0
    smx::log_stablemax(std::vector<T>{100, 0}, y);
    EXPECT_NEAR(static_cast<double>(y[0]), -0.009852296443012, sizeof(T) == 4 ? 4e-9 : 1e-15);
    // Beside a giant: a loss of 2^-125 and more, and one that is no number of T.
    for (std::vector<T> const& giants : {std::vector<T>{T(0x1p64), T(-0x1p61), T(-0x1p90)}, {T(0x1p80), T(-0x1p100)}}) {
        y.resize(giants.size());
        smx::log_stablemax(giants, y);
        numbers const exact = exact::log_stablemax(scaled(giants));
        for (std::size_t i = 0; i != y.size(); ++i) EXPECT_LE(ulps(y[i], exact[i]), 6) << giants[i];
    }
}

template <class Call> std::string refusal(Call call) {
    try {
        call();
    } catch (std::invalid_argument const& error) {
        return error.what();
    }
    return "nothing was refused";
}

// Powers of two and signs of a factor may be those of the elements: to the bit, where both are exact.
TYPED_TEST(Logarithms, FactorsAreSharedWithTheElements) {
    using T = TypeParam;
    std::vector<T> const x = rows::bell<T>(37, 3);
    auto const expect_same = [&](char const* what, auto const& call) {
        for (auto const& [scale, factor, other] :
             {std::array{-1.7, -1.0, 1.7}, {0x1p70, 0x1p10, 0x1p60}, {-0x1p-70, -0x1p-10, 0x1p-60}}) {
            std::vector<T> moved = x, y(x.size()), expected(x.size());
            for (T& v : moved) v *= static_cast<T>(factor);
            call(x, y, scale);
            call(moved, expected, other);
            EXPECT_TRUE(same_bits(y, expected)) << what << ", " << scale;
        }
    };
    expect_same("relu", [](auto const& from, auto& to, double c) { smx::relu(from, to, {.scale = c}); });
    expect_same("sigmoid", [](auto const& from, auto& to, double c) { smx::sigmoid(from, to, {.scale = c}); });
    expect_same("softplus", [](auto const& from, auto& to, double c) { smx::softplus(from, to, {.scale = c}); });
}

template <class X, class L>
concept log_sum_exp_takes = requires(X const& x, L& l) {
    smx::log_sum_exp(x, l);
};

TYPED_TEST(Logarithms, LogSumExpGivesARowOfValues) {
    using T = TypeParam;
    using rows = smx::matrix_view<T const>;
    using columns = smx::columns_view<T const>;
    EXPECT_TRUE((log_sum_exp_takes<rows, std::vector<T>> && log_sum_exp_takes<columns, std::vector<T>>));
    EXPECT_FALSE((log_sum_exp_takes<rows, smx::columns_view<T>>));
    EXPECT_FALSE((log_sum_exp_takes<columns, smx::columns_view<T>>));
}

TYPED_TEST(Logarithms, LogSumExpOfColumnsWithoutElements) {
    using T = TypeParam;
    std::vector<T> l(5, T(-7));
    smx::log_sum_exp(smx::columns(smx::matrix_view<T const>(nullptr, 0, 5)), l);
    EXPECT_TRUE(same_bits(l, std::vector<T>(5, -infinity<T>)));
}

// A sink raises the reference: no element may pass it so far that its own exponent is not near.
TYPED_TEST(Logarithms, SinksAtTheEndOfNearExponentsAreTheSameInColumns) {
    using T = TypeParam;
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: the bits are this machine's own";
    double const ln2 = 0x1.62e42fefa39efp-1;
    for (std::size_t n : {2U, 3U, 5U, 9U, 15U, 16U, 40U})
        for (double const above : {1.0, 8.0, sizeof(T) == 4 ? 12.0 : 200.0})
            for (std::uint64_t seed = 0; seed != 10; ++seed) {
                generator g(seed);
                std::vector<T> x(n), y(n), down(n);
                for (T& v : x) v = static_cast<T>((8192 - 10) * ln2) - std::abs(g.bell<T>(4));
                x[0] = T(3000);
                x[n / 2] = static_cast<T>((8192 + above) * ln2);
                smx::sink_softmax_options const options{.sink = 8190 * ln2};
                smx::sink_softmax(x, y, options);
                smx::sink_softmax(smx::columns(smx::matrix_view<T const>(x.data(), n, 1)),
                                  smx::columns(smx::matrix_view<T>(down.data(), n, 1)), options);
                ASSERT_TRUE(same_bits(y, down)) << n << ", " << above;
            }
}

// Where zeta - gamma is no number of T: what has no weight stays 0, and columns are what rows are.
TYPED_TEST(Logarithms, ClippedSoftmaxTakesEveryEnd) {
    using T = TypeParam;
    for (double const zeta : {1.0, 1e38, 1e45, 1e60, 1e141, 1e308})
        for (double const gamma : {0.0, -0.03, -1e30, -1e60, -1e308})
            for (std::size_t n : {3U, 16U, 20U, 42U, 100U, 300U}) {
                SCOPED_TRACE(testing::Message() << zeta << ", " << gamma << ", " << n);
                std::vector<T> x = rows::bell<T>(n, 2), y(n), down(n);
                x[0] = T(3);
                x[1] = -std::numeric_limits<T>::infinity();
                x[2] = T(-1e6);
                smx::clipped_softmax_options const options{.zeta = zeta, .gamma = gamma};
                smx::clipped_softmax(x, y, options);
                smx::clipped_softmax(smx::columns(smx::matrix_view<T const>(x.data(), n, 1)),
                                     smx::columns(smx::matrix_view<T>(down.data(), n, 1)), options);
                if (smx::simd::has_fma) {
                    EXPECT_TRUE(same_bits(y, down));
                }
                EXPECT_EQ(y[1], T(0));
                for (T const v : y) ASSERT_TRUE(v >= 0 && v <= 1) << v;
                if (zeta > 1e30 && gamma > -1) {
                    EXPECT_EQ(y[0], T(1));
                }
            }
}

/// clipped_softmax of a row; with FMA a column has the same bits.
template <class T>
void clipped_as_row_and_column(std::vector<T> const& x, std::vector<T>& y, smx::clipped_softmax_options const& o) {
    std::vector<T> down(x.size());
    smx::clipped_softmax(x, y, o);
    smx::clipped_softmax(smx::columns(smx::matrix_view<T const>(x.data(), x.size(), 1)),
                         smx::columns(smx::matrix_view<T>(down.data(), x.size(), 1)), o);
    if (!smx::simd::has_fma) return;
    ASSERT_TRUE(same_bits(y, down)) << "zeta " << o.zeta << ", gamma " << o.gamma << ", " << x.size() << " elements";
}

// A row weighs against a guess, a column against its largest: what one of them drops the other must not show.
TYPED_TEST(Logarithms, ClippedSoftmaxShowsTheSameWeightsInColumns) {
    using T = TypeParam;
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: the bits are this machine's own";
    double const least = sizeof(T) == 4 ? 80 : 690, most = sizeof(T) == 4 ? 140 : 1100;
    for (double const zeta : {1.0, 1.03, 1e6, 1e9, 1e12, 1e66, 1e141, 1e300})
        for (std::size_t n : {3U, 20U, 32U, 42U, 300U})
            for (double gap = least; gap < most; gap += 0.7) {
                std::vector<T> x(n, T(-1e6)), y(n);
                x[0] = 0;
                x[n / 2] = static_cast<T>(-gap);
                smx::clipped_softmax_options const options{.zeta = zeta, .gamma = 0};
                clipped_as_row_and_column(x, y, options);
                if (testing::Test::HasFatalFailure()) return;
                ASSERT_TRUE(y[n / 2] == 0 || y[n / 2] > std::numeric_limits<T>::min() * T(0.9)) << zeta << ", " << gap;
            }
}

// Far below -1, gamma leaves two results to a float, 0 and 1, and the magnitude of weights may not decide between them.
TYPED_TEST(Logarithms, ClippedSoftmaxIsAStepForHugeGammas) {
    using T = TypeParam;
    for (double const gamma : {-0x1p99, -0x1p101, -1e38, -1e40, -0x1p145, -3.7e234, -4e307})
        for (double const share : {0.25, 0.75}) // of the largest element that is 0 still
            for (std::size_t n : {3U, 20U, 40U, 300U, 1154U})
                for (T const level : {T(0), T(-60), T(50)}) {
                    std::vector<T> x(n, level - T(1e6)), y(n), expected(n);
                    x[0] = level - T(30);
                    x[n / 2] = level + T(5);
                    x[n - 1] = level + T(3.5); // .182 of the sum; the other has .818
                    expected[n / 2] = 1;
                    clipped_as_row_and_column(x, y, {.zeta = gamma * (1 - 1 / share), .gamma = gamma});
                    ASSERT_EQ(y, expected) << "gamma " << gamma << ", " << share << " of " << n;
                }
    for (double const gamma : {-0x1p101, -3.7e234}) // all but the largest are 0, in windows and outside
        for (T const below : {T(-1), T(-30), T(-200)}) {
            std::vector<T> x(1154, below), y(1154), expected(1154);
            x[44] = 0;
            clipped_as_row_and_column(x, y, {.zeta = 1.03, .gamma = gamma});
            expected[44] = y[44];
            ASSERT_EQ(y, expected) << gamma << ", " << below;
            ASSERT_TRUE(y[44] >= 0 && y[44] <= 1) << gamma << ", " << below;
        }
}

TYPED_TEST(Logarithms, FinishesKnowTheirExamplesAndRefusals) {
    using T = TypeParam;
    double const near = sizeof(T) == 4 ? 3e-7 : 1e-11;
    std::vector<T> x{-4, 0, 4}, y(3);
    auto const expect = [&](double a, double b, double c) {
        EXPECT_NEAR(static_cast<double>(y[0]), a, near);
        EXPECT_NEAR(static_cast<double>(y[1]), b, near);
        EXPECT_NEAR(static_cast<double>(y[2]), c, near);
    };
    smx::clipped_softmax(x, y, {.zeta = 1.1, .gamma = -.1});
    EXPECT_EQ(y, (std::vector<T>{0, 0, 1}));
    smx::clipped_softmax(x, y, {.zeta = 1.003, .gamma = -.003});
    expect(0, 0.0150881684559, 0.984580535182);
    EXPECT_EQ(smx::clipped_softmax_gamma(12, 512), -0.0234375);
    x = {1, 2, 3};
    smx::clipped_softmax(x, y, {.zeta = 1, .gamma = 0});
    std::vector<T> plain(3);
    smx::softmax(x, plain);
    for (std::size_t i = 0; i != 3; ++i) // nothing is clipped
        EXPECT_NEAR(static_cast<double>(y[i]), static_cast<double>(plain[i]), 2 * epsilon<T>);
    smx::sink_softmax(x, y);
    expect(0.0871443187420, 0.236882818090, 0.643914259888); // shifted first, the sink would be 1 at the maximum
    smx::sink_softmax(x, y, {.sink = -std::numeric_limits<double>::infinity()});
    EXPECT_EQ(y, plain);
    for (double const sink : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
        smx::sink_softmax(x, y, {.sink = sink});
        EXPECT_TRUE(all_nan(y)) << sink;
    }
    x = {-1, 0, 1};
    smx::sink_softmax(x, y);
    expect(0.0723294881285, 0.196611933241, 0.534446645389);
    x = {2, -1, 0};
    smx::stablemax(x, y);
    expect(2.0 / 3, 1.0 / 9, 2.0 / 9);
    std::vector<T> const sigmoid_x{2, 0, -1, 1};
    std::vector<T> s(4);
    smx::sigmoid(sigmoid_x, s, {.bias = smx::sigmoid_bias(4)});
    EXPECT_NEAR(static_cast<double>(s[0]), 0.648785644284, near);
    EXPECT_NEAR(static_cast<double>(s[1]), 0.2, near);
    smx::relu(sigmoid_x, s);
    EXPECT_EQ(s, (std::vector<T>{T(0.5), 0, 0, T(0.25)}));
    smx::relu(sigmoid_x, s, {.length = 8});
    EXPECT_EQ(s[0], T(0.25));
    smx::relu(sigmoid_x, s, {.length = 0.5});
    EXPECT_EQ(s[0], T(4));
    smx::softplus(std::vector<T>{1, T(1.5), -1, T(1.4)}, s);
    EXPECT_NEAR(static_cast<double>(s[2]), 0.0633062395160, near);

    EXPECT_EQ(refusal([&] { smx::clipped_softmax(x, y, {.zeta = 0.5}); }),
              "smx::clipped_softmax: zeta is 0.5, but must be finite and at least 1");
    EXPECT_EQ(refusal([&] { smx::clipped_softmax(x, y, {.gamma = 0.1}); }),
              "smx::clipped_softmax: gamma is 0.1, but must be finite and at most 0");
    EXPECT_EQ(refusal([&] { smx::sigmoid(x, y, {.bias = 1e9}); }),
              "smx::sigmoid: bias is 1e+09, but its size must be at most 5000");
    EXPECT_EQ(refusal([&] { smx::relu(x, y, {.length = -1}); }),
              "smx::relu: length is -1, but must be finite and at least 0");
    EXPECT_EQ(refusal([&] { smx::log_softmax(x, s); }), "smx::log_softmax: y has rows of 4 elements, but x of 3");
    EXPECT_EQ(refusal([&] { smx::stablemax(x, y, {.temperature = 0}); }),
              "smx::stablemax: temperature is 0, but must be above 0");
    EXPECT_EQ(refusal([&] { smx::log_stablemax(x, y, {.temperature = 0}); }),
              "smx::log_stablemax: temperature is 0, but must be above 0");
    EXPECT_EQ(refusal([&] { smx::log_softmax(x, y, {.temperature = 0}); }),
              "smx::log_softmax: temperature is 0, but must be above 0");
    EXPECT_EQ(refusal([&] { smx::sink_softmax(x, y, {.temperature = 0}); }),
              "smx::sink_softmax: temperature is 0, but must be above 0");
    EXPECT_EQ(refusal([&] { smx::log_sum_exp(x, {.temperature = 0}); }),
              "smx::log_sum_exp: temperature is 0, but must be above 0");
    EXPECT_EQ(refusal([&] { smx::softplus(x, y, {.scale = std::numeric_limits<double>::infinity()}); }),
              "smx::softplus: scale is inf, but must be finite, at most 1.79769e+308");
}

/// The loss of a dominant element, whose relative error is largest just below a power of two; found by fuzzing. Others
/// that are all equal have equal errors, which add up.
TYPED_TEST(Logarithms, LossesBelowPowersOfTwo) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    generator g(3);
    double worst[2] = {};
    for (int i = 0; i != (emulated ? 200 : 3000); ++i)
        for (std::size_t n : {2U, 101U}) {
            double const top = g.bell<double>(20),
                         loss = std::ldexp(1 - static_cast<double>(g.below(1000)) * 2e-5, -i % 20);
            T const rest = static_cast<T>(top + std::log(std::expm1(loss) / static_cast<double>(n - 1)));
            std::vector<T> x(n, rest), y(n), precise(n);
            x[0] = static_cast<T>(top);
            smx::log_softmax(x, y);
            smx::log_softmax(smx::precise, x, precise);
            using std::exp;
            using std::log1p;
            number const gap = number_from(static_cast<double>(rest)) - number_from(static_cast<double>(x[0]));
            number const exact = -log1p(number(number_from(static_cast<double>(n - 1)) * exp(gap)));
            worst[0] = std::max(worst[0], ulps(y[0], exact));
            worst[1] = std::max(worst[1], ulps(precise[0], exact));
        }
    std::printf("%s: log_softmax %.3f ULP, precise %.3f ULP\n", name_of<T>().c_str(), worst[0], worst[1]);
    EXPECT_LE(worst[0], 6);
    EXPECT_LE(worst[1], 5);
}

/// A factor below 0 costs nothing: near rows are not moved to 0, which would round their differences.
TYPED_TEST(Logarithms, NegativeFactorsGiveTheBitsOfTheirRows) {
    using T = TypeParam;
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: bits are not promised";
    for (family<T> const& f : families<T>())
        for (double const c : {1.0, 0.3}) {
            std::vector<T> const x = f.make(300);
            std::vector<T> turned(x), y(300), back(300);
            for (T& v : turned) v = -v;
            smx::log_softmax(x, y, {.scale = c});
            smx::log_softmax(turned, back, {.scale = -c});
            EXPECT_TRUE(same_bits(back, y)) << f.name << " times " << c;
            T const one = smx::log_sum_exp(x, {.scale = c}), other = smx::log_sum_exp(turned, {.scale = -c});
            EXPECT_TRUE(same_bits(one, other)) << f.name << " times " << c;
        }
}

/// Options at the ends of their ranges, as the fuzz targets found them.
TYPED_TEST(Logarithms, ExtremeOptionsGiveNumbers) {
    using T = TypeParam;
    std::vector<T> y(3);
    // A factor that float cannot hold: the largest is still 0 or -log of how many there are.
    smx::log_softmax(std::vector<T>{1, 2, 1}, y, {.scale = 1e200});
    EXPECT_EQ(y[1], T(0));
    EXPECT_LT(y[0], T(-1e30));
    smx::log_softmax(std::vector<T>{5, 5, 5}, y, {.scale = 1e300});
    EXPECT_NEAR(static_cast<double>(y[2]), -std::log(3.0), 1e-6);
    for (double const scale : {1e300, -1e300}) { // a largest element that such a factor takes to -inf
        T const top = scale < 0 ? T(1e30) : T(-1e30);
        smx::log_softmax(std::vector<T>{top, top, 2 * top}, y, {.scale = scale});
        EXPECT_NEAR(static_cast<double>(y[0]), -std::log(2.0), 1e-6) << scale;
        EXPECT_EQ(y[2], -infinity<T>) << scale;
    }
    smx::log_softmax(std::vector<T>{5, -infinity<T>, 7}, y, {.scale = 1e-200});
    EXPECT_EQ(y[1], -infinity<T>);
    EXPECT_NEAR(static_cast<double>(y[2]), -std::log(2.0), 1e-6);
    // The smallest differences times the largest factors: right, or beyond T.
    constexpr T tiny = std::numeric_limits<T>::denorm_min();
    for (double const scale : {0x1p240, 0x1p251, 0x1p253, 0x1p260, 0x1p275, 0x1p280, 1e200, 1e308})
        for (T const top : {T(0), 2 * tiny, -5 * tiny}) {
            smx::log_softmax(std::vector<T>{top - tiny, top, top - 3 * tiny}, y, {.scale = scale});
            EXPECT_LE(ulps(y[1], exact::log_softmax(scaled(std::vector<T>{-tiny, 0, -3 * tiny}, scale))[1]), 2)
                << scale;
            for (std::size_t i : {0U, 2U}) {
                double const product = static_cast<double>((i == 0 ? -1 : -3) * tiny) * scale;
                if (sizeof(T) == 8 && product > -100) continue;
                EXPECT_EQ(y[i], static_cast<T>(product)) << scale; // the log of the sum is 0 beside it
            }
        }
    // Differences that overflow, of factors that bring them back.
    constexpr T top = std::numeric_limits<T>::max();
    smx::log_softmax(std::vector<T>{top, -top, 0}, y, {.scale = 0});
    for (T const v : y) EXPECT_NEAR(static_cast<double>(v), -std::log(3.0), 1e-6);
    smx::log_softmax(std::vector<T>{top * std::numeric_limits<T>::epsilon() / 2, -top, 0}, y, {.scale = 0.5});
    EXPECT_EQ(y[1], -std::ldexp(T(1), std::numeric_limits<T>::max_exponent - 1));
    smx::log_softmax(std::vector<T>{top, -top, 0}, y, {.scale = -0x1p-20});
    EXPECT_EQ(y[0], -top * T(0x1p-19));
    // A factor of 0 leaves the bias, however large it is.
    double const far = sizeof(T) == 4 ? 100 : 1000;
    for (double bias : {far, -far, 5000.0, -5000.0}) {
        smx::sigmoid(std::vector<T>{1, 0, -7}, y, {.bias = bias, .scale = 0});
        for (T const v : y) EXPECT_EQ(v, bias > 0 ? T(1) : T(0)) << bias;
    }
    smx::sigmoid(std::vector<T>{1, infinity<T>, -7}, y, {.bias = far, .scale = 0});
    EXPECT_TRUE(std::isnan(y[1]));
    // A sink takes all of a row of -inf, however low it is.
    smx::sink_softmax(std::vector<T>(3, -infinity<T>), y, {.sink = -1e5});
    EXPECT_EQ(y, std::vector<T>(3, T(0)));
    // And however high, of scores that a factor of 0 makes equal.
    smx::sink_softmax(std::vector<T>{1, 2, 3}, y, {.sink = 300, .scale = 0});
    T const share = sizeof(T) == 4 ? T(0) : static_cast<T>(std::exp(-300.0));
    for (T const v : y) EXPECT_NEAR(v, share, share * 1e-14);
    std::vector<double> const zero{0};
    for (double const sink : {50.0, 131.0, 132.0, 700.0, 1062.0, 1063.0, 1064.0, 5000.0, 1e6}) {
        smx::sink_softmax(smx::scores(std::vector<T>{1, 2, 3}).scale_rows(zero), y, {.sink = sink});
        double const exact = std::exp(-sink); // 3 scores of 0 are nothing beside it
        for (T const v : y)
            if (exact > 2 * static_cast<double>(std::numeric_limits<T>::min()))
                EXPECT_NEAR(static_cast<double>(v) / exact, 1, sizeof(T) == 4 ? 1e-6 : 1e-14) << sink;
            else
                EXPECT_EQ(v, T(0)) << sink;
    }
    for (double const sink : {-300.0, 0.0, 10.0, 120.0, 5000.0}) { // 0 times -inf is NaN, whatever the sink
        smx::sink_softmax(std::vector<T>{-infinity<T>, 1, 2}, y, {.sink = sink, .scale = 0});
        EXPECT_TRUE(all_nan(y)) << sink;
    }
}

constexpr double factors_beyond_float[] = {1e-42, 1e-200,  1e-310, 0x1p-127, 0x1.8p127,
                                           1e39,  0x1p150, 1e60,   1e200,    1e308};

/// 0, denormals, ordinary numbers and giants, of every sign.
template <class T> std::vector<std::vector<T>> rows_for_any_factor() {
    constexpr T tiny = std::numeric_limits<T>::denorm_min(), small = 3 * std::numeric_limits<T>::min() / 4,
                top = std::numeric_limits<T>::max();
    std::vector<std::vector<T>> rows{{0, tiny, small, 1, T(1e30), -tiny, -1, T(-1e30)},
                                     {0, 0, tiny, 2 * tiny, -3 * tiny},
                                     {0, -1, -tiny, T(-1e30)},
                                     {1, T(1.5), 2, 0, T(1e-30)},
                                     {-1, T(-1.5), -2, T(-1e30)},
                                     {-tiny, -2 * tiny, -small},
                                     {T(1e30), T(2e30), 1, T(-1e30), T(1e-12)},
                                     {T(-1e30), T(-2e30), -top},
                                     {top, top, top / 2, 0, -top},
                                     {T(1e-38), T(1e-37), T(1e-39), 0, T(-1e-38)},
                                     {5}};
    for (std::size_t r = 0, count = rows.size(); r != count; ++r) { // more than a register, too
        std::vector<T> longer(41);
        for (std::size_t i = 0; i != longer.size(); ++i) longer[i] = rows[r][i % rows[r].size()];
        rows.push_back(longer);
    }
    return rows;
}
/// f(x, c) for these rows and factors of both signs, as they are and with elements whose c x is -inf.
template <class T, class F> void each_with_any_factor(F const& f) {
    for (std::vector<T> const& row : rows_for_any_factor<T>())
        for (double const size : factors_beyond_float)
            for (double const c : {size, -size}) {
                SCOPED_TRACE(testing::Message() << c << " times " << testing::PrintToString(row));
                f(row, c);
                std::vector<T> with_masked = row;
                with_masked.insert(with_masked.begin() + 1, c > 0 ? -infinity<T> : infinity<T>);
                f(with_masked, c);
                with_masked[1] = -with_masked[1];
                f(with_masked, c);
                with_masked[1] = nan<T>;
                f(with_masked, c);
            }
}
/// x times c; a NaN where that is infinite.
template <class T> numbers products_of(std::vector<T> const& x, double c) {
    numbers z = scaled(x, c);
    for (std::size_t i = 0; i != x.size(); ++i)
        if (std::isinf(x[i])) z[i] = number_from(static_cast<double>(c < 0 ? -x[i] : x[i]));
    return z;
}
/// False if the row is NaN, which it must be.
template <class T> bool has_shares(std::vector<T> const& x, double c, std::vector<T> const& y) {
    for (T const v : x)
        if (std::isnan(v) || (std::isinf(v) && (v > 0) == (c > 0))) {
            EXPECT_TRUE(all_nan(y));
            return false;
        }
    return true;
}
template <class T> void expect_near(std::vector<T> const& y, numbers const& exact, double bound) {
    for (std::size_t i = 0; i != y.size(); ++i)
        ASSERT_LE(error_of(y[i], exact[i], 0), bound)
            << "element " << i << " is " << y[i] << ", exact " << double_from(exact[i]);
}

TYPED_TEST(Logarithms, ReluTakesAnyFactor) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    auto const expect = [](std::vector<T> const& x, double c, double length, auto const& y) {
        for (std::size_t i = 0; i != x.size(); ++i) {
            if (!std::isfinite(x[i])) {
                T const wanted = std::isnan(x[i]) ? nan<T> : (x[i] > 0) == (c > 0) ? infinity<T> : T(0);
                ASSERT_TRUE(std::isnan(wanted) ? std::isnan(y[i]) : same_bits(y[i], wanted)) << i;
                continue;
            }
            number z = number_from(static_cast<double>(x[i])) * number_from(c) / number_from(length);
            if (!(z > number_from(0))) z = number_from(0);
            if (z != number_from(0) && double_from(z) == 0) z = number_from(std::numeric_limits<double>::denorm_min());
            ASSERT_LE(error_of(y[i], z, static_cast<double>(std::numeric_limits<T>::min())), 1.5)
                << x[i] << " gave " << y[i] << ", exact " << double_from(z);
        }
    };
    each_with_any_factor<T>([&](std::vector<T> const& x, double c) {
        std::vector<T> y(x.size());
        smx::relu(x, y, {.scale = c});
        expect(x, c, static_cast<double>(x.size()), y);
        for (double const length : {1e-300, 1e-310, 3e-40, 1e40, 1e300}) {
            smx::relu(x, y, {.length = length, .scale = c});
            expect(x, c, length, y);
            smx::relu(x, y, {.length = length});
            expect(x, 1, length, y);
        }
        std::vector<T> const bias(x.size());
        smx::relu(smx::scores(x).add(bias), y, {.length = 1, .scale = c});
        expect(x, c, 1, y);
    });
}

TYPED_TEST(Logarithms, SharesTakeAnyFactor) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    each_with_any_factor<T>([](std::vector<T> const& x, double c) {
        std::vector<T> y(x.size());
        numbers const z = products_of(x, c);
        smx::stablemax(x, y, {.scale = c});
        if (has_shares(x, c, y)) expect_near(y, exact::stablemax(z), 5); // c x is rounded
        std::vector<T> place = x;
        smx::stablemax(place, place, {.scale = c});
        ASSERT_TRUE(same_bits(place, y)) << "in place";
        smx::stablemax(smx::precise, x, y, {.scale = c});
        if (has_shares(x, c, y)) expect_near(y, exact::stablemax(z), 5);

        // Far below 0 it is softmax, and has numbers still.
        bool const far = largest_of(z) < number_from(-100);
        numbers const of_softplus = far ? exact::softmax(z) : exact::softplus(z);
        smx::softplus(x, y, {.scale = c});
        if (has_shares(x, c, y)) expect_near(y, of_softplus, 6);

        smx::lssar(x, y, {.scale = c});
        if (!has_shares(x, c, y)) return;
        double sum = 0;
        for (std::size_t i = 0; i != x.size(); ++i) {
            if (std::isinf(x[i])) {
                ASSERT_TRUE(same_bits(y[i], T(0)));
            }
            sum += static_cast<double>(y[i]);
        }
        EXPECT_NEAR(sum, 1, 1e-5);
        if (far || largest_of(of_softplus) * number_from(static_cast<double>(x.size())) < number_from(1.1)) return;
        numbers const exact = exact::lssar(z, 15, 1);
        for (std::size_t i = 0; i != x.size(); ++i)
            ASSERT_NEAR(static_cast<double>(y[i]), double_from(exact[i]), 1e-4) << "element " << i;
    });
}

TYPED_TEST(Logarithms, LssarOfThreeElementsHasNoOffset) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    for (std::size_t n = 1; n != 7; ++n) {
        std::vector<T> x(n), y(n);
        for (std::size_t i = 0; i != n; ++i) x[i] = static_cast<T>(i) / 2;
        smx::lssar(x, y, {.power = 1, .offset = 1});
        numbers const exact = exact::lssar(scaled(x), 1, 1);
        for (std::size_t i = 0; i != n; ++i)
            EXPECT_NEAR(static_cast<double>(y[i]), double_from(exact[i]), 1e-5) << i << " of " << n;
    }
}

/// As a log, where no c x is beyond the type: that counts as infinite.
TYPED_TEST(Logarithms, LogStablemaxTakesAnyFactor) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    each_with_any_factor<T>([](std::vector<T> const& x, double c) {
        std::vector<T> y(x.size());
        smx::log_stablemax(x, y, {.scale = c});
        if (std::ranges::any_of(x, [](T v) { return std::isnan(v); })) {
            EXPECT_TRUE(all_nan(y));
            return;
        }
        constexpr double most = static_cast<double>(std::numeric_limits<T>::max());
        numbers z = products_of(x, c);
        if (largest_of(z) > number_from(most)) {
            EXPECT_TRUE(all_nan(y));
            return;
        }
        for (number& v : z)
            if (v < number_from(-most)) v = number_from(-std::numeric_limits<double>::infinity());
        if (largest_of(z) < number_from(-most)) {
            EXPECT_TRUE(all_nan(y));
            return;
        }
        numbers const exact = exact::log_stablemax(z);
        for (std::size_t i = 0; i != y.size(); ++i)
            if (is_masked(z[i]))
                ASSERT_EQ(y[i], -infinity<T>) << i;
            else if (exact[i] == number_from(0)) // too small a share of others for the digits of the oracle
                ASSERT_LE(std::abs(static_cast<double>(y[i])), 1e-57) << i;
            else
                ASSERT_LE(error_of(y[i], exact[i], 1), 7) << "element " << i << " is " << y[i];
    });
}

TYPED_TEST(Logarithms, OptionsAreTakenAsTheyAre) {
    using T = TypeParam;
    double const near = sizeof(T) == 4 ? 3e-7 : 1e-13;
    std::vector<T> y(2);
    smx::stablemax(std::vector<T>{2, -1}, y, {.scale = 0.1}); // 0.1 is no float
    EXPECT_NEAR(static_cast<double>(y[0]), 1.2 / (1.2 + 1 / 1.1), near);
    // A sink among scores that are far from 0, with either sign of the scale.
    for (double scale : {1.0, -1.0}) {
        smx::sink_softmax(std::vector<T>(2, static_cast<T>(scale * 100000)), y, {.sink = 100000, .scale = scale});
        EXPECT_NEAR(static_cast<double>(y[1]), 1.0 / 3, near) << scale;
    }
    smx::sink_softmax(std::vector<T>(2, T(1)), y, {.sink = 200, .scale = 0});
    EXPECT_NEAR(static_cast<double>(y[0]), 0, 1e-80);
    smx::sink_softmax(std::vector<T>(2, -infinity<T>), y, {.sink = -1e300, .fully_masked = smx::masked::nan});
    EXPECT_EQ(y, std::vector<T>(2, T(0))) << "the sink takes all, however low";
    for (double bias : {200.0, 5000.0}) { // of a scale of 0 the bias is left
        smx::sigmoid(std::vector<T>{1, -1}, y, {.bias = bias, .scale = 0});
        EXPECT_EQ(y, std::vector<T>(2, T(1))) << bias;
        smx::sigmoid(std::vector<T>{1, -1}, y, {.bias = -bias, .scale = 0});
        EXPECT_NEAR(static_cast<double>(y[0]), 0, 1e-80) << bias;
    }
    std::vector<std::size_t> const none{0};
    std::vector<T> const x(2, T(1));
    smx::sigmoid(smx::scores(x).lengths(none), y, {.bias = 3});
    EXPECT_EQ(y, std::vector<T>(2, T(0)));
    smx::relu(smx::scores(x).lengths(none), y);
    EXPECT_EQ(y, std::vector<T>(2, T(0)));
    smx::log_softmax(smx::scores(x).lengths(none), y);
    EXPECT_EQ(y, std::vector<T>(2, -infinity<T>));
    smx::log_softmax(smx::scores(x).lengths(none), y, {.fully_masked = smx::masked::nan});
    EXPECT_TRUE(y[0] != y[0] && y[1] != y[1]);
}

/// Scores that a bias far from 0 brings back: what it is in units of log 2 has to be known to the last place.
TYPED_TEST(Logarithms, SigmoidIsWithinItsPromiseWhateverTheBias) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    for (double const bias : {0.1, 60.3, -60.3, 700.1, -700.1, 4999.9, -4999.9}) {
        std::vector<T> x, y(200);
        for (std::size_t i = 0; i != y.size(); ++i) x.push_back(static_cast<T>(static_cast<double>(i) / 4 - 45 - bias));
        smx::sigmoid(x, y, {.bias = bias});
        numbers const exact = exact::sigmoid(scaled(x), bias);
        for (std::size_t i = 0; i != y.size(); ++i)
            ASSERT_LE(ulps(y[i], exact[i]), 4) << "bias " << bias << ", x " << x[i];
    }
}

TYPED_TEST(Logarithms, StablemaxOfManyRowsTakesItsFactor) {
    using T = TypeParam;
    padded<T> const x = filled<T>(53, 37, 40);
    padded<T> rows(53, 37, 38), columns(53, 37, 39);
    smx::stablemax_options const options{.scale = 0.3};
    smx::stablemax(x.view(), rows.view(), options);
    smx::stablemax(smx::columns(x.view()), smx::columns(columns.view()), options);
    std::vector<T> row(37), column(53);
    smx::stablemax(x.row(20), row, options);
    smx::stablemax(x.column(20), column, options);
    EXPECT_TRUE(same_bits(rows.row(20), row));
    EXPECT_TRUE(same_bits(columns.column(20), column));
}

// By tiles, down columns and alone, with what no tile takes among them: the same bits, each within the promise.
TYPED_TEST(Logarithms, LogStablemaxOfManyRowsIsThatOfEach) {
    using T = TypeParam;
    enum kind { bells, with_factor, ties, large, giants, gaps, nothing_left, a_nan, an_infinity, kinds };
    for (std::size_t n = 1; n <= 53; n += n < 20 ? 1 : 3)
        for (int k = 0; k != kinds; ++k) {
            padded<T> x(35, n, n + 1), y(35, n, n + 2), columns(n, 35, 37), z(n, 35, 36);
            generator g(n * kinds + static_cast<std::size_t>(k));
            for (std::size_t r = 0; r != x.rows; ++r)
                for (std::size_t i = 0; i != n; ++i) {
                    T v = g.bell<T>(3);
                    if (k == ties) v = std::round(v);
                    if (k == large) v *= std::pow(T(10), static_cast<T>(r % 17));
                    if (k == giants && r % 16 == 3 && i == n / 2) v = giant<T>;
                    if (k == gaps && g.below(3) == 0) v = -infinity<T>;
                    if (k == nothing_left && r % 16 == 4) v = -infinity<T>;
                    if (k == a_nan && r % 16 == 5 && i == n / 3) v = nan<T>;
                    if (k == an_infinity && r % 16 == 6 && i == n - 1) v = infinity<T>;
                    x.at(r, i) = columns.at(i, r) = v;
                }
            smx::stablemax_options const options{.scale = k == with_factor ? 0.25 : 1};
            smx::log_stablemax(std::as_const(x).view(), y.view(), options);
            smx::log_stablemax(smx::columns(std::as_const(columns).view()), smx::columns(z.view()), options);
            for (std::size_t r = 0; r != x.rows; ++r) {
                std::vector<T> const row = x.row(r);
                std::vector<T> alone(n);
                smx::log_stablemax(row, alone, options);
                ASSERT_TRUE(same_bits(y.row(r), alone)) << "row " << r << " of " << n << ", kind " << k;
                ASSERT_TRUE(same_bits(z.column(r), alone)) << "column " << r << " of " << n << ", kind " << k;
                if (k > large || r % 5 != 0) continue;
                numbers const exact = exact::log_stablemax(scaled(row, options.scale));
                for (std::size_t i = 0; i != n; ++i) ASSERT_LE(ulps(alone[i], exact[i]), 6) << row[i] << " of " << n;
            }
            ASSERT_TRUE(y.padding_intact() && z.padding_intact());
        }
}

/// Rows whose largest elements are several, before and behind an element that is in no window with them.
TYPED_TEST(Logarithms, RowsThatLeaveTheirWindow) {
    using T = TypeParam;
    T const below = sizeof(T) == sizeof(float) ? T(-80) : T(-700), beside = T(-0x1p-20);
    for (std::size_t n : {128U, 131U, 200U, 256U, 383U, 1000U, 2053U}) {
        std::size_t const count = 40;
        padded<T> x(count, n, n + 1), y(count, n, n + 3);
        std::vector<T> sums(count);
        generator g(n);
        for (std::size_t r = 0; r != count; ++r) {
            for (std::size_t i = 0; i != n; ++i) x.at(r, i) = g.bell<T>(1);
            for (std::size_t i : {std::size_t(0), n / 3, n / 2, n - 1})
                if ((r & 3) != 0 && (i + r) % 3 != 0) x.at(r, i) = T(9); // none or some of the largest
            if (r % 5 == 1) x.at(r, n / 2 + 1) = T(9) + beside * T(9);
            if (r % 4 != 3) x.at(r, (r * 53) % n) = r % 4 == 1 ? -infinity<T> : below;
            if (r == 30) x.at(r, n - 2) = nan<T>;
            if (r == 31)
                for (std::size_t i = 0; i != n; ++i) x.at(r, i) = T(2);
        }
        smx::log_sum_exp(std::as_const(x).view(), sums);
        smx::log_softmax(std::as_const(x).view(), y.view());
        for (std::size_t r = 0; r != count; ++r) {
            std::vector<T> const row = x.row(r);
            std::vector<T> alone(n), column(n); // which has no window
            smx::log_softmax(row, alone);
            smx::log_softmax(smx::columns(smx::matrix_view(row.data(), n, 1)),
                             smx::columns(smx::matrix_view(column.data(), n, 1)));
            ASSERT_TRUE(same_bits(y.row(r), alone)) << "row " << r << " of " << n;
            ASSERT_TRUE(same_bits(column, alone)) << "row " << r << " of " << n;
            T const sum = smx::log_sum_exp(row);
            ASSERT_TRUE(same_bits(std::vector{sums[r]}, {sum})) << "row " << r << " of " << n;
            if (r == 30 || (sizeof(T) == sizeof(double) && !numbers_serve_double)) continue;
            numbers const z = scaled(row, 1);
            ASSERT_LE(ulps(sum, largest_of(z) + exact::log_sum(z)), 2) << "row " << r << " of " << n;
        }
    }
}

TYPED_TEST(Logarithms, ScoresRefuseAndCompose) {
    using T = TypeParam;
    std::vector<T> x{1, 2, 3, 4, 5, 6}, y(6), bias{0, T(-0.5), T(0.25)}, expected(3);
    smx::matrix_view<T const> const from(x.data(), 2, 3);
    smx::matrix_view<T> const to(y.data(), 2, 3);
    std::vector<double> const factors{0.5, 2};
    std::vector<std::size_t> const lengths{3, 2};
    unsigned char const mask[3] = {0, 1, 1};
    smx::softmax(smx::scores(from).add(bias).where(mask).lengths(lengths).scale_rows(factors), to, {.temperature = 2});
    smx::softmax(std::vector<T>{-infinity<T>, T(0.5 - 0.5), T(0.75 + 0.25)}, expected);
    for (std::size_t i = 0; i != 3; ++i)
        EXPECT_NEAR(static_cast<double>(y[i]), static_cast<double>(expected[i]), 4 * epsilon<T>);
    EXPECT_EQ(y[3], T(0));
    EXPECT_EQ(y[4], T(1));
    EXPECT_EQ(y[5], T(0));

    std::vector<T> const kept = y;
    EXPECT_EQ(refusal([&] { smx::softmax(smx::scores(from).add(std::span<T const>(x.data(), 2)), to); }),
              "smx::softmax: bias has rows of 2 elements, but y of 3");
    for (std::size_t const rows : {std::size_t(0), std::size_t(3)}) {
        smx::matrix_view<T const> const biases(x.data(), rows, 3);
        std::vector<unsigned char> const shown(9, 1);
        smx::matrix_view<unsigned char const> const masks(shown.data(), rows, 3);
        std::string const but = " has " + std::to_string(rows) + " rows, but y has 2 (a row for all, or one for each)";
        EXPECT_EQ(refusal([&] { smx::softmax(smx::scores(from).add(biases), to); }), "smx::softmax: bias" + but);
        EXPECT_EQ(refusal([&] { smx::softmax(smx::scores(from).where(masks), to); }), "smx::softmax: mask" + but);
    }
    EXPECT_EQ(refusal([&] { smx::softmax(smx::scores(from).lengths(std::span(lengths).first(1)), to); }),
              "smx::softmax: lengths has 1 elements, but x has 2 rows");
    EXPECT_EQ(refusal([&] { smx::softmax(smx::scores(from).scale_rows(std::span(factors).first(1)), to); }),
              "smx::softmax: scale_rows has 1 factors, but x has 2 rows");
    EXPECT_NE(refusal([&] {
                  smx::softmax(smx::scores(from).add(std::span<T const>(y.data() + 1, 3)), to);
              }).find("y partly overlaps bias"),
              std::string::npos);
    EXPECT_EQ(y, kept) << "written before the refusal";

    // A bias for each row may be y itself; one for all may not: the first row of results would be added to the second.
    std::vector<T> own(6, T(0.25)), apart(6);
    smx::softmax(smx::scores(from).add(smx::matrix_view<T const>(own.data(), 2, 3)),
                 smx::matrix_view<T>(apart.data(), 2, 3));
    smx::softmax(smx::scores(from).add(smx::matrix_view<T const>(own.data(), 2, 3)),
                 smx::matrix_view<T>(own.data(), 2, 3));
    EXPECT_EQ(own, apart);
    EXPECT_NE(refusal([&] {
                  smx::softmax(smx::scores(from).add(std::span<T const>(y.data(), 3)), to);
              }).find("y partly overlaps bias"),
              std::string::npos);
    EXPECT_EQ(y, kept) << "written before the refusal";
}

} // namespace
} // namespace smx_test
