// SPDX-License-Identifier: BSL-1.0
// online_state: {max, sum} of rows that arrive in pieces.
#include "support/elements.hpp"
#include "support/inputs.hpp"
#include "support/oracle.hpp"
#include "support/ulp.hpp"

#include <smx/log_sum_exp.hpp>
#include <smx/online_state.hpp>
#include <smx/softmax.hpp>

#include <gtest/gtest.h>

#include <cstdio>

namespace smx_test {
namespace {

/// States of T and what is known about them.
template <class T> struct states {
    using state = smx::online_state<T>;
    using row = std::vector<T>;
    static constexpr T infinity = std::numeric_limits<T>::infinity();
    static constexpr T nan = std::numeric_limits<T>::quiet_NaN();

    static state of(row const& x) { return state(x); }
    static bool equal(state const& a, state const& b) {
        return (std::isnan(a.max) || std::isnan(b.max) ? std::isnan(a.max) && std::isnan(b.max) : a.max == b.max) &&
               same_bits(a.sum, b.sum);
    }
    /// In ULP of the element type.
    static double error(double sum, exact_value const& exact) {
        return error_in_ulp(sum, exact) * (sizeof(T) == 4 ? 0x1p-29 : 1);
    }
};
template <class T> struct OnlineState : testing::Test {};
TYPED_TEST_SUITE(OnlineState, element_types, names);

TYPED_TEST(OnlineState, PublishedExample) {
    using T = TypeParam;
    double const close = sizeof(T) == 4 ? 1e-6 : 1e-12;
    auto const expect = [&](smx::online_state<T> const& s, double max, double sum) {
        EXPECT_EQ(static_cast<double>(s.max), max);
        EXPECT_NEAR(s.sum, sum, close);
    };
    expect(states<TypeParam>::of({1}), 1, 1);
    expect(states<TypeParam>::of({1, 3}), 3, 1.1353352832366);
    expect(states<TypeParam>::of({1, 3, 2}), 3, 1.5032147244081);
    expect(states<TypeParam>::of({1, 3, 2, 5}), 5, 1.2034379904932);
    expect(states<TypeParam>::of({1, 3, 2, 5, 4}), 5, 1.5713174316647);
    expect(states<TypeParam>::of({5, 4}), 5, 1.3678794411714);
    expect(merge(states<TypeParam>::of({1, 3, 2}), states<TypeParam>::of({5, 4})), 5, 1.5713174316647);
    smx::online_state<T> one_by_one;
    for (T v : {T(1), T(3), T(2), T(5), T(4)}) one_by_one = merge(one_by_one, states<TypeParam>::of({v}));
    expect(one_by_one, 5, 1.5713174316647);
}

TYPED_TEST(OnlineState, OfNothing) {
    using T = TypeParam;
    smx::online_state<T> const nothing;
    EXPECT_EQ(nothing.max, -states<TypeParam>::infinity);
    EXPECT_EQ(nothing.sum, 0);
    EXPECT_TRUE(states<TypeParam>::equal(states<TypeParam>::of({}), nothing));
    EXPECT_TRUE(states<TypeParam>::equal(merge(nothing, nothing), nothing));
    auto const some = states<TypeParam>::of(rows::bell<T>(100, 4));
    EXPECT_TRUE(states<TypeParam>::equal(merge(nothing, some), some));
    EXPECT_TRUE(states<TypeParam>::equal(merge(some, nothing), some));
}

TYPED_TEST(OnlineState, OfMaskedElements) {
    using T = TypeParam;
    smx::online_state<T> const nothing;
    for (std::size_t n : {1U, 2U, 17U, 130U, 3000U}) {
        EXPECT_TRUE(
            states<TypeParam>::equal(states<TypeParam>::of(std::vector<T>(n, -states<TypeParam>::infinity)), nothing))
            << n;
        std::vector<T> x(n, -states<TypeParam>::infinity);
        x[n / 2] = T(-3.5);
        EXPECT_TRUE(states<TypeParam>::equal(states<TypeParam>::of(x), {T(-3.5), 1})) << n;
    }
}

TYPED_TEST(OnlineState, OfNanAndPlusInfinity) {
    using T = TypeParam;
    constexpr T infinity = states<TypeParam>::infinity, nan = states<TypeParam>::nan;
    auto const some = states<TypeParam>::of(rows::bell<T>(100, 4));
    for (std::size_t n : {1U, 2U, 17U, 130U, 3000U})
        for (T background : {T(0), -infinity, T(1e30)})
            for (std::size_t at : {std::size_t(0), n / 2, n - 1}) {
                std::vector<T> x(n, background);
                x[at] = nan;
                auto const with_nan = states<TypeParam>::of(x);
                EXPECT_TRUE(std::isnan(with_nan.sum) && std::isnan(with_nan.log_sum_exp())) << n << ", at " << at;
                EXPECT_TRUE(std::isnan(merge(with_nan, some).sum) && std::isnan(merge(some, with_nan).sum)) << n;
                x[at] = infinity;
                auto const with_infinity = states<TypeParam>::of(x);
                EXPECT_EQ(with_infinity.max, infinity) << n << ", at " << at;
                EXPECT_TRUE(std::isnan(with_infinity.sum)) << n << ", at " << at;
                for (auto const& m : {merge(with_infinity, some), merge(some, with_infinity), merge(with_infinity, {}),
                                      merge({}, with_infinity), merge(with_infinity, with_infinity)}) {
                    EXPECT_EQ(m.max, infinity);
                    EXPECT_TRUE(std::isnan(m.sum));
                }
                EXPECT_TRUE(std::isnan(merge(with_nan, with_infinity).sum));
                EXPECT_TRUE(std::isnan(merge(with_infinity, with_nan).sum));
            }
}

TYPED_TEST(OnlineState, OfHugeElements) {
    using T = TypeParam;
    T const largest = std::numeric_limits<T>::max();
    for (T v : {T(3e5), T(1e30), largest}) {
        EXPECT_TRUE(states<TypeParam>::equal(states<TypeParam>::of({v, -v, v, 0}), {v, 2})) << v;
        EXPECT_TRUE(states<TypeParam>::equal(states<TypeParam>::of({-v, -v, -v}), {-v, 3})) << v;
        EXPECT_TRUE(states<TypeParam>::equal(merge(states<TypeParam>::of({v}), states<TypeParam>::of({-v})), {v, 1}))
            << v;
        EXPECT_TRUE(states<TypeParam>::equal(merge(states<TypeParam>::of({-v}), states<TypeParam>::of({v, v})), {v, 2}))
            << v;
    }
}

TYPED_TEST(OnlineState, SumIsWithinThreeUlp) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    double worst = 0;
    for (auto const& f : families<T>())
        for (std::size_t n : {1U, 2U, 5U, 16U, 33U, 129U, 1000U, 5000U}) {
            auto const x = f.make(n);
            auto const s = states<TypeParam>::of(x);
            T const largest = largest_scaled(std::span<T const>(x), 1);
            ASSERT_EQ(s.max, largest) << f.name << " " << n;
            if (std::isinf(largest)) continue;
            double const error = states<TypeParam>::error(s.sum, exact_sum(std::span<T const>(x)));
            ASSERT_LE(error, 3) << f.name << " " << n;
            worst = std::max(worst, error);
        }
    std::printf("sum of a block: %.3f ULP\n", worst);
}

TYPED_TEST(OnlineState, MergeIsCommutativeBitForBit) {
    using T = TypeParam;
    std::vector<smx::online_state<T>> all;
    for (auto const& f : families<T>()) all.push_back(states<TypeParam>::of(f.make(37)));
    all.push_back(states<TypeParam>::of({states<TypeParam>::infinity}));
    all.emplace_back();
    generator g(3);
    for (int i = 0; i != 200; ++i) all.emplace_back(g.bell<T>(20), 1 + static_cast<double>(g.below(1000)) / 7);
    for (auto const& a : all)
        for (auto const& b : all)
            ASSERT_TRUE(states<TypeParam>::equal(merge(a, b), merge(b, a))) << a.max << ", " << b.max;
}

TYPED_TEST(OnlineState, ZerosOfBothSignsMergeToOneState) {
    using T = TypeParam;
    smx::online_state<T> const plus(T(0), 1), minus(-T(0), 1);
    EXPECT_TRUE(same_bits(merge(plus, minus).max, T(0)));
    EXPECT_TRUE(same_bits(merge(minus, plus).max, T(0)));
}

// What an attention loop adds up does not decay as long as the maximum stays.
TYPED_TEST(OnlineState, StatesOfOneMaximumAreWorthThemselves) {
    using T = TypeParam;
    for (T const max : {T(0), T(-700.25), T(3), std::numeric_limits<T>::max()}) {
        smx::online_state<T> const first(max, 1.5), second(max, 2.25);
        EXPECT_EQ(first.factor_to(merge(first, second)), 1.0) << max;
        EXPECT_EQ(merge(first, second).sum, 3.75) << max;
    }
}

TYPED_TEST(OnlineState, LargerElementsCountAsTheMaximum) {
    using T = TypeParam;
    smx::online_state<T> const state(std::vector<T>{1, 1});
    std::vector<T> y(2);
    state.weights(std::vector<T>{9, 1}, y);
    EXPECT_EQ(y, (std::vector<T>{1, 1}));
    state.probabilities(std::vector<T>{1, 2}, y);
    EXPECT_EQ(y, (std::vector<T>{T(0.5), T(0.5)}));
}

TYPED_TEST(OnlineState, PiecesInAnyOrderAreCloseToTheWhole) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    for (auto const& f : families<T>()) {
        auto const x = f.make(1200);
        T const largest = largest_scaled(std::span<T const>(x), 1);
        auto const exact = exact_sum(std::span<T const>(x));
        for (std::size_t piece : {1U, 7U, 100U, 601U}) {
            std::vector<smx::online_state<T>> parts;
            for (std::size_t i = 0; i < x.size(); i += piece)
                parts.push_back(
                    states<TypeParam>::of({x.begin() + static_cast<std::ptrdiff_t>(i),
                                           x.begin() + static_cast<std::ptrdiff_t>(std::min(i + piece, x.size()))}));
            generator g(piece);
            for (int order = 0; order != 4; ++order) {
                smx::online_state<T> whole;
                for (auto const& p : parts) whole = order % 2 == 0 ? merge(whole, p) : merge(p, whole);
                ASSERT_EQ(whole.max, largest) << f.name;
                // A block is within 3 ULP of T, a merge adds 2 of double.
                double const bound = 3 + 2 * static_cast<double>(parts.size()) * (sizeof(T) == 4 ? 0x1p-29 : 1);
                ASSERT_LE(states<TypeParam>::error(whole.sum, exact), bound) << f.name << " in pieces of " << piece;
                for (std::size_t i = parts.size(); i > 1; --i) std::swap(parts[i - 1], parts[g.below(i)]);
            }
        }
    }
}

