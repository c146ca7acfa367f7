// SPDX-License-Identifier: BSL-1.0
// The table of values: what NaN, infinities, nothing, one element and extreme elements and options become.
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/kernels.hpp"
#include "support/ulp.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

namespace smx_test {
namespace {

template <class T> struct SoftmaxValues : testing::Test {};
TYPED_TEST_SUITE(SoftmaxValues, element_types, names);

template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T> constexpr T nan = std::numeric_limits<T>::quiet_NaN();
template <class T> constexpr T largest = std::numeric_limits<T>::max();
template <class T> constexpr double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
constexpr smx::softmax_options zeros{.fully_masked = smx::masked::zeros};

/// Lengths around registers, lines, packs, runs and the chunk of online.
constexpr std::size_t lengths[] = {1,  2,  3,  4,   5,   7,   8,   9,   15,   16,   17,  31,
                                   33, 64, 65, 127, 128, 129, 200, 257, 2047, 2049, 4100};

/// The first, the last, and some or all between.
std::vector<std::size_t> positions(std::size_t n) {
    std::vector<std::size_t> all;
    std::size_t const step = n > 257 ? 61 : emulated ? 5 : 1;
    for (std::size_t i = 0; i < n; i += step) all.push_back(i);
    all.push_back(n - 1);
    return all;
}

template <class T> void expect_near(std::vector<T> const& got, std::vector<double> const& expected) {
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i != got.size(); ++i)
        EXPECT_NEAR(static_cast<double>(got[i]), expected[i], expected[i] * 8 * epsilon<T> + 1e-11) << "element " << i;
}

/// All bits equal, and 1 / n.
template <class T> void expect_uniform(std::vector<T> const& y) {
    ASSERT_TRUE(same_bits(y, std::vector<T>(y.size(), y[0])));
    ASSERT_NEAR(static_cast<double>(y[0]) * static_cast<double>(y.size()), 1, 4 * epsilon<T>);
}

TYPED_TEST(SoftmaxValues, PublishedExamples) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        expect_near(softmax({1, 2, 3}), {0.0900305731704, 0.244728471055, 0.665240955775});
        expect_near(softmax({-1, 0, 1}), {0.0900305731704, 0.244728471055, 0.665240955775});
        expect_near(softmax({0, 1, 2, 3}), {0.0320586032801, 0.0871443187420, 0.236882818090, 0.643914259888});
        expect_near(softmax({1, 2, 3}, {.temperature = 2}), {0.186323723226, 0.307195885718, 0.506480391056});
        expect_near(softmax({1, 2, 3}, {.temperature = 0.5}), {0.0158762399765, 0.117310427826, 0.866813332197});
        expect_near(softmax({1, 2, 3}, {.scale = 0.5}), {0.186323723226, 0.307195885718, 0.506480391056});
        expect_near(softmax({1, 2, -infinity<T>}), {0.268941421370, 0.731058578630, 0});
        expect_near(softmax({1000, 1001, 1002}), {0.0900305731704, 0.244728471055, 0.665240955775});
        expect_near(softmax({3, 6, 9, 6}), {0.00224921344665, 0.0451766597309, 0.907397467092, 0.0451766597309});
    });
}

TYPED_TEST(SoftmaxValues, NanAnywhereMakesTheRowNan) { // E1
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (std::size_t n : lengths)
            for (std::size_t at : positions(n)) {
                row x = rows::bell<T>(n, 4);
                x[at] = at % 2 == 0 ? nan<T> : -nan<T>;
                ASSERT_TRUE(all_nan(softmax(x))) << n << ", at " << at;
                ASSERT_TRUE(all_nan(softmax(x, zeros))) << n << ", at " << at;
            }
    });
}

TYPED_TEST(SoftmaxValues, NanWinsOverInfinities) { // E1
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (T other : {-infinity<T>, infinity<T>, T(0), largest<T>, -largest<T>, T(1e30)})
            for (std::size_t n : {2U, 3U, 17U, 130U, 2100U})
                for (std::size_t at : {std::size_t(0), std::size_t(1), n / 2, n - 1}) {
                    row x(n, other);
                    x[at] = nan<T>;
                    ASSERT_TRUE(all_nan(softmax(x))) << n << " of " << other << ", at " << at;
                    ASSERT_TRUE(all_nan(softmax(x, zeros))) << n << " of " << other << ", at " << at;
                    row neighbours = rows::bell<T>(n, 4);
                    neighbours[(at + 1) % n] = other;  // beside it
                    neighbours[(at + 64) % n] = other; // in its lane
                    neighbours[at] = nan<T>;
                    ASSERT_TRUE(all_nan(softmax(neighbours))) << n << " beside " << other << ", at " << at;
                }
    });
}

