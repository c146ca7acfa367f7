// SPDX-License-Identifier: BSL-1.0
// The vocabulary of one register and of packs, on the registers of the machine that this is compiled for.
#include "support/elements.hpp"
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/real.hpp"
#include "support/ulp.hpp"

#include <smx/simd/compress.hpp>
#include <smx/simd/pack_memory.hpp>
#include <smx/simd/reduce.hpp>
#include <smx/simd/row_sums.hpp>

#include <gtest/gtest.h>

#include <cmath>

namespace smx_test {
namespace {

namespace simd = smx::simd;

/// Registers of T and what is known about them.
template <class T> struct on {
    using V = simd::vector<T, simd::default_arch>;
    using P = simd::pack<V>;
    static constexpr T infinity = std::numeric_limits<T>::infinity();
    static constexpr T nan = std::numeric_limits<T>::quiet_NaN();

    template <class R> static std::vector<T> lanes(R const& r) {
        if constexpr (simd::one_register<R>) {
            std::vector<T> result(R::size);
            r.store_unaligned(result.data());
            return result;
        } else {
            std::vector<T> result;
            for (auto const& part : r.part)
                for (T v : lanes(part)) result.push_back(v);
            return result;
        }
    }
    static V registered(std::vector<T> const& v) { return V::load_unaligned(v.data()); }
    /// first, first + 1, ...
    static std::vector<T> count_from(T first, std::size_t n) {
        std::vector<T> v(n);
        for (std::size_t i = 0; i != n; ++i) v[i] = first + static_cast<T>(i);
        return v;
    }
    /// Values that trip operations.
    static std::vector<T> specials() {
        return {0,
                -T(0),
                1,
                -1,
                T(0.1),
                T(1e30),
                T(-1e30),
                infinity,
                -infinity,
                std::numeric_limits<T>::max(),
                std::numeric_limits<T>::lowest(),
                std::numeric_limits<T>::min(),
                std::numeric_limits<T>::denorm_min()};
    }
};
template <class T> struct Simd : testing::Test {};
TYPED_TEST_SUITE(Simd, element_types, names);

TYPED_TEST(Simd, LoadTakesTheFirstLanesAndFillsTheOthers) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    guarded<T> buffer(V::size);
    for (std::size_t count = 0; count <= V::size + 3; ++count) {
        std::size_t const taken = std::min(count, V::size);
        auto const at = buffer.at_end(taken, 0); // nothing behind may be read
        for (std::size_t i = 0; i != taken; ++i) at[i] = static_cast<T>(i + 1);
        auto const got = on<TypeParam>::lanes(simd::load<V>(at.data(), simd::partial{count}, V(T(-5))));
        for (std::size_t i = 0; i != V::size; ++i)
            EXPECT_EQ(got[i], i < count ? static_cast<T>(i + 1) : T(-5)) << count;
    }
    auto const all = on<TypeParam>::count_from(1, V::size);
    EXPECT_EQ(on<TypeParam>::lanes(simd::load<V>(all.data(), simd::whole{}, V(T(-5)))), all);
}

TYPED_TEST(Simd, StoreWritesTheFirstLanesOnly) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    guarded<T> buffer(V::size);
    auto const all = on<TypeParam>::count_from(1, V::size);
    for (std::size_t count = 0; count <= V::size + 3; ++count) {
        std::size_t const taken = std::min(count, V::size);
        for (std::size_t gap : {0U, 3U})
            for (bool at_end : {false, true}) {
                auto const place = at_end ? buffer.at_end(taken, gap) : buffer.at_start(taken, gap);
                simd::store(place.data(), on<TypeParam>::registered(all), simd::partial{count});
                EXPECT_TRUE(std::equal(place.begin(), place.end(), all.begin())) << count;
                EXPECT_TRUE(buffer.intact()) << count;
            }
    }
    auto const place = buffer.at_start(V::size, 1);
    simd::store(place.data(), on<TypeParam>::registered(all), simd::whole{});
    EXPECT_TRUE(std::equal(place.begin(), place.end(), all.begin()));
    EXPECT_TRUE(buffer.intact());
}

