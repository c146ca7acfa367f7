// SPDX-License-Identifier: BSL-1.0
// What smx::scores promises: each row has the bits of the row that it stands for.
#include "support/elements.hpp"
#include "support/guarded.hpp"
#include "support/padded.hpp"
#include "support/ulp.hpp"

#include <smx/log_softmax.hpp>
#include <smx/scores.hpp>
#include <smx/simd/arch.hpp>
#include <smx/softmax.hpp>
#include <smx/sparsemax.hpp>
#include <smx/stablemax.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace smx_test {
namespace {

template <class T> struct Scores : testing::Test {};
TYPED_TEST_SUITE(Scores, element_types, names);

template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();

template <class T> std::vector<T> softmax_of(std::vector<T> const& x, smx::softmax_options const& options = {}) {
    std::vector<T> y(x.size());
    smx::softmax(x, y, options);
    return y;
}

TYPED_TEST(Scores, MaskedElementsAreZeroWhateverTheFactor) {
    using T = TypeParam;
    std::vector<T> x = rows::bell<T>(37, 2), kept, y(37);
    std::vector<unsigned char> mask(37);
    for (std::size_t i = 0; i != 37; ++i) {
        mask[i] = i % 3 != 1;
        if (mask[i] == 0)
            x[i] = std::numeric_limits<T>::quiet_NaN();
        else
            kept.push_back(x[i]);
    }
    for (double scale : {1.0, 0.0, -0.7, 1e-30, -1e-30, 1e30, -1e30}) {
        SCOPED_TRACE(scale);
        smx::softmax(smx::scores(x).where(mask), y, {.scale = scale});
        std::vector<T> const expected = softmax_of(kept, {.scale = scale});
        std::size_t next = 0;
        for (std::size_t i = 0; i != 37; ++i) {
            T const wanted = mask[i] == 0 ? T(0) : expected[next++];
            if (mask[i] == 0)
                ASSERT_TRUE(same_bits(y[i], wanted)) << "element " << i << " is " << y[i];
            else // the sum has another order without the masked elements
                ASSERT_NEAR(static_cast<double>(y[i]), static_cast<double>(wanted),
                            static_cast<double>(wanted) * 4 * static_cast<double>(std::numeric_limits<T>::epsilon()));
        }
    }
}

TYPED_TEST(Scores, MaskedElementsAreNotRead) {
    using T = TypeParam;
    constexpr std::size_t cols = 150, kept = 21; // what is masked lies on a page that cannot be read
    guarded<T> memory(kept), more(kept);
    auto const x = memory.at_end(kept, 0), bias = more.at_end(kept, 0);
    std::ranges::copy(rows::bell<T>(kept, 2), x.begin());
    std::ranges::copy(rows::bell<T>(kept, 3), bias.begin());
    std::vector<unsigned char> mask(cols, 0);
    std::fill_n(mask.begin(), kept, static_cast<unsigned char>(1));
    std::vector<T> y(cols), z(kept);
    smx::matrix_view<T const> const scores(x.data(), 1, cols), biases(bias.data(), 1, cols);
    auto const expect_softmax_of = [&](std::vector<T> const& head) {
        std::vector<T> expected = softmax_of(head);
        expected.resize(cols);
        EXPECT_TRUE(same_bits(y, expected));
    };
    smx::softmax(smx::scores(scores).where(mask), y);
    expect_softmax_of(std::vector<T>(x.begin(), x.end()));
    smx::softmax(smx::scores(scores).add(biases).where(mask), y);
    for (std::size_t i = 0; i != kept; ++i) z[i] = rounded(x[i] + bias[i]);
    expect_softmax_of(z);
}

TYPED_TEST(Scores, MayBeTheNeighboursOfTheResult) {
    using T = TypeParam;
    std::vector<T> const x = rows::bell<T>(20, 2), expected = softmax_of(x);
    for (auto const& [bias, y] : {std::pair{0U, 1U}, {1U, 0U}}) {
        std::vector<T> memory(40, T(0));
        auto const half = [&](std::size_t i) { return std::span(memory.data() + i * 20, 20); };
        EXPECT_NO_THROW(smx::softmax(smx::scores(x).add(half(bias)), half(y)));
        EXPECT_TRUE(same_bits(std::vector<T>(half(y).begin(), half(y).end()), expected));
    }
}

// What is behind the end of a row is no score of 0, which would be far above these.
/// Weights against a guess wait in the output. Where that is x, what is read again must be there still.
TYPED_TEST(Scores, AGuessThatIsTooLowHarmsNothingInPlace) {
    using T = TypeParam;
    for (std::size_t n : {40U, 200U, 700U, 5000U})
        for (std::size_t high : {n / 3, n - 2})
            for (double const above : {30.0, 90.0, 900.0}) {
                std::vector<T> x = rows::bell<T>(n, 2);
                std::vector<T> const bias = rows::bell<T>(n, 3);
                x[high] = static_cast<T>(above);
                std::vector<unsigned char> mask(n);
                for (std::size_t i = 0; i != n; ++i) mask[i] = i % 4 != 1 || i == high;
                std::vector<T> biased(n), masked(n), both(n);
                smx::softmax(smx::scores(x).add(bias), biased);
                smx::softmax(smx::scores(x).where(mask), masked);
                smx::softmax(smx::scores(x).add(bias).where(mask), both);
                std::vector<T> sums(n), kept = x;
                for (std::size_t i = 0; i != n; ++i) {
                    sums[i] = x[i] + bias[i];
                    if (mask[i] == 0) kept[i] = -infinity<T>;
                }
                EXPECT_TRUE(same_bits(biased, softmax_of(sums))) << n << ", " << above;
                EXPECT_TRUE(same_bits(masked, softmax_of(kept, {.fully_masked = smx::masked::zeros}))) << n;
                std::vector<T> in_place = x;
                smx::softmax(smx::scores(in_place).add(bias), in_place);
                EXPECT_TRUE(same_bits(in_place, biased)) << n << ", " << above;
                std::vector<T> over_bias = bias;
                smx::softmax(smx::scores(over_bias).add(x), over_bias);
                EXPECT_TRUE(same_bits(over_bias, biased)) << n << ", " << above;
                in_place = x;
                smx::softmax(smx::scores(in_place).where(mask), in_place);
                EXPECT_TRUE(same_bits(in_place, masked)) << n << ", " << above;
                in_place = x;
                smx::softmax(smx::scores(in_place).add(bias).where(mask), in_place);
                EXPECT_TRUE(same_bits(in_place, both)) << n << ", " << above;
            }
}

/// Short rows are taken many at a time: each is what it is alone, with a bias and a mask of its own or for all.
TYPED_TEST(Scores, ShortRowsOfManyAreThoseRows) {
    using T = TypeParam;
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: the bits are this machine's own";
    std::size_t const rows = 150;
    for (std::size_t n : {2U, 5U, 8U, 10U, 16U, 23U, 32U, 33U, 48U, 49U})
        for (std::size_t gap : {0U, 3U})
            for (bool for_all : {false, true})
                for (double const scale : {1.0, -0.3, 0.0}) {
                    padded<T> x = filled<T>(rows, n, n + gap), y(rows, n, n + 1);
                    x.at(7, n / 2) = std::numeric_limits<T>::quiet_NaN();
                    x.at(60, 0) = infinity<T>;
                    x.at(100, n - 1) = T(20000);
                    padded<T> const bias = filled<T>(for_all ? 1 : rows, n, n + gap);
                    std::vector<unsigned char> bytes(rows * (n + gap));
                    for (std::size_t i = 0; i != bytes.size(); ++i) bytes[i] = i * i % 7 != 2 && i / (n + gap) != 31;
                    smx::matrix_view<unsigned char const> const mask(bytes.data(), for_all ? 1 : rows, n, n + gap);
                    auto const alone = [&](std::size_t r, bool biased, bool masked) {
                        std::vector<T> const z = x.row(r), b = bias.row(for_all ? 0 : r);
                        std::span<unsigned char const> const m(bytes.data() + (for_all ? 0 : r * (n + gap)), n);
                        std::vector<T> expected(n);
                        if (biased && masked)
                            smx::softmax(smx::scores(z).add(b).where(m), expected, {.scale = scale});
                        else if (biased)
                            smx::softmax(smx::scores(z).add(b), expected, {.scale = scale});
                        else
                            smx::softmax(smx::scores(z).where(m), expected, {.scale = scale});
                        return expected;
                    };
                    auto const expect_rows = [&](bool biased, bool masked) {
                        for (std::size_t r = 0; r != rows; ++r)
                            ASSERT_TRUE(same_bits(y.row(r), alone(r, biased, masked)))
                                << "row " << r << " of " << n << ", " << biased << masked << for_all << scale;
                        ASSERT_TRUE(y.padding_intact());
                    };
                    auto const view = std::as_const(x).view();
                    smx::softmax(smx::scores(view).add(bias.view()), y.view(), {.scale = scale});
                    expect_rows(true, false);
                    smx::softmax(smx::scores(view).where(mask), y.view(), {.scale = scale});
                    expect_rows(false, true);
                    smx::softmax(smx::scores(view).add(bias.view()).where(mask), y.view(), {.scale = scale});
                    expect_rows(true, true);
                }
}

// A row may end with the memory.
TYPED_TEST(Scores, ElementsBehindALengthAreNotRead) {
    using T = TypeParam;
    guarded<T> memory(40 * 100);
    for (std::size_t n : {2U, 8U, 12U, 16U, 24U, 48U, 100U})
        for (std::size_t last : {std::size_t(0), std::size_t(1), n / 2, n - 1}) {
            std::size_t const rows = 40;
            std::vector<std::size_t> lengths(rows, n);
            lengths.back() = last;
            std::span<T> const x = memory.at_end((rows - 1) * n + last, 0);
            generator g(n);
            for (T& v : x) v = g.bell<T>(2);
            std::vector<T> y(rows * n), expected(last);
            smx::softmax(smx::scores(smx::matrix_view<T const>(x.data(), rows, n)).lengths(lengths),
                         smx::matrix_view(y.data(), rows, n));
            smx::softmax(x.last(last), expected);
            expected.resize(n, T(0));
            EXPECT_TRUE(same_bits(std::vector<T>(y.end() - static_cast<std::ptrdiff_t>(n), y.end()), expected))
                << last << " of " << n;
        }
}

// With lengths each row is one of so many elements, and what is behind it is never seen.
TYPED_TEST(Scores, ShortRowsOfManyLengthsAreThoseRows) {
    using T = TypeParam;
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: the bits are this machine's own";
    T const nan = std::numeric_limits<T>::quiet_NaN();
    std::size_t const rows = 150;
    for (std::size_t n : {2U, 5U, 8U, 16U, 23U, 24U, 25U, 33U})
        for (std::size_t const causal : {std::size_t(0), std::size_t(2), std::size_t(-1)}) // 0: lengths
            for (double const scale : {1.0, -0.3, 0.0}) {
                padded<T> x = filled<T>(rows, n, n + 2), y(rows, n, n + 1);
                padded<T> const bias = filled<T>(rows, n, n);
                std::vector<std::size_t> lengths(rows);
                generator g(n);
                for (std::size_t r = 0; r != rows; ++r) {
                    lengths[r] = causal == 0 ? g.below(n + 3) : std::min(n, std::min(n, causal) + r);
                    for (std::size_t i = lengths[r]; i < n; ++i) x.at(r, i) = i % 2 != 0 ? nan : infinity<T>;
                }
                if (lengths[3] > 0) x.at(3, 0) = T(20000); // too far from 0 for a tile
                if (lengths[70] > 1) x.at(70, 1) = nan;
                if (lengths[90] > 0) x.at(90, 0) = -infinity<T>;
                auto const scores = smx::scores(std::as_const(x).view());
                auto const expect_rows = [&](char const* what, T hidden, T of_nothing, auto const& alone) {
                    for (std::size_t r = 0; r != rows; ++r) {
                        std::vector<T> z = x.row(r), b = bias.row(r);
                        z.resize(std::min(n, lengths[r]));
                        b.resize(z.size());
                        std::vector<T> expected(z.size());
                        alone(z, b, expected);
                        expected.resize(n, z.empty() ? of_nothing : hidden);
                        ASSERT_TRUE(same_bits(y.row(r), expected))
                            << what << ", row " << r << " of " << n << ", " << causal << ", " << scale;
                    }
                    ASSERT_TRUE(y.padding_intact());
                };
                smx::softmax_options const policy{.scale = scale, .fully_masked = smx::masked::nan};
                auto const softmax_alone = [&](auto const& z, auto const&, auto& to) { smx::softmax(z, to, policy); };
                if (causal != 0) {
                    smx::softmax(scores.causal(causal), y.view(), policy);
                    expect_rows("causal", 0, nan, softmax_alone);
                    continue;
                }
                auto const from = scores.lengths(lengths);
                smx::softmax(from, y.view(), policy);
                expect_rows("softmax", 0, nan, softmax_alone);
                smx::softmax(from.add(bias.view()), y.view(), policy);
                expect_rows("biased", 0, nan, [&](auto const& z, auto const& b, auto& to) {
                    smx::softmax(smx::scores(z).add(b), to, policy);
                });
                smx::log_softmax(from, y.view(), {.scale = scale, .fully_masked = smx::masked::zeros});
                expect_rows("log_softmax", -infinity<T>, -infinity<T>, [&](auto const& z, auto const&, auto& to) {
                    smx::log_softmax(z, to, {.scale = scale, .fully_masked = smx::masked::zeros});
                });
                smx::sparsemax(from, y.view(), {.scale = scale, .fully_masked = smx::masked::zeros});
                expect_rows("sparsemax", 0, 0, [&](auto const& z, auto const&, auto& to) {
                    smx::sparsemax(z, to, {.scale = scale, .fully_masked = smx::masked::zeros});
                });
                smx::stablemax(from, y.view(), {.scale = scale, .fully_masked = smx::masked::zeros});
                expect_rows("stablemax", 0, 0, [&](auto const& z, auto const&, auto& to) {
                    smx::stablemax(z, to, {.scale = scale, .fully_masked = smx::masked::zeros});
                });
            }
}

TYPED_TEST(Scores, BiasedRowsMayLieFarBelowZero) {
    using T = TypeParam;
    for (std::size_t n : {5U, 21U, 100U, 300U, 5001U}) {
        std::vector<T> const x = rows::bell<T>(n, 3);
        std::vector<T> bias(n, T(-3000)), z(n), y(n), expected(n);
        bias[n / 2] = T(-2000); // a guess from the ends is wrong
        for (std::size_t i = 0; i != n; ++i) z[i] = rounded(x[i] + bias[i]);
        auto const expect_softmax = [&](char const* what, auto algorithm) {
            smx::softmax(algorithm, smx::scores(x).add(bias), y);
            smx::softmax(algorithm, z, expected);
            EXPECT_TRUE(same_bits(y, expected)) << what << ", " << n;
        };
        expect_softmax("reload", smx::three_pass_reload);
        expect_softmax("recompute", smx::three_pass_recompute);
        expect_softmax("two_pass", smx::two_pass);
        expect_softmax("online", smx::online);
    }
}

/// c x + bias for a c that float cannot hold: no product of 0 and infinity, and no digit less.
TYPED_TEST(Scores, BiasedRowsTakeAnyFactor) {
    using T = TypeParam;
    constexpr T tiny = std::numeric_limits<T>::denorm_min();
    std::vector<T> const bias{1, 2, T(-0.5), 0, 3, T(0.25), -1};
    std::vector<T> x, y(7);
    auto const expect = [&](double c) {
        double weights[7], sum = 0;
        for (std::size_t i = 0; i != 7; ++i) {
            double const product = std::isinf(x[i]) ? -HUGE_VAL : c * static_cast<double>(x[i]);
            sum += weights[i] = std::exp(product + static_cast<double>(bias[i]));
        }
        for (std::size_t i = 0; i != 7; ++i)
            if (weights[i] == 0)
                ASSERT_TRUE(same_bits(y[i], T(0))) << c << ", element " << i << " is " << y[i];
            else
                ASSERT_NEAR(static_cast<double>(y[i]) * sum / weights[i], 1, sizeof(T) == 4 ? 3e-6 : 1e-14) << c;
    };
    unsigned char const kept[7] = {1, 1, 1, 1, 1, 1, 1};
    for (double const c : {1e-42, 3e-39, 1e-200, 1e-310, -1e-42, -1e-200, 1e38, 1e39, 1e200, 1e308, -1e39, -1e200}) {
        T const masked = c > 0 ? -infinity<T> : infinity<T>, one = c > 0 ? T(-1) : T(1);
        if (std::abs(c) < 1)
            x = {0, masked, tiny, 1, T(1e30), T(-3e38), 2 * one};
        else // what is below the type has no weight
            x = {0, masked, 0, T(-0.0), one, 1000 * one, 0};
        smx::softmax(smx::scores(x).add(bias), y, {.scale = c});
        expect(c);
        smx::softmax(smx::scores(x).add(bias).where(kept), y, {.scale = c});
        expect(c);
        std::vector<double> const factors{c};
        smx::softmax(smx::scores(x).add(bias).scale_rows(factors), y);
        expect(c);
        if (sizeof(T) == 4 && std::abs(c) > 1e38) {
            x[2] = -one; // infinite, as documented
            smx::softmax(smx::scores(x).add(bias), y, {.scale = c});
            EXPECT_TRUE(all_nan(y)) << c;
        }
    }
    if (sizeof(T) == 8) return;
    x = {0, 2 * tiny, tiny, -tiny, 5 * tiny, 0, -3 * tiny}; // a factor that makes numbers of them
    for (double const c : {1e39, 1e44, 1e45, -1e45}) {
        smx::softmax(smx::scores(x).add(bias), y, {.scale = c});
        expect(c);
    }
}

TYPED_TEST(Scores, NeedALengthAndAFactorForEachRow) {
    using T = TypeParam;
    std::vector<T> const x(6, T(1));
    std::vector<T> y(6, T(-7));
    smx::matrix_view const from(x.data(), 2, 3);
    smx::matrix_view const to(y.data(), 2, 3);
    for (std::size_t count : {1U, 3U}) {
        std::vector<std::size_t> const lengths(count, 2);
        std::vector<double> const factors(count, 1);
        EXPECT_THROW(smx::softmax(smx::scores(from).lengths(lengths), to), std::invalid_argument) << count;
        EXPECT_THROW(smx::softmax(smx::scores(from).scale_rows(factors), to), std::invalid_argument) << count;
    }
    EXPECT_EQ(y, std::vector<T>(6, T(-7)));
}

TYPED_TEST(Scores, AFactorOfMinusZeroIsZero) {
    using T = TypeParam;
    std::vector<T> const x = rows::bell<T>(20, 3);
    std::vector<T> y(20);
    std::vector<double> const minus_zero{-0.0}, zero{0.0};
    smx::softmax(smx::scores(x).scale_rows(minus_zero), y);
    EXPECT_TRUE(same_bits(y, std::vector<T>(20, y[0])));
    EXPECT_TRUE(same_bits(y, softmax_of(x, {.scale = 0})));
    smx::softmax(smx::scores(x).scale_rows(zero), y, {.scale = -1});
    EXPECT_TRUE(same_bits(y, softmax_of(x, {.scale = 0})));
    std::vector<double> const tiny{-1e-300}; // the product underflows to -0
    smx::softmax(smx::scores(x).scale_rows(tiny), y, {.scale = 1e-300});
    EXPECT_TRUE(same_bits(y, softmax_of(x, {.scale = 0})));
}

TYPED_TEST(Scores, RowsWithoutElementsFollowThePolicy) {
    using T = TypeParam;
    std::vector<T> const x{1, 2, 3, 4};
    std::vector<T> y(4);
    std::vector<std::size_t> const lengths{0, 1};
    auto const from = smx::scores(smx::matrix_view(x.data(), 2, 2)).lengths(lengths);
    auto const to = smx::matrix_view(y.data(), 2, 2);
    smx::softmax(from, to);
    EXPECT_TRUE(same_bits(y, {0, 0, 1, 0}));
    smx::softmax(from, to, {.fully_masked = smx::masked::zeros});
    EXPECT_TRUE(same_bits(y, {0, 0, 1, 0}));
    smx::softmax(from, to, {.fully_masked = smx::masked::nan});
    EXPECT_TRUE(all_nan(std::vector<T>{y[0], y[1]}));
    EXPECT_TRUE(same_bits(std::vector<T>{y[2], y[3]}, {1, 0})); // behind a length is 0 even then
}

TYPED_TEST(Scores, BiasesAndMasksMayLieAtAStride) {
    using T = TypeParam;
    padded<T> x = filled<T>(4, 21, 21), bias = filled<T>(4, 21, 30), y(4, 21, 25);
    padded<unsigned char> mask(4, 21, 33);
    generator g(1);
    for (std::size_t r = 0; r != 4; ++r)
        for (std::size_t i = 0; i != 21; ++i) mask.at(r, i) = static_cast<unsigned char>(3 * g.below(2));
    smx::softmax(smx::scores(x.view()).add(bias.view()).where(mask.view()), y.view());
    for (std::size_t r = 0; r != 4; ++r) {
        std::vector<T> z(21);
        for (std::size_t i = 0; i != 21; ++i)
            z[i] = mask.at(r, i) == 0 ? -infinity<T> : rounded(x.at(r, i) + bias.at(r, i));
        EXPECT_TRUE(same_bits(y.row(r), softmax_of(z))) << "row " << r;
    }
    EXPECT_TRUE(y.padding_intact());
}

TYPED_TEST(Scores, LimitsBeyondTheRowAreTheRow) {
    using T = TypeParam;
    padded<T> const x = filled<T>(5, 19, 19);
    padded<T> y(5, 19, 19);
    std::vector<std::size_t> const lengths{19, 20, 1000, std::size_t(-1), 18};
    smx::softmax(smx::scores(x.view()).lengths(lengths), y.view());
    for (std::size_t r = 0; r != 4; ++r) EXPECT_TRUE(same_bits(y.row(r), softmax_of(x.row(r)))) << "row " << r;
    EXPECT_EQ(y.at(4, 18), T(0));
    smx::softmax(smx::scores(x.view()).causal(std::size_t(-1)), y.view());
    for (std::size_t r = 0; r != 5; ++r) EXPECT_TRUE(same_bits(y.row(r), softmax_of(x.row(r)))) << "row " << r;
    smx::softmax(smx::scores(x.view()).causal(17), y.view());
    for (std::size_t r = 0; r != 5; ++r) {
        std::vector<T> head = x.row(r);
        head.resize(std::min<std::size_t>(17 + r, 19));
        std::vector<T> expected = softmax_of(head);
        expected.resize(19);
        EXPECT_TRUE(same_bits(y.row(r), expected)) << "row " << r;
    }
    EXPECT_TRUE(y.padding_intact());
}

// What must not compile, as concepts: each part is given once.
template <class S>
concept takes_a_bias = requires(S const& s, std::vector<float> const& bias) {
    s.add(bias);
};
template <class S>
concept takes_a_mask = requires(S const& s, std::vector<unsigned char> const& mask) {
    s.where(mask);
};
template <class S>
concept takes_a_limit = requires(S const& s, std::vector<std::size_t> const& lengths) {
    s.causal();
    s.lengths(lengths);
};
template <class S>
concept takes_factors = requires(S const& s, std::vector<double> const& factors) {
    s.scale_rows(factors);
};

TEST(ScoresTypes, TakeEachPartOnce) {
    std::vector<float> const x(3);
    std::vector<unsigned char> const mask(3);
    std::vector<std::size_t> const lengths(1);
    std::vector<double> const factors(1);
    auto const none = smx::scores(x);
    auto const all = none.add(x).where(mask).lengths(lengths).scale_rows(factors);
    EXPECT_TRUE(takes_a_bias<decltype(none)> && takes_a_mask<decltype(none)>);
    EXPECT_TRUE(takes_a_limit<decltype(none)> && takes_factors<decltype(none)>);
    EXPECT_FALSE(takes_a_bias<decltype(all)>);
    EXPECT_FALSE(takes_a_mask<decltype(all)>);
    EXPECT_FALSE(takes_a_limit<decltype(all)>);
    EXPECT_FALSE(takes_factors<decltype(all)>);
}

TYPED_TEST(Scores, EachRowHasItsOwnFactor) {
    using T = TypeParam;
    padded<T> const x = filled<T>(4, 33, 33);
    padded<T> y(4, 33, 33);
    std::vector<double> const factors{1, -0.5, 1e30, 3};
    smx::softmax(smx::scores(x.view()).scale_rows(factors), y.view(), {.scale = 0.5});
    for (std::size_t r = 0; r != 4; ++r)
        EXPECT_TRUE(same_bits(y.row(r), softmax_of(x.row(r), {.scale = 0.5 * factors[r]}))) << "row " << r;
}

} // namespace
} // namespace smx_test
