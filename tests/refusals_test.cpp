// SPDX-License-Identifier: BSL-1.0
// Options out of their range: refused by a text that names the operator, the option and its value, and nothing is
// written. (Of the rows and the options of softmax: softmax_contract_test.cpp.)
#include <smx/clipped_softmax.hpp>
#include <smx/log_sum_exp.hpp>
#include <smx/lssar.hpp>
#include <smx/relu.hpp>
#include <smx/scores.hpp>
#include <smx/sigmoid.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace smx_test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

struct Refusals : testing::Test {
    std::vector<float> const x = std::vector<float>(5, 1);
    std::vector<float> y = std::vector<float>(5, -7);

    /// call() throws; its text holds both parts.
    template <class Call> void refuses(Call const& call, std::string const& function, std::string const& complaint) {
        try {
            call();
            ADD_FAILURE() << "accepted; expected: " << complaint;
        } catch (std::invalid_argument const& e) {
            std::string const text = e.what();
            EXPECT_EQ(text.find("smx::" + function + ": "), 0U) << text;
            EXPECT_NE(text.find(complaint), std::string::npos) << "'" << complaint << "' in: " << text;
        }
        EXPECT_EQ(y, std::vector<float>(y.size(), -7)) << "written to before refusing: " << complaint;
    }
};

TEST_F(Refusals, SeeThatACallIsAccepted) {
    EXPECT_NO_THROW(smx::relu(x, y, {.length = 0}));
    EXPECT_NO_THROW(smx::sigmoid(x, y, {.bias = -5000}));
    EXPECT_NO_THROW(smx::sigmoid(x, y, {.bias = 5000}));
    EXPECT_NO_THROW(smx::lssar(x, y, {.power = 1, .offset = 0}));
    EXPECT_NO_THROW(smx::clipped_softmax(x, y, {.zeta = 1, .gamma = 0}));
    EXPECT_NO_THROW(smx::lssar(x, y, {.power = 64, .offset = 1e6}));
}

TEST_F(Refusals, OfTheLengthOfRelu) {
    for (auto const& [length, text] : {std::pair{-0.5, "length is -0.5"}, {nan, "length is nan"}, {infinity, "is inf"}})
        refuses([&, length = length] { smx::relu(x, y, {.length = length}); }, "relu", text);
}

TEST_F(Refusals, OfTheBiasOfSigmoid) {
    for (auto const& [bias, text] :
         {std::pair{5000.5, "bias is 5000.5"}, {-6e3, "bias is -6000"}, {nan, "bias is nan"}})
        refuses([&, bias = bias] { smx::sigmoid(x, y, {.bias = bias}); }, "sigmoid", text);
}

TEST_F(Refusals, OfTheEndsOfClippedSoftmax) {
    for (auto const& [zeta, text] : {std::pair{0.99, "zeta is 0.99"}, {nan, "zeta is nan"}, {infinity, "zeta is inf"}})
        refuses([&, zeta = zeta] { smx::clipped_softmax(x, y, {.zeta = zeta}); }, "clipped_softmax", text);
    for (auto const& [gamma, text] : {std::pair{0.01, "gamma is 0.01"}, {nan, "gamma is nan"}, {-infinity, "is -inf"}})
        refuses([&, gamma = gamma] { smx::clipped_softmax(x, y, {.gamma = gamma}); }, "clipped_softmax", text);
}

TEST_F(Refusals, OfThePowerAndTheOffsetOfLssar) {
    for (auto const& [power, text] : {std::pair{0.5, "power is 0.5"}, {65.0, "power is 65"}, {nan, "power is nan"}})
        refuses([&, power = power] { smx::lssar(x, y, {.power = power}); }, "lssar", text);
    for (auto const& [offset, text] : {std::pair{-1.0, "offset is -1"}, {2e6, "offset is 2e+06"}, {nan, "is nan"}})
        refuses([&, offset = offset] { smx::lssar(x, y, {.offset = offset}); }, "lssar", text);
}

TEST_F(Refusals, OfATemperatureOrAScaleByEveryOne) {
    refuses([&] { smx::relu(x, y, {.temperature = 0}); }, "relu", "temperature is 0");
    refuses([&] { smx::sigmoid(x, y, {.scale = infinity}); }, "sigmoid", "scale is inf");
    refuses([&] { smx::clipped_softmax(x, y, {.temperature = -1}); }, "clipped_softmax", "temperature is -1");
    refuses([&] { smx::lssar(x, y, {.scale = nan}); }, "lssar", "scale is nan");
}

TEST_F(Refusals, OfTheValueOfNoRowOrOfMany) {
    for (std::size_t const rows : {0U, 2U}) {
        smx::matrix_view<float const> const from(x.data(), rows, 2);
        refuses([&] { y[0] = smx::log_sum_exp(from); }, "log_sum_exp", "x has " + std::to_string(rows) + " rows");
    }
}

TEST_F(Refusals, OfTheShapesOfScoresByOneValue) {
    std::vector<std::size_t> const lengths(2, 1);
    std::vector<float> const bias(4);
    refuses([&] { y[0] = smx::log_sum_exp(smx::scores(x).lengths(lengths)); }, "log_sum_exp", "lengths has 2 elements");
    refuses([&] { y[0] = smx::log_sum_exp(smx::scores(x).add(bias)); }, "log_sum_exp", "bias has rows of 4 elements");
}

TEST_F(Refusals, OfValuesWithGapsBetweenThem) {
    smx::matrix_view<float const> const rows(x.data(), 4, 1);
    smx::matrix_view<float> const values(y.data(), 2, 2, 3);
    refuses([&] { smx::log_sum_exp(rows, values); }, "log_sum_exp", "l.row_stride is 3");
}

// With exceptions nothing calls it.
TEST(ViolationHandler, IsReturnedByTheNextOne) {
    smx::violation_handler const one = [](char const*) {}, other = [](char const*) { std::abort(); };
    EXPECT_EQ(smx::set_violation_handler(one), nullptr);
    EXPECT_EQ(smx::set_violation_handler(other), one);
    EXPECT_EQ(smx::set_violation_handler(nullptr), other);
}

} // namespace
} // namespace smx_test
