// SPDX-License-Identifier: BSL-1.0
// 16-bit numbers: the conversions number by number, and softmax in every mix of types.
#include "support/formats.hpp"
#include "support/guarded.hpp"

#include <smx/softmax.hpp>

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

// As Eigen defines them, for the tests' purposes.
namespace Eigen {
struct half {
    half() {}
    std::uint16_t x = 0;
};
struct bfloat16 {
    std::uint16_t value;
};
} // namespace Eigen

namespace my {
struct word {
    std::uint16_t w;
};
} // namespace my
template <> struct smx::storage_of<my::word> { using type = smx::bfloat16; };

namespace smx_test {
namespace {

static_assert(smx::half_element<smx::bfloat16> && smx::half_element<smx::float16> && smx::half_element<my::word>);
static_assert(smx::half_element<Eigen::half> && smx::half_element<Eigen::bfloat16>);
static_assert(!smx::half_element<float> && !smx::half_element<std::uint16_t>);
static_assert(std::is_trivial_v<smx::bfloat16> && std::is_trivial_v<smx::float16>);
static_assert(smx::bfloat16(1.0F).bits == 0x3F80 && smx::float16(1.0F).bits == 0x3C00);
static_assert(float(smx::float16::from_bits(0x7BFF)) == 65504 && float(smx::float16::from_bits(1)) == 0x1p-24F);
static_assert(float(smx::bfloat16::from_bits(1)) == 0x1p-133F);

template <class S> class Half : public testing::Test {};
struct half_names {
    template <class S> static std::string GetName(int) { return format<S>::name; }
};
using half_types = testing::Types<smx::bfloat16, smx::float16>;
TYPED_TEST_SUITE(Half, half_types, half_names);

TYPED_TEST(Half, EveryPatternMeansWhatItMeans) {
    using S = TypeParam;
    for (std::uint32_t bits = 0; bits != 0x10000; ++bits) {
        S const s = S::from_bits(static_cast<std::uint16_t>(bits));
        float const expected = static_cast<float>(meaning_of<S>(bits));
        ASSERT_TRUE(equal(float(s), expected)) << bits;
        ASSERT_TRUE(equal(S(float(s)), s)) << bits;
    }
}

TYPED_TEST(Half, EveryFloatBecomesItsNeighbour) {
    using S = TypeParam;
    for (auto const& c : rounding_cases<S>()) {
        ASSERT_EQ(S(c.from).bits, c.to) << c.from;
        ASSERT_EQ(S(-c.from).bits, c.to | 0x8000U) << c.from;
    }
    for (float v : nans()) {
        S const s(v);
        EXPECT_TRUE(std::isnan(float(s)));
        EXPECT_NE(s.bits & (1U << (format<S>::precision - 2)), 0U) << "a signalling NaN";
    }
}

#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ >= 12 && defined(__SSE2__)
#define SMX_TEST_FLOAT16 1
TEST(Float16, AgreesWithTheCompiler) {
    static_assert(smx::half_element<_Float16>);
    std::mt19937 random(1);
    auto const check = [](float v) {
        ASSERT_TRUE(equal(smx::float16(v), std::bit_cast<smx::float16>(static_cast<_Float16>(v)))) << v;
    };
    for (auto const& c : rounding_cases<smx::float16>()) check(c.from);
    for (int i = 0; i != 1000000; ++i) check(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
    for (std::uint32_t bits = 0; bits != 0x10000; ++bits) {
        auto const s = smx::float16::from_bits(static_cast<std::uint16_t>(bits));
        ASSERT_TRUE(equal(float(s), static_cast<float>(std::bit_cast<_Float16>(s)))) << bits;
    }
}
#endif

// --- softmax

template <class T> std::vector<T> scores_of(std::size_t n, unsigned seed, float spread) {
    std::mt19937 random(seed);
    std::normal_distribution<float> bell(0, spread);
    std::vector<T> x(n);
    for (T& v : x) v = T(bell(random));
    return x;
}

/// Rounded to double: 2^-50 is nothing beside half an ulp of 2^-11.
template <class X> std::vector<double> exact_softmax(std::vector<X> const& x, double c = 1) {
    long double largest = -std::numeric_limits<long double>::infinity(), sum = 0;
    for (X v : x) largest = std::max(largest, static_cast<long double>(c) * static_cast<long double>(float(v)));
    std::vector<long double> w;
    for (X v : x) {
        w.push_back(std::exp(static_cast<long double>(c) * static_cast<long double>(float(v)) - largest));
        sum += w.back();
    }
    std::vector<double> y;
    for (long double v : w) y.push_back(static_cast<double>(v / sum));
    return y;
}

template <class Y> double error_in_ulp(Y got, double exact) {
    using f = format<Y>;
    int const binade = exact == 0 ? f::lowest : std::max(std::ilogb(exact), f::lowest);
    return std::abs(static_cast<double>(float(got)) - exact) / std::ldexp(1, binade - (f::precision - 1));
}

template <class Y> struct judge {
    double worst = 0;
    template <class X> void operator()(std::vector<X> const& x, std::vector<Y> const& y, double c = 1) {
        auto const exact = exact_softmax(x, c);
        for (std::size_t i = 0; i != y.size(); ++i) {
            // Below the smallest normal number of float, in which it is computed, 0 will do.
            if (exact[i] < 0x1p-126 && float(y[i]) == 0) continue;
            double const error = error_in_ulp(y[i], exact[i]);
            worst = std::max(worst, error);
            ASSERT_LE(error, format<Y>::bound) << "element " << i << " of " << y.size() << ", exact " << exact[i];
        }
    }
};

template <class Pair> class Mix : public testing::Test {};
template <class A, class B> struct from_to {
    using X = A;
    using Y = B;
    /// One pair is tried with everything: the time of compilers.
    static constexpr bool thoroughly = std::is_same_v<A, smx::bfloat16> && std::is_same_v<B, A>;
};
struct mix_names {
    template <class P> static std::string GetName(int) {
        return std::string(format<typename P::X>::name) + "_to_" + format<typename P::Y>::name;
    }
};
using bf = smx::bfloat16;
using hf = smx::float16;
using mixes = testing::Types<from_to<bf, bf>, from_to<hf, hf>, from_to<bf, hf>, from_to<float, bf>, from_to<hf, float>>;
TYPED_TEST_SUITE(Mix, mixes, mix_names);

constexpr std::size_t lengths[] = {1,  2,   3,   7,   8,   15,  16,   17,   31,   33,
                                   64, 100, 127, 128, 129, 257, 1000, 4096, 4097, 5003};

TYPED_TEST(Mix, EveryElementIsTheExactOneRounded) {
    using X = typename TypeParam::X;
    using Y = typename TypeParam::Y;
    judge<Y> judged;
    unsigned seed = 0;
    for (std::size_t n : lengths)
        for (float spread : {0.1F, 1.0F, 5.0F, 30.0F}) {
            auto const x = scores_of<X>(n, ++seed, spread);
            std::vector<Y> y(n), other(n);
            smx::softmax(x, y);
            judged(x, y);
            auto const same = [&](auto algorithm) {
                smx::softmax(algorithm, x, other);
                ASSERT_EQ(std::memcmp(y.data(), other.data(), n * sizeof(Y)), 0) << n;
            };
            if constexpr (smx::simd::has_fma) {
                same(smx::two_pass);
                if constexpr (TypeParam::thoroughly) {
                    same(smx::three_pass_reload);
                    same(smx::three_pass_recompute);
                    same(smx::online);
                }
            }
            if constexpr (TypeParam::thoroughly) {
                smx::softmax(smx::precise, x, y);
                judged(x, y);
            }
            smx::softmax(x, y, {.scale = -0.37});
            judged(x, y, -0.37);
        }
    // Pairs: nothing averages out.
    for (int i = 0; i != 20000; ++i) {
        std::vector<X> const x = {X(0.0F), X(-static_cast<float>(i) / 700)};
        std::vector<Y> y(2);
        smx::softmax(x, y);
        judged(x, y);
    }
    std::printf("worst %.5f ULP\n", judged.worst);
}

TYPED_TEST(Mix, RowsStayWithinThemselves) {
    using X = typename TypeParam::X;
    using Y = typename TypeParam::Y;
    guarded<X> from(200);
    guarded<Y> to(200);
    for (std::size_t n : {1U, 2U, 15U, 16U, 17U, 31U, 33U, 63U, 65U, 129U, 200U})
        for (std::size_t gap : {0U, 1U, 3U})
            for (bool at_end : {false, true}) {
                auto const x = at_end ? from.at_end(n, gap) : from.at_start(n, gap);
                auto const y = at_end ? to.at_end(n, gap) : to.at_start(n, gap);
                auto const values = scores_of<X>(n, 5, 2);
                std::copy(values.begin(), values.end(), x.begin());
                std::vector<Y> expected(n);
                smx::softmax(values, expected);
                auto const check = [&](auto algorithm) {
                    smx::softmax(algorithm, x, y);
                    ASSERT_TRUE(to.intact() && from.intact()) << n;
                    if constexpr (smx::simd::has_fma) {
                        ASSERT_EQ(std::memcmp(y.data(), expected.data(), n * sizeof(Y)), 0) << n;
                    }
                };
                check(smx::automatic);
                check(smx::two_pass);
            }
}

TYPED_TEST(Mix, ColumnsAreRows) {
    using X = typename TypeParam::X;
    using Y = typename TypeParam::Y;
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (auto [rows, cols, gap] :
         {std::array<std::size_t, 3>{37, 5, 0}, {5, 300, 3}, {21, 65, 0}, {140, 130, 5}, {700, 20, 0}, {3, 40000, 0}}) {
        std::size_t const stride = cols + gap;
        auto x = scores_of<X>(rows * stride, 3, 3);
        x[rows / 2 * stride + 2] = X(std::numeric_limits<float>::quiet_NaN());
        for (std::size_t i = 0; i != rows; ++i) x[i * stride + 4] = X(i == 1 ? 2.0F : -infinity);
        Y const mark(-77.0F);
        std::vector<Y> y(rows * stride, mark), expected(rows);
        smx::softmax(smx::columns(smx::matrix_view<X const>(x.data(), rows, cols, stride)),
                     smx::columns(smx::matrix_view<Y>(y.data(), rows, cols, stride)));
        auto in_place = x;
        if constexpr (std::is_same_v<X, Y>) {
            auto const view = smx::columns(smx::matrix_view<X>(in_place.data(), rows, cols, stride));
            smx::softmax(view, view);
        }
        for (std::size_t j = 0; j<cols; j += cols> 1000 ? 997 : 1) {
            std::vector<X> column;
            std::vector<Y> got;
            for (std::size_t i = 0; i != rows; ++i) {
                column.push_back(x[i * stride + j]);
                got.push_back(y[i * stride + j]);
            }
            smx::softmax(column, expected);
            for (std::size_t i = 0; i != rows; ++i)
                if constexpr (smx::simd::has_fma) {
                    ASSERT_TRUE(equal(got[i], expected[i])) << i << ", " << j << " of " << rows << " x " << cols;
                    if constexpr (std::is_same_v<X, Y>) {
                        ASSERT_TRUE(equal(in_place[i * stride + j], expected[i])) << i << ", " << j;
                    }
                }
            if (j != 2 && j != 4) judge<Y>{}(column, got);
        }
        for (std::size_t i = 0; i != rows; ++i)
            for (std::size_t j = cols; j != stride; ++j) ASSERT_TRUE(equal(y[i * stride + j], mark));
    }
}

/// Short rows of many are taken together, on the stack: each is what it is alone, whatever is beside it.
TYPED_TEST(Mix, MatricesAreTheirRows) {
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: the bits are this machine's own";
    using X = typename TypeParam::X;
    using Y = typename TypeParam::Y;
    std::size_t const rows = 300;
    for (std::size_t n : {2U, 3U, 4U, 7U, 8U, 10U, 16U, 21U, 32U, 47U, 48U, 50U})
        for (std::size_t gap : {0U, 3U})
            for (double const scale : {1.0, 1e-30}) {
                std::size_t const stride = n + gap;
                auto x = scores_of<X>(rows * stride, 3, 3);
                x[5 * stride] = X(std::numeric_limits<float>::quiet_NaN());
                x[40 * stride + n - 1] = X(std::numeric_limits<float>::infinity());
                for (std::size_t i = 0; i != n; ++i) x[70 * stride + i] = X(-std::numeric_limits<float>::infinity());
                x[299 * stride] = X(60000.0F);
                Y const mark(-77.0F);
                std::vector<Y> y(rows * stride, mark), expected(n);
                smx::softmax(smx::matrix_view<X const>(x.data(), rows, n, stride),
                             smx::matrix_view<Y>(y.data(), rows, n, stride), {.scale = scale});
                auto in_place = x;
                if constexpr (std::is_same_v<X, Y>) {
                    smx::matrix_view<X> const view(in_place.data(), rows, n, stride);
                    smx::softmax(view, view, {.scale = scale});
                }
                for (std::size_t r = 0; r != rows; ++r) {
                    smx::softmax(std::span<X const>(x).subspan(r * stride, n), expected, {.scale = scale});
                    for (std::size_t i = 0; i != n; ++i) {
                        ASSERT_TRUE(equal(y[r * stride + i], expected[i])) << "row " << r << " of " << n << ", " << i;
                        if constexpr (std::is_same_v<X, Y>) {
                            ASSERT_TRUE(equal(in_place[r * stride + i], expected[i])) << r << " of " << n << ", " << i;
                        }
                    }
                    for (std::size_t i = n; i != stride; ++i) ASSERT_TRUE(equal(y[r * stride + i], mark)) << r;
                }
            }
}

TYPED_TEST(Mix, SpecialValues) {
    using X = typename TypeParam::X;
    using Y = typename TypeParam::Y;
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (std::size_t n : {1U, 5U, 16U, 40U, 5000U}) {
        std::vector<X> x(n, X(-infinity));
        std::vector<Y> y(n);
        smx::softmax(x, y);
        for (Y v : y) ASSERT_TRUE(std::isnan(float(v)));
        smx::softmax(x, y, {.fully_masked = smx::masked::zeros});
        for (Y v : y) ASSERT_TRUE(equal(v, Y(0.0F)));
        x[n / 2] = X(3.0F);
        smx::softmax(x, y);
        for (std::size_t i = 0; i != n; ++i) ASSERT_EQ(float(y[i]), i == n / 2 ? 1 : 0);
        x[n / 2] = X(infinity);
        smx::softmax(x, y);
        for (Y v : y) ASSERT_TRUE(std::isnan(float(v)));
        for (float nan : nans()) {
            x[n / 2] = X(nan);
            smx::softmax(x, y);
            for (Y v : y) ASSERT_TRUE(std::isnan(float(v)));
        }
    }
}

TYPED_TEST(Mix, BiasMaskAndLengths) {
    using X = typename TypeParam::X;
    using Y = typename TypeParam::Y;
    std::size_t const n = 77;
    auto const x = scores_of<X>(n, 8, 2);
    auto const bias = scores_of<Y>(n, 9, 2);
    std::vector<unsigned char> mask(n);
    std::vector<float> z(n), expected(n);
    for (std::size_t i = 0; i != n; ++i) {
        mask[i] = i % 3 != 0;
        z[i] = float(x[i]) + float(bias[i]);
    }
    std::size_t const length[] = {61};
    std::vector<Y> y(n);
    smx::softmax(smx::scores(x).add(bias).where(mask).lengths(length), y);
    smx::softmax(smx::scores(z).where(mask).lengths(length), expected);
    for (std::size_t i = 0; i != n; ++i)
        ASSERT_LE(error_in_ulp(y[i], static_cast<double>(expected[i])), format<Y>::bound) << i;
}

TYPED_TEST(Half, InPlace) {
    using S = TypeParam;
    for (std::size_t n : lengths) {
        auto const x = scores_of<S>(n, 4, 3);
        std::vector<S> expected(n);
        smx::softmax(x, expected);
        auto const check = [&](auto algorithm) {
            auto y = x;
            smx::softmax(algorithm, y, y);
            ASSERT_EQ(std::memcmp(y.data(), expected.data(), n * sizeof(S)), 0) << n;
        };
        check(smx::automatic);
        if constexpr (smx::simd::has_fma) {
            check(smx::two_pass);
        }
        auto y = x;
        smx::softmax(y, y, {.scale = 1e-30}); // moved
        judge<S>{}(x, y, 1e-30);
    }
}

// Results below 2^-14 are denormal in float16: rounded to steps of 2^-24, not flushed.
TEST(Float16, KeepsDenormalResults) {
    std::vector<float> x(1, 0.0F);
    for (int i = 0; i != 500; ++i) x.push_back(-8 - static_cast<float>(i) / 50);
    std::vector<smx::float16> y(x.size());
    smx::softmax(x, y);
    judge<smx::float16>{}(x, y);
    int denormal = 0;
    for (auto v : y) denormal += v.bits != 0 && v.bits < 0x400;
    EXPECT_GT(denormal, 100);
}

// Other people's types, by what storage_of says of them.
TEST(StorageOf, OtherTypesAreTheSameBits) {
    std::size_t const n = 100;
    auto const check = [&]<class Other, class S>(Other, S) {
        auto const x = scores_of<S>(n, 6, 2);
        std::vector<S> expected(n), got(n);
        smx::softmax(x, expected);
        std::vector<Other> from(n), to(n);
        std::memcpy(static_cast<void*>(from.data()), x.data(), n * 2);
        smx::softmax(from, to);
        std::memcpy(got.data(), to.data(), n * 2);
        EXPECT_EQ(std::memcmp(got.data(), expected.data(), n * 2), 0);
    };
    check(Eigen::half{}, smx::float16{});
    check(Eigen::bfloat16{}, smx::bfloat16{});
    check(my::word{}, smx::bfloat16{});
#if defined(SMX_TEST_FLOAT16)
    check(_Float16{}, smx::float16{});
#endif
}

} // namespace
} // namespace smx_test
