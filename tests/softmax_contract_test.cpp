// SPDX-License-Identifier: BSL-1.0
// Bad calls: refused with std::invalid_argument that names the argument and both values, before anything is written.
#include "support/kernels.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace smx_test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();

template <class T> struct SoftmaxContract : testing::Test {
    std::vector<T> memory = [] {
        std::vector<T> m(200);
        for (std::size_t i = 0; i != m.size(); ++i) m[i] = static_cast<T>(i % 7);
        return m;
    }();
    T* data = memory.data();

    /// Rows and columns, by any kernel: all begin with the same checks.
    static void run(smx::matrix_view<T const> x, smx::matrix_view<T> y, smx::softmax_options const& options = {}) {
        accuracies<T>()[0].any().rows(x, y, options);
    }
    static void run(smx::columns_view<T> x, smx::columns_view<T> y, smx::softmax_options const& options = {}) {
        accuracies<T>()[0].any().columns(x.matrix, y.matrix, options);
    }
    /// Refused, with every one of `parts` in the text, and nothing written.
    template <class X, class Y>
    void refused(X const& x, Y const& y, smx::softmax_options const& options, std::vector<std::string> const& parts) {
        std::vector<T> const before = memory;
        try {
            run(x, y, options);
            ADD_FAILURE() << "accepted; expected: " << parts[0];
        } catch (std::invalid_argument const& e) {
            std::string const text = e.what();
            EXPECT_EQ(text.find("smx::softmax: "), 0U) << text;
            for (std::string const& part : parts)
                EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' in: " << text;
        } catch (...) {
            ADD_FAILURE() << "another exception; expected: " << parts[0];
        }
        EXPECT_EQ(memory, before) << "written to before refusing: " << parts[0];
    }
    template <class X, class Y> void accepted(X const& x, Y const& y, char const* what) {
        EXPECT_NO_THROW(run(x, y)) << what;
    }
    smx::matrix_view<T> view(std::size_t first, std::size_t rows, std::size_t cols, std::size_t stride) {
        return {data + first, rows, cols, stride};
    }
    std::string address(std::size_t first) {
        char text[40];
        std::snprintf(text, sizeof text, "%#zx", reinterpret_cast<std::size_t>(data + first));
        return text;
    }
};
TYPED_TEST_SUITE(SoftmaxContract, element_types, names);

TYPED_TEST(SoftmaxContract, LengthsThatDiffer) {
    this->refused(this->view(0, 1, 4, 4), this->view(10, 1, 3, 3), {}, {"y has rows of 3 elements", "x of 4"});
    this->refused(this->view(0, 1, 3, 3), this->view(10, 1, 4, 4), {}, {"y has rows of 4 elements", "x of 3"});
    this->refused(this->view(0, 1, 0, 0), this->view(10, 1, 4, 4), {}, {"y has rows of 4 elements", "x of 0"});
    this->refused(this->view(0, 1, 4, 4), this->view(10, 1, 0, 0), {}, {"y has rows of 0 elements", "x of 4"});
    this->refused(this->view(0, 2, 4, 4), this->view(10, 3, 4, 4), {}, {"y has 3 rows", "x has 2"});
    this->refused(this->view(0, 2, 4, 4), this->view(10, 1, 8, 8), {}, {"y has 1 rows", "x has 2"});
    this->refused(smx::columns(this->view(0, 2, 4, 4)), smx::columns(this->view(10, 4, 2, 2)), {},
                  {"y has 4 rows", "x has 2"});
}

