// SPDX-License-Identifier: BSL-1.0
// Matrices: rows at strides, columns, and every kind of view that softmax takes.
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/kernels.hpp"
#include "support/padded.hpp"
#include "support/ulp.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace smx_test {
namespace {

template <class T> struct SoftmaxRows : testing::Test {};
TYPED_TEST_SUITE(SoftmaxRows, element_types, names);

TYPED_TEST(SoftmaxRows, EachRowIsThatRowAlone) {
    using T = TypeParam;
    each_kernel<T>([](kernel<T> const& softmax) {
        for (std::size_t rows : {0U, 1U, 2U, 3U, 5U, 17U, 35U})
            for (std::size_t cols : {0U, 1U, 2U, 7U, 16U, 33U, 130U, 300U})
                for (auto [x_gap, y_gap] :
                     {std::array{0U, 0U}, std::array{1U, 0U}, std::array{0U, 5U}, std::array{3U, 9U}}) {
                    padded<T> const x = filled<T>(rows, cols, cols + x_gap);
                    padded<T> y(rows, cols, cols + y_gap);
                    softmax.rows(x.view(), y.view(), {});
                    for (std::size_t r = 0; r != rows; ++r)
                        ASSERT_TRUE(same_bits(y.row(r), softmax(x.row(r))))
                            << "row " << r << " of " << rows << " x " << cols;
                    ASSERT_TRUE(y.padding_intact() && x.padding_intact()) << rows << " x " << cols;
                    padded<T> place = x;
                    softmax.rows(place.view(), place.view(), {});
                    for (std::size_t r = 0; r != rows; ++r)
                        ASSERT_TRUE(same_bits(place.row(r), y.row(r)))
                            << "in place, row " << r << " of " << rows << " x " << cols;
                    ASSERT_TRUE(place.padding_intact()) << "in place, " << rows << " x " << cols;
                }
    });
}

// Of lengths that are taken as tiles, in registers and in memory.
TYPED_TEST(SoftmaxRows, SpecialRowsDoNotTouchTheirNeighbours) {
    using T = TypeParam;
    each_kernel<T>([](kernel<T> const& softmax) {
        constexpr T infinity = std::numeric_limits<T>::infinity();
        for (std::size_t cols : {21U, 40U, 64U, 100U, 128U, 192U, 256U, 300U}) {
            SCOPED_TRACE(cols);
            padded<T> x = filled<T>(9, cols, cols + 3), y(9, cols, cols);
            x.at(1, cols - 1) = std::numeric_limits<T>::quiet_NaN();
            x.at(2, 0) = T(-2000); // a guess from it is wrong
            for (std::size_t c = 0; c != cols; ++c) x.at(3, c) = -infinity;
            x.at(5, 0) = infinity;
            x.at(6, 20) = T(1e30);
            x.at(7, 0) = -infinity;
            softmax.rows(x.view(), y.view(), {.fully_masked = smx::masked::zeros});
            for (std::size_t r = 0; r != 9; ++r)
                ASSERT_TRUE(same_bits(y.row(r), softmax(x.row(r), {.fully_masked = smx::masked::zeros}))) << r;
            EXPECT_TRUE(all_nan(y.row(1)) && all_nan(y.row(5)));
            EXPECT_TRUE(same_bits(y.row(3), std::vector<T>(cols, T(0))));
            EXPECT_EQ(y.at(6, 20), T(1));
            EXPECT_TRUE(y.at(2, 0) == 0 && y.at(7, 0) == 0);
        }
    });
}

/// A row of n elements of one of 13 kinds, around `level`.
template <class T> std::vector<T> of_a_kind(std::size_t kind, std::size_t n, double level, generator& g) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    double const far = sizeof(T) == 4 ? 1 : 8; // a window of doubles is as many times as wide
    std::vector<T> x(n);
    for (std::size_t i = 0; i != n; ++i) {
        double up = 0;
        if (kind == 1 && i != 0) up = -80 - static_cast<double>(g.below(120));
        if (kind == 2 && i != n / 2) up = -80 - static_cast<double>(g.below(120));
        if (kind == 3) up = 90 * static_cast<double>(i) / static_cast<double>(n);
        if (kind == 4 && i + 1 == n) up = 100;
        if (kind == 5 && i % 3 == 1) up = -80;
        if (kind == 6 && i == n / 3) up = static_cast<double>(g.below(200));
        x[i] = static_cast<T>(level + far * up) + g.bell<T>(2);
        if ((kind == 7 && i < n / 2) || (kind == 8 && i % 3 != 2) || kind == 9) x[i] = -infinity;
    }
    if (kind == 10) x[n - 1] = std::numeric_limits<T>::quiet_NaN();
    if (kind == 11) x[n / 2] = T(1e30);
    if (kind == 12)
        std::ranges::fill(x, static_cast<T>(level)); // the sum is n, the inverse of which may want two parts
    return x;
}