TYPED_TEST(Simd, KeepReplacesTheOtherLanes) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    auto const all = on<TypeParam>::count_from(1, V::size);
    for (std::size_t count = 0; count <= V::size + 3; ++count) {
        auto const got =
            on<TypeParam>::lanes(simd::keep(on<TypeParam>::registered(all), V(T(-5)), simd::partial{count}));
        for (std::size_t i = 0; i != V::size; ++i) EXPECT_EQ(got[i], i < count ? all[i] : T(-5)) << count;
    }
    EXPECT_EQ(on<TypeParam>::lanes(simd::keep(on<TypeParam>::registered(all), V(T(-5)), simd::whole{})), all);
    EXPECT_EQ(on<TypeParam>::lanes(simd::keep(V(on<TypeParam>::nan), V(T(0)), simd::partial{0})),
              std::vector<T>(V::size, T(0)))
        << "NaN in a dead lane is gone";
}

TYPED_TEST(Simd, PacksLoadStoreAndKeepEveryCount) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    using P = typename on<TypeParam>::P;
    guarded<T> source(P::size), target(P::size);
    for (std::size_t count = 0; count <= P::size + 1; ++count) {
        std::size_t const taken = std::min(count, P::size);
        auto const from = source.at_end(taken, 0), to = target.at_end(taken, 0);
        for (std::size_t i = 0; i != taken; ++i) from[i] = static_cast<T>(i + 1);
        P const p = simd::load_pack<P>(from.data(), simd::partial{count}, V(T(-5)));
        auto const kept = on<TypeParam>::lanes(simd::keep(p, V(T(-6)), simd::partial{count / 2}));
        auto const got = on<TypeParam>::lanes(p);
        for (std::size_t i = 0; i != P::size; ++i) {
            ASSERT_EQ(got[i], i < count ? static_cast<T>(i + 1) : T(-5)) << count;
            ASSERT_EQ(kept[i], i < count / 2 ? static_cast<T>(i + 1) : T(-6)) << count;
        }
        simd::store(to.data(), p, simd::partial{count});
        ASSERT_TRUE(std::equal(from.begin(), from.end(), to.begin())) << count;
        ASSERT_TRUE(target.intact() && source.intact()) << count;
    }
}

TYPED_TEST(Simd, LastLanesMoveToTheFirst) {
    using T = TypeParam;
    using V = typename on<T>::V;
    using line = simd::pack<V, simd::line_registers<V>>;
    auto const all = on<T>::count_from(1, line::size);
    for (std::size_t count = 1; count != line::size; ++count) {
        auto const got =
            on<T>::lanes(simd::last_lanes(simd::load_pack<line>(all.data(), simd::whole{}, V(T(0))), count));
        for (std::size_t i = 0; i != line::size; ++i)
            EXPECT_EQ(got[i], i < count ? all[line::size - count + i] : T(0)) << count << ", lane " << i;
    }
}

TYPED_TEST(Simd, ExtentsCount) {
    EXPECT_EQ(simd::count_of(simd::whole{}, 8), 8U);
    EXPECT_EQ(simd::count_of(simd::partial{3}, 8), 3U);
    EXPECT_EQ(simd::count_of(simd::partial{30}, 8), 8U);
    EXPECT_EQ(simd::beyond(simd::partial{10}, 4).count, 6U);
    EXPECT_EQ(simd::beyond(simd::partial{4}, 4).count, 0U);
    EXPECT_EQ(simd::beyond(simd::partial{3}, 4).count, 0U);
}

TYPED_TEST(Simd, AtLeastIsTheMaximumAndKeepsNan) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    for (T bound : on<TypeParam>::specials()) {
        for (T x : on<TypeParam>::specials())
            EXPECT_EQ(simd::first_lane(simd::at_least(V(x), V(bound))), std::max(x, bound));
        for (T v : on<TypeParam>::lanes(simd::at_least(V(on<TypeParam>::nan), V(bound))))
            EXPECT_TRUE(std::isnan(v)) << bound;
    }
    typename on<TypeParam>::P const p = simd::at_least(simd::fill<typename on<TypeParam>::P>(V(T(-9))), V(T(-2)));
    EXPECT_EQ(on<TypeParam>::lanes(p), std::vector<T>(on<TypeParam>::P::size, T(-2)));
}