TYPED_TEST(SoftmaxContract, StridesShorterThanARow) {
    this->refused(this->view(0, 2, 4, 3), this->view(100, 2, 4, 4), {}, {"x.row_stride is 3", "row of 4 elements"});
    this->refused(this->view(0, 2, 4, 4), this->view(100, 2, 4, 2), {}, {"y.row_stride is 2", "row of 4 elements"});
    this->refused(this->view(0, 2, 4, 0), this->view(100, 2, 4, 4), {}, {"x.row_stride is 0", "row of 4 elements"});
    this->refused(smx::columns(this->view(0, 2, 4, 3)), smx::columns(this->view(100, 2, 4, 4)), {},
                  {"x.row_stride is 3", "row of 4 elements"});
    this->refused(smx::columns(this->view(0, 2, 4, 4)), smx::columns(this->view(100, 2, 4, 3)), {},
                  {"y.row_stride is 3", "row of 4 elements"});
}

TYPED_TEST(SoftmaxContract, PartialOverlaps) {
    auto const overlap = [&](auto const& x, std::size_t x_first, auto const& y, std::size_t y_first) {
        this->refused(x, y, {}, {"y partly overlaps x", this->address(x_first), this->address(y_first)});
        this->refused(smx::columns(x), smx::columns(y), {}, {"y partly overlaps x"});
    };
    auto const rows = [&](std::size_t x_first, std::size_t x_stride, std::size_t y_first, std::size_t y_stride,
                          std::size_t count, std::size_t cols) {
        overlap(this->view(x_first, count, cols, x_stride), x_first, this->view(y_first, count, cols, y_stride),
                y_first);
    };
    rows(0, 10, 1, 10, 1, 10);  // by one element, y behind
    rows(1, 10, 0, 10, 1, 10);  // y before
    rows(0, 10, 9, 10, 1, 10);  // by the last element
    rows(9, 10, 0, 10, 1, 10);  // by the first
    rows(0, 10, 10, 10, 3, 10); // shifted by a row
    rows(10, 10, 0, 10, 3, 10);
    rows(0, 10, 5, 10, 3, 10); // shifted by half a row
    rows(0, 10, 4, 10, 3, 5);  // halves that share a column
    rows(4, 10, 0, 10, 3, 5);
    rows(0, 10, 6, 10, 3, 5);  // y's rows run into x's next ones
    rows(0, 10, 0, 12, 3, 10); // the same begin, other strides
    rows(0, 12, 0, 10, 3, 10);
    rows(0, 20, 10, 10, 3, 10); // other strides, interleaved at first
    rows(0, 10, 24, 10, 3, 5);  // two rows down and shifted by less than a row
    rows(0, 10, 20, 10, 3, 5);  // two whole rows down: the last row of x is the first of y
}

TYPED_TEST(SoftmaxContract, WhatIsNoOverlap) {
    this->accepted(this->view(0, 1, 10, 10), this->view(0, 1, 10, 10), "the same row");
    this->accepted(this->view(0, 3, 10, 12), this->view(0, 3, 10, 12), "the same rows");
    this->accepted(this->view(0, 1, 10, 10), this->view(0, 1, 10, 99), "the same row, whatever its stride");
    this->accepted(this->view(0, 1, 10, 10), this->view(10, 1, 10, 10), "adjacent, behind");
    this->accepted(this->view(10, 1, 10, 10), this->view(0, 1, 10, 10), "adjacent, before");
    this->accepted(this->view(0, 3, 10, 10), this->view(30, 3, 10, 10), "adjacent matrices");
    this->accepted(this->view(30, 3, 10, 10), this->view(0, 3, 10, 12 - 2), "adjacent matrices, before");
    this->accepted(this->view(0, 3, 5, 10), this->view(5, 3, 5, 10), "left to right half");
    this->accepted(this->view(5, 3, 5, 10), this->view(0, 3, 5, 10), "right to left half");
    this->accepted(this->view(0, 2, 5, 10), this->view(5, 2, 5, 10), "left to right half, of two rows");
    this->accepted(this->view(0, 3, 3, 10), this->view(14, 3, 3, 10), "interleaved, a row down");
    this->accepted(this->view(14, 3, 3, 10), this->view(0, 3, 3, 10), "interleaved, a row up");
    this->accepted(smx::columns(this->view(0, 3, 5, 10)), smx::columns(this->view(5, 3, 5, 10)), "columns of halves");
    this->accepted(smx::columns(this->view(0, 3, 5, 10)), smx::columns(this->view(0, 3, 5, 10)), "the same columns");
    this->accepted(this->view(0, 0, 5, 10), this->view(3, 0, 5, 10), "no rows");
    this->accepted(this->view(0, 3, 0, 0), this->view(0, 3, 0, 4), "no columns");
    this->accepted(smx::columns(this->view(0, 0, 5, 10)), smx::columns(this->view(3, 0, 5, 10)), "columns of no rows");
    this->accepted(this->view(0, 1, 10, 0), this->view(20, 1, 10, 3), "a stride that is never taken");
}