// What a row teaches about those that follow it changes no bit: stretches of rows of one kind, and of any.
TYPED_TEST(SoftmaxRows, FollowRowsOfOtherKinds) {
    using T = TypeParam;
    for (std::size_t n : {5U,   16U,  20U,  32U,  47U,  48U,  64U,  83U,  100U, 128U, 164U,
                          200U, 220U, 256U, 300U, 376U, 440U, 500U, 512U, 530U, 1000U}) {
        generator g(n);
        std::size_t const rows = emulated ? 90 : 400;
        padded<T> x(rows, n, n + 3), y(rows, n, n);
        for (std::size_t r = 0, left = 0, kind = 0; r != rows; ++r, --left) {
            if (left == 0) {
                left = 1 + g.below(40);
                kind = g.below(14);
            }
            auto const row = of_a_kind<T>(kind == 13 ? g.below(13) : kind, n, g.bell<double>(60), g);
            for (std::size_t i = 0; i != n; ++i) x.at(r, i) = row[i];
        }
        for (accuracy_class<T> const& accuracy : accuracies<T>()) {
            kernel<T> const& softmax = accuracy.algorithms.back();
            for (smx::softmax_options const& options : {smx::softmax_options{}, {.scale = 0.25}, {.scale = -0.7}}) {
                softmax.rows(x.view(), y.view(), options);
                padded<T> place = x;
                softmax.rows(place.view(), place.view(), options);
                for (std::size_t r = 0; r != rows; ++r) {
                    auto const alone = accuracy.any()(x.row(r), options);
                    ASSERT_TRUE(same_bits(y.row(r), alone)) << r << " of " << rows << " x " << n;
                    ASSERT_TRUE(same_bits(place.row(r), alone)) << "in place, " << r << " of " << rows << " x " << n;
                }
            }
        }
    }
}

TYPED_TEST(SoftmaxRows, InterleavedHalvesOfOneMatrix) {
    using T = TypeParam;
    each_kernel<T>([](kernel<T> const& softmax) {
        padded<T> m = filled<T>(9, 60, 60);
        padded<T> const before = m;
        smx::matrix_view<T> const left{m.memory.data(), 9, 30, 60}, right{m.memory.data() + 30, 9, 30, 60};
        softmax.rows(left, right, {});
        for (std::size_t r = 0; r != 9; ++r) {
            std::vector<T> const row = before.row(r), now = m.row(r), x(row.begin(), row.begin() + 30);
            ASSERT_TRUE(same_bits(std::vector<T>(now.begin(), now.begin() + 30), x)) << r;
            ASSERT_TRUE(same_bits(std::vector<T>(now.begin() + 30, now.end()), softmax(x))) << r;
        }
    });
}