TYPED_TEST(SoftmaxValues, PlusInfinityMakesTheRowNan) { // E2
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (std::size_t n : lengths)
            for (std::size_t at : positions(n))
                for (T background : {T(0), -infinity<T>, infinity<T>}) {
                    row x(n, background);
                    x[at] = infinity<T>;
                    ASSERT_TRUE(all_nan(softmax(x))) << n << " of " << background << ", at " << at;
                    ASSERT_TRUE(all_nan(softmax(x, zeros))) << n << " of " << background << ", at " << at;
                }
    });
}

TYPED_TEST(SoftmaxValues, MinusInfinityGivesExactlyZeroAndChangesNothingElse) { // E3
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (std::size_t n : lengths)
            for (std::size_t at : positions(n)) {
                if (n == 1) continue;
                row x = rows::bell<T>(n, 4), far = x;
                x[at] = -infinity<T>;
                far[at] = T(-1e30); // a weight that is 0 too
                row const y = softmax(x);
                ASSERT_EQ(bits_of(y[at]), 0U) << n << ", at " << at;
                ASSERT_TRUE(same_bits(y, softmax(far))) << n << ", at " << at;
                T const others = std::accumulate(y.begin(), y.end(), T(0));
                ASSERT_NEAR(others, 1, static_cast<double>(n) * epsilon<T>);
            }
    });
}

TYPED_TEST(SoftmaxValues, FullyMaskedRows) { // E4
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (std::size_t n : lengths) {
            row const x(n, -infinity<T>);
            ASSERT_TRUE(all_nan(softmax(x))) << n;
            ASSERT_TRUE(same_bits(softmax(x, zeros), row(n, T(0)))) << n;
            ASSERT_TRUE(same_bits(softmax(row(n, infinity<T>), {.scale = -1, .fully_masked = smx::masked::zeros}),
                                  row(n, T(0))))
                << n;
            ASSERT_TRUE(all_nan(softmax(row(n, infinity<T>), {.scale = -1}))) << n;
            row const y = rows::bell<T>(n, 4);
            ASSERT_TRUE(same_bits(softmax(y, zeros), softmax(y))) << "the option touches no other row, " << n;
        }
    });
}

TYPED_TEST(SoftmaxValues, NothingWritesNothing) { // E5
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        EXPECT_TRUE(softmax(row{}).empty());
        softmax(std::span<T const>(), std::span<T>());
        T untouched[2] = {T(3), T(4)};
        softmax(std::span<T const>(untouched, 0), std::span<T>(untouched + 1, 0));
        for (auto const function : {softmax.rows, softmax.columns}) {
            function({untouched, 0, 2, 2}, {untouched, 0, 2, 2}, {});
            function({untouched, 2, 0, 1}, {untouched, 2, 0, 1}, {});
        }
        EXPECT_EQ(untouched[0], T(3));
        EXPECT_EQ(untouched[1], T(4));
    });
}

TYPED_TEST(SoftmaxValues, OneFiniteElementIsExactlyOne) { // E6
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        T const values[] = {0,
                            -T(0),
                            1,
                            -1,
                            T(0.1),
                            T(88.7),
                            T(-103.9),
                            T(1e10),
                            T(-1e30),
                            largest<T>,
                            -largest<T>,
                            std::numeric_limits<T>::min(),
                            std::numeric_limits<T>::denorm_min()};
        for (T v : values)
            for (smx::softmax_options const& options :
                 {smx::softmax_options{}, {.scale = -3}, {.scale = 1e-30}, {.scale = 1e30}, {.temperature = 1e-3}}) {
                ASSERT_TRUE(same_bits(softmax({v}, options), {T(1)})) << v << " * " << options.scale;
                for (std::size_t n : {2U, 17U, 129U, 2050U})
                    for (std::size_t at : {std::size_t(0), n / 2, n - 1}) {
                        T const hidden = options.scale < 0 ? infinity<T> : -infinity<T>;
                        row x(n, hidden), expected(n, T(0));
                        x[at] = v;
                        expected[at] = 1;
                        ASSERT_TRUE(same_bits(softmax(x, options), expected))
                            << v << " * " << options.scale << " alone in " << n;
                    }
            }
        generator g(6);
        for (int i = 0; i != 3000; ++i) {
            T const v = g.bell<T>(i % 2 == 0 ? 1 : 1000);
            ASSERT_TRUE(same_bits(softmax({v}), {T(1)})) << v;
        }
        // The inverse of one sum in seven wants two parts: in memory, in registers that are full and that are not.
        for (std::size_t n : {2U, 40U, 64U, 200U, 256U, 300U})
            for (int i = 0; i != (emulated ? 20 : 200); ++i) {
                row x(n, -infinity<T>), expected(n, T(0));
                std::size_t const at = g.below(n);
                x[at] = g.bell<T>(10);
                expected[at] = 1;
                ASSERT_TRUE(same_bits(softmax(x), expected)) << x[at] << " alone in " << n;
            }
    });
}