TYPED_TEST(SoftmaxContract, NullViews) {
    using T = TypeParam;
    smx::matrix_view<T> const none(nullptr, 2, 4);
    this->refused(none, this->view(0, 2, 4, 4), {}, {"x.data is null", "2 x 4"});
    this->refused(this->view(0, 2, 4, 4), none, {}, {"y.data is null", "2 x 4"});
    this->refused(smx::columns(none), smx::columns(this->view(0, 2, 4, 4)), {}, {"x.data is null", "2 x 4"});
    smx::matrix_view<T> const empty(nullptr, 0, 4), narrow(nullptr, 4, 0);
    this->accepted(empty, empty, "null and without rows");
    this->accepted(narrow, narrow, "null and without columns");
    this->accepted(smx::columns(empty), smx::columns(empty), "null, columns of no rows");
}

TYPED_TEST(SoftmaxContract, Temperatures) {
    auto const x = this->view(0, 1, 4, 4), y = this->view(10, 1, 4, 4);
    for (auto [value, text] : {std::pair{0.0, "temperature is 0"}, std::pair{-0.0, "temperature is -0"},
                               std::pair{-1.0, "temperature is -1"}, std::pair{-1e-300, "temperature is -1e-300"}})
        this->refused(x, y, {.temperature = value}, {text, "must be above 0"});
    for (auto [value, text] : {std::pair{infinity, "temperature is inf"}, std::pair{-infinity, "temperature is -inf"},
                               std::pair{nan, "temperature is nan"}, std::pair{-nan, "temperature is"}})
        this->refused(x, y, {.temperature = value}, {text, "finite", "1.79769e+308"});
    this->refused(smx::columns(x), smx::columns(y), {.temperature = 0}, {"temperature is 0", "must be above 0"});
    EXPECT_NO_THROW(this->run(x, y, {.temperature = 1e-300}));
    EXPECT_NO_THROW(this->run(x, y, {.temperature = 1e300}));
}

TYPED_TEST(SoftmaxContract, Scales) {
    auto const x = this->view(0, 1, 4, 4), y = this->view(10, 1, 4, 4);
    for (auto [value, text] : {std::pair{infinity, "scale is inf"}, std::pair{-infinity, "scale is -inf"},
                               std::pair{nan, "scale is nan"}, std::pair{-nan, "scale is"}})
        this->refused(x, y, {.scale = value}, {text, "finite", "1.79769e+308"});
    this->refused(x, y, {.scale = 1e300, .temperature = 1e-300}, {"scale / temperature", "1e+300", "1e-300"});
    this->refused(x, y, {.scale = -1e300, .temperature = 1e-300}, {"scale / temperature", "-1e+300", "1e-300"});
    this->refused(smx::columns(x), smx::columns(y), {.scale = nan}, {"scale is nan"});
    EXPECT_NO_THROW(this->run(x, y, {.scale = -1e300}));
    EXPECT_NO_THROW(this->run(x, y, {.scale = 0}));
    EXPECT_NO_THROW(this->run(x, y, {.scale = 1e-300, .temperature = 1e300})); // a factor of 0
}