TYPED_TEST(OnlineState, OneMergeAddsAtMostTwoUlp) {
    using T = TypeParam;
    if (!oracle_serves<double>) GTEST_SKIP() << "needs MPFR";
    generator g(9);
    double worst = 0;
    for (int i = 0; i != (emulated ? 1000 : 20000); ++i) {
        T const a = g.bell<T>(i % 2 == 0 ? 1 : 20), b = g.bell<T>(i % 2 == 0 ? 1 : 20);
        double const sa = 1 + static_cast<double>(g.below(1000)) / 7, sb = 1 + static_cast<double>(g.below(1000)) / 7;
        auto const merged = merge(smx::online_state<T>(a, sa), smx::online_state<T>(b, sb));
        real sum, term;
        term.set(static_cast<double>(std::min(a, b)));
        term.add(-static_cast<double>(std::max(a, b)));
        real e{128};
        e.set_to_exp_of(term);
        e.multiply(a < b ? sa : sb);
        sum.set(a < b ? sb : sa);
        sum.add(e);
        double const error = error_in_ulp(merged.sum, sum.rounded());
        ASSERT_LE(error, smx::simd::has_fma ? 2 : 3) << a << " " << b;
        worst = std::max(worst, error);
    }
    std::printf("one merge: %.3f ULP of double\n", worst);
}