TYPED_TEST(SoftmaxValues, EqualElementsGiveEqualBits) { // E7
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (std::size_t n : lengths)
            for (T v : {T(0), T(0.7), T(-123.4), T(3e5), T(1e30), largest<T>, -largest<T>}) {
                SCOPED_TRACE(testing::Message() << n << " of " << v);
                expect_uniform(softmax(row(n, v)));
            }
        // Equal elements among others, at every place of the row: body and tail are one kernel.
        row x = rows::bell<T>(331, 4);
        for (std::size_t i = 0; i < x.size(); i += 2) x[i] = T(1.3);
        row const y = softmax(x);
        for (std::size_t i = 0; i < x.size(); i += 2) ASSERT_EQ(bits_of(y[i]), bits_of(y[0])) << i;
    });
}

TYPED_TEST(SoftmaxValues, PositiveAndNegativeZeroAreEqual) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        row const y = softmax({T(0), -T(0), T(0), -T(0)});
        EXPECT_TRUE(same_bits(y, row(4, T(0.25))));
    });
}

// Results below the smallest normal number are 0; a few ulp below it they may be denormal, and then right.
template <class T> bool is_zero_or_normal(T y) {
    return y == 0 || y >= std::numeric_limits<T>::min() * (1 - 8 * std::numeric_limits<T>::epsilon());
}

TYPED_TEST(SoftmaxValues, ResultsAreWithinZeroAndOneAndNotDenormal) { // E9
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (auto const& f : families<T>())
            for (std::size_t n : {1U, 3U, 100U, 1000U}) {
                row const y = softmax(f.make(n));
                for (std::size_t i = 0; i != n; ++i) {
                    ASSERT_TRUE(y[i] >= 0 && y[i] <= 1 && !std::signbit(y[i]))
                        << f.name << " " << n << ": y[" << i << "] = " << y[i];
                    ASSERT_TRUE(is_zero_or_normal(y[i]))
                        << f.name << " " << n << ": y[" << i << "] = " << y[i] << " is denormal";
                }
            }
    });
}

TYPED_TEST(SoftmaxValues, ResultsNextToTheSmallestNormalNumberAreNotDenormal) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        // The scale moves the exact result through the smallest normal number in steps of a hundredth of its last
        // place.
        double const edge = sizeof(T) == 4 ? 0x1.5d589f2fe5107p+6 : 0x1.6232bdd7abcd2p+9;
        double const step = sizeof(T) == 4 ? 0x1p-30 : 0x1p-52;
        int denormal = 0, zero = 0, normal = 0;
        for (int i = -1000; i <= 1000; ++i) {
            T const y = softmax({T(0), T(-1)}, {.scale = edge + i * step * 16})[1];
            ++(y == 0 ? zero : !is_zero_or_normal(y) ? denormal : normal);
        }
        for (int i = 1; i <= 400; ++i) { // wider, below: up to 1e-4
            T const y = softmax({T(0), T(-1)}, {.scale = edge + i * 2.5e-7})[1];
            ++(y == 0 ? zero : !is_zero_or_normal(y) ? denormal : normal);
        }
        EXPECT_EQ(denormal, 0);
        EXPECT_GT(zero, 0);
        EXPECT_GT(normal, 0);
    });
}

