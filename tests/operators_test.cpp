// SPDX-License-Identifier: BSL-1.0
// What holds for every operator of the registry: accuracy against the exact definition, the table of values, lengths
// and memory, matrices, columns, masks, bits.
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/operators.hpp"
#include "support/padded.hpp"
#include "support/ulp.hpp"

#include <smx/simd/arch.hpp>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace smx_test {
namespace {

template <class T> struct Operators : testing::Test {};
TYPED_TEST_SUITE(Operators, element_types, names);

template <class T> constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T> constexpr T nan = std::numeric_limits<T>::quiet_NaN();

template <class T> bool is_ordinary(std::vector<T> const& x, double limit) {
    return std::ranges::all_of(x, [&](T v) { return std::isinf(v) || std::abs(static_cast<double>(v)) <= limit; });
}

TYPED_TEST(Operators, AreWithinTheirPromise) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    each_operator<T>([](operator_entry<T> const& entry) {
        double worst = 0;
        std::string where;
        for (family<T> const& f : families<T>()) {
            for (std::size_t n : {1U, 2U, 3U, 16U, 33U, 129U, 1000U, 4097U}) {
                if (n > 1000 && (emulated || sizeof(T) == 8)) continue;
                std::vector<T> const x = f.make(n);
                // An ulp of c x is an error of the input where scores are not exponentials of differences.
                if (!entry.shift_free && !is_ordinary(x, 1e4)) continue;
                if (!entry.conditioned(x)) continue;
                std::vector<T> const y = entry(x);
                numbers const exact = entry.exact(x);
                for (std::size_t i = 0; i != n; ++i) {
                    double const error = error_of(y[i], exact[i], entry.floor);
                    if (error > worst) {
                        worst = error;
                        std::ostringstream text;
                        text.precision(17);
                        text << f.name << "[" << n << "], element " << i << ", x = " << x[i] << ", y = " << y[i]
                             << ", exact " << double_from(exact[i]);
                        where = text.str();
                    }
                }
            }
        }
        std::printf("%s, %s: %.3f ULP, %s\n", name_of<T>().c_str(), entry.name.c_str(), worst, where.c_str());
        EXPECT_LE(worst, entry.promised_ulp) << where;
        EXPECT_GT(worst, 0) << "nothing was compared";
    });
}

TYPED_TEST(Operators, ComparatorCanFail) {
    using T = TypeParam;
    EXPECT_GT(error_of(T(1.01), number_from(1), 0), 100);
    EXPECT_EQ(error_of(nan<T>, number_from(1), 0), infinity<double>);
    EXPECT_EQ(error_of(T(-0.0), number_from(0), 0), infinity<double>);
    EXPECT_EQ(error_of(T(0), number_from(1), 0), std::ldexp(1.0, std::numeric_limits<T>::digits - 1));
}

TYPED_TEST(Operators, ObeyTheTableOfValues) {
    using T = TypeParam;
    using row = std::vector<T>;
    each_operator<T>([](operator_entry<T> const& entry) {
        EXPECT_TRUE(entry(row{}).empty());
        for (std::size_t n : {1U, 2U, 15U, 16U, 17U, 129U, 1030U}) {
            SCOPED_TRACE(n);
            for (std::size_t at : {std::size_t(0), n / 2, n - 1}) {
                row x = rows::bell<T>(n, 2);
                x[at] = nan<T>;
                row y = entry(x);
                for (std::size_t i = 0; i != n; ++i)
                    ASSERT_EQ(std::isnan(y[i]), !entry.elementwise || i == at) << "NaN at " << at << ", element " << i;
                x[at] = infinity<T>;
                if (!entry.elementwise) {
                    ASSERT_TRUE(all_nan(entry(x))) << "+inf at " << at;
                }
                // -inf gives the hidden value, and touches nothing else.
                row const rest_of = rows::bell<T>(n, 2);
                x = rest_of;
                x[at] = -infinity<T>;
                y = entry(x);
                if (n > 1) {
                    ASSERT_TRUE(same_bits(y[at], entry.hidden)) << "-inf at " << at << " gave " << y[at];
                    for (std::size_t i = 0; i != n; ++i) ASSERT_FALSE(std::isnan(y[i]));
                }
            }
            // A finite element among -inf has all there is: 1 exactly, or its log; a sink or a bias keeps its part.
            if (!entry.elementwise && !entry.name.starts_with("sink")) {
                row x(n, -infinity<T>), alone(n, entry.hidden);
                x[n / 3] = T(-1.7);
                alone[n / 3] = entry.hidden == 0 ? T(1) : T(0);
                ASSERT_TRUE(same_bits(entry(x), alone)) << "one finite element";
            }
            row const equal = entry(row(n, T(0.3)));
            ASSERT_TRUE(same_bits(equal, row(n, equal[0]))) << "equal elements";
            row const masked = entry(row(n, -infinity<T>));
            if (entry.elementwise || entry.name.starts_with("sink"))
                ASSERT_TRUE(same_bits(masked, row(n, T(0)))) << "all -inf";
            else
                ASSERT_TRUE(all_nan(masked)) << "all -inf";
        }
    });
}

