// SPDX-License-Identifier: BSL-1.0
// Long rows: the error does not grow with the length. Elements come from a grid of few values, so the exact sum is one
// term for each value times its count, and every element is compared.
#include "support/inputs.hpp"
#include "support/kernels.hpp"
#include "support/oracle.hpp"
#include "support/ulp.hpp"

#include <cstdio>

namespace smx_test {
namespace {

constexpr std::size_t values = 4001;

/// Value v of the grid: -20 .. 0 in steps that no binary fraction shares.
template <class T> T value(std::size_t v) {
    return static_cast<T>(-20 + static_cast<double>(v) * (20.0 / (values - 1)));
}

/// The weights of the grid in a row that holds each value `count` times.
template <class T> std::vector<exact_value> exact_on_grid(std::vector<std::size_t> const& count) {
    real sum, term;
    sum.set(0.0);
    std::vector<exact_value> exact(values);
    exact_weights<T> weight(1, 0);
    for (std::size_t v = 0; v != values; ++v) {
        exact[v] = weight(value<T>(v));
        term.set(exact[v]);
        term.multiply(static_cast<double>(count[v]));
        sum.add(term);
    }
    sum.invert();
    for (exact_value& e : exact) {
        term.set(e);
        term.multiply(sum);
        e = term.rounded();
    }
    return exact;
}

template <class T> void check(std::size_t n) {
    std::vector<T> x(n), y(n);
    std::vector<std::size_t> count(values);
    generator g(n);
    for (T& element : x) {
        std::size_t const v = g.below(values);
        ++count[v];
        element = value<T>(v);
    }
    std::vector<exact_value> const exact = exact_on_grid<T>(count);
    each_kernel<T>([&](kernel<T> const& softmax) {
        softmax(std::span<T const>(x), std::span<T>(y));
        double worst = 0;
        generator again(n);
        for (std::size_t i = 0; i != n; ++i) {
            double const error = error_in_ulp(y[i], exact[again.below(values)]);
            ASSERT_LE(error, softmax.bound_ulp) << "element " << i << " of " << n << ": x = " << x[i];
            worst = error > worst ? error : worst;
        }
        std::printf("%zu elements, %s: %.3f ULP\n", n, softmax.name().c_str(), worst);
    });
}

template <class T> struct SoftmaxLongRows : testing::Test {};
TYPED_TEST_SUITE(SoftmaxLongRows, element_types, names);

TYPED_TEST(SoftmaxLongRows, OneMi) {
    if (!oracle_serves<TypeParam>) GTEST_SKIP() << "needs MPFR";
    check<TypeParam>((std::size_t(1) << (emulated ? 16 : 20)) + 13);
}

// ctest -C long -L long
TYPED_TEST(SoftmaxLongRows, DISABLED_64Mi) {
    if (!oracle_serves<TypeParam>) GTEST_SKIP() << "needs MPFR";
    check<TypeParam>((std::size_t(64) << 20) + 13);
}

} // namespace
} // namespace smx_test