TYPED_TEST(SoftmaxValues, FiniteElementsOfAnySizeAreRight) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        row const two_halves = {T(0.5), T(0.5), 0}, first = {1, 0, 0};
        for (T v : {T(1e5), T(1e10), T(1e30), largest<T>}) {
            EXPECT_TRUE(same_bits(softmax({v, v, -v}), two_halves)) << v;
            EXPECT_TRUE(same_bits(softmax({v, 0, -v}), first)) << v;
            EXPECT_TRUE(same_bits(softmax({0, -v, -v}), first)) << v;
            EXPECT_TRUE(same_bits(softmax({-v, -v, -infinity<T>}), two_halves)) << v;
        }
        T const close = T(1e30), closer = std::nextafter(close, T(0));
        EXPECT_TRUE(same_bits(softmax({close, closer, 0}), first)) << "neighbours at 1e30 are far apart";
        // One step at 2^k is 1 for k = 23 (52): differences of 1 where an exponent has none left.
        T const big = T(sizeof(T) == 4 ? 0x1p24 : 0x1p53);
        expect_near(softmax({big - 1, big - 2, big - 3}), {0.665240955775, 0.244728471055, 0.0900305731704});
    });
}

TYPED_TEST(SoftmaxValues, LongRowsOfExtremesAreRight) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (std::size_t n : {300U, 5000U})
            for (T v : {T(1e30), largest<T>}) {
                row x(n, -v), expected(n, T(0));
                x[n - 1] = v;
                x[0] = v;
                expected[n - 1] = expected[0] = T(0.5);
                EXPECT_TRUE(same_bits(softmax(x), expected)) << n << ", " << v;
            }
    });
}

TYPED_TEST(SoftmaxValues, ShiftByAnIntegerChangesNothingThatMatters) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        row x(200), moved(200);
        generator g(11);
        for (std::size_t i = 0; i != x.size(); ++i) {
            x[i] = static_cast<T>(g.below(1024)) / T(64);
            moved[i] = x[i] - T(500); // exact
        }
        row const y = softmax(x), z = softmax(moved);
        for (std::size_t i = 0; i != x.size(); ++i)
            ASSERT_NEAR(y[i], z[i], 12 * static_cast<double>(y[i]) * epsilon<T>);
    });
}

TYPED_TEST(SoftmaxValues, TemperatureActsBeforeTheExponential) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        row const x = rows::bell<T>(300, 4);
        EXPECT_FALSE(same_bits(softmax(x, {.temperature = 2}), softmax(x)));
        for (double t : {0.25, 0.5, 2.0, 8.0}) {
            row scaled = x;
            for (T& v : scaled) v /= static_cast<T>(t);
            EXPECT_TRUE(same_bits(softmax(x, {.temperature = t}), softmax(scaled))) << t;
            EXPECT_TRUE(same_bits(softmax(x, {.scale = 1 / t}), softmax(scaled))) << t;
            EXPECT_TRUE(same_bits(softmax(x, {.scale = 3, .temperature = t}), softmax(scaled, {.scale = 3}))) << t;
        }
    });
}

TYPED_TEST(SoftmaxValues, NegativeScaleIsThatOfTheNegatedRow) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (std::size_t n : {1U, 5U, 100U, 3000U}) {
            row const x = rows::bell<T>(n, 4);
            row negated = x;
            for (T& v : negated) v = -v;
            EXPECT_TRUE(same_bits(softmax(x, {.scale = -1.7}), softmax(negated, {.scale = 1.7}))) << n;
        }
    });
}

TYPED_TEST(SoftmaxValues, ScaleZeroIsUniform) {
    using T = TypeParam;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (double scale : {0.0, -0.0, 1e-300, -1e-300, 4.9e-324})
            for (std::size_t n : {1U, 2U, 3U, 7U, 64U, 100U, 257U, 3001U})
                for (double size : {1.0, 1e30}) {
                    SCOPED_TRACE(testing::Message() << n << " elements of " << size << ", scale " << scale);
                    expect_uniform(softmax(rows::bell<T>(n, size), {.scale = scale}));
                }
    });
}

TYPED_TEST(SoftmaxValues, ScaleZeroTimesInfinityIsNan) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        EXPECT_TRUE(all_nan(softmax({1, infinity<T>, 2}, {.scale = 0})));
        EXPECT_TRUE(all_nan(softmax({1, -infinity<T>, 2}, {.scale = 0})));
        EXPECT_TRUE(all_nan(softmax({1, nan<T>, 2}, {.scale = 0})));
    });
}