// Short rows are taken many at a time; each must be what it is alone, whatever its neighbours are.
TYPED_TEST(SoftmaxRows, ShortRowsAreWhatTheyAreAlone) {
    using T = TypeParam;
    constexpr T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    guarded<T> source(40 * 40), target(40 * 40);
    for (accuracy_class<T> const& accuracy : accuracies<T>()) {
        kernel<T> const& softmax = accuracy.algorithms.back();
        ASSERT_STREQ(softmax.algorithm, "automatic");
        for (std::size_t cols = 1; cols <= 34; cols += emulated ? 3 : 1)
            for (std::size_t rows : {3U, 4U, 15U, 16U, 17U, 33U, 40U})
                for (std::size_t pad : {0U, 3U}) {
                    SCOPED_TRACE(testing::Message() << rows << " x " << cols << " + " << pad);
                    std::size_t const stride = cols + pad, length = (rows - 1) * stride + cols;
                    generator g(cols * 1000 + rows);
                    std::vector<T> x(length);
                    for (T& v : x) v = g.bell<T>(3);
                    auto const set = [&](std::size_t r, T fill, T one) {
                        if (r >= rows) return;
                        std::fill_n(x.begin() + static_cast<std::ptrdiff_t>(r * stride), cols, fill);
                        x[r * stride + cols / 2] = one;
                    };
                    // One kind of special row in each block of 16.
                    if (cols % 4 == 1) set(2, T(0), nan);
                    if (cols % 4 == 2) set(2, -infinity, -infinity);
                    if (cols % 4 == 3) set(14, T(-1e30), T(1e30));
                    if (cols % 4 == 0) set(5, -infinity, T(3));
                    set(20, T(0), infinity);
                    for (smx::softmax_options const& options :
                         {smx::softmax_options{}, {.scale = -0.3}, {.fully_masked = smx::masked::zeros}}) {
                        auto const from = source.at_end(length, 0), to = target.at_end(length, 0);
                        std::ranges::copy(x, from.begin());
                        std::ranges::fill(to, T(-7));
                        softmax.rows({from.data(), rows, cols, stride}, {to.data(), rows, cols, stride}, options);
                        std::vector<T> const y(to.begin(), to.end());
                        ASSERT_TRUE(source.intact() && target.intact());
                        softmax.rows({from.data(), rows, cols, stride}, {from.data(), rows, cols, stride}, options);
                        for (std::size_t r = 0; r != rows; ++r) {
                            auto const row = [&](auto const& m) {
                                auto const first = m.begin() + static_cast<std::ptrdiff_t>(r * stride);
                                return std::vector<T>(first, first + static_cast<std::ptrdiff_t>(cols));
                            };
                            auto const alone = softmax(row(x), options);
                            ASSERT_TRUE(same_bits(row(y), alone)) << "row " << r;
                            ASSERT_TRUE(same_bits(row(from), alone)) << "in place, row " << r;
                            for (std::size_t c = cols; c < stride && r + 1 != rows; ++c)
                                ASSERT_EQ(y[r * stride + c], T(-7)) << "padding of row " << r;
                        }
                    }
                }
    }
}

// The inverse of one sum in seven wants two parts, in some lanes of a tile and not in others.
TYPED_TEST(SoftmaxRows, OfOneElementAreExactlyOne) {
    using T = TypeParam;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    for (accuracy_class<T> const& accuracy : accuracies<T>()) {
        kernel<T> const& softmax = accuracy.algorithms.back();
        SCOPED_TRACE(softmax.name());
        for (std::size_t const cols : {2U, 5U, 10U, 24U, 40U, 64U, 128U, 256U, 300U}) {
            std::size_t const rows = 70;
            padded<T> x(rows, cols, cols), y(rows, cols, cols), z(cols, rows, rows), down(cols, rows, rows);
            generator g(cols);
            std::vector<std::size_t> at(rows);
            for (std::size_t r = 0; r != rows; ++r) {
                at[r] = g.below(cols);
                T const v = g.bell<T>(10);
                for (std::size_t c = 0; c != cols; ++c) x.at(r, c) = z.at(c, r) = c == at[r] ? v : -infinity;
            }
            softmax.rows(x.view(), y.view(), {});
            softmax.columns(z.view(), down.view(), {});
            for (std::size_t r = 0; r != rows; ++r) {
                std::vector<T> expected(cols, T(0));
                expected[at[r]] = 1;
                ASSERT_TRUE(same_bits(y.row(r), expected)) << "row " << r << " of " << cols << ", " << x.at(r, at[r]);
                ASSERT_TRUE(same_bits(down.column(r), expected)) << "column " << r << " of " << cols;
            }
        }
    }
}

/// Columns must be the rows of the transpose, bit for bit, out of place, in place, and at strides.
template <class T>
void expect_rows_of_transpose(kernel<T> const& softmax, padded<T> const& x, smx::softmax_options const& options,
                              std::string const& what) {
    SCOPED_TRACE(testing::Message() << what << ", " << x.rows << " x " << x.cols << ", scale " << options.scale);
    padded<T> y(x.rows, x.cols, x.cols + 3), place = x;
    softmax.columns(x.view(), y.view(), options);
    softmax.columns(place.view(), place.view(), options);
    for (std::size_t c = 0; c != x.cols; ++c) {
        std::vector<T> const expected = softmax(x.column(c), options);
        ASSERT_TRUE(same_bits(y.column(c), expected)) << "column " << c;
        ASSERT_TRUE(same_bits(place.column(c), expected)) << "in place, column " << c;
    }
    ASSERT_TRUE(y.padding_intact() && place.padding_intact());
}

