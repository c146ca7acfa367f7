// SPDX-License-Identifier: BSL-1.0
// Weights as bytes: the published numbers, the lengths at which sums of 32 bits wrap, saturation, masks, columns.
#include "support/guarded.hpp"

#include <smx/log_quantized_softmax.hpp>
#include <smx/quantized_softmax.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace smx_test {
namespace {

using bytes = std::vector<std::uint8_t>;
constexpr float infinity = std::numeric_limits<float>::infinity();

bytes from_bytes(bytes const& x, double input_scale) {
    bytes y(x.size(), 77);
    smx::quantized_softmax(x, y, {.input_scale = input_scale});
    return y;
}

template <class T> std::vector<double> exact(std::vector<T> const& x) {
    long double largest = -std::numeric_limits<long double>::infinity(), sum = 0;
    for (T v : x) largest = std::max(largest, static_cast<long double>(v));
    for (T v : x) sum += std::exp(static_cast<long double>(v) - largest);
    std::vector<double> p;
    for (T v : x) p.push_back(static_cast<double>(std::exp(static_cast<long double>(v) - largest) / sum));
    return p;
}

std::vector<float> random_scores(std::size_t n, unsigned seed, float spread) {
    std::mt19937 random(seed);
    std::normal_distribution<float> bell(0, spread);
    std::vector<float> x(n);
    for (float& v : x) v = bell(random);
    return x;
}

/// Scores whose softmax is p, given that p sums to 1.
std::vector<float> logs_of(std::vector<double> const& p) {
    std::vector<float> x;
    for (double v : p) x.push_back(static_cast<float>(std::log(v)));
    return x;
}

/// Scores whose weights are p up to a rest that a last element takes: sum p must be below 1.
std::vector<float> completed(std::vector<double> p) {
    double rest = 1;
    for (double v : p) rest -= v;
    p.push_back(rest);
    return logs_of(p);
}

TEST(QuantizedInput, PublishedNumbers) {
    EXPECT_EQ(from_bytes({10, 20, 30, 40}, 0.1), (bytes{8, 22, 61, 165}));
    EXPECT_EQ(from_bytes({0, 0, 0, 0}, 0.1), (bytes{64, 64, 64, 64}));
    EXPECT_EQ(from_bytes({255, 0, 0, 0}, 0.1), (bytes{255, 0, 0, 0}));
    EXPECT_EQ(from_bytes({3}, 0.1), (bytes{255}));
}

// In units of 1 / 8388608 the first would be 218.
TEST(QuantizedInput, WeightsAreInUnitsOfOneLess) { EXPECT_EQ(from_bytes({175, 127, 126}, 0.05), (bytes{217, 20, 19})); }

// Truncated, the last would be 13.
TEST(QuantizedInput, WeightsAreRoundedToNearest) { EXPECT_EQ(from_bytes({8, 146, 54}, 0.03125), (bytes{3, 239, 14})); }

// 256 / n, rounded half up. XNNPACK gives 255 at 513 and divides by zero at 1024.
TEST(QuantizedInput, EqualRowsOfEveryLength) {
    for (std::size_t n = 1; n <= 5000; n += n < 1100 ? 1 : 97)
        for (int v : {0, 7, 255}) {
            bytes const y = from_bytes(bytes(n, static_cast<std::uint8_t>(v)), 0.1);
            std::size_t const expected = std::min<std::size_t>((256 * 2 + n) / (2 * n), 255);
            for (std::uint8_t code : y) ASSERT_EQ(code, expected) << n;
        }
    EXPECT_EQ(from_bytes(bytes(513, 9), 0.1), bytes(513, 0));
    EXPECT_EQ(from_bytes(bytes(1024, 9), 0.1), bytes(1024, 0));
}

TEST(QuantizedInput, EqualsTheDefinition) {
    std::mt19937 random(1);
    for (std::size_t n : {1U, 3U, 100U, 255U, 256U, 257U, 3000U})
        for (double s : {1e-300, 0.001, 0.1, 3.7, 1e300}) {
            bytes x(n), columns_x(n * 3), columns_y(n * 3);
            for (auto& v : x) v = static_cast<std::uint8_t>(random() % 256);
            for (std::size_t i = 0; i != n; ++i) columns_x[i * 3 + 1] = x[i];
            int largest = 0;
            for (int v : x) largest = std::max(largest, v);
            std::uint64_t sum = 0;
            auto const weight = [&](int v) {
                return static_cast<std::uint64_t>(std::llrint(8388607 * std::exp((v - largest) * s)));
            };
            for (int v : x) sum += weight(v);
            bytes const y = from_bytes(x, s);
            smx::quantized_softmax(smx::columns(smx::matrix_view(columns_x.data(), n, 3)),
                                   smx::columns(smx::matrix_view(columns_y.data(), n, 3)), {.input_scale = s});
            for (std::size_t i = 0; i != n; ++i) {
                ASSERT_EQ(y[i], std::min<std::uint64_t>((weight(x[i]) * 256 + sum / 2) / sum, 255)) << n << ", " << s;
                ASSERT_EQ(columns_y[i * 3 + 1], y[i]);
            }
            bytes apart(n * 5, 7); // the strides of x and y are their own
            smx::quantized_softmax(smx::columns(smx::matrix_view(columns_x.data(), n, 3)),
                                   smx::columns(smx::matrix_view(apart.data(), n, 3, 5)), {.input_scale = s});
            for (std::size_t i = 0; i != n; ++i) {
                ASSERT_EQ(apart[i * 5 + 1], y[i]);
                ASSERT_EQ(apart[i * 5 + 3], 7);
            }
            bytes in_place = x;
            smx::quantized_softmax(in_place, in_place, {.input_scale = s});
            ASSERT_EQ(in_place, y);
        }
}

TEST(QuantizedInput, Contract) {
    bytes x(4), y(4), shorter(3);
    for (double s : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
        EXPECT_THROW(smx::quantized_softmax(x, y, {.input_scale = s}), std::invalid_argument);
    EXPECT_THROW(smx::quantized_softmax(x, shorter, {.input_scale = 1}), std::invalid_argument);
}

template <class T> void expect_rounded(std::vector<T> const& x) {
    guarded<std::uint8_t> memory(x.size());
    for (bool at_end : {false, true}) {
        auto const y = at_end ? memory.at_end(x.size(), 0) : memory.at_start(x.size(), 0);
        smx::quantized_softmax(x, y);
        ASSERT_TRUE(memory.intact());
        auto const p = exact(x);
        for (std::size_t i = 0; i != x.size(); ++i)
            ASSERT_LE(std::abs(y[i] - std::min(256 * p[i], 255.0)), 0.5001) << i << " of " << x.size();
    }
}

TEST(QuantizedOutput, EveryCodeIsTheExactWeightRounded) {
    unsigned seed = 0;
    for (std::size_t n : {1U, 2U, 3U, 7U, 15U, 16U, 17U, 33U, 64U, 127U, 129U, 1000U})
        for (float spread : {0.01F, 1.0F, 10.0F}) {
            auto const x = random_scores(n, ++seed, spread);
            expect_rounded(x);
            std::vector<smx::float16> h;
            for (float v : x) h.push_back(smx::float16(v));
            expect_rounded(h);
        }
    bytes y(600);
    smx::quantized_softmax(std::vector<float>(600), y);
    EXPECT_EQ(y, bytes(600, 0));
    y.resize(512); // 0.5: ties to even
    smx::quantized_softmax(std::vector<float>(512), y);
    EXPECT_EQ(y, bytes(512, 0));
    y.resize(1);
    smx::quantized_softmax(std::vector<float>(1), y);
    EXPECT_EQ(y[0], 255);
}

TEST(QuantizedOutput, SpecialValues) {
    std::vector<float> x(20, -infinity);
    bytes y(20, 9);
    smx::quantized_softmax(x, y);
    EXPECT_EQ(y, bytes(20, 0));
    smx::log2_quantized_softmax(x, y);
    EXPECT_EQ(y, bytes(20, 15));
    smx::log_sqrt2_quantized_softmax(x, y, {.bits = 6});
    EXPECT_EQ(y, bytes(20, 63));
    x[3] = std::numeric_limits<float>::quiet_NaN();
    smx::quantized_softmax(x, y);
    EXPECT_EQ(y, bytes(20, 0));
    smx::log2_quantized_softmax(x, y);
    EXPECT_EQ(y, bytes(20, 15));
    smx::log_sqrt2_quantized_softmax(x, y);
    EXPECT_EQ(y, bytes(20, 15));
}

TEST(QuantizedOutput, MasksAndLengths) {
    auto const x = random_scores(40, 3, 1);
    std::size_t const length[] = {23}, none[] = {0};
    bytes y(40), expected(23);
    smx::log2_quantized_softmax(smx::scores(x).lengths(length), y);
    smx::log2_quantized_softmax(std::span(x).first(23), expected);
    expected.resize(40, 15);
    EXPECT_EQ(y, expected);
    smx::quantized_softmax(smx::scores(x).lengths(none), y);
    EXPECT_EQ(y, bytes(40, 0));
}

TEST(Log2, PublishedNumbers) {
    bytes y(8);
    smx::log2_quantized_softmax(completed({.5, .3, .1, .01, .001}), std::span(y).first(6));
    EXPECT_EQ((bytes{y[0], y[1], y[2], y[3], y[4]}), (bytes{1, 2, 3, 7, 10}));
    smx::log2_quantized_softmax(completed({.8}), std::span(y).first(2));
    EXPECT_EQ(y[0], 0);
    smx::log2_quantized_softmax(std::vector<float>{3, -infinity}, std::span(y).first(2));
    EXPECT_EQ((bytes{y[0], y[1]}), (bytes{0, 15}));
    double const stands_for[] = {1, .5, .25, .125, .0625};
    for (std::uint8_t q = 0; q != 5; ++q) EXPECT_EQ(double{smx::log2_dequantized(q)}, stands_for[q]);
    for (int q = 0; q != 256; ++q)
        EXPECT_EQ(smx::log2_dequantized(static_cast<std::uint8_t>(q)), static_cast<float>(std::ldexp(1.0, -q))) << q;
}

TEST(LogSqrt2, PublishedNumbers) {
    bytes y(8);
    smx::log_sqrt2_quantized_softmax(completed({.5, .3, .1, .01, .001}), std::span(y).first(6));
    EXPECT_EQ((bytes{y[0], y[1], y[2], y[3], y[4]}), (bytes{2, 3, 7, 13, 15}));
    smx::log_sqrt2_quantized_softmax(completed({.8}), std::span(y).first(2));
    EXPECT_EQ(y[0], 1);
    smx::log_sqrt2_quantized_softmax(std::vector<float>{3, -infinity}, std::span(y).first(2));
    EXPECT_EQ((bytes{y[0], y[1]}), (bytes{0, 15}));
    for (int q = 0; q != 256; ++q)
        EXPECT_NEAR(smx::log_sqrt2_dequantized(static_cast<std::uint8_t>(q), .7) / (.7 * std::exp2(-q / 2.0)), 1,
                    1e-15);
    EXPECT_NEAR(smx::log_sqrt2_dequantized(13), .0110485434560, 1e-13);
}

/// Every code is the rounded logarithm, unless that is a hair from the middle.
template <class Quantise>
void expect_logs(std::vector<float> const& x, double steps, double delta, int bits, Quantise quantise) {
    bytes y(x.size());
    quantise(x, y);
    auto const p = exact(x);
    for (std::size_t i = 0; i != x.size(); ++i) {
        if (p[i] < 0x1p-125 * std::max(delta, 1.0)) continue;
        double const log = std::min(std::max(-steps * std::log2(p[i] / delta), 0.0), std::exp2(bits) - 1);
        ASSERT_LE(std::abs(y[i] - log), 0.5 + 1e-5) << i << " of " << x.size() << ", p = " << p[i];
    }
}

TEST(Logs, EveryCodeIsTheExactLogarithmRounded) {
    unsigned seed = 10;
    for (int bits = 1; bits <= 8; ++bits)
        for (std::size_t n : {1U, 5U, 16U, 33U, 200U})
            for (float spread : {0.5F, 4.0F, 20.0F}) {
                auto const x = random_scores(n, ++seed, spread);
                expect_logs(x, 1, 1, bits,
                            [&](auto const& from, auto& to) { smx::log2_quantized_softmax(from, to, {.bits = bits}); });
                for (double delta : {1.0, 0.3, 0.01, 1e-10, 2.5})
                    expect_logs(x, 2, delta, bits, [&](auto const& from, auto& to) {
                        smx::log_sqrt2_quantized_softmax(from, to, {.bits = bits, .delta = delta});
                    });
            }
}

TEST(Logs, Contract) {
    std::vector<float> x(4);
    bytes y(4), shorter(3);
    for (int bits : {0, -1, 9}) {
        EXPECT_THROW(smx::log2_quantized_softmax(x, y, {.bits = bits}), std::invalid_argument);
        EXPECT_THROW(smx::log_sqrt2_quantized_softmax(x, y, {.bits = bits}), std::invalid_argument);
    }
    for (double delta : {0.0, -1.0, 0x1p-61, 0x1p61, std::numeric_limits<double>::quiet_NaN()})
        EXPECT_THROW(smx::log_sqrt2_quantized_softmax(x, y, {.delta = delta}), std::invalid_argument);
    for (double delta : {0x1p-60, 0x1p60}) EXPECT_NO_THROW(smx::log_sqrt2_quantized_softmax(x, y, {.delta = delta}));
    EXPECT_THROW(smx::quantized_softmax(x, shorter), std::invalid_argument);
    EXPECT_THROW(smx::quantized_softmax(x, y, {.temperature = 0}), std::invalid_argument);
}

} // namespace
} // namespace smx_test