template <class T> std::vector<T> copy(std::span<T> s) { return {s.begin(), s.end()}; }

TYPED_TEST(Operators, KeepToTheRowAtEveryLength) {
    using T = TypeParam;
    constexpr std::size_t longest = 3 * 128 + 1;
    guarded<T> source(longest), target(longest), both(longest);
    each_operator<T>([&](operator_entry<T> const& entry) {
        for (std::size_t n = 0; n <= longest; n += emulated ? 7 : 1) {
            std::vector<T> const x = rows::bell<T>(n, 4), expected = entry(x);
            for (std::size_t gap : {std::size_t(0), 1 + n % 15}) {
                for (bool at_end : {false, true}) {
                    auto const from = at_end ? source.at_end(n, gap) : source.at_start(n, gap);
                    auto const to = at_end ? target.at_end(n, gap / 2) : target.at_start(n, gap / 2);
                    auto const place = at_end ? both.at_end(n, gap) : both.at_start(n, gap);
                    std::ranges::copy(x, from.begin());
                    std::ranges::copy(x, place.begin());
                    entry.rows({from.data(), 1, n}, {to.data(), 1, n});
                    entry.rows({place.data(), 1, n}, {place.data(), 1, n});
                    ASSERT_TRUE(same_bits(copy(to), expected)) << n << " elements, " << gap << " from the end";
                    ASSERT_TRUE(same_bits(copy(place), expected)) << n << " elements in place";
                    ASSERT_TRUE(same_bits(copy(from), x)) << "x was written";
                    ASSERT_TRUE(source.intact() && target.intact() && both.intact()) << "something else was written";
                }
            }
        }
    });
}

/// Rows and columns by tiles, and among them some that no tile takes: each is what it is alone.
TYPED_TEST(Operators, TakeMatricesAndColumns) {
    using T = TypeParam;
    each_operator<T>([](operator_entry<T> const& entry) {
        for (auto [rows, cols] : {std::pair<std::size_t, std::size_t>{3, 40},
                                  {40, 3},
                                  {17, 17},
                                  {1, 5},
                                  {70, 65},
                                  {37, 2},
                                  {53, 10},
                                  {34, 30},
                                  {300, 5},
                                  {35, 150},
                                  {21, 3200}})
            for (T const odd : {T(0), -infinity<T>, nan<T>, infinity<T>, T(1e20), T(-1e30)}) {
                padded<T> x(rows, cols, cols + 3), y(rows, cols, cols + 5), z(rows, cols, cols + 1);
                generator g(rows);
                for (std::size_t r = 0; r != rows; ++r)
                    for (std::size_t c = 0; c != cols; ++c) x.at(r, c) = g.bell<T>(3);
                if (odd == 0) // too far from 0 for exponents that are not moved
                    for (std::size_t c = 0; c != cols; ++c) x.at(rows / 4, c) += T(20000);
                if (odd != 0) {
                    if (cols > 1000) continue;
                    for (std::size_t c = 0; c != cols; ++c) x.at(rows / 2, c) = odd < 0 ? odd : T(1); // equal elements
                    for (std::size_t r = 0; r != rows; ++r) x.at(r, cols / 2) = odd < 0 ? odd : T(1);
                    x.at(rows / 3, cols / 3) = odd;
                }
                entry.rows(x.view(), y.view());
                for (std::size_t r = 0; r != rows; ++r)
                    ASSERT_TRUE(same_bits(y.row(r), entry(x.row(r))))
                        << "row " << r << " of " << rows << " x " << cols << ", " << odd;
                if (entry.columns == nullptr) continue;
                entry.columns(x.view(), z.view());
                for (std::size_t c = 0; c != cols; ++c)
                    ASSERT_TRUE(same_bits(z.column(c), entry(x.column(c))))
                        << "column " << c << " of " << rows << " x " << cols << ", " << odd;
                ASSERT_TRUE(y.padding_intact() && z.padding_intact());
            }
    });
}

