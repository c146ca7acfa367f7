// SPDX-License-Identifier: BSL-1.0
// top_k_softmax: the selection against a stable sort, the weights against their definitions, and every refusal.
#include "support/elements.hpp"
#include "support/exact_operators.hpp"
#include "support/inputs.hpp"
#include "support/padded.hpp"
#include "support/ulp.hpp"

#include <smx/top_k_softmax.hpp>

#include <algorithm>
#include <numeric>

namespace smx_test {
namespace {

template <class T> struct TopK : testing::Test {
    using row = std::vector<T>;
    struct selected {
        std::vector<T> weights;
        std::vector<int> indices;
    };
    static selected of(row const& x, std::size_t k, smx::top_k_softmax_options const& options = {}) {
        selected s{row(k, T(-7)), std::vector<int>(k, -7)};
        smx::top_k_softmax(x, s.weights, s.indices, options);
        return s;
    }
    static void expect(selected const& s, std::vector<int> const& indices, std::vector<double> const& weights) {
        EXPECT_EQ(s.indices, indices);
        for (std::size_t i = 0; i != weights.size(); ++i)
            EXPECT_NEAR(static_cast<double>(s.weights[i]), weights[i],
                        1e-11 + weights[i] * (sizeof(T) == 4 ? 4e-7 : 1e-12));
    }
};
TYPED_TEST_SUITE(TopK, element_types, names);

template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T> constexpr T nan = std::numeric_limits<T>::quiet_NaN();

TYPED_TEST(TopK, PublishedExamples) {
    using T = TypeParam;
    using test = TopK<T>;
    std::vector<T> const x{1, 3, 2, T(0.5)};
    std::vector<double> const bias{.3, 0, -.2, .5};
    test::expect(test::of(x, 2), {1, 2}, {0.731058578630, 0.268941421370});
    test::expect(test::of(x, 2, {.weights = smx::gating::selected_of_softmax}), {1, 2},
                 {0.630795543247, 0.232056711943});
    test::expect(test::of(x, 2, {.weights = smx::gating::sigmoid, .selection_bias = bias}), {3, 0},
                 {0.459882596810, 0.540117403190});
    test::expect(test::of(x, 2, {.weights = smx::gating::sigmoid, .selection_bias = bias, .factor = 2.5}), {3, 0},
                 {1.14970649202, 1.35029350798});
    test::expect(test::of({1, 1, 1, 1}, 2), {0, 1}, {0.5, 0.5});
    test::expect(test::of(x, 1, {.weights = smx::gating::selected_of_softmax, .temperature = 2}), {1},
                 {0.442298823807});
    test::expect(test::of(x, 2, {.scale = -1}), {3, 0}, {0.6224593312, 0.3775406688});
}

TYPED_TEST(TopK, SelectsLikeAStableSort) {
    using T = TypeParam;
    generator g(5);
    for (std::size_t n : {1U, 2U, 15U, 64U, 100U, 129U, 1000U, 5000U})
        for (std::size_t distinct : {1U, 3U, 100U, 1000000U})
            for (std::size_t k : {1U, 2U, 8U, 64U, 65U, 100U, 1000U}) {
                std::vector<T> x(n);
                for (T& v : x) v = static_cast<T>(g.below(distinct)) / T(64);
                std::vector<std::size_t> order(n);
                std::iota(order.begin(), order.end(), std::size_t(0));
                std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return x[a] > x[b]; });
                order.resize(k, n); // places behind the last hold n
                std::vector<T> w(k);
                std::vector<std::size_t> i(k);
                smx::top_k_softmax(x, w, i);
                ASSERT_EQ(i, order) << "k = " << k << " of " << n;
                for (std::size_t j = n; j < k; ++j) ASSERT_EQ(w[j], T(0));
            }
}