TYPED_TEST(Simd, MaxIsTheMaximum) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    for (T a : on<TypeParam>::specials())
        for (T b : on<TypeParam>::specials()) EXPECT_EQ(simd::first_lane(simd::max(V(a), V(b))), std::max(a, b));
}

TYPED_TEST(Simd, ProductOrZero) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    T const hi = T(0.3), lo = T(1e-9), bound = T(2.5);
    auto const product = [&](T x) { return simd::first_lane(simd::product_or_zero(V(x), V(hi), V(lo), V(bound))); };
    for (T x : {T(2.5), T(3), T(1e10), on<TypeParam>::infinity})
        EXPECT_EQ(product(x), simd::first_lane(simd::fma(V(x), V(lo), V(x) * V(hi)))) << x;
    EXPECT_NEAR(product(3), 0.9, 1e-6);
    for (T x : {std::nextafter(bound, T(0)), T(1), T(0), std::numeric_limits<T>::denorm_min(), T(-1),
                -on<TypeParam>::infinity})
        EXPECT_EQ(bits_of(product(x)), 0U) << x;
    EXPECT_EQ(bits_of(product(on<TypeParam>::nan)), 0U) << "a NaN is not above the bound";
    std::vector<T> mixed(V::size, T(1)), expected(V::size, T(0));
    for (std::size_t i = 0; i < V::size; i += 2) {
        mixed[i] = T(4);
        expected[i] = product(4);
    }
    EXPECT_EQ(on<TypeParam>::lanes(simd::product_or_zero(on<TypeParam>::registered(mixed), V(hi), V(lo), V(bound))),
              expected);
}

TYPED_TEST(Simd, ExponentFromMagic) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    constexpr int mantissa = sizeof(T) == 4 ? 23 : 52, one = sizeof(T) == 4 ? 127 : 1023;
    T const magic = std::ldexp(T(3), mantissa - 1);
    for (int k = 1; k < 2 * one + 1; ++k)
        ASSERT_EQ(simd::first_lane(simd::exponent_from_magic(V(magic + static_cast<T>(k)))), std::ldexp(T(1), k - one))
            << k;
    EXPECT_EQ(bits_of(simd::first_lane(simd::exponent_from_magic(V(magic)))), 0U);
}

TYPED_TEST(Simd, ShiftExponent) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    for (T v : {T(1), T(-1.7), T(0.3)})
        for (int k : {0, 1, -1, 63, -63, 100, -100})
            EXPECT_EQ(simd::first_lane(simd::shift_exponent(V(v), k)), std::ldexp(v, k)) << v << " " << k;
}

TYPED_TEST(Simd, FmaRoundsOnceWhereThereIsOne) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    generator g(1);
    for (int i = 0; i != 2000; ++i) {
        T const a = g.bell<T>(1), b = g.bell<T>(1), c = rounded(-rounded(a * b));
        T const got = simd::first_lane(simd::fma(V(a), V(b), V(c)));
        if (simd::has_fma)
            ASSERT_EQ(got, std::fma(a, b, c));
        else
            ASSERT_EQ(got, T(0));
    }
}

// cancel must be good where fma is missing too: a range reduction that loses bits shows in every result.
TYPED_TEST(Simd, CancelLosesNothing) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    generator g(4);
    double worst = 0;
    for (int i = 0; i != 20000; ++i) {
        T const a = g.bell<T>(i % 3 == 0 ? 1 : i % 3 == 1 ? 100 : 20000), b = static_cast<T>(1.4426950408889634);
        T const c = -std::nearbyint(rounded(a * b));
        real exact;
        exact.set(static_cast<double>(a));
        exact.multiply(static_cast<double>(b));
        exact.add(static_cast<double>(c));
        T const got = simd::first_lane(simd::cancel(V(a), V(b), V(c)));
        exact.add(-static_cast<double>(got));
        // In places of the result where it is not small, of half the range of a reduced argument elsewhere.
        double const place = std::max(std::abs(static_cast<double>(got)), 0x1p-6) *
                             static_cast<double>(std::numeric_limits<T>::epsilon());
        worst = std::max(worst, std::abs(exact.approximate()) / place);
    }
    std::printf("cancel: %.3f places\n", worst);
    EXPECT_LE(worst, simd::has_fma ? 0.5 : 1.5); // two roundings, not one
}

