// SPDX-License-Identifier: BSL-1.0
// Every length up to three packs of the widest machine, at every misalignment, between guard pages.
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/kernels.hpp"
#include "support/ulp.hpp"

#include <algorithm>

namespace smx_test {
namespace {

template <class T> struct SoftmaxLengths : testing::Test {};
TYPED_TEST_SUITE(SoftmaxLengths, element_types, names);

constexpr std::size_t longest = 3 * 128 + 1; // a pack of AVX-512 is 128 floats

template <class T> std::vector<T> copy(std::span<T> s) { return {s.begin(), s.end()}; }

TYPED_TEST(SoftmaxLengths, EveryLengthAtEveryMisalignment) {
    using T = TypeParam;
    guarded<T> source(longest), target(longest), both(longest);
    std::size_t const step = emulated ? 5 : 1;
    each_kernel<T>([&](kernel<T> const& softmax) {
        std::vector<T> x, expected;
        auto const check = [&](std::span<T> from, std::span<T> to, std::span<T> place, char const* end,
                               std::size_t gap) {
            SCOPED_TRACE(testing::Message() << x.size() << " elements, " << gap << " from the " << end);
            std::ranges::copy(x, from.begin());
            softmax(std::span<T const>(from), to);
            ASSERT_TRUE(same_bits(copy(to), expected));
            ASSERT_TRUE(same_bits(copy(from), x)) << "x was written";
            ASSERT_TRUE(target.intact() && source.intact()) << "something else was written";
            std::ranges::copy(x, place.begin());
            softmax(std::span<T const>(place), place);
            ASSERT_TRUE(same_bits(copy(place), expected)) << "in place";
            ASSERT_TRUE(both.intact()) << "in place: something else was written";
        };
        for (std::size_t n = 0; n <= longest; ++n) {
            x = rows::bell<T>(n, 4);
            expected = softmax(x);
            for (std::size_t gap = 0; gap < 16; gap += gap == 0 ? 1 + n % step : step) {
                std::size_t const other = gap == 0 ? 0 : (7 * gap + 3) % 16; // x and y misaligned differently
                check(source.at_start(n, gap), target.at_start(n, other), both.at_start(n, gap), "start", gap);
                check(source.at_end(n, gap), target.at_end(n, other), both.at_end(n, gap), "end", gap);
                if (testing::Test::HasFatalFailure()) return;
            }
        }
    });
}

// The rare paths have loops of their own: rows that are moved, filled, or scaled by powers of two first.
TYPED_TEST(SoftmaxLengths, RarePathsKeepToTheRow) {
    using T = TypeParam;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    guarded<T> source(longest), target(longest);
    each_kernel<T>([&](kernel<T> const& softmax) {
        auto const check = [&](std::vector<T> const& x, smx::softmax_options const& options, char const* what) {
            std::size_t const n = x.size();
            std::vector<T> const expected = softmax(x, options);
            for (bool at_end : {false, true}) {
                auto const from = at_end ? source.at_end(n, 0) : source.at_start(n, 0);
                auto const to = at_end ? target.at_end(n, 0) : target.at_start(n, 0);
                std::ranges::copy(x, from.begin());
                softmax(std::span<T const>(from), to, options);
                ASSERT_TRUE(same_bits(copy(to), expected)) << what << ", " << n;
                ASSERT_TRUE(source.intact() && target.intact()) << what << ", " << n;
            }
        };
        for (std::size_t n = 0; n <= longest; n += emulated ? 7 : 1) {
            check(rows::shifted<T>(n, 3e5), {}, "far");
            check(rows::last_places<T>(n, -1e30), {}, "huge");
            check(rows::bell<T>(n, 4), {.scale = -1}, "negative scale");
            check(rows::bell<T>(n, 4), {.scale = 1e-30}, "tiny scale");
            check(rows::bell<T>(n, 4), {.scale = 1e30}, "huge scale");
            check(std::vector<T>(n, -infinity), {.fully_masked = smx::masked::zeros}, "masked");
            check(std::vector<T>(n, infinity), {}, "infinite");
            if (testing::Test::HasFatalFailure()) return;
        }
    });
}

} // namespace
} // namespace smx_test