// Many rows at once against the same sort, with gaps in every matrix, and indices of every width.
template <class T, class Index> void expect_order_in_matrices(std::size_t most) {
    generator g(7);
    for (std::size_t n : {1U, 2U, 5U, 16U, 64U, 100U, 255U, 256U, 257U, 600U, 2100U})
        for (std::size_t distinct : {2U, 40U, 1000000U})
            for (std::size_t k : {1U, 2U, 3U, 4U, 7U, 8U, 15U, 16U, 17U, 32U, 33U}) {
                if (n > most) continue;
                padded<T> x(37, n, n + 3), w(37, k, k + 1);
                padded<Index> i(37, k, k + 2);
                for (std::size_t r = 0; r != x.rows; ++r)
                    for (std::size_t j = 0; j != n; ++j) x.at(r, j) = static_cast<T>(g.below(distinct)) / T(64);
                smx::top_k_softmax(std::as_const(x).view(), w.view(), i.view());
                for (std::size_t r = 0; r != x.rows; ++r) {
                    auto const row = x.row(r);
                    std::vector<std::size_t> order(n);
                    std::iota(order.begin(), order.end(), std::size_t(0));
                    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
                    order.resize(k, n);
                    for (std::size_t j = 0; j != k; ++j)
                        ASSERT_EQ(static_cast<std::size_t>(i.at(r, j)), order[j])
                            << "row " << r << ", place " << j << " of " << k << " of " << n;
                }
                ASSERT_TRUE(w.padding_intact() && i.padding_intact());
            }
}
TYPED_TEST(TopK, SelectsInMatricesLikeAStableSort) {
    expect_order_in_matrices<TypeParam, int>(emulated ? 300 : 3000);
    expect_order_in_matrices<TypeParam, std::int64_t>(100);
    expect_order_in_matrices<TypeParam, std::int8_t>(100);
}

// Rows of a matrix, by all gates, with what a tile does not take among them: each is what it is alone.
TYPED_TEST(TopK, RowsOfMatricesAreThoseAlone) {
    using T = TypeParam;
    enum kind { bells, ties, gaps, nothing_left, a_nan, an_infinity, far_apart, kinds };
    enum view { plain, masked, shortened, views };
    generator g(11);
    for (std::size_t n : {3U, 8U, 60U, 130U, 300U})
        for (std::size_t k : {1U, 2U, 8U, 20U})
            for (auto const gate :
                 {smx::gating::softmax_of_selected, smx::gating::selected_of_softmax, smx::gating::sigmoid})
                for (double const scale : {1.0, -0.7, 0.0})
                    for (int of = 0; of != kinds; ++of)
                        for (int v = 0; v != views; ++v) {
                            if (emulated && (static_cast<std::size_t>(of + v) + n + k) % 3 != 0) continue;
                            std::size_t const rows = 35;
                            padded<T> x(rows, n, n), w(rows, k, k + 1), w_alone(rows, k, k + 1);
                            padded<int> i(rows, k, k), i_alone(rows, k, k);
                            std::vector<double> bias(n);
                            for (double& b : bias) b = g.bell<double>(1);
                            std::vector<unsigned char> mask(rows * n);
                            for (unsigned char& m : mask) m = g.below(4) != 0;
                            std::vector<std::size_t> lengths(rows);
                            for (std::size_t& l : lengths) l = g.below(8) != 0 ? n - g.below(n / 2) : g.below(n + 1);
                            for (std::size_t r = 0; r != rows; ++r)
                                for (std::size_t j = 0; j != n; ++j) {
                                    T e = g.bell<T>(2);
                                    if (of == ties) e = std::round(e);
                                    if (of == gaps && g.below(3) == 0) e = -infinity<T>;
                                    if (of == nothing_left && r % 20 == 3) e = -infinity<T>;
                                    if (of == a_nan && r % 20 == 5 && j == n / 2) e = nan<T>;
                                    if (of == an_infinity && r % 20 == 6 && j == n / 3) e = infinity<T>;
                                    if (of == far_apart) e *= T(3000);
                                    x.at(r, j) = e;
                                }
                            smx::top_k_softmax_options options{.weights = gate, .scale = scale};
                            if (gate == smx::gating::sigmoid && of != ties) options.selection_bias = bias;
                            auto const call = [&](std::size_t first, std::size_t count, auto& to, auto& places) {
                                smx::matrix_view<T const> const some(x.memory.data() + first * n, count, n);
                                smx::matrix_view<T> const weights(&to.at(first, 0), count, k, to.stride);
                                smx::matrix_view<int> const indices(&places.at(first, 0), count, k);
                                smx::matrix_view<unsigned char const> const seen(mask.data() + first * n, count, n);
                                if (v == plain)
                                    smx::top_k_softmax(some, weights, indices, options);
                                else if (v == masked)
                                    smx::top_k_softmax(smx::scores(some).where(seen), weights, indices, options);
                                else
                                    smx::top_k_softmax(
                                        smx::scores(some).lengths(std::span(lengths).subspan(first, count)), weights,
                                        indices, options);
                            };
                            call(0, rows, w, i);
                            for (std::size_t r = 0; r != rows; ++r) call(r, 1, w_alone, i_alone);
                            for (std::size_t r = 0; r != rows; ++r) {
                                ASSERT_EQ(i.row(r), i_alone.row(r)) << n << ", " << k << ", kind " << of;
                                ASSERT_TRUE(same_bits(w.row(r), w_alone.row(r)))
                                    << "row " << r << ", " << k << " of " << n << ", kind " << of << ", view " << v;
                            }
                            ASSERT_TRUE(w.padding_intact());
                        }
}