template <class T> struct SoftmaxColumns : testing::Test {};
TYPED_TEST_SUITE(SoftmaxColumns, element_types, names);

TYPED_TEST(SoftmaxColumns, AreTheRowsOfTheTranspose) {
    using T = TypeParam;
    each_accuracy<T>([](kernel<T> const& softmax) {
        for (std::size_t rows = 0; rows <= 40; rows += emulated ? 3 : 1)
            for (std::size_t cols = 1; cols <= 70; cols += emulated ? 3 : 1) {
                expect_rows_of_transpose(softmax, filled<T>(rows, cols, cols), {}, "contiguous");
                if (testing::Test::HasFatalFailure()) return;
            }
        // Large enough for copies of tiles, in whole and in part, and for wide tiles, where strides are whole pages.
        for (auto [rows, cols, stride] : {std::array<std::size_t, 3>{21, 3333, 3400},
                                          {150, 333, 1024},
                                          {600, 35, 512},
                                          {9, 333, 2048},
                                          {64, 300, 1024},
                                          {65, 300, 1024}}) {
            expect_rows_of_transpose(softmax, filled<T>(rows, cols, stride), {}, "large");
            if (testing::Test::HasFatalFailure()) return;
        }
        for (std::size_t rows : {63U, 64U, 65U, 127U, 128U, 129U, 256U, 257U, 1000U})
            for (std::size_t cols : {1U, 2U, 15U, 16U, 17U, 63U, 64U, 65U, 70U}) {
                expect_rows_of_transpose(softmax, filled<T>(rows, cols, cols + 2), {}, "strided");
                if (testing::Test::HasFatalFailure()) return;
            }
    });
}

TYPED_TEST(SoftmaxColumns, SpecialColumnsDoNotTouchTheirNeighbours) {
    using T = TypeParam;
    each_accuracy<T>([](kernel<T> const& softmax) {
        constexpr T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
        for (std::size_t rows : {1U, 2U, 3U, 16U, 33U, emulated ? 65U : 257U})
            for (std::size_t cols : {1U, 5U, 16U, 37U, 64U, 70U})
                for (std::size_t special : {std::size_t(0), cols / 2, cols - 1})
                    for (auto const& [what, fill, one] :
                         {std::tuple{"a NaN", T(0), nan}, std::tuple{"-inf", -infinity, -infinity},
                          std::tuple{"+inf", T(0), infinity}, std::tuple{"1e30", T(-1e30), T(1e30)},
                          std::tuple{"one finite", -infinity, T(3)}, std::tuple{"NaN in -inf", -infinity, nan},
                          std::tuple{"far", T(-3e5), T(-3e5)}}) {
                        padded<T> x = filled<T>(rows, cols, cols);
                        x.set_column(special, std::vector<T>(rows, fill));
                        x.at(rows - 1, special) = one;
                        for (smx::masked policy : {smx::masked::nan, smx::masked::zeros}) {
                            expect_rows_of_transpose(softmax, x, {.fully_masked = policy}, what);
                            if (testing::Test::HasFatalFailure()) return;
                        }
                    }
    });
}

TYPED_TEST(SoftmaxColumns, TakeEveryFactor) {
    using T = TypeParam;
    each_accuracy<T>([](kernel<T> const& softmax) {
        for (smx::softmax_options const& options : {smx::softmax_options{.scale = 0.125},
                                                    {.temperature = 0.7},
                                                    {.scale = -1.7},
                                                    {.scale = 1e-30},
                                                    {.scale = 1e30},
                                                    {.scale = 0}})
            for (std::size_t rows : {1U, 7U, 100U}) {
                expect_rows_of_transpose(softmax, filled<T>(rows, 37, 40), options, "factors");
                if (testing::Test::HasFatalFailure()) return;
            }
    });
}

