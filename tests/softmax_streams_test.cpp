// SPDX-License-Identifier: BSL-1.0
// Results that are written past the caches: here every row that may be, whatever the processor and the size. They have
// the bits of two_pass, which never writes so, and nothing around them is written.
#define SMX_STREAM_FROM_BYTES 64
#define SMX_PREFETCH_FROM_BYTES 4096
#include "support/elements.hpp"
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/ulp.hpp"

#include <smx/softmax.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace smx_test {
namespace {

template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();

template <class T> class SoftmaxStreams : public testing::Test {};
TYPED_TEST_SUITE(SoftmaxStreams, element_types, names);

/// Lengths for each way: registers that are filled and others, weights that wait on the stack (up to 4,096), weights
/// that are computed again; whole lines, which go past the caches in matrices, and others.
std::vector<std::size_t> const lengths{16,  32,  48,   64,   96,   112,  128,  192,  208,  256,  272,
                                       304, 512, 1000, 1024, 2032, 4080, 4096, 4112, 5008, 5009, 16384};

/// Rows that are ordinary but for a few: far from each other (weighed without a window), far from 0 (moved), -inf among
/// them or alone, NaN.
template <class T> std::vector<T> rows_of_all_kinds(std::size_t rows, std::size_t cols) {
    std::vector<T> x = rows::bell<T>(rows * cols, 3);
    auto const row = [&](std::size_t r) { return x.data() + r % rows * cols; };
    for (std::size_t i = 0; i < cols; i += 3) row(2)[i] = T(-300);
    for (std::size_t i = 0; i != cols; ++i) row(4)[i] += sizeof(T) == 4 ? T(3e7) : T(1e15);
    row(5)[cols / 2] = -infinity<T>;
    for (std::size_t i = 0; i != cols; ++i) row(7)[i] = -infinity<T>;
    row(8)[cols - 1] = std::numeric_limits<T>::quiet_NaN();
    return x;
}

/// softmax of a matrix whose output begins `shift` elements behind a page's begin, against two_pass row by row.
template <class T> void expect_bits_of_two_pass(std::size_t rows, std::size_t cols, std::size_t shift) {
    SCOPED_TRACE(testing::Message() << rows << " x " << cols << ", begun at element " << shift);
    std::vector<T> const x = rows_of_all_kinds<T>(rows, cols);
    std::vector<T> wanted(x.size());
    for (std::size_t r = 0; r != rows; ++r)
        smx::softmax(smx::two_pass, std::span(x.data() + r * cols, cols), std::span(wanted.data() + r * cols, cols));
    guarded<T> room(rows * cols + shift);
    auto const y = room.at_start(rows * cols, shift);
    smx::softmax(smx::matrix_view(x.data(), rows, cols), smx::matrix_view(y.data(), rows, cols));
    ASSERT_TRUE(same_bits(std::vector<T>(y.begin(), y.end()), wanted));
    ASSERT_TRUE(room.intact());
}

TYPED_TEST(SoftmaxStreams, MatricesHaveTheBitsOfTwoPass) {
    using T = TypeParam;
    for (std::size_t const cols : lengths)
        for (std::size_t const shift : {std::size_t(0), 16 / sizeof(T), std::size_t(1)})
            expect_bits_of_two_pass<T>(11, cols, shift);
}

TYPED_TEST(SoftmaxStreams, GapsBetweenRowsStayAsTheyAre) {
    using T = TypeParam;
    for (std::size_t const cols : lengths)
        for (std::size_t const stride : {cols + 64 / sizeof(T), cols + 1}) { // on lines or not
            std::size_t const rows = 5;
            std::vector<T> const x = rows::bell<T>(rows * cols, 3);
            std::vector<T> y(rows * stride, T(-7)), row(cols);
            smx::softmax(smx::matrix_view(x.data(), rows, cols), smx::matrix_view(y.data(), rows, cols, stride));
            for (std::size_t r = 0; r != rows; ++r) {
                smx::softmax(smx::two_pass, std::span(x.data() + r * cols, cols), std::span(row));
                auto const begin = y.begin() + static_cast<std::ptrdiff_t>(r * stride);
                auto const end = begin + static_cast<std::ptrdiff_t>(cols);
                ASSERT_TRUE(same_bits(std::vector<T>(begin, end), row)) << cols << ", row " << r;
                for (auto gap = end; gap != begin + static_cast<std::ptrdiff_t>(stride); ++gap) ASSERT_EQ(*gap, T(-7));
            }
        }
}

TYPED_TEST(SoftmaxStreams, RowsAloneHaveTheBitsOfTwoPass) {
    using T = TypeParam;
    for (std::size_t const cols : lengths)
        for (std::size_t const shift : {std::size_t(0), 16 / sizeof(T), std::size_t(1)}) {
            std::vector<T> const all = rows_of_all_kinds<T>(11, cols);
            std::vector<T> wanted(cols);
            guarded<T> room(cols + shift);
            for (std::size_t r = 0; r != 11; ++r) {
                std::span<T const> const x(all.data() + r * cols, cols);
                smx::softmax(smx::two_pass, x, std::span(wanted));
                auto const y = room.at_start(cols, shift);
                smx::softmax(x, y);
                ASSERT_TRUE(same_bits(std::vector<T>(y.begin(), y.end()), wanted)) << cols << ", row " << r;
                ASSERT_TRUE(room.intact());
            }
        }
}

TYPED_TEST(SoftmaxStreams, InPlace) {
    using T = TypeParam;
    for (std::size_t const cols : lengths) {
        std::vector<T> x = rows_of_all_kinds<T>(11, cols), wanted(x.size());
        for (std::size_t r = 0; r != 11; ++r)
            smx::softmax(smx::two_pass, std::span(x.data() + r * cols, cols),
                         std::span(wanted.data() + r * cols, cols));
        smx::softmax(smx::matrix_view(x.data(), 11, cols), smx::matrix_view(x.data(), 11, cols));
        ASSERT_TRUE(same_bits(x, wanted)) << cols;
    }
}

/// Columns go past the caches from tiles that are copied first: of matrices that are large, row by row on lines.
TYPED_TEST(SoftmaxStreams, ColumnsHaveTheBitsOfTwoPass) {
    using T = TypeParam;
    struct shape {
        std::size_t rows, cols;
    };
    for (auto const [rows, cols] : {shape{21, 3200}, shape{100, 704}, shape{9, 8016}, shape{200, 336}}) {
        SCOPED_TRACE(testing::Message() << rows << " x " << cols);
        std::vector<T> const transposed = rows_of_all_kinds<T>(cols, rows);
        std::vector<T> x(rows * cols), wanted(x.size()), row(rows);
        for (std::size_t j = 0; j != cols; ++j) {
            smx::softmax(smx::two_pass, std::span(transposed.data() + j * rows, rows), std::span(row));
            for (std::size_t i = 0; i != rows; ++i) {
                x[i * cols + j] = transposed[j * rows + i];
                wanted[i * cols + j] = row[i];
            }
        }
        guarded<T> room(rows * cols);
        auto const y = room.at_start(rows * cols, 0);
        smx::softmax(smx::columns(smx::matrix_view(x.data(), rows, cols)),
                     smx::columns(smx::matrix_view(y.data(), rows, cols)));
        ASSERT_TRUE(same_bits(std::vector<T>(y.begin(), y.end()), wanted));
        ASSERT_TRUE(room.intact());
    }
}

TYPED_TEST(SoftmaxStreams, ThreadsShareOneLongRow) {
    using T = TypeParam;
    std::size_t const n = (std::size_t(1) << 18) + 100;
    std::vector<T> const x = rows::bell<T>(n, 3);
    std::vector<T> y(n), wanted(n);
    smx::softmax(smx::two_pass, std::span(x), std::span(wanted));
    smx::workers const three(3, [](std::size_t pieces, auto const& piece) {
        std::vector<std::jthread> team;
        for (std::size_t t = 0; t != 3; ++t)
            team.emplace_back([&, t] {
                for (std::size_t i = t; i < pieces; i += 3) piece(i);
            });
    });
    smx::softmax(three, std::span(x), std::span(y));
    EXPECT_TRUE(same_bits(y, wanted));
}

} // namespace
} // namespace smx_test