TYPED_TEST(TopK, WeightsAreWithinTheirPromise) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    for (double shift : {0.0, -300.0, 1e5, 1e30})
        for (std::size_t n : {5U, 64U, 1000U}) {
            auto x = rows::bell<T>(n, 3);
            for (T& v : x) v = rounded(v + static_cast<T>(shift));
            for (std::size_t k : {1U, 4U, 64U, 100U}) {
                if (k > n) continue;
                auto const all = TopK<T>::of(x, k, {.weights = smx::gating::selected_of_softmax});
                auto const some = TopK<T>::of(x, k);
                numbers const p = exact::softmax(scaled(x));
                std::vector<T> kept;
                for (int index : some.indices) kept.push_back(x[static_cast<std::size_t>(index)]);
                numbers const q = exact::softmax(scaled(kept));
                for (std::size_t j = 0; j != k; ++j) {
                    double const exact_p = double_from(p[static_cast<std::size_t>(all.indices[j])]),
                                 exact_q = double_from(q[j]);
                    double const bound = 6 * static_cast<double>(std::numeric_limits<T>::epsilon());
                    ASSERT_NEAR(static_cast<double>(all.weights[j]), exact_p, exact_p * bound);
                    ASSERT_NEAR(static_cast<double>(some.weights[j]), exact_q, exact_q * bound);
                }
            }
        }
}

TYPED_TEST(TopK, SigmoidWeightsAreWithinTheirPromise) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    for (double shift : {0.0, -20.0, 15.0})
        for (std::size_t n : {5U, 64U, 1000U}) {
            auto x = rows::bell<T>(n, 3);
            for (T& v : x) v = rounded(v + static_cast<T>(shift));
            auto const some = TopK<T>::of(x, 4, {.weights = smx::gating::sigmoid, .factor = 2.5});
            std::vector<T> kept;
            for (int index : some.indices) kept.push_back(x[static_cast<std::size_t>(index)]);
            numbers const q = shares(exact::sigmoid(scaled(kept), 0));
            for (std::size_t j = 0; j != 4; ++j) {
                double const exact = 2.5 * double_from(q[j]);
                double const ulp = std::ldexp(1.0, std::ilogb(exact) - (std::numeric_limits<T>::digits - 1));
                ASSERT_NEAR(static_cast<double>(some.weights[j]), exact, 6 * ulp) << "shift " << shift;
            }
        }
}

// Routers have more experts than a pack has lanes.
TYPED_TEST(TopK, SelectionBiasesBelongToTheirColumns) {
    using T = TypeParam;
    for (std::size_t n : {17U, 64U, 100U, 256U, 300U}) {
        std::vector<double> bias(n);
        std::vector<int> expected(8);
        for (std::size_t j = 0; j != n; ++j) {
            std::size_t const rank = j * 37 % n; // each of them once
            bias[j] = -static_cast<double>(rank) / 64;
            if (rank < expected.size()) expected[rank] = static_cast<int>(j);
        }
        std::vector<T> const x(n, T(0));
        auto const some = TopK<T>::of(x, 8, {.weights = smx::gating::sigmoid, .selection_bias = bias});
        EXPECT_EQ(some.indices, expected) << n;
    }
}

