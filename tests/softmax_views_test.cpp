// SPDX-License-Identifier: BSL-1.0
// What softmax takes: every kind of row and matrix, and every overload.
#include "support/inputs.hpp"
#include "support/kernels.hpp"
#include "support/padded.hpp"
#include "support/ulp.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace smx_test {
namespace {

/// The least that counts as an mdspan of rank 2.
template <class T> struct small_mdspan {
    using element_type = T;
    T* first;
    std::size_t extents[2], strides[2];

    static constexpr std::size_t rank() { return 2; }
    T* data_handle() const { return first; }
    std::size_t extent(std::size_t r) const { return extents[r]; }
    std::size_t stride(std::size_t r) const { return strides[r]; }
};

/// Views are types, not arithmetic: one element type is enough.
using T = float;

struct SoftmaxViews : testing::Test {
    std::vector<T> source = rows::bell<T>(24, 4);
    std::vector<T> expected = accuracies<T>()[0].any()(source);
    std::vector<T> target = std::vector<T>(24);
};

TEST_F(SoftmaxViews, OfOneRow) {
    auto const taken = [&](char const* what) {
        EXPECT_TRUE(same_bits(target, expected)) << what;
        target.assign(24, T(0));
    };
    smx::softmax(source, target);
    taken("vectors");
    smx::softmax(std::as_const(source), target);
    taken("a const vector");
    smx::softmax(std::span<T const>(source), std::span<T>(target));
    taken("temporary spans");
    std::span<T const> const from(source);
    std::span<T> const to(target);
    smx::softmax(from, to);
    taken("const spans");
    smx::softmax(std::span<T const, 24>(source), std::span<T, 24>(target));
    taken("spans of fixed length");
    smx::softmax(smx::matrix_view(source.data(), 1, 24), smx::matrix_view(target.data(), 1, 24));
    taken("temporary matrix views");
    smx::softmax(source, smx::matrix_view(target.data(), 1, 24));
    taken("a row and a matrix of one row");
    std::array<T, 24> array;
    T plain[24];
    std::ranges::copy(source, array.begin());
    smx::softmax(array, plain);
    std::ranges::copy(plain, target.begin());
    taken("std::array and array");
}

TEST_F(SoftmaxViews, TagsInEveryCombination) {
    kernel<T> const& precisely = accuracies<T>()[1].any();
    std::vector<T> const precise = precisely(source), cool = precisely(source, {.temperature = 2});
    smx::softmax(source, target, {.temperature = 2});
    EXPECT_FALSE(same_bits(target, expected));
    smx::softmax(smx::two_pass, source, target);
    EXPECT_TRUE(same_bits(target, expected));
    smx::softmax(smx::precise, source, target);
    EXPECT_TRUE(same_bits(target, precise));
    smx::softmax(smx::precise, source, target, {.temperature = 2});
    EXPECT_TRUE(same_bits(target, cool));
    smx::softmax(smx::two_pass, smx::precise, source, target, {.temperature = 2});
    EXPECT_TRUE(same_bits(target, cool));
    smx::softmax<smx::simd::default_arch>(source, target);
    EXPECT_TRUE(same_bits(target, expected));
}

TEST_F(SoftmaxViews, OfMatrices) {
    padded<T> const x = filled<T>(4, 6, 8);
    padded<T> rows(4, 6, 7), columns(4, 6, 7);
    accuracies<T>()[0].any().rows(x.view(), rows.view(), {});
    accuracies<T>()[0].any().columns(x.view(), columns.view(), {});

    padded<T> y(4, 6, 7);
    auto const clear = [&] { std::ranges::fill(y.memory, padded<T>::mark); };
    small_mdspan<T const> const from{x.memory.data(), {4, 6}, {8, 1}};
    small_mdspan<T> const to{y.memory.data(), {4, 6}, {7, 1}};
    smx::softmax(from, to);
    EXPECT_TRUE(same_bits(y.memory, rows.memory)) << "mdspan";
    clear();
    smx::softmax(smx::matrix_view(from), smx::matrix_view(to));
    EXPECT_TRUE(same_bits(y.memory, rows.memory)) << "views of mdspans";
    clear();
    smx::softmax(x.view(), y.view());
    EXPECT_TRUE(same_bits(y.memory, rows.memory)) << "const to mutable";
    clear();
    smx::softmax(smx::columns(x.view()), smx::columns(y.view()));
    EXPECT_TRUE(same_bits(y.memory, columns.memory)) << "columns";
    clear();
    smx::softmax(smx::columns(smx::matrix_view(from)), smx::columns(smx::matrix_view(to)));
    EXPECT_TRUE(same_bits(y.memory, columns.memory)) << "columns of mdspans";
}

#if defined(__FMA__) // elsewhere bits are not promised
/// Registers that are narrower than those of the flags: they have multiply-adds and loads of their own.
template <class E> void expect_the_bits_of_the_default_on_sse2() {
    for (std::size_t n : {1U, 3U, 17U, 1000U}) {
        std::vector<E> const x = rows::bell<E>(n, 4);
        std::vector<E> expected(n), y(n);
        smx::softmax(smx::two_pass, x, expected);
        smx::softmax<xsimd::sse2>(smx::two_pass, x, y);
        EXPECT_TRUE(same_bits(y, expected)) << n;
    }
}
TEST_F(SoftmaxViews, OnAnArchitectureThatIsNamedTheBitsAreTheSame) {
    expect_the_bits_of_the_default_on_sse2<float>();
    expect_the_bits_of_the_default_on_sse2<double>();
}
#endif

// Nothing follows the only element of a row.
TEST_F(SoftmaxViews, MdspansOfOneColumnHaveAnyStride) {
    std::vector<T> const memory(12, T(3));
    std::vector<T> y(4, T(-7));
    small_mdspan<T const> const from{memory.data(), {4, 1}, {3, 5}};
    EXPECT_NO_THROW(smx::softmax(from, smx::matrix_view(y.data(), 4, 1)));
    EXPECT_EQ(y, std::vector<T>(4, T(1)));
}

TEST_F(SoftmaxViews, MdspansWithoutContiguousRowsAreRefused) {
    std::vector<T> memory(24, T(1));
    small_mdspan<T> const transposed{memory.data(), {4, 6}, {1, 4}};
    try {
        smx::softmax(transposed, transposed);
        FAIL() << "accepted";
    } catch (std::invalid_argument const& e) {
        EXPECT_NE(std::string(e.what()).find("stride(1) is 4, but must be 1"), std::string::npos) << e.what();
    }
    EXPECT_EQ(memory, std::vector<T>(24, T(1)));
}

} // namespace
} // namespace smx_test
