// SPDX-License-Identifier: BSL-1.0
// Threads change no bit: every operator, rows, columns and one long row, for any number of threads and any order.
#include "support/elements.hpp"
#include "support/inputs.hpp"
#include "support/ulp.hpp"

#include <smx/smx.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#if defined(SMX_TEST_WITH_OPENMP)
#include <smx/openmp.hpp>
#endif
#if defined(SMX_TEST_WITH_ONETBB)
#include <smx/onetbb.hpp>
#endif

namespace smx_test {
namespace {

template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();

/// Threads that take pieces from the last to the first, and note which they took.
struct backward_threads {
    std::size_t threads;
    mutable std::multiset<std::size_t> taken{};
    mutable std::size_t asked = 0, runs = 0;

    explicit backward_threads(std::size_t count) : threads(count) {}
    std::size_t concurrency() const { return threads; }
    void run(std::size_t pieces, std::function<void(std::size_t)> const& piece) const {
        std::atomic<std::size_t> left = pieces;
        std::mutex notes;
        asked += pieces;
        ++runs;
        auto const work = [&] {
            for (std::size_t taker = left.load(); taker != 0;) {
                if (!left.compare_exchange_weak(taker, taker - 1)) continue;
                piece(--taker);
                std::scoped_lock const lock(notes);
                taken.insert(taker);
                taker = left.load();
            }
        };
        std::vector<std::jthread> team;
        for (std::size_t t = 0; t != threads; ++t) team.emplace_back(work);
    }
};

using source = smx::matrix_view<float const>;
using target = smx::matrix_view<float>;

/// Calls `call(execution, x, y)` on each kind of matrix, and compares with the sequential bits.
template <class Call> void expect_same_bits(char const* name, std::size_t rows, std::size_t cols, Call const& call) {
    SCOPED_TRACE(testing::Message() << name << ", " << rows << " x " << cols);
    std::vector<float> const x = rows::bell<float>(rows * cols, 3);
    std::vector<float> wanted(x.size(), -7), y(x.size(), -7);
    call(smx::sequential, source(x.data(), rows, cols), target(wanted.data(), rows, cols));
    for (std::size_t threads : {1U, 2U, 3U, 7U}) {
        backward_threads const team(threads);
        y.assign(y.size(), -7);
        call(team, source(x.data(), rows, cols), target(y.data(), rows, cols));
        ASSERT_TRUE(same_bits(y, wanted)) << threads << " threads";
        ASSERT_EQ(team.taken.size(), team.asked);
        if (threads > 1) {
            ASSERT_GT(team.asked, 1U) << "nothing was shared";
        }
    }
}

/// One operator for each way from rows to rows in the drivers.
template <class F> void each_call(F const& f) {
    f("softmax", [](auto const& e, auto const& x, auto y) { smx::softmax(e, x, y); });
    f("sink", [](auto const& e, auto const& x, auto y) { smx::sink_softmax(e, x, y, {.sink = 1}); });
    f("log_softmax", [](auto const& e, auto const& x, auto y) { smx::log_softmax(e, x, y); });
    f("sigmoid", [](auto const& e, auto const& x, auto y) { smx::sigmoid(e, x, y); });
}

/// The other operators hand an execution on: it is enough that they compile, and use it once.
template <class Call> void expect_shared(char const* name, Call const& call) {
    std::vector<float> const x = rows::bell<float>(200 * 200, 3);
    std::vector<float> y(x.size());
    std::size_t pieces = 0;
    call(smx::workers(2,
                      [&](std::size_t n, std::function<void(std::size_t)> const& piece) {
                          pieces += n;
                          for (std::size_t i = 0; i != n; ++i) piece(i);
                      }),
         source(x.data(), 200, 200), target(y.data(), 200, 200));
    EXPECT_GT(pieces, 1U) << name;
}

TEST(Execution, OperatorsHandItOn) {
    expect_shared("relu", [](auto const& e, auto const& x, auto y) { smx::relu(e, x, y); });
    expect_shared("clipped", [](auto const& e, auto const& x, auto y) { smx::clipped_softmax(e, x, y); });
    expect_shared("stablemax", [](auto const& e, auto const& x, auto y) { smx::stablemax(e, x, y); });
    expect_shared("sparsemax", [](auto const& e, auto const& x, auto y) { smx::sparsemax(e, x, y); });
}

TEST(Execution, RowsHaveTheSameBits) {
    each_call([](char const* name, auto const& call) { expect_same_bits(name, 331, 257, call); });
}

TEST(Execution, ColumnsHaveTheSameBits) {
    expect_same_bits("tiles", 257, 331, [](auto const& e, source const& x, target const& y) {
        smx::softmax(e, smx::columns(x), smx::columns(y));
    });
    expect_same_bits("one by one", 257, 331, [](auto const& e, source const& x, target const& y) {
        smx::relu(e, smx::columns(x), smx::columns(y));
    });
}

TEST(Execution, ShortRowsHaveTheSameBits) {
    for (std::size_t cols : {2U, 10U, 32U})
        expect_same_bits("softmax", 40001, cols,
                         [](auto const& e, auto const& x, auto const& y) { smx::softmax(e, x, y); });
}

TEST(Execution, MaskedRowsHaveTheSameBits) {
    expect_same_bits("causal", 400, 400, [](auto const& e, auto const& x, auto const& y) {
        smx::softmax(e, smx::scores(x).causal(), y, {.scale = 0.3});
    });
}

TEST(Execution, WhatIsNotARowOfItsTypeHasTheSameBits) {
    constexpr std::size_t rows = 300, cols = 300;
    std::vector<float> const x = rows::bell<float>(rows * cols, 3);
    source const from(x.data(), rows, cols);
    auto const run = [&](auto const& e) {
        std::vector<float> sums(rows), sums_of_columns(cols), weights(rows * 4);
        std::vector<int> indices(rows * 4);
        std::vector<std::uint8_t> bytes(x.size()), powers(x.size()), again(x.size()), down(x.size());
        using byte_view = smx::matrix_view<std::uint8_t>;
        smx::log_sum_exp(e, from, sums);
        smx::log_sum_exp(e, smx::precise, smx::columns(from), sums_of_columns);
        smx::top_k_softmax(e, from, target(weights.data(), rows, 4), smx::matrix_view<int>(indices.data(), rows, 4));
        smx::quantized_softmax(e, from, byte_view(bytes.data(), rows, cols));
        smx::log2_quantized_softmax(e, from, byte_view(powers.data(), rows, cols));
        byte_view const in(powers.data(), rows, cols);
        smx::quantized_softmax(e, in, byte_view(again.data(), rows, cols), {.input_scale = 0.1});
        smx::quantized_softmax(e, smx::columns(in), smx::columns(byte_view(down.data(), rows, cols)),
                               {.input_scale = 0.1});
        return std::tuple(sums, sums_of_columns, weights, indices, bytes, powers, again, down);
    };
    auto const wanted = run(smx::sequential);
    for (std::size_t threads : {2U, 5U}) {
        backward_threads const team(threads);
        EXPECT_TRUE(run(team) == wanted);
        EXPECT_GE(team.runs, 7U);
    }
}

template <class T> struct LongRow : testing::Test {};
using both = testing::Types<float, double>;
TYPED_TEST_SUITE(LongRow, both);

/// Long enough for blocks, with an end that is not one.
constexpr std::size_t long_length = (std::size_t(1) << 18) + 4099;

TYPED_TEST(LongRow, IsSharedWithTheSameBits) {
    using T = TypeParam;
    struct named {
        char const* name;
        void (*change)(std::vector<T>&);
    };
    named const kinds[] = {
        {"plain", [](std::vector<T>&) {}},
        {"rising by blocks",
         [](std::vector<T>& x) {
             for (std::size_t i = 0; i != x.size(); ++i) x[i] += static_cast<T>(static_cast<double>(i) / 1500);
         }},
        {"falling by blocks",
         [](std::vector<T>& x) {
             for (std::size_t i = 0; i != x.size(); ++i) x[i] -= static_cast<T>(static_cast<double>(i) / 700);
         }},
        {"one block far above the others",
         [](std::vector<T>& x) {
             for (std::size_t i = 100000; i != 105000; ++i) x[i] += T(700);
         }},
        {"masked blocks", [](std::vector<T>& x) { std::fill(x.begin() + 5000, x.begin() + 60000, -infinity<T>); }},
        {"exponents that are just not near",
         [](std::vector<T>& x) { std::ranges::transform(x, x.begin(), [](T v) { return v - T(8192); }); }},
        {"one element of all weight", [](std::vector<T>& x) { x[100000] = T(1000); }},
        {"all masked", [](std::vector<T>& x) { std::ranges::fill(x, -infinity<T>); }},
        {"a NaN", [](std::vector<T>& x) { x[200000] = std::numeric_limits<T>::quiet_NaN(); }},
        {"+inf", [](std::vector<T>& x) { x[3] = infinity<T>; }},
        {"huge elements", [](std::vector<T>& x) { x[77] = T(1e30), x[250000] = T(-1e30); }},
    };
    for (named const& kind : kinds) {
        SCOPED_TRACE(kind.name);
        std::vector<T> x = rows::bell<T>(long_length, 4), y(x.size()), wanted;
        kind.change(x);
        auto const compare = [&](char const* what, auto const& call) {
            wanted.assign(x.size(), T(-7));
            call(smx::sequential, wanted);
            for (std::size_t threads : {2U, 5U}) {
                if (emulated && threads == 2) continue;
                backward_threads const team(threads);
                y.assign(y.size(), T(-7));
                call(team, y);
                ASSERT_TRUE(same_bits(y, wanted)) << what << ", " << threads << " threads";
                ASSERT_GE(team.asked, std::min<std::size_t>(threads, 4)) << "nothing was shared";
            }
        };
        compare("sink", [&](auto const& e, auto& to) { smx::sink_softmax(e, x, to, {.sink = 2}); });
        std::vector<T> const bias = rows::bell<T>(x.size(), 2);
        compare("bias", [&](auto const& e, auto& to) {
            smx::matrix_view<T const> const from(x.data(), 1, x.size()), more(bias.data(), 1, x.size());
            smx::softmax(e, smx::scores(from).add(more), smx::matrix_view<T>(to.data(), 1, x.size()));
        });
        compare("in place", [&](auto const& e, auto& to) {
            std::ranges::copy(x, to.begin());
            smx::softmax(e, to, to, {.scale = 0.7});
        });
        compare("log_softmax", [&](auto const& e, auto& to) {
            smx::log_softmax(e, x, to, {.scale = 0.7, .fully_masked = smx::masked::zeros});
        });
        compare("log_sum_exp", [&](auto const& e, auto& to) {
            smx::matrix_view<T const> const from(x.data(), 1, x.size());
            smx::log_sum_exp(e, from, smx::matrix_view<T>(to.data(), 1, 1), {.scale = 0.7});
        });
        compare("softmax", [&](auto const& e, auto& to) { smx::softmax(e, x, to, {.scale = 0.7}); });
        // The blocks are those of every algorithm, and of a column.
        auto const same = [&](char const* what, auto algorithm) {
            smx::softmax(algorithm, x, y, {.scale = 0.7});
            ASSERT_TRUE(same_bits(y, wanted)) << what;
        };
        same("three_pass_reload", smx::three_pass_reload);
        same("three_pass_recompute", smx::three_pass_recompute);
        same("two_pass", smx::two_pass);
        same("online", smx::online);
        smx::softmax(smx::columns(smx::matrix_view<T const>(x.data(), x.size(), 1)),
                     smx::columns(smx::matrix_view<T>(y.data(), x.size(), 1)), {.scale = 0.7});
        ASSERT_TRUE(same_bits(y, wanted)) << "a column";
        smx::log_softmax(x, wanted);
        smx::log_softmax(smx::columns(smx::matrix_view<T const>(x.data(), x.size(), 1)),
                         smx::columns(smx::matrix_view<T>(y.data(), x.size(), 1)));
        ASSERT_TRUE(same_bits(y, wanted)) << "logarithms of a column";
    }
}

// A negative factor, or one that is shared with the elements: not by blocks.
TYPED_TEST(LongRow, HasTheSameBitsWhateverTheFactor) {
    using T = TypeParam;
    std::vector<T> const x = rows::bell<T>(long_length, 4);
    std::vector<T> y(x.size()), wanted(x.size());
    backward_threads const team(2);
    for (double const scale : {-0.7, 0x1p-70, -0x1p70}) {
        smx::softmax(x, wanted, {.scale = scale});
        y.assign(y.size(), T(-7));
        smx::softmax(team, x, y, {.scale = scale});
        EXPECT_TRUE(same_bits(y, wanted)) << scale;
    }
}

// Few long rows are shared one by one, or go side by side, whichever waits less: two of 65,537 on 3 threads do so.
TEST(Execution, FewLongRowsHaveTheSameBits) {
    for (std::size_t const rows : {1U, 2U, 3U})
        expect_same_bits("softmax", rows, 65537,
                         [](auto const& e, auto const& x, auto const& y) { smx::softmax(e, x, y); });
    std::size_t pieces = 0;
    auto const count = [&](std::size_t rows, std::size_t threads) {
        std::vector<float> const x = rows::bell<float>(rows * 65537, 3);
        std::vector<float> y(x.size());
        pieces = 0;
        smx::softmax(smx::workers(threads,
                                  [&](std::size_t n, std::function<void(std::size_t)> const& piece) {
                                      pieces += n;
                                      for (std::size_t i = 0; i != n; ++i) piece(i);
                                  }),
                     source(x.data(), rows, 65537), target(y.data(), rows, 65537));
        return pieces;
    };
    EXPECT_EQ(count(1, 2), 4U); // two passes
    EXPECT_EQ(count(2, 8), 16U);
    EXPECT_EQ(count(2, 3), 2U);
    EXPECT_EQ(count(7, 8), 7U);
}

TEST(Execution, RefusesBeforeItShares) {
    std::vector<float> const x(100);
    std::vector<float> y(99, -7);
    backward_threads const team(2);
    EXPECT_THROW(smx::softmax(team, x, y), std::invalid_argument);
    EXPECT_EQ(team.asked, 0U);
}

TEST(Execution, RowsWithoutElementsAreNoWork) {
    backward_threads const team(2);
    std::vector<float> l(5, -7);
    smx::softmax(team, source(nullptr, 5, 0), target(nullptr, 5, 0));
    smx::log_sum_exp(team, source(nullptr, 5, 0), l);
    EXPECT_EQ(l, std::vector<float>(5, -infinity<float>));
    l.assign(5, -7);
    smx::log_sum_exp(team, smx::columns(source(nullptr, 0, 5)), l);
    EXPECT_EQ(l, std::vector<float>(5, -infinity<float>));
    EXPECT_EQ(team.asked, 0U);
}

TEST(Execution, AUsersPoolIsTwoArguments) {
    std::size_t calls = 0;
    smx::workers const pool(2, [&](std::size_t pieces, auto const& piece) {
        for (std::size_t i = 0; i != pieces; ++i) piece(i);
        ++calls;
    });
    static_assert(smx::execution<decltype(pool)>);
    std::vector<float> const x = rows::bell<float>(100000, 3);
    std::vector<float> wanted(x.size()), y(x.size());
    smx::softmax(source(x.data(), 100, 1000), target(wanted.data(), 100, 1000));
    smx::softmax(pool, source(x.data(), 100, 1000), target(y.data(), 100, 1000));
    EXPECT_TRUE(same_bits(y, wanted));
    EXPECT_EQ(calls, 1U);
}

[[maybe_unused]] void expect_bits_of_a_long_row(auto const&... executions) {
    std::vector<float> const x = rows::bell<float>(long_length, 3);
    std::vector<float> wanted(x.size()), y(x.size());
    smx::softmax(x, wanted);
    auto const check = [&](auto const& e) {
        y.assign(y.size(), -7);
        smx::softmax(e, x, y);
        EXPECT_TRUE(same_bits(y, wanted));
    };
    (check(executions), ...);
}

#if defined(SMX_TEST_WITH_OPENMP)
TEST(Execution, OpenMpHasTheSameBits) { expect_bits_of_a_long_row(smx::openmp{}, smx::openmp{3}); }
TEST(Execution, OpenMpHasAsManyThreadsAsItSays) {
    int const before = omp_get_max_threads();
    omp_set_num_threads(5);
    EXPECT_EQ(smx::openmp{}.concurrency(), 5U);
    EXPECT_EQ(smx::openmp{3}.concurrency(), 3U);
    omp_set_num_threads(before);
}
#endif
#if defined(SMX_TEST_WITH_ONETBB)
TEST(Execution, OneTbbHasTheSameBits) { expect_bits_of_a_long_row(smx::onetbb{}); }
#endif

} // namespace
} // namespace smx_test