TYPED_TEST(TopK, GatesThatAreAllShutWeighNothing) {
    using T = TypeParam;
    auto const some = TopK<T>::of(std::vector<T>(5, T(-1e4)), 2, {.weights = smx::gating::sigmoid});
    EXPECT_EQ(some.weights, std::vector<T>(2, T(0)));
    EXPECT_EQ(some.indices, (std::vector<int>{0, 1}));
    std::vector<T> const many(40 * 5, T(-1e4));
    std::vector<T> weights(40 * 2, T(-7));
    std::vector<int> indices(40 * 2);
    smx::top_k_softmax(smx::matrix_view(many.data(), 40, 5), smx::matrix_view(weights.data(), 40, 2),
                       smx::matrix_view(indices.data(), 40, 2), {.weights = smx::gating::sigmoid});
    EXPECT_EQ(weights, std::vector<T>(40 * 2, T(0)));
}

TYPED_TEST(TopK, ObeysTheTableOfValues) {
    using T = TypeParam;
    using test = TopK<T>;
    for (smx::gating g : {smx::gating::softmax_of_selected, smx::gating::selected_of_softmax, smx::gating::sigmoid}) {
        for (std::size_t at : {0U, 1U, 2U}) {
            std::vector<T> x{1, 2, 3};
            x[at] = nan<T>;
            auto const s = test::of(x, 2, {.weights = g});
            EXPECT_TRUE(all_nan(s.weights));
            EXPECT_EQ(s.indices, (std::vector<int>{0, 1}));
            EXPECT_EQ(test::of(x, 5, {.weights = g}).indices, (std::vector<int>{0, 1, 2, 3, 3})) << "beyond the row";
        }
        for (std::size_t at : {16U, 64U, 299U}) { // behind what is selected, too
            std::vector<T> x(300, T(-1));
            x[0] = 1;
            x[at] = nan<T>;
            EXPECT_TRUE(all_nan(test::of(x, 2, {.weights = g}).weights)) << at;
        }
        test::expect(test::of({-infinity<T>, 5, -infinity<T>}, 2, {.weights = g}), {1, 0}, {1, 0});
        EXPECT_TRUE(test::of({}, 2, {.weights = g}).weights == (std::vector<T>{0, 0}));
    }
    EXPECT_TRUE(all_nan(test::of({-infinity<T>, -infinity<T>}, 2).weights));
    test::expect(test::of({-infinity<T>, -infinity<T>}, 2, {.fully_masked = smx::masked::zeros}), {0, 1}, {0, 0});
    EXPECT_TRUE(all_nan(test::of({infinity<T>, 1}, 2).weights));
}

TYPED_TEST(TopK, TakesMatricesAndMasks) {
    using T = TypeParam;
    T x[2][4] = {{1, nan<T>, 3, 2}, {4, 3, nan<T>, nan<T>}};
    bool const mask[2][4] = {{true, false, true, true}, {true, true, false, false}};
    T w[2][3];
    std::uint16_t i[2][5] = {};
    smx::matrix_view const scores(&x[0][0], 2, 4);
    smx::top_k_softmax(smx::scores(scores).where(smx::matrix_view(&mask[0][0], 2, 4)), smx::matrix_view(&w[0][0], 2, 3),
                       smx::matrix_view(&i[0][0], 2, 3, 5));
    EXPECT_EQ(i[0][0], 2);
    EXPECT_EQ(i[0][1], 3);
    EXPECT_EQ(i[0][2], 0);
    EXPECT_EQ(i[0][3], 0) << "padding was written";
    EXPECT_EQ(i[1][0], 0);
    EXPECT_EQ(i[1][1], 1);
    EXPECT_EQ(w[1][2], T(0));
    EXPECT_NEAR(static_cast<double>(w[1][0]), 0.731058578630, 1e-6);
}