TYPED_TEST(SoftmaxContract, EmptyRowsAreCheckedToo) {
    auto const none = this->view(0, 0, 0, 0);
    this->refused(none, none, {.temperature = 0}, {"temperature is 0"});
    this->refused(none, none, {.scale = nan}, {"scale is nan"});
}

TYPED_TEST(SoftmaxContract, EveryKernelChecks) {
    using T = TypeParam;
    each_kernel<T>([&](kernel<T> const& softmax) {
        std::vector<T> const before = this->memory;
        for (auto const function : {softmax.rows, softmax.columns}) {
            EXPECT_THROW(function(this->view(0, 2, 4, 4), this->view(10, 2, 3, 4), {}), std::invalid_argument);
            EXPECT_THROW(function(this->view(0, 2, 4, 4), this->view(10, 2, 4, 3), {}), std::invalid_argument);
            EXPECT_THROW(function(this->view(0, 2, 4, 4), this->view(1, 2, 4, 4), {}), std::invalid_argument);
            EXPECT_THROW(function(this->view(0, 2, 4, 4), this->view(10, 2, 4, 4), {.temperature = 0}),
                         std::invalid_argument);
            EXPECT_THROW(function(this->view(0, 2, 4, 4), this->view(10, 2, 4, 4), {.scale = infinity}),
                         std::invalid_argument);
        }
        EXPECT_EQ(this->memory, before);
    });
}

// What must not compile, as concepts.
template <class X, class Y>
concept takes = requires(X const& x, Y&& y) {
    smx::softmax(x, std::forward<Y>(y));
};

TEST(SoftmaxTypes, ThatAreTaken) {
    EXPECT_TRUE((takes<std::vector<float>, std::vector<float>&>));
    EXPECT_TRUE((takes<std::vector<double>, std::span<double>>));
    EXPECT_TRUE((takes<smx::matrix_view<float const>, smx::matrix_view<float>>));
    EXPECT_TRUE((takes<smx::columns_view<float const>, smx::columns_view<float>>));
}

template <class... Tags>
concept lead = requires(Tags const&... tags, std::vector<float>& row) {
    smx::softmax(tags..., row, row);
};

TEST(SoftmaxTypes, ThatLead) {
    EXPECT_TRUE((lead<smx::sequential_t, smx::two_pass_t, smx::precise_t>));
    EXPECT_TRUE((lead<smx::sequential_t, smx::two_pass_t>));
    EXPECT_TRUE((lead<smx::sequential_t, smx::precise_t>));
    EXPECT_TRUE((lead<smx::two_pass_t, smx::precise_t>));
    EXPECT_FALSE((lead<smx::precise_t, smx::two_pass_t>)) << "in this order";
    EXPECT_FALSE((lead<smx::two_pass_t, smx::sequential_t>)) << "in this order";
    EXPECT_FALSE((lead<smx::two_pass_t, smx::online_t>)) << "one of a kind";
}

TEST(SoftmaxTypes, ThatAreRefused) {
    EXPECT_FALSE((takes<std::vector<int>, std::vector<int>&>));
    EXPECT_FALSE((takes<std::vector<long double>, std::vector<long double>&>));
    EXPECT_FALSE((takes<std::vector<float>, std::vector<double>&>)) << "another element type";
    EXPECT_FALSE((takes<std::vector<double>, std::vector<float>&>)) << "a narrower element type";
    EXPECT_FALSE((takes<std::vector<float>, std::vector<float> const&>)) << "cannot be written";
    EXPECT_FALSE((takes<std::vector<float>, std::span<float const>>)) << "cannot be written";
    EXPECT_FALSE((takes<std::vector<float>, std::vector<float>>)) << "a temporary container: the result is lost";
    EXPECT_FALSE((takes<smx::columns_view<float const>, smx::matrix_view<float>>)) << "columns to rows";
    EXPECT_FALSE((takes<smx::matrix_view<float const>, smx::columns_view<float>>)) << "rows to columns";
    EXPECT_FALSE((takes<float, float&>));
}

} // namespace
} // namespace smx_test
