// SPDX-License-Identifier: BSL-1.0
// The tests' own tools: comparators that can fail, an oracle that agrees with published numbers, guards that guard.
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/kernels.hpp"
#include "support/oracle.hpp"
#include "support/ulp.hpp"

#include <set>

namespace smx_test {
namespace {

template <class T> struct Support : testing::Test {};
TYPED_TEST_SUITE(Support, element_types, names);

template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T> constexpr T nan = std::numeric_limits<T>::quiet_NaN();

template <class T> T up(T x, int steps) {
    for (int i = 0; i != steps; ++i) x = std::nextafter(x, infinity<T>);
    return x;
}

/// v * (1 + tail), exactly.
exact_value exactly(double v, double tail = 0) {
    real r, t;
    r.set(v);
    t.set(v);
    t.multiply(tail);
    r.add(t);
    return r.rounded();
}

TYPED_TEST(Support, ErrorIsCountedInPlacesOfTheElementType) {
    using T = TypeParam;
    for (double v : {1.0, 0.75, 0.3, 1e-10, 0.999}) {
        T const x = static_cast<T>(v);
        for (int steps : {0, 1, 2, 5, 1000})
            EXPECT_EQ(signed_error_in_ulp(up(x, steps), exactly(static_cast<double>(x))), steps) << v;
    }
    // Below a power of two places are half as large.
    EXPECT_EQ(signed_error_in_ulp(std::nextafter(T(1), T(0)), exactly(1)), -0.5);
    // The tail beyond T counts: half a place here.
    double const half = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;
    EXPECT_DOUBLE_EQ(error_in_ulp(T(1), exactly(1, half)), 0.5);
    EXPECT_DOUBLE_EQ(error_in_ulp(up(T(1), 1), exactly(1, half)), 0.5);
    EXPECT_NEAR(error_in_ulp(T(1), exactly(1, half / 1024)), 0.5 / 1024, 1e-9);
}

TYPED_TEST(Support, ErrorOfDenormalsIsCountedInDenormals) {
    using T = TypeParam;
    T const smallest = std::numeric_limits<T>::min(), step = std::numeric_limits<T>::denorm_min();
    exact_value const exact = exactly(static_cast<double>(smallest) / 4);
    EXPECT_EQ(error_in_ulp(T(smallest / 4 + 3 * step), exact), 3);
    EXPECT_TRUE(below_normal<T>(exact));
    EXPECT_FALSE(below_normal<T>(exactly(static_cast<double>(smallest))));
    EXPECT_GT(error_in_ulp(step, exact_value::negligible()), 0.9);
}

TYPED_TEST(Support, ErrorOfWhatIsNotFiniteIsInfinite) {
    using T = TypeParam;
    EXPECT_EQ(error_in_ulp(infinity<T>, exactly(1)), infinity<double>);
    EXPECT_EQ(error_in_ulp(nan<T>, exactly(1)), infinity<double>);
}

TYPED_TEST(Support, ObjectionKnowsTheRules) {
    using T = TypeParam;
    T const third = T(1) / T(3), smallest = std::numeric_limits<T>::min();
    exact_value const one_third = exactly(static_cast<double>(third)), not_a_number = exact_value::not_a_number();
    EXPECT_EQ(objection(third, one_third, 0), "");
    EXPECT_EQ(objection(up(third, 4), one_third, 4), "");
    EXPECT_NE(objection(up(third, 5), one_third, 4), "");
    EXPECT_NE(objection(-third, one_third, 4), "");
    EXPECT_NE(objection(T(0), one_third, 4), "");
    EXPECT_NE(objection(nan<T>, one_third, 4), "");
    EXPECT_NE(objection(infinity<T>, one_third, 4), "");
    EXPECT_EQ(objection(nan<T>, not_a_number, 4), "");
    EXPECT_NE(objection(third, not_a_number, 4), "");
    EXPECT_NE(objection(T(0), not_a_number, 4), "");
    EXPECT_EQ(objection(T(0), exact_value{}, 4), "");
    EXPECT_NE(objection(-T(0), exact_value{}, 4), "");
    EXPECT_NE(objection(std::numeric_limits<T>::denorm_min(), exact_value{}, 4), "");
    EXPECT_NE(objection(nan<T>, exact_value{}, 4), "");
    exact_value const edge = exactly(static_cast<double>(smallest)), below = exactly(static_cast<double>(smallest / 2));
    EXPECT_NE(objection(T(0), edge, 4), "") << "a normal number was flushed";
    EXPECT_EQ(objection(T(0), below, 4), "");
    EXPECT_EQ(objection(T(smallest / 2), below, 4), "");
    EXPECT_NE(objection(smallest, below, 4), "") << "neither 0 nor right";
    EXPECT_NE(objection(-T(0), below, 4), "");
    EXPECT_EQ(objection(T(0), exact_value::negligible(), 4), "");
    EXPECT_NE(objection(smallest, exact_value::negligible(), 4), "");
}

TYPED_TEST(Support, RowComparisonFindsOneBadElement) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    std::vector<T> const x = rows::bell<T>(100, 4);
    std::vector<exact_value> const exact = exact_softmax(x);
    std::vector<T> y(x.size());
    for (std::size_t i = 0; i != y.size(); ++i)
        y[i] = static_cast<T>(std::ldexp(exact[i].hi, static_cast<int>(exact[i].exponent)));
    ASSERT_TRUE(within(0.51, x, y, exact));
    for (std::size_t i = 0; i != y.size(); ++i) {
        std::vector<T> bad = y;
        bad[i] = up(y[i], 7);
        auto const found = within(6, x, bad, exact);
        EXPECT_FALSE(found) << i;
        EXPECT_NE(std::string(found.message()).find("element " + std::to_string(i) + " of"), std::string::npos);
        bad[i] = nan<T>;
        EXPECT_FALSE(within(6, x, bad, exact)) << i;
    }
    EXPECT_FALSE(within(6, x, std::vector<T>(x.size(), T(0)), exact)) << "all 0";
    EXPECT_FALSE(within(6, x, std::vector<T>(x.size(), nan<T>), exact)) << "all NaN";
    EXPECT_FALSE(within(6, x, std::vector<T>(x.size() - 1, T(0)), exact)) << "too short";
}

TYPED_TEST(Support, EmptyAndTrivialComparisonsAreRefused) {
    using T = TypeParam;
    EXPECT_FALSE(within(6, std::vector<T>{}, std::vector<T>{}, {}));
    EXPECT_FALSE(within(6, std::vector<T>(3), std::vector<T>(3), std::vector<exact_value>(3)));
    EXPECT_FALSE(all_nan(std::vector<T>{}));
    EXPECT_FALSE(all_nan(std::vector<T>{nan<T>, T(1)}));
    EXPECT_TRUE(all_nan(std::vector<T>{nan<T>, -nan<T>}));
}

TYPED_TEST(Support, WitnessNamesTheWorst) {
    using T = TypeParam;
    std::vector<T> const x = {T(1), T(2), T(3)}, y = {up(T(0.25), 1), up(T(0.25), 3), up(T(0.5), 2)};
    witness worst;
    ASSERT_TRUE(within(4, x, y, {exactly(0.25), exactly(0.25), exactly(0.5)}, &worst));
    EXPECT_EQ(worst.ulp, 3);
    EXPECT_EQ(worst.where.find("element 1 of 3"), 0U) << worst.where;
}

TYPED_TEST(Support, BitsAreCompared) {
    using T = TypeParam;
    std::vector<T> const a = {T(1), T(0), nan<T>};
    EXPECT_TRUE(same_bits(a, a));
    EXPECT_TRUE(same_bits(a, {T(1), T(0), -nan<T>}));
    EXPECT_FALSE(same_bits(a, {up(T(1), 1), T(0), nan<T>}));
    EXPECT_FALSE(same_bits(a, {T(1), -T(0), nan<T>}));
    EXPECT_FALSE(same_bits(a, {T(1), T(0), T(0)}));
    EXPECT_FALSE(same_bits(a, {T(1), T(0)}));
}

TYPED_TEST(Support, OracleKnowsPublishedNumbers) {
    using T = TypeParam;
    auto const expect = [](std::vector<exact_value> const& got, std::vector<double> const& published) {
        ASSERT_EQ(got.size(), published.size());
        for (std::size_t i = 0; i != got.size(); ++i) EXPECT_NEAR(got[i].approximate(), published[i], 1e-12);
    };
    expect(exact_softmax(std::vector<T>{1, 2, 3}), {0.0900305731704, 0.244728471055, 0.665240955775});
    expect(exact_softmax(std::vector<T>{1, 2, 3}, {.temperature = 2}),
           {0.186323723226, 0.307195885718, 0.506480391056});
    expect(exact_softmax(std::vector<T>{3, 2, 1}, {.scale = -1}), {0.0900305731704, 0.244728471055, 0.665240955775});
    expect(exact_softmax(std::vector<T>{1, 2, -infinity<T>}), {0.268941421370, 0.731058578630, 0});
    EXPECT_TRUE(exact_softmax(std::vector<T>{-infinity<T>, -infinity<T>})[0].is_nan());
    EXPECT_TRUE(exact_softmax(std::vector<T>{-infinity<T>}, {.fully_masked = smx::masked::zeros})[0].is_zero());
    EXPECT_TRUE(exact_softmax(std::vector<T>{0, infinity<T>})[0].is_nan());
    EXPECT_TRUE(exact_softmax(std::vector<T>{0, nan<T>})[0].is_nan());
    EXPECT_TRUE(exact_softmax(std::vector<T>{0, -infinity<T>}, {.scale = -1})[0].is_nan());
    EXPECT_TRUE(exact_softmax(std::vector<T>{0, -infinity<T>}, {.scale = 0})[0].is_nan());
    EXPECT_NEAR(exact_sum(std::span<T const>(std::vector<T>{1, 3, 2, 5, 4})).approximate(), 1.5713174316647, 1e-12);
}

TYPED_TEST(Support, OracleIsWiderThanTheElements) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    // 1 / (1 + e) to 40 digits, as the double next to it and what is missing: 0.26894142136999512074...
    auto const y = exact_softmax(std::vector<T>{0, 1});
    real sum;
    sum.set(y[0]);
    sum.add(-0.268941421369995120748840758179376);
    EXPECT_LT(std::abs(sum.approximate()), 0x1p-54);
    exact_value const rest = [&] {
        real r;
        r.set(y[0]);
        real s;
        s.set(y[1]);
        r.add(s);
        r.add(-1.0);
        return r.rounded();
    }();
    EXPECT_LT(rest.approximate(), 0x1p-100) << "the weights must sum to 1";
}