TYPED_TEST(TopK, IndicesHoldTheLengthExactly) {
    using T = TypeParam;
    std::vector<T> x(255, T(0)), w(256);
    std::vector<unsigned char> i(256);
    x[254] = 1;
    smx::top_k_softmax(x, w, i);
    EXPECT_EQ(i[0], 254);
    EXPECT_EQ(i[255], 255) << "the length, where the row has ended";
}

template <class Call> std::string refusal(Call call) {
    try {
        call();
    } catch (std::invalid_argument const& error) {
        return error.what();
    }
    return "";
}

TYPED_TEST(TopK, RefusesBadCalls) {
    using T = TypeParam;
    std::vector<T> x(300, T(1)), w(2, T(-7));
    std::vector<int> i(2, -7), i3(3);
    std::vector<unsigned char> small(2);
    auto const has = [](std::string const& text, std::string const& part) {
        return text.find(part) != std::string::npos ? testing::AssertionSuccess() : testing::AssertionFailure() << text;
    };
    EXPECT_TRUE(
        has(refusal([&] { smx::top_k_softmax(x, w, i3); }), "indices has rows of 3 elements, but weights of 2"));
    EXPECT_TRUE(
        has(refusal([&] { smx::top_k_softmax(x, w, small); }), "rows of 300 elements, but indices can hold 255"));
    EXPECT_TRUE(has(refusal([&] { smx::top_k_softmax(x, std::span<T>(), std::span<int>()); }), "k must be at least 1"));
    EXPECT_TRUE(has(refusal([&] { smx::top_k_softmax(x, std::span<T>(x.data() + 5, 2), i); }), "weights overlap x"));
    for (std::size_t const biases : {3U, 301U}) {
        std::vector<double> const bias(biases);
        EXPECT_TRUE(has(
            refusal([&] { smx::top_k_softmax(x, w, i, {.weights = smx::gating::sigmoid, .selection_bias = bias}); }),
            "selection_bias has " + std::to_string(biases) + " elements, but x has rows of 300"));
    }
    std::vector<double> const whole(300);
    EXPECT_TRUE(has(refusal([&] { smx::top_k_softmax(x, w, i, {.selection_bias = whole}); }), "gating::sigmoid alone"));
    EXPECT_TRUE(has(refusal([&] { smx::top_k_softmax(x, w, i, {.temperature = 0}); }), "temperature is 0"));
    std::vector<unsigned char> const mask(3, 1);
    EXPECT_TRUE(has(refusal([&] { smx::top_k_softmax(smx::scores(x).where(mask), w, i); }),
                    "mask has rows of 3 elements, but y of 300"));
    EXPECT_TRUE(has(refusal([&] { smx::top_k_softmax(smx::matrix_view(x.data(), 2, 3), w, i); }),
                    "weights has 1 rows, but x has 2"));
    EXPECT_TRUE(has(refusal([&] { smx::top_k_softmax(x, std::span(w).first(1), smx::matrix_view(i.data(), 2, 1)); }),
                    "indices has 2 rows, but x has 1"));
    EXPECT_EQ(w[0], T(-7)) << "written before the refusal";
    if constexpr (sizeof(T) == sizeof(int)) { // memory that is taken for both
        alignas(64) unsigned char memory[64] = {};
        auto const floats = [&](std::size_t first) { return std::span(reinterpret_cast<T*>(memory) + first, 2); };
        auto const ints = [&](std::size_t first) { return std::span(reinterpret_cast<int*>(memory) + first, 2); };
        EXPECT_TRUE(has(refusal([&] { smx::top_k_softmax(x, floats(1), ints(2)); }), "indices overlap weights"));
        EXPECT_TRUE(has(refusal([&] { smx::top_k_softmax(floats(1), w, ints(2)); }), "indices overlap x"));
        EXPECT_EQ(refusal([&] { smx::top_k_softmax(floats(0), floats(2), ints(4)); }), "") << "neighbours";
    }
    EXPECT_EQ(i[0], -7);
}

} // namespace
} // namespace smx_test