/// Families side by side: columns of different sizes and kinds in one tile.
TYPED_TEST(SoftmaxColumns, OfDifferentKindsShareATile) {
    using T = TypeParam;
    each_accuracy<T>([](kernel<T> const& softmax) {
        for (std::size_t rows : {3U, 100U}) {
            auto const& all = families<T>();
            padded<T> x(rows, all.size(), all.size());
            for (std::size_t c = 0; c != all.size(); ++c) x.set_column(c, all[c].make(rows));
            expect_rows_of_transpose(softmax, x, {}, "families");
        }
    });
}

/// n elements around `level`, of which one is `gap` units of exponents above; or all but the first, and the last one
/// `below`.
template <class T>
std::vector<T> with_a_gap(std::size_t n, double level, double gap, double below, bool all, generator& g) {
    double const unit = 0x1.62e42fefa39efp-1 * (sizeof(T) == 4 ? 1 : 6); // windows of double are as many times as wide
    std::size_t const moved = g.below(n);
    std::vector<T> x(n);
    for (std::size_t i = 0; i != n; ++i) {
        double const up = all ? (i == 0 ? 0 : i + 1 == n ? -below : gap) : (i == moved ? gap : 0);
        x[i] = static_cast<T>(level + up * unit) + g.bell<T>(0.5);
    }
    return x;
}

// Each lane of a tile has a reference of its own, and a window around it. All lanes lie in theirs, or one does not, or
// sums are too large; then the next tiles are weighed in another way.
TYPED_TEST(SoftmaxColumns, LieInTheirWindowsOrDoNot) {
    using T = TypeParam;
    constexpr double ln2 = 0x1.62e42fefa39efp-1; // whose factor has no windows
    int round = 0;
    for (double gap = -140; gap <= 140; gap += emulated ? 35 : 2)
        for (std::size_t n : {2U, 4U, 7U, 10U, 16U, 21U, 33U, 47U, 129U, 300U}) {
            if (++round % (n > 100 ? 6 : 1) != 0) continue;
            generator g(n + static_cast<std::size_t>(gap + 140));
            std::size_t const lanes = 150, other = g.below(lanes);
            padded<T> down(n, lanes, round % 2 == 0 ? lanes : 1024), rows(lanes, n, n + 1), y(lanes, n, n);
            bool const all = round % 3 == 0, every = round % 5 == 0;
            for (std::size_t lane = 0; lane != lanes; ++lane) {
                auto const x = with_a_gap<T>(n, g.bell<double>(500), lane == other || every ? gap : 0, gap, all, g);
                down.set_column(lane, x);
                for (std::size_t i = 0; i != n; ++i) rows.at(lane, i) = x[i];
            }
            for (accuracy_class<T> const& accuracy : accuracies<T>()) {
                kernel<T> const& softmax = accuracy.algorithms.back();
                for (smx::softmax_options const& options : {smx::softmax_options{}, {.scale = ln2}, {.scale = -0.7}}) {
                    SCOPED_TRACE(testing::Message() << "gap " << gap << ", lane " << other);
                    expect_rows_of_transpose(softmax, down, options, "windows");
                    softmax.rows(rows.view(), y.view(), options);
                    for (std::size_t lane = 0; lane != lanes; ++lane)
                        ASSERT_TRUE(same_bits(y.row(lane), accuracy.any()(rows.row(lane), options)))
                            << "row " << lane << " of " << n << ", scale " << options.scale;
                }
            }
        }
}

// The largest and the smallest of a window of floats, 67 above and 59 below the first: where the sum is too large, the
// smallest would be denormal.
TYPED_TEST(SoftmaxColumns, AsWideAsAWindowHaveNoDenormalResults) {
    using T = TypeParam;
    for (double gap = 66; gap <= 69; gap += 0.25)
        for (double below = 57.5; below <= 60; below += 0.25)
            for (std::size_t n : {3U, 4U, 8U, 11U, 16U, 24U, 100U}) {
                generator g(n);
                padded<T> down(n, 32, 32), rows(32, n, n), y(32, n, n);
                for (std::size_t lane = 0; lane != 32; ++lane) {
                    auto x = with_a_gap<T>(n, 0, 0, below, true, g);
                    x[1] += static_cast<T>(gap * 0x1.62e42fefa39efp-1);
                    down.set_column(lane, x);
                    for (std::size_t i = 0; i != n; ++i) rows.at(lane, i) = x[i];
                }
                for (accuracy_class<T> const& accuracy : accuracies<T>()) {
                    kernel<T> const& softmax = accuracy.algorithms.back();
                    expect_rows_of_transpose(softmax, down, {}, "as wide as a window");
                    softmax.rows(rows.view(), y.view(), {});
                    for (std::size_t lane = 0; lane != 32; ++lane)
                        ASSERT_TRUE(same_bits(y.row(lane), accuracy.any()(rows.row(lane)))) << gap << " " << below;
                }
            }
}