TYPED_TEST(Simd, AnyFarSeesOneLane) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    V const limit(T(100));
    EXPECT_FALSE(simd::any_far(V(T(100)), limit, V(T(0))));
    EXPECT_FALSE(simd::any_far(V(T(-100)), limit, V(T(0))));
    EXPECT_FALSE(simd::any_far(V(T(-1e5)), limit, V(-on<TypeParam>::infinity))) << "-inf has no exponent";
    for (std::size_t lane = 0; lane != V::size; ++lane)
        for (T exponent : {T(101), T(-101), on<TypeParam>::infinity}) {
            std::vector<T> exponents(V::size, T(3));
            exponents[lane] = exponent;
            EXPECT_TRUE(simd::any_far(on<TypeParam>::registered(exponents), limit, V(T(0)))) << lane << " " << exponent;
        }
}

TYPED_TEST(Simd, AnyAboveSeesOneLane) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    EXPECT_FALSE(simd::any_above(V(T(1)), V(T(1))));
    EXPECT_FALSE(simd::any_above(V(on<TypeParam>::nan), V(T(1))));
    for (std::size_t lane = 0; lane != V::size; ++lane) {
        std::vector<T> v(V::size, T(1));
        v[lane] = 2;
        EXPECT_TRUE(simd::any_above(on<TypeParam>::registered(v), V(T(1)))) << lane;
    }
}

TEST(SimdWiden, HalvesAsDoubles) {
    using V = simd::vector<float, simd::default_arch>;
    using D = simd::vector<double, simd::default_arch>;
    ASSERT_EQ(D::size * 2, V::size);
    float x[V::size];
    double low[D::size], high[D::size];
    for (std::size_t i = 0; i != V::size; ++i) x[i] = 0.1F * static_cast<float>(i + 1);
    simd::widen_low(V::load_unaligned(x)).store_unaligned(low);
    simd::widen_high(V::load_unaligned(x)).store_unaligned(high);
    for (std::size_t i = 0; i != D::size; ++i) {
        EXPECT_EQ(low[i], static_cast<double>(x[i]));
        EXPECT_EQ(high[i], static_cast<double>(x[i + D::size]));
    }
}

TEST(SimdWiden, AndBackRounded) {
    using V = simd::vector<float, simd::default_arch>;
    using D = simd::vector<double, simd::default_arch>;
    double x[V::size];
    float y[V::size];
    for (std::size_t i = 0; i != V::size; ++i) x[i] = 0.1 * static_cast<double>(i + 1);
    simd::narrow<V>(D::load_unaligned(x), D::load_unaligned(x + D::size)).store_unaligned(y);
    for (std::size_t i = 0; i != V::size; ++i) EXPECT_EQ(y[i], static_cast<float>(x[i]));
}

TEST(SimdReduce, HalvesInOneOrder) {
    std::string v[8] = {"0", "1", "2", "3", "4", "5", "6", "7"};
    EXPECT_EQ(simd::halve<8>(v, [](std::string const& a, std::string const& b) { return "(" + a + b + ")"; }),
              "(((04)(26))((15)(37)))");
    int one[1] = {7};
    EXPECT_EQ(simd::halve<1>(one, [](int a, int b) { return a + b; }), 7);
}