TYPED_TEST(OnlineState, TakesViewsAndMatrices) {
    using T = TypeParam;
    auto const x = rows::bell<T>(60, 4);
    auto const whole = states<TypeParam>::of(x);
    EXPECT_TRUE(states<TypeParam>::equal(smx::online_state(std::span<T const>(x)), whole));
    smx::online_state<T> const by_rows(smx::matrix_view<T const>(x.data(), 6, 10));
    EXPECT_EQ(by_rows.max, whole.max);
    EXPECT_NEAR(by_rows.sum, whole.sum, 1e-5);
    std::vector<T> apart(6 * 13, std::numeric_limits<T>::quiet_NaN()); // between rows there are no elements
    for (std::size_t i = 0; i != x.size(); ++i) apart[i / 10 * 13 + i % 10] = x[i];
    smx::online_state<T> const of_apart(smx::matrix_view<T const>(apart.data(), 6, 10, 13));
    EXPECT_TRUE(states<TypeParam>::equal(of_apart, by_rows));
}

TYPED_TEST(OnlineState, FinishesIntoWhatTheWholeRowGives) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    double const close = sizeof(T) == 4 ? 1e-6 : 1e-14;
    witness worst, worst_weight;
    for (family<T> const& f : families<T>())
        for (std::size_t n : {2U, 7U, 100U, 1000U}) {
            SCOPED_TRACE(testing::Message() << f.name << "[" << n << "]");
            std::vector<T> const x = f.make(n);
            std::vector<T> y(n), w(n);
            smx::online_state<T> state;
            std::size_t const half = n / 2;
            std::span<T const> const first(x.data(), half), second(x.data() + half, n - half);
            state.push(first);
            auto const before = state;
            state.push(second);
            state.probabilities(first, std::span<T>(y.data(), half));
            state.probabilities(second, std::span<T>(y.data() + half, n - half));
            state.weights(x, w);
            // The documentation promises 4 ULP of both.
            ASSERT_TRUE(within(4, x, y, exact_softmax(x), &worst));
            exact_weights<T> weight(1, state.max);
            std::vector<exact_value> expected;
            for (T const v : x) expected.push_back(weight(v));
            ASSERT_TRUE(within(4, x, w, expected, &worst_weight));
            smx::online_state<T> const after(second);
            EXPECT_NEAR(before.factor_to(state) * before.sum + after.factor_to(state) * after.sum, state.sum,
                        close * state.sum);
            double const l = static_cast<double>(smx::log_sum_exp(x));
            EXPECT_NEAR(state.log_sum_exp(), l, close * (std::abs(l) + 1));
        }
    std::printf("%s: probabilities %.3f ULP, %s; weights %.3f ULP, %s\n", name_of<T>().c_str(), worst.ulp,
                worst.where.c_str(), worst_weight.ulp, worst_weight.where.c_str());
}