// The weights of a tile wait where its elements are not: found outside of a window at its end, it is weighed anew. A
// small factor, or weights taken for elements would be too large to be near. Of many columns a copy is weighed then.
TYPED_TEST(SoftmaxColumns, AreStillThereWhenTheLastRowIsOutside) {
    using T = TypeParam;
    for (auto [n, lanes, stride] : {std::array{24U, 40U, 40U},
                                    {33U, 40U, 40U},
                                    {21U, 3400U, 3400U},
                                    {100U, 700U, 700U},
                                    {24U, 300U, 1024U},
                                    {100U, 300U, 1024U}}) {
        generator g(n);
        padded<T> down(n, lanes, stride), rows(lanes, n, n), y(lanes, n, n);
        for (std::size_t lane = 0; lane != lanes; ++lane) {
            auto x = with_a_gap<T>(n, 0, 0, -70, true, g);
            for (T& v : x) v *= T(0x1p20);
            down.set_column(lane, x);
            for (std::size_t i = 0; i != n; ++i) rows.at(lane, i) = x[i];
        }
        for (accuracy_class<T> const& accuracy : accuracies<T>()) {
            kernel<T> const& softmax = accuracy.algorithms.back();
            smx::softmax_options const options{.scale = 0x1p-20};
            expect_rows_of_transpose(softmax, down, options, "the last is outside");
            softmax.rows(rows.view(), y.view(), options);
            for (std::size_t lane = 0; lane != lanes; ++lane)
                ASSERT_TRUE(same_bits(y.row(lane), accuracy.any()(rows.row(lane), options))) << lane << " of " << n;
        }
    }
}

// The one number outside of a window without a bit of its own, where a factor has one: it must not count as inside.
TYPED_TEST(SoftmaxColumns, OfFactorsWithoutWindowsHideNothing) {
    using T = TypeParam;
    constexpr double ln2 = 0x1.62e42fefa39efp-1;
    T const hides = sizeof(T) == 4 ? T(-0x1p20) : T(-0x1p52);
    for (std::size_t n : {4U, 9U, 24U, 100U})
        for (int near = -200; near <= 200; near += emulated ? 40 : 1) {
            padded<T> down(n, 16, 16), rows(16, n, n), y(16, n, n);
            for (std::size_t lane = 0; lane != 16; ++lane)
                for (std::size_t i = 0; i != n; ++i)
                    down.at(i, lane) = rows.at(lane, i) = i == 1 ? hides + static_cast<T>(near) : T(0);
            for (accuracy_class<T> const& accuracy : accuracies<T>()) {
                kernel<T> const& softmax = accuracy.algorithms.back();
                expect_rows_of_transpose(softmax, down, {.scale = ln2}, "an element that hides");
                softmax.rows(rows.view(), y.view(), {.scale = ln2});
                for (std::size_t lane = 0; lane != 16; ++lane) ASSERT_EQ(y.at(lane, 1), T(0)) << n << " " << near;
            }
        }
}

TYPED_TEST(SoftmaxColumns, InterleavedHalvesOfOneMatrix) {
    using T = TypeParam;
    each_accuracy<T>([](kernel<T> const& softmax) {
        padded<T> m = filled<T>(50, 40, 40);
        padded<T> const before = m;
        softmax.columns({m.memory.data() + 20, 50, 20, 40}, {m.memory.data(), 50, 20, 40}, {});
        for (std::size_t c = 0; c != 20; ++c) {
            ASSERT_TRUE(same_bits(m.column(c), softmax(before.column(c + 20)))) << c;
            ASSERT_TRUE(same_bits(m.column(c + 20), before.column(c + 20))) << c;
        }
    });
}

} // namespace
} // namespace smx_test
