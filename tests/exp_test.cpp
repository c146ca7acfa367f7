// SPDX-License-Identifier: BSL-1.0
// The exponential of the kernels against the oracle, over dense samples of its domain, with the worst witness printed.
#include "support/elements.hpp"
#include "support/inputs.hpp"
#include "support/oracle.hpp"
#include "support/ulp.hpp"

#include <smx/math/exp_pair.hpp>
#include <smx/math/exp_window.hpp>
#include <smx/math/power.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <numbers>

namespace smx_test {
namespace {

namespace simd = smx::simd;
namespace math = smx::math;

/// The range of (got - exact) / exact in units of half an epsilon (2^-24, 2^-53). Weights share a factor kappa, which a
/// normalisation cancels: it moves both ends, so half their distance is the error that a softmax sees.
class relative_range {
public:
    void see(double got, exact_value const& exact, double unit, double x) {
        double const g = std::ldexp(got, static_cast<int>(-exact.exponent));
        double const error = ((g - exact.hi) - exact.lo) / exact.hi / unit;
        if (!(error >= low)) {
            low = error;
            low_at = x;
        }
        if (!(error <= high)) {
            high = error;
            high_at = x;
        }
        ++seen;
    }
    double half_width() const { return (high - low) / 2; }
    double middle() const { return (high + low) / 2; }
    void print(char const* what) const {
        std::printf("%s: %.3f half-epsilons around %.3f; lowest at x = %.17g, highest at x = %.17g; %zu samples\n",
                    what, half_width(), middle(), low_at, high_at, seen);
    }
    std::size_t count() const { return seen; }

private:
    double low = std::numeric_limits<double>::infinity(), high = -low, low_at = 0, high_at = 0;
    std::size_t seen = 0;
};

template <class T, class Accuracy> struct kind {
    using element = T;
    using accuracy = Accuracy;
    static std::string name() {
        return name_of<T>() + (std::is_same_v<Accuracy, smx::precise_t> ? "_precise"
                               : std::is_same_v<Accuracy, smx::half_t>  ? "_half"
                                                                        : "_standard");
    }
};
using kinds = testing::Types<kind<float, smx::standard_t>, kind<float, smx::precise_t>, kind<float, smx::half_t>,
                             kind<double, smx::standard_t>, kind<double, smx::precise_t>>;

/// Weights of one kind.
template <class Kind> struct of {
    using T = typename Kind::element;
    using Accuracy = typename Kind::accuracy;
    using V = simd::vector<T, simd::default_arch>;
    using P = simd::pack<V, 1>;
    static constexpr double unit = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;
    static constexpr int exponent_of_one = sizeof(T) == 4 ? 64 : 512; // of weight_of_one

    static T weight(T x, math::exp_reference<V, V> const& ref) {
        return simd::first_lane(math::exp_weight<Accuracy>(P{{V(x)}}, ref).part[0]);
    }
    static math::exp_reference<V, V> reference(math::exp_scale<T> k, T exponent = 0) {
        return math::exp_reference_at(k, V(exponent));
    }
    /// The promise in the table of polynomials, plus the roundings of a Horner scheme and of a product, or of the
    /// table.
    // Of the samples here; over all floats tests/exhaustive finds 1.696 and 1.465.
    // Without FMA there is no table, and each step of the polynomial rounds twice.
    static constexpr bool has_eighths = math::has_eighths<T>, is_precise = std::is_same_v<Accuracy, smx::precise_t>;
    static double bound() {
        if (has_eighths) return is_precise ? 1.47 : 1.7;
        double const fused = std::is_same_v<Accuracy, smx::half_t> ? 45.2 : sizeof(T) == 4 && !is_precise ? 2.45 : 1.35;
        return smx::simd::has_fma ? fused : fused + 0.6;
    }
    /// How far kappa may be from 1.
    static constexpr double common = has_eighths ? 0.4 : std::is_same_v<Accuracy, smx::half_t> ? 13 : 1.35;
    /// The last place of exponents, and how far from one they are rounded to it.
    static constexpr double step = has_eighths ? 0.125 : 1, halfway = step / 2;
    static std::size_t samples() { return emulated ? 2000 : 40000; }
};
template <class Kind> struct Exp : testing::Test {};
TYPED_TEST_SUITE(Exp, kinds, names);

TYPED_TEST(Exp, WeightsFromTheFloorToTheReference) {
    using T = typename TypeParam::element;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    exact_exponential exact;
    for (double c : {1.0, 0.08838834764831845, 3.7, 1e-3, 250.0}) {
        auto const ref = of<TypeParam>::reference(math::exp_scale<T>::of(c));
        relative_range range;
        double const lowest = (sizeof(T) == 4 ? -189.0 : -1533.0) * std::log(2.0) / c, highest = std::log(2.0) / c;
        generator g(7);
        for (std::size_t i = 0; i != of<TypeParam>::samples(); ++i) {
            double const t = (static_cast<double>(i) + static_cast<double>(g.below(1 << 20)) * 0x1p-20) /
                             static_cast<double>(of<TypeParam>::samples());
            T const x = static_cast<T>(lowest + (highest - lowest) * t);
            T const w = of<TypeParam>::weight(x, ref);
            ASSERT_GT(w, 0) << x;
            range.see(static_cast<double>(w), exact(c, static_cast<double>(x), of<TypeParam>::exponent_of_one),
                      of<TypeParam>::unit, static_cast<double>(x));
        }
        range.print(("exp_weight, c = " + std::to_string(c)).c_str());
        EXPECT_LE(range.half_width(), of<TypeParam>::bound()) << c;
        EXPECT_LE(std::abs(range.middle()), of<TypeParam>::common) << "kappa is near 1, " << c;
        EXPECT_EQ(range.count(), of<TypeParam>::samples());
    }
}

// Around (k + 1/2) ln 2: where the range reduction changes its integer.
TYPED_TEST(Exp, WeightsAtTheSeams) {
    using T = typename TypeParam::element;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    exact_exponential exact;
    auto const ref = of<TypeParam>::reference(math::exp_scale<T>::of(1));
    relative_range range;
    for (int k = -120; k <= 0; ++k) {
        int const steps = emulated ? 10 : 50;
        for (int step = -steps; step <= steps; ++step) {
            T const x = static_cast<T>((k + 0.5) * std::log(2.0)) *
                        (T(1) + static_cast<T>(step) * std::numeric_limits<T>::epsilon());
            range.see(static_cast<double>(of<TypeParam>::weight(x, ref)),
                      exact(1, static_cast<double>(x), of<TypeParam>::exponent_of_one), of<TypeParam>::unit,
                      static_cast<double>(x));
        }
    }
    range.print("exp_weight at the seams");
    EXPECT_LE(range.half_width(), of<TypeParam>::bound());
}

TYPED_TEST(Exp, FarReferencesAreAsGood) {
    using T = typename TypeParam::element;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    exact_exponential exact;
    for (double reference : {-8000.0, -1000.0, 1000.0, 8000.0}) {
        auto const ref = of<TypeParam>::reference(math::exp_scale<T>::of(1), static_cast<T>(reference));
        relative_range range;
        generator g(8);
        for (std::size_t i = 0; i != of<TypeParam>::samples() / 10; ++i) {
            T const x = static_cast<T>((reference - 0.01 * static_cast<double>(g.below(12000))) * std::log(2.0));
            range.see(static_cast<double>(of<TypeParam>::weight(x, ref)),
                      exact(1, static_cast<double>(x), of<TypeParam>::exponent_of_one - static_cast<long>(reference)),
                      of<TypeParam>::unit, static_cast<double>(x));
        }
        range.print(("exp_weight, reference 2^" + std::to_string(reference)).c_str());
        EXPECT_LE(range.half_width(), of<TypeParam>::bound() + 0.1) << reference;
    }
}

TYPED_TEST(Exp, SpecialWeights) {
    using T = typename TypeParam::element;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    auto const ref = of<TypeParam>::reference(math::exp_scale<T>::of(1));
    for (T x : {-infinity, std::numeric_limits<T>::lowest(), T(-1e30), T(sizeof(T) == 4 ? -132.5 : -1064.5)})
        EXPECT_EQ(bits_of(of<TypeParam>::weight(x, ref)), 0U) << x;
    EXPECT_TRUE(std::isnan(of<TypeParam>::weight(std::numeric_limits<T>::quiet_NaN(), ref)));
    EXPECT_TRUE(std::isnan(of<TypeParam>::weight(-std::numeric_limits<T>::quiet_NaN(), ref)));
    EXPECT_FALSE(of<TypeParam>::weight(infinity, ref) < infinity);
    EXPECT_EQ(of<TypeParam>::weight(0, ref), math::weight_of_one<T>);
    EXPECT_EQ(of<TypeParam>::weight(-T(0), ref), math::weight_of_one<T>);
}

TYPED_TEST(Exp, ReferencesDifferByExactPowersOfTwo) {
    using T = typename TypeParam::element;
    auto const k = math::exp_scale<T>::of(0.7);
    auto const near = of<TypeParam>::reference(k);
    generator g(5);
    for (int i = 0; i != 2000; ++i) {
        T const x = g.bell<T>(10), w = of<TypeParam>::weight(std::min(x, T(0)), near);
        for (int n : {1, 2, 17, 60})
            ASSERT_EQ(of<TypeParam>::weight(std::min(x, T(0)), of<TypeParam>::reference(k, static_cast<T>(n))),
                      std::ldexp(w, -n))
                << x << " " << n;
    }
}

/// Weights of one kind against a window.
template <class Kind> struct window_of : of<Kind> {
    using typename of<Kind>::T;
    using typename of<Kind>::V;
    using typename of<Kind>::P;
    math::exp_window_reference<V> ref;

    window_of(math::exp_scale<T> k, T exponent) : ref(math::exp_window_at(k, V(exponent))) {}
    P carrier(T x) const { return math::exp_window_carrier(P{{V(x)}}, ref); }
    bool inside(T x) const {
        math::exp_window_seen<V> seen;
        seen.add(carrier(x));
        return ref.usable && seen.inside();
    }
    T weight(T x) const {
        return simd::first_lane(math::exp_window_weight<typename Kind::accuracy>(P{{V(x)}}, carrier(x), ref).part[0]);
    }
};

TYPED_TEST(Exp, WeightsInTheWindowAreTheWeights) {
    using T = typename TypeParam::element;
    if (!simd::has_fma) GTEST_SKIP() << "no FMA: no window";
    // Exponents above the reference: what a row may have, and where the window ends.
    constexpr int first = sizeof(T) == 4 ? -98 : -672, last = sizeof(T) == 4 ? 28 : 350;
    constexpr double step = of<TypeParam>::step, halfway = of<TypeParam>::halfway;
    for (double c : {1.0, 0.125, 0.08838834764831845, 3.7, 1e-3, 250.0, 0x1p-40})
        for (double reference : {0.0, 40.0, -300.0, 8000.0, -8192.0}) {
            auto const k = math::exp_scale<T>::of(c);
            window_of<TypeParam> const window(k, static_cast<T>(reference));
            ASSERT_TRUE(window.ref.usable) << c << " " << reference;
            auto const ref = of<TypeParam>::reference(k, static_cast<T>(reference));
            generator g(17);
            for (int i = 0; i != (emulated ? 2000 : 20000); ++i) {
                double const lowest = first - 0.98 * halfway, highest = last + 1 - step + 0.98 * halfway;
                double const t = lowest + (highest - lowest) * static_cast<double>(g.below(1 << 20)) * 0x1p-20;
                T const x = static_cast<T>((reference + t) / std::numbers::log2e / c);
                ASSERT_TRUE(window.inside(x)) << x << ", exponent " << t << ", " << c << ", " << reference;
                T const w = window.weight(x);
                ASSERT_EQ(bits_of(w), bits_of(of<TypeParam>::weight(x, ref))) << x << " " << c << " " << reference;
                ASSERT_GT(w, std::ldexp(T(1.41), sizeof(T) == 4 ? -36 : -162)) << x;
            }
            for (double t : {first - 1 - 1.2 * halfway, last + 1 - step + 1.2 * halfway, first - 50.0, last + 50.0,
                             -4000.0, 4000.0}) {
                T const x = static_cast<T>((reference + t) / std::numbers::log2e / c);
                EXPECT_FALSE(window.inside(x)) << x << ", exponent " << t << ", " << c << ", " << reference;
            }
        }
}

// Carriers far below the window have few bits, too: whatever the element, it is seen to be outside.
TYPED_TEST(Exp, NothingFarIsInTheWindow) {
    using T = typename TypeParam::element;
    if (!simd::has_fma) GTEST_SKIP() << "no FMA: no window";
    constexpr T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    constexpr T largest = std::numeric_limits<T>::max();
    constexpr double grids =
        1 / static_cast<double>(math::exp_window<T>::grid); // of the numbers that a carrier goes through
    for (double c : {1.0, 0.125, std::numbers::ln2, 3 * std::numbers::ln2 / 4, 0.7, 12.5})
        for (double reference : {0.0, 40.0, 41.0, -300.0, 5000.0}) {
            auto const k = math::exp_scale<T>::of(c);
            window_of<TypeParam> const window(k, static_cast<T>(reference));
            for (T x : {infinity, -infinity, nan, -nan, largest, -largest})
                EXPECT_FALSE(window.inside(x)) << x << " " << c;
            for (double power = 1; power != 0x1p-20; power /= 2)
                for (double sum : {0.0, 1.0, 1.5, 2.0, 3.0, 4.0, 8.0})
                    for (int near = -300; near <= 300; ++near) {
                        double const exponent = (sum * power - 2) * grids + reference + near;
                        T const x = static_cast<T>(exponent / static_cast<double>(k.hi));
                        if (std::abs(static_cast<double>(x) * static_cast<double>(k.hi) - reference) > 2000) {
                            ASSERT_FALSE(window.inside(x)) << x << " " << c << " " << reference;
                        }
                    }
        }
}

// Only a carrier of 0 hides: then the window may not be used, and otherwise no element has it.
TYPED_TEST(Exp, WindowsWithAnElementThatHidesAreNotUsed) {
    using T = typename TypeParam::element;
    if (!simd::has_fma) GTEST_SKIP() << "no FMA: no window";
    int hidden = 0, usable = 0;
    for (double odd : {1.0, 3.0, 5.0, 7.0, 11.0, 101.0, 4097.0, 12345.0, 65537.0, 1000003.0})
        for (int reference = -300; reference <= 300; ++reference) {
            // K = odd 2^-8 and a low part that is not 0
            math::exp_scale<T> const k{static_cast<T>(odd * 0x1p-8), static_cast<T>(odd * 0x1p-70),
                                       static_cast<T>(256 / odd)};
            window_of<TypeParam> const window(k, static_cast<T>(reference));
            T const shift = simd::first_lane(window.ref.shift), hi = simd::first_lane(window.ref.hi);
            T const x = -shift / hi;
            bool const hides = simd::first_lane(window.carrier(x).part[0]) == 0;
            hidden += hides;
            usable += window.ref.usable;
            ASSERT_EQ(window.ref.usable, !hides) << odd << " " << reference << " " << x;
        }
    EXPECT_GT(hidden, 600) << "of K = 2^-8 all";
    EXPECT_GT(usable, 600);
}

// What holds for all references that are near is asked of a factor once.
TYPED_TEST(Exp, FactorsWithWindowsHaveThemForEveryReference) {
    using T = typename TypeParam::element;
    using V = typename of<TypeParam>::V;
    if (!simd::has_fma) GTEST_SKIP() << "no FMA: no window";
    generator g(5);
    int const factors = emulated ? 100 : 1000;
    int have = 0, have_not = 0, clear = 0;
    for (int i = 0; i != factors; ++i) {
        // Some with a multiple that is next to the reference 0, or to one just near.
        double const odd = static_cast<double>(2 * g.below(1 << 20) + 1),
                     multiple = std::ldexp(1.0, sizeof(T) == 4 ? 23 : 52);
        double const k_hi = i % 2 == 0 ? odd : std::floor(multiple / odd / 2) * 2 + 1;
        math::exp_scale<T> const k{static_cast<T>(k_hi), static_cast<T>(k_hi * 0x1p-60), static_cast<T>(1 / k_hi)};
        bool const has = math::has_exp_windows(k);
        have += has;
        // Most are seen to have them at a glance: next to a power of two, and to half of one, too.
        double const near = static_cast<double>(g.below(1 << 18)) - (1 << 17);
        for (double hi : {k_hi, multiple + near, multiple * 3 / 2 + near, multiple * 2 - 1 - std::abs(near)}) {
            clear += math::clearly_never_cancels(static_cast<T>(hi));
            if (math::clearly_never_cancels(static_cast<T>(hi))) {
                ASSERT_TRUE(math::has_exp_windows(math::exp_scale<T>{static_cast<T>(hi), T(1), T(1)})) << hi;
            }
        }
        bool all = true;
        for (double reference = -8192; reference <= 8192 && all; ++reference)
            all = math::exp_window_at(k, V(static_cast<T>(reference))).usable;
        if (has) {
            ASSERT_TRUE(all) << k_hi;
        }
        have_not += !all;
    }
    EXPECT_GT(have, factors / 4);
    EXPECT_GT(have_not, factors / 100);
    EXPECT_GT(clear, factors / 2);
    EXPECT_TRUE(math::clearly_never_cancels(math::exp_scale<T>::of(1).hi));
    for (double c : {1.0, 0.125, 0.08838834764831845, 3.7, 1e-3, 250.0, 0x1p-40, -1.0})
        EXPECT_TRUE(math::has_exp_windows(math::exp_scale<T>::of(c))) << c;
    for (double c : {0.0, std::numbers::ln2}) // parts that are 0, every number a multiple
        EXPECT_FALSE(math::has_exp_windows(math::exp_scale<T>::of(c))) << c;
    int many = 0;
    for (int i = 0; i != 1000; ++i) many += math::has_exp_windows(math::exp_scale<T>::of(g.bell<double>(1)));
    EXPECT_GT(many, 900);
}

TYPED_TEST(Exp, PartsJoinToTheWeightBitForBit) {
    using T = typename TypeParam::element;
    using V = typename of<TypeParam>::V;
    using P = typename of<TypeParam>::P;
    for (double c : {1.0, 0.08838834764831845, 3.7}) {
        auto const k = math::exp_scale<T>::of(c);
        V const lowest(static_cast<T>(-2 * math::near_exponent / static_cast<double>(k.hi)));
        generator g(6);
        for (int i = 0; i != 5000; ++i) {
            T const x = g.bell<T>(i % 2 == 0 ? 3 : 60);
            auto const parts = math::exp_parts<typename TypeParam::accuracy>(P{{V(x)}}, V(k.hi), V(k.lo), lowest);
            T const exponent = simd::first_lane(parts.exponent.part[0]),
                    fraction = simd::first_lane(parts.fraction.part[0]);
            T const steps = exponent / static_cast<T>(of<TypeParam>::step);
            ASSERT_EQ(steps, std::nearbyint(steps));
            ASSERT_LE(std::abs(static_cast<double>(exponent) - static_cast<double>(x) * c / std::log(2.0)),
                      1.002 * of<TypeParam>::halfway);
            bool const eighths = of<TypeParam>::has_eighths;
            ASSERT_GT(fraction, eighths ? 1.91 : 1.41) << "2 * 2^(-1/16), 2 * sqrt(1/2)";
            ASSERT_LT(fraction, eighths ? 3.84 : 2.83) << "2 * 2^(15/16), 2 * sqrt(2)";
            T const whole = simd::first_lane(math::next_integer(V(exponent)));
            ASSERT_EQ(whole, std::ceil(exponent));
            for (int above : {0, 1, 40, 300}) {
                T const n = whole + static_cast<T>(above);
                T const joined = simd::first_lane(math::exp_join(parts, V(n)).part[0]);
                ASSERT_EQ(bits_of(joined), bits_of(of<TypeParam>::weight(x, of<TypeParam>::reference(k, n))))
                    << x << " above " << above;
            }
        }
        auto const none = math::exp_parts<typename TypeParam::accuracy>(P{{V(-std::numeric_limits<T>::infinity())}},
                                                                        V(k.hi), V(k.lo), lowest);
        EXPECT_EQ(bits_of(simd::first_lane(math::exp_join(none, V(T(-math::near_exponent))).part[0])), 0U);
        auto const nan = math::exp_parts<typename TypeParam::accuracy>(P{{V(std::numeric_limits<T>::quiet_NaN())}},
                                                                       V(k.hi), V(k.lo), lowest);
        EXPECT_TRUE(std::isnan(simd::first_lane(math::exp_join(nan, V(T(0))).part[0])));
    }
}

template <class T> struct ExpNonpositive : testing::Test {
    using V = simd::vector<T, simd::default_arch>;
    static T exp(T x) { return simd::first_lane(math::exp_nonpositive(simd::pack<V, 1>{{V(x)}}).part[0]); }
};
TYPED_TEST_SUITE(ExpNonpositive, element_types, names);

TYPED_TEST(ExpNonpositive, IsTheExponential) {
    using T = TypeParam;
    if (!oracle_serves<T>) GTEST_SKIP() << "needs MPFR";
    exact_exponential exact;
    double worst = 0, worst_at = 0;
    double const lowest = sizeof(T) == 4 ? -87.3 : -708.3;
    std::size_t const samples = emulated ? 2000 : 40000;
    for (std::size_t i = 0; i <= samples; ++i) {
        T const x = static_cast<T>(lowest * static_cast<double>(i) / static_cast<double>(samples));
        double const error = error_in_ulp(TestFixture::exp(x), exact(1, static_cast<double>(x)));
        if (error > worst) {
            worst = error;
            worst_at = static_cast<double>(x);
        }
    }
    std::printf("exp_nonpositive: %.3f ULP at x = %.17g\n", worst, worst_at);
    EXPECT_LE(worst, 1.5);
}

TYPED_TEST(ExpNonpositive, SpecialValues) {
    using T = TypeParam;
    EXPECT_EQ(TestFixture::exp(0), T(1));
    EXPECT_EQ(TestFixture::exp(-T(0)), T(1));
    EXPECT_EQ(bits_of(TestFixture::exp(-std::numeric_limits<T>::infinity())), 0U);
    EXPECT_EQ(bits_of(TestFixture::exp(std::numeric_limits<T>::lowest())), 0U);
    EXPECT_TRUE(std::isnan(TestFixture::exp(std::numeric_limits<T>::quiet_NaN())));
}

template <class T> struct Power : testing::Test {
    using V = simd::vector<T, simd::default_arch>;
    static T power(T x, T p) { return simd::first_lane(math::power(simd::pack<V, 1>{{V(x)}}, V(p)).part[0]); }
};
TYPED_TEST_SUITE(Power, element_types, names);

TYPED_TEST(Power, OfNothingIsNothingAndOfOneIsOne) {
    using T = TypeParam;
    for (T p : {T(0.01), T(0.5), T(1), T(2), T(30)}) {
        EXPECT_EQ(bits_of(TestFixture::power(0, p)), 0U) << p;
        EXPECT_EQ(bits_of(TestFixture::power(std::numeric_limits<T>::min() / 2, p)), 0U) << "denormal, " << p;
        EXPECT_EQ(TestFixture::power(1, p), T(1)) << p;
    }
}

// The promise is an absolute one: 1 ULP of 1.
TYPED_TEST(Power, IsWithinAnUlpOfOne) {
    using T = TypeParam;
    double worst = 0;
    generator g(9);
    for (int i = 0; i != 20000; ++i) {
        T const x = static_cast<T>(std::ldexp(1 + static_cast<double>(g.below(1 << 20)) * 0x1p-20,
                                              -1 - static_cast<int>(g.below(sizeof(T) == 4 ? 125 : 1021))));
        T const p = static_cast<T>(0.01 + static_cast<double>(g.below(1 << 20)) * 0x1p-20 * (i % 2 == 0 ? 1 : 20));
        long double const exact = std::pow(static_cast<long double>(x), static_cast<long double>(p));
        worst =
            std::max(worst, static_cast<double>(std::abs(static_cast<long double>(TestFixture::power(x, p)) - exact)));
    }
    std::printf("power: %.3f ULP of 1\n", worst / static_cast<double>(std::numeric_limits<T>::epsilon()));
    EXPECT_LE(worst, static_cast<double>(std::numeric_limits<T>::epsilon()));
}

} // namespace
} // namespace smx_test