TYPED_TEST(OnlineState, FinishesOfNothingAndOfNaN) {
    using T = TypeParam;
    constexpr T infinity = states<T>::infinity, nan = states<T>::nan;
    std::vector<T> const x{1, -infinity};
    std::vector<T> y(2, T(-7));
    smx::online_state<T> const nothing;
    EXPECT_EQ(nothing.factor_to(smx::online_state<T>(x)), 0);
    EXPECT_EQ(nothing.factor_to(nothing), 0);
    EXPECT_EQ(nothing.log_sum_exp(), -std::numeric_limits<double>::infinity());
    nothing.weights(x, y);
    EXPECT_EQ(y, (std::vector<T>{0, 0}));
    nothing.probabilities(x, y);
    EXPECT_TRUE(all_nan(y));
    nothing.probabilities(x, y, smx::masked::zeros);
    EXPECT_EQ(y, (std::vector<T>{0, 0}));
    smx::online_state<T>(x).probabilities(x, y);
    EXPECT_EQ(y, (std::vector<T>{1, 0}));
    smx::online_state<T>(std::vector<T>{1, nan}).probabilities(x, y);
    EXPECT_TRUE(all_nan(y));
    smx::online_state<T>(std::vector<T>{1, infinity}).weights(x, y);
    EXPECT_TRUE(all_nan(y));
    EXPECT_THROW(nothing.weights(x, std::span<T>(y.data(), 1)), std::invalid_argument);
}

} // namespace
} // namespace smx_test