TYPED_TEST(Support, InputsAreTheSameBitsEverywhere) {
    using T = TypeParam;
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (auto const& f : families<T>())
        for (T const v : f.make(257)) hash = (hash ^ bits_of(v)) * 0x100000001B3U;
    EXPECT_EQ(hash, sizeof(T) == 4 ? 14049325446245447144U : 11323632768020839031U);
}

TYPED_TEST(Support, InputsAreDistinctAndFilled) {
    using T = TypeParam;
    std::set<std::string> known;
    for (auto const& f : families<T>()) {
        EXPECT_TRUE(known.insert(f.name).second) << f.name;
        for (std::size_t n : {0U, 1U, 2U, 17U}) {
            auto const x = f.make(n);
            ASSERT_EQ(x.size(), n);
            for (T const v : x) EXPECT_FALSE(std::isnan(v)) << f.name;
        }
    }
    auto const x = rows::bell<T>(10000, 1);
    double mean = 0, square = 0;
    for (T const v : x) {
        mean += static_cast<double>(v) / 10000;
        square += static_cast<double>(v) * static_cast<double>(v) / 10000;
    }
    EXPECT_NEAR(mean, 0, 0.05);
    EXPECT_NEAR(square, 1, 0.05);
}

TYPED_TEST(Support, CanariesSeeOneByte) {
    using T = TypeParam;
    guarded<T> buffer(40);
    for (std::size_t gap : {0U, 1U, 15U}) {
        auto const start = buffer.at_start(40, gap);
        for (T& v : start) v = 1;
        EXPECT_TRUE(buffer.intact());
        start.data()[40] = 1;
        EXPECT_FALSE(buffer.intact());
        std::memset(start.data() + 40, 0xA5, sizeof(T));
        EXPECT_TRUE(buffer.intact());
    }
    auto const end = buffer.at_end(8, 3);
    reinterpret_cast<unsigned char*>(end.data())[-1] = 0;
    EXPECT_FALSE(buffer.intact());
}

TYPED_TEST(Support, GuardPagesEndTheProgram) {
    using T = TypeParam;
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    guarded<T> buffer(8);
    T volatile* const last = buffer.at_end(8, 0).data() + 7;
    EXPECT_DEATH(last[1] = 0, "");
    T volatile* const first = buffer.at_start(8, 0).data();
    EXPECT_DEATH(first[-1] = 0, "");
}

} // namespace
} // namespace smx_test