TYPED_TEST(SoftmaxValues, TinyScalesKeepInfinities) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (double scale : {1e-20, 1e-30, 1e-45, 1e-100, 1e-300}) {
            EXPECT_TRUE(same_bits(softmax({1, -infinity<T>}, {.scale = scale}), row{1, 0})) << scale;
            EXPECT_TRUE(all_nan(softmax({1, infinity<T>}, {.scale = scale}))) << scale;
            EXPECT_TRUE(same_bits(softmax({1, infinity<T>}, {.scale = -scale}), row{1, 0})) << scale;
            EXPECT_TRUE(all_nan(softmax(row(3, -infinity<T>), {.scale = scale}))) << scale;
            EXPECT_TRUE(same_bits(softmax(row(3, -infinity<T>), {.scale = scale, .fully_masked = smx::masked::zeros}),
                                  row(3, T(0))))
                << scale;
        }
    });
}

TYPED_TEST(SoftmaxValues, HugeScalesFindTheMaximum) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (double scale : {1e10, 1e20, 1e30, 1e100, 1e300}) {
            EXPECT_TRUE(same_bits(softmax({1, 2, 2, -3}, {.scale = scale}), row{0, T(0.5), T(0.5), 0})) << scale;
            EXPECT_TRUE(same_bits(softmax({1, 2, 2, -3}, {.scale = -scale}), row{0, 0, 0, 1})) << scale;
            EXPECT_TRUE(
                same_bits(softmax({largest<T>, largest<T>, -infinity<T>}, {.scale = scale}), row{T(0.5), T(0.5), 0}))
                << scale;
            expect_uniform(softmax(row(40, T(-2)), {.scale = scale}));
            EXPECT_TRUE(all_nan(softmax({1, nan<T>}, {.scale = scale}))) << scale;
        }
    });
}

// A row is weighed against a guess from its ends first, which holds up to some 46 units above (600 for double): around
// that, and where a weight overflows, every algorithm has the bits of two_pass, which guesses nothing.
TYPED_TEST(SoftmaxValues, AnElementMayBeFarAboveTheEnds) {
    using T = TypeParam;
    for (accuracy_class<T> const& accuracy : accuracies<T>()) {
        auto const exact = std::ranges::find(accuracy.algorithms, std::string("two_pass"), &kernel<T>::algorithm);
        ASSERT_NE(exact, accuracy.algorithms.end());
        for (std::size_t n : {3U, 17U, 100U, 300U, emulated ? 400U : 1030U, emulated ? 500U : 5000U})
            for (double from : {0.0, -100.0, 3000.0})
                for (double gap = 0; gap < 1000; gap += gap < 40 || (gap > 140 && gap < 590) ? 12.7
                                                        : emulated                           ? 3.1
                                                                                             : 0.37) {
                    std::vector<T> x(n, static_cast<T>(from));
                    x[n / 2] = static_cast<T>(from + gap);
                    x[n / 3] = static_cast<T>(from + gap - 1);
                    std::vector<T> const wanted = (*exact)(x);
                    for (kernel<T> const& softmax : accuracy.algorithms) {
                        ASSERT_TRUE(same_bits(softmax(x), wanted)) << softmax.name() << ", " << n << ", " << gap;
                        std::vector<T> y = x;
                        softmax(std::span<T const>(y), std::span<T>(y));
                        ASSERT_TRUE(same_bits(y, wanted)) << softmax.name() << " in place, " << n << ", " << gap;
                    }
                }
    }
}

// A row that lies in a window of exponents, from its lower to its upper end: the least result is below the normal ones.
TYPED_TEST(SoftmaxValues, ResultsAreNotDenormalWhereARowFillsTheWindow) {
    using T = TypeParam;
    double const ln2 = 0x1.62e42fefa39efp-1, above = sizeof(T) == 4 ? 67 : 649, below = sizeof(T) == 4 ? -57 : -371;
    for (std::size_t n : {16U, 32U, 64U, 96U, 128U})
        for (double more = 0; more < 3; more += 0.25)
            for (double less = 0; less < 3; less += 0.25) {
                std::vector<T> x(n);
                x[1] = static_cast<T>((above + more) * ln2);
                x[2] = static_cast<T>((below - less) * ln2);
                each_kernel<T>([&](kernel<T> const& softmax) {
                    T const y = softmax(x)[2];
                    ASSERT_TRUE(y == 0 || y > std::numeric_limits<T>::min() * T(0.999))
                        << softmax.name() << ", " << n << ": " << y << " of " << x[1] << " and " << x[2];
                });
            }
}