TYPED_TEST(Operators, NeverReadWhatIsMasked) {
    using T = TypeParam;
    each_operator<T>([](operator_entry<T> const& entry) {
        if (entry.where == nullptr) return;
        for (std::size_t n : {1U, 5U, 16U, 40U, 133U, 300U}) {
            // Three rows: a mixed mask, nothing left, everything left.
            std::vector<T> x(3 * n), y(3 * n, T(-7)), replaced(3 * n);
            std::vector<unsigned char> bytes(3 * n);
            generator g(n);
            for (std::size_t i = 0; i != 3 * n; ++i) {
                bytes[i] = i < n ? g.below(2) != 0 : i >= 2 * n;
                T const v = g.bell<T>(2);
                x[i] = bytes[i] != 0 ? v : nan<T>;
                replaced[i] = bytes[i] != 0 ? v : -infinity<T>;
            }
            bytes[0] = 1;
            x[0] = replaced[0] = T(0.5);
            auto const* const mask = reinterpret_cast<bool const*>(bytes.data());
            entry.where({x.data(), 3, n}, {mask, 3, n}, {y.data(), 3, n});
            for (std::size_t r = 0; r != 3; ++r) {
                auto const of = [&](std::vector<T> const& m) {
                    return std::vector<T>(m.begin() + static_cast<std::ptrdiff_t>(r * n),
                                          m.begin() + static_cast<std::ptrdiff_t>(r * n + n));
                };
                std::vector<T> const expected = r == 1 ? std::vector<T>(n, entry.hidden) : entry(of(replaced));
                ASSERT_TRUE(same_bits(of(y), expected)) << "row " << r << " of length " << n;
            }
        }
    });
}

TYPED_TEST(Operators, StopAtTheCausalLimit) {
    using T = TypeParam;
    each_operator<T>([](operator_entry<T> const& entry) {
        if (entry.causal == nullptr) return;
        constexpr std::size_t n = 37;
        std::vector<T> x(n * n), y(n * n, T(-7));
        generator g(3);
        for (std::size_t r = 0; r != n; ++r)
            for (std::size_t c = 0; c != n; ++c) x[r * n + c] = c <= r ? g.bell<T>(2) : nan<T>;
        entry.causal({x.data(), n, n}, {y.data(), n, n});
        for (std::size_t r = 0; r != n; ++r) {
            auto const first = x.begin() + static_cast<std::ptrdiff_t>(r * n);
            std::vector<T> expected = entry(std::vector<T>(first, first + static_cast<std::ptrdiff_t>(r + 1)));
            expected.resize(n, entry.hidden);
            auto const got = y.begin() + static_cast<std::ptrdiff_t>(r * n);
            ASSERT_TRUE(same_bits(std::vector<T>(got, got + static_cast<std::ptrdiff_t>(n)), expected)) << "row " << r;
        }
    });
}

struct golden_operator {
    char const* element;
    char const* name;
    std::uint64_t hash;
};
// The first line keeps the array from being empty.
constexpr golden_operator golden[] = {
    {"", "", 0},
#include "golden/operators.inc"
};

TYPED_TEST(Operators, HaveTheGoldenBits) {
    using T = TypeParam;
    if (!smx::simd::has_fma) GTEST_SKIP() << "no FMA: the bits are this machine's own";
    bool const print = std::getenv("SMX_PRINT_GOLDEN") != nullptr;
    each_operator<T>([&](operator_entry<T> const& entry) {
        std::uint64_t hash = 0xCBF29CE484222325U;
        for (family<T> const& f : families<T>())
            for (std::size_t n : {1U, 2U, 7U, 16U, 33U, 257U, 1000U, 4097U})
                for (T const v : entry(f.make(n))) {
                    std::uint64_t bits = bits_of(std::isnan(v) ? infinity<T> : v);
                    for (std::size_t byte = 0; byte != sizeof(T); ++byte, bits >>= 8)
                        hash = (hash ^ (bits & 0xFF)) * 0x100000001B3U;
                }
        if (print) std::printf("{\"%s\", \"%s\", 0x%016" PRIX64 "},\n", name_of<T>().c_str(), entry.name.c_str(), hash);
        auto const known = std::ranges::find_if(golden, [&](golden_operator const& g) {
            return g.element == name_of<T>() && std::string(g.name) == entry.name;
        });
        if (known == std::end(golden))
            ADD_FAILURE() << "no golden hash for " << entry.name;
        else
            EXPECT_EQ(hash, known->hash) << entry.name;
    });
}

} // namespace
} // namespace smx_test