TYPED_TEST(Simd, LargestLaneIsFoundInEveryLane) {
    using T = TypeParam;
    using V = typename on<TypeParam>::V;
    using P = typename on<TypeParam>::P;
    for (std::size_t lane = 0; lane != P::size; ++lane) {
        std::vector<T> v(P::size, T(-3));
        v[lane] = T(-1);
        P const p = simd::load_pack<P>(v.data(), simd::whole{}, V(T(0)));
        EXPECT_EQ(simd::largest_lane(simd::largest_part(p)), T(-1)) << lane;
    }
    EXPECT_EQ(simd::largest_lane(V(-on<TypeParam>::infinity)), -on<TypeParam>::infinity);
}

TEST(SimdReduce, SumsMeetByHalves) {
    using V = simd::vector<double, simd::default_arch>;
    double lanes[V::size], halves[V::size];
    for (std::size_t i = 0; i != V::size; ++i) lanes[i] = halves[i] = 1 / static_cast<double>(3 + i * i);
    V const v = V::load_unaligned(lanes);
    for (std::size_t half = V::size / 2; half != 0; half /= 2) {
        V const moved = simd::lanes_from(v, half);
        for (std::size_t i = 0; i != half; ++i) {
            EXPECT_EQ(on<double>::lanes(moved)[i], lanes[half + i]) << half;
            halves[i] += halves[i + half];
        }
    }
    EXPECT_EQ(simd::sum_lanes(v), halves[0]);
}

// Templates, so that nothing is asked of registers that cannot.
template <class D> void sums_are_those_of_each() {
    if constexpr (simd::sums_rows<D>()) {
        generator g(8);
        for (int round = 0; round != 100; ++round) {
            D rows[D::size];
            for (D& row : rows) {
                double lanes[D::size];
                for (double& lane : lanes) lane = std::ldexp(g.bell<double>(1), static_cast<int>(g.below(60)));
                row = D::load_unaligned(lanes);
            }
            auto const sums = on<double>::lanes(simd::sums_of_rows(rows));
            for (std::size_t r = 0; r != D::size; ++r) ASSERT_EQ(sums[r], simd::sum_lanes(rows[r])) << r;
        }
    } else {
        GTEST_SKIP() << "rows are summed one by one";
    }
}
template <class V> void strided_elements_are_those_of_their_rows() {
    if constexpr (requires(V v, float const* p) { simd::native::load_strided(p, std::size_t(1), v.data); }) {
        guarded<float> memory(1000);
        for (std::size_t stride : {1U, 2U, 5U, 16U, 61U}) {
            std::size_t const length = (V::size - 1) * stride + 1;
            auto const p = memory.at_end(length, 0);
            for (std::size_t i = 0; i != length; ++i) p[i] = static_cast<float>(i);
            auto const lanes = on<float>::lanes(simd::load_strided<V>(p.data(), stride));
            for (std::size_t i = 0; i != V::size; ++i) EXPECT_EQ(lanes[i], static_cast<float>(i * stride)) << stride;
        }
    } else {
        GTEST_SKIP() << "rows are read one by one";
    }
}

// Sums that another order would round otherwise, each in the lane of its row.
TEST(SimdReduce, SumsOfRowsAreThoseOfEachBitForBit) { sums_are_those_of_each<on<double>::V>(); }
TEST(SimdReduce, StridedElementsAreThoseOfTheirRows) { strided_elements_are_those_of_their_rows<on<float>::V>(); }

TYPED_TEST(Simd, AboveIsASetWithNan) {
    using T = TypeParam;
    using V = typename on<T>::V;
    EXPECT_EQ(simd::above(V(T(1)), V(T(1))), 0U);
    for (std::size_t lane = 0; lane != V::size; ++lane)
        for (T value : {T(2), on<T>::infinity, on<T>::nan}) {
            std::vector<T> v(V::size, T(1));
            v[lane] = value;
            EXPECT_EQ(simd::above(on<T>::registered(v), V(T(1))), 1U << lane) << value;
        }
}