// A reference that an element outgrows is raised to what comes next, of this row: behind it there may be no memory.
TYPED_TEST(SoftmaxValues, AnElementMayBeFarAboveTheOthersAtTheEndOfMemory) {
    using T = TypeParam;
    guarded<T> memory(1030);
    for (std::size_t n : {200U, 300U, 1030U})
        for (std::size_t at : {n / 2, n - 100, n - 20}) {
            std::vector<T> x = rows::bell<T>(n, 1);
            x[at] = sizeof(T) == 4 ? T(150) : T(1200);
            std::span<T> const last = memory.at_end(n, 0);
            std::ranges::copy(x, last.begin());
            each_kernel<T>([&](kernel<T> const& softmax) {
                std::vector<T> y(n);
                softmax(std::span<T const>(last), std::span<T>(y));
                ASSERT_EQ(y[at], T(1)) << softmax.name() << ", " << at << " of " << n;
            });
        }
}

// Rows that lie in a window of exponents are weighed without tests until an element does not: wherever that is, every
// algorithm has the bits of two_pass, which has no window.
TYPED_TEST(SoftmaxValues, AnElementMayLieOutsideOfTheWindow) {
    using T = TypeParam;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    std::vector<std::size_t> sizes{8, 16, 32, 48, 64, 96, 100, 128, 192, 300, 513, 1600};
    if (!emulated) sizes.insert(sizes.end(), {4096, 9000});
    for (accuracy_class<T> const& accuracy : accuracies<T>()) {
        auto const exact = std::ranges::find(accuracy.algorithms, std::string("two_pass"), &kernel<T>::algorithm);
        ASSERT_NE(exact, accuracy.algorithms.end());
        for (std::size_t n : sizes)
            for (std::size_t at : {std::size_t(0), std::size_t(1), n / 3, n / 2, n - 17, n - 1, std::size_t(511),
                                   std::size_t(512), std::size_t(1535), std::size_t(1536), std::size_t(7000)})
                for (T away : {-infinity, T(-300), T(-260), T(-255), T(-100), T(-42), T(-40), T(-30), T(45), T(50),
                               T(100), T(460), T(-3e6), T(-1e30)}) {
                    if (at >= n) continue;
                    std::vector<T> x = rows::bell<T>(n, 2);
                    x[at] += away;
                    std::vector<T> const wanted = (*exact)(x);
                    for (kernel<T> const& softmax : accuracy.algorithms)
                        ASSERT_TRUE(same_bits(softmax(x), wanted))
                            << softmax.name() << ", " << n << ": x[" << at << "] is " << away << " away";
                }
    }
}

// The same among rows that are in their windows; where one is not, some after it are not asked.
TYPED_TEST(SoftmaxValues, RowsOutsideOfTheirWindowsAmongOthers) {
    using T = TypeParam;
    constexpr std::size_t count = 150;
    for (accuracy_class<T> const& accuracy : accuracies<T>()) {
        auto const exact = std::ranges::find(accuracy.algorithms, std::string("two_pass"), &kernel<T>::algorithm);
        ASSERT_NE(exact, accuracy.algorithms.end());
        for (std::size_t n : {16U, 32U, 64U, 96U, 128U, 300U}) {
            std::vector<T> x = rows::bell<T>(count * n, 2), wanted;
            for (std::size_t r : {0U, 1U, 2U, 40U, 41U, 75U, 110U, 149U})
                x[r * n + r % n] = r % 3 == 0   ? -std::numeric_limits<T>::infinity()
                                   : r % 3 == 1 ? T(-1000)
                                                : std::numeric_limits<T>::quiet_NaN();
            for (std::size_t r = 0; r != count; ++r) {
                auto const first = x.begin() + static_cast<std::ptrdiff_t>(r * n);
                auto const y = (*exact)(std::vector<T>(first, first + static_cast<std::ptrdiff_t>(n)));
                wanted.insert(wanted.end(), y.begin(), y.end());
            }
            for (kernel<T> const& softmax : accuracy.algorithms) {
                std::vector<T> y(count * n, T(-7));
                softmax.rows({x.data(), count, n}, {y.data(), count, n}, {});
                ASSERT_TRUE(same_bits(y, wanted)) << softmax.name() << ", rows of " << n;
            }
        }
    }
}

TYPED_TEST(SoftmaxValues, InPlaceIsTheSame) {
    using T = TypeParam;
    using row [[maybe_unused]] = std::vector<T>;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (auto const& f : families<T>()) {
            row x = f.make(700);
            row const expected = softmax(x);
            softmax(std::span<T const>(x), std::span<T>(x));
            ASSERT_TRUE(same_bits(x, expected)) << f.name;
        }
    });
}

} // namespace
} // namespace smx_test