TYPED_TEST(Simd, SetsOfLanesMoveTogether) {
    using T = TypeParam;
    using V = typename on<T>::V;
    auto const all = on<T>::count_from(1, V::size);
    for (unsigned set = 0; set != 1U << V::size; ++set) {
        std::vector<T> to(V::size), expected;
        for (std::size_t i = 0; i != V::size; ++i)
            if ((set >> i & 1U) != 0) expected.push_back(all[i]);
        simd::store_compressed(to.data(), on<T>::registered(all), set);
        ASSERT_EQ(simd::count_lanes(set), expected.size());
        ASSERT_TRUE(std::equal(expected.begin(), expected.end(), to.begin())) << set;
    }
}

TYPED_TEST(Simd, MasksAreOneForEveryTrueByte) {
    using P = typename on<TypeParam>::P;
    guarded<unsigned char> memory(P::size);
    for (std::size_t count : {P::size, P::size - 1, std::size_t(1)})
        for (unsigned value : {1U, 2U, 127U, 128U, 255U}) {
            auto const mask = memory.at_end(count, 0);
            for (std::size_t i = 0; i != count; ++i) mask[i] = static_cast<unsigned char>(i % 3 == 0 ? value : 0);
            auto const check = [&](auto extent) {
                auto const got = on<TypeParam>::lanes(simd::load_mask<P>(mask.data(), extent));
                for (std::size_t i = 0; i != P::size; ++i) ASSERT_EQ(got[i], i < count && i % 3 == 0 ? 1 : 0) << value;
            };
            if (count == P::size) check(simd::whole{});
            check(simd::partial{count});
        }
}

TYPED_TEST(Simd, WhatIsNotWantedIsNotRead) {
    using T = TypeParam;
    using V = typename on<T>::V;
    using P = typename on<T>::P;
    guarded<T> memory(P::size);
    for (std::size_t count = 0; count <= P::size; ++count) {
        auto const row = memory.at_end(count, 0); // what follows cannot be read
        std::vector<T> wanted(P::size, T(0));
        for (std::size_t i = 0; i != count; ++i) {
            row[i] = static_cast<T>(i + 1);
            wanted[i] = i % 3 != 1 ? T(1) : T(0);
        }
        P const mask = simd::load_pack<P>(wanted.data(), simd::whole{}, V(T(0)));
        auto const got = on<T>::lanes(simd::load_pack_where(row.data(), simd::whole{}, mask));
        for (std::size_t i = 0; i != P::size; ++i)
            ASSERT_EQ(got[i], wanted[i] != 0 ? static_cast<T>(i + 1) : 0) << count;
    }
}

TYPED_TEST(Simd, AddsWhereAtLeastOrUnless) {
    using T = TypeParam;
    using V = typename on<T>::V;
    for (T const x : on<T>::specials())
        for (T const bound : {T(1), -on<T>::infinity, on<T>::infinity}) {
            auto const sum_if = simd::add_at_least(V(T(5)), V(T(2)), V(x), V(bound));
            auto const sum_unless = simd::add_unless_at_least(V(T(5)), V(T(2)), V(x), V(bound));
            EXPECT_EQ(on<T>::lanes(sum_if), std::vector<T>(V::size, x >= bound ? T(7) : T(5))) << x;
            EXPECT_EQ(on<T>::lanes(sum_unless), std::vector<T>(V::size, x >= bound ? T(5) : T(7))) << x;
        }
    V const nan(on<T>::nan);
    EXPECT_EQ(simd::first_lane(simd::add_at_least(V(T(5)), V(T(2)), nan, V(T(1)))), T(5));
    EXPECT_EQ(simd::first_lane(simd::add_unless_at_least(V(T(5)), V(T(2)), nan, V(T(1)))), T(7));
}

TYPED_TEST(Simd, LinesAndPacksAreWhole) {
    using V = typename on<TypeParam>::V;
    using P = typename on<TypeParam>::P;
    EXPECT_EQ(simd::line<TypeParam> * sizeof(TypeParam), 64U);
    EXPECT_EQ(simd::line_registers<V> * V::size, simd::line<TypeParam>);
    EXPECT_EQ(P::size % simd::line<TypeParam>, 0U);
    EXPECT_LE(P::size, 128U) << "softmax_lengths_test.cpp covers three packs of 128";
}

} // namespace
} // namespace smx_test
