// SPDX-License-Identifier: BSL-1.0
// The promises of softmax and log_softmax from 3 elements to 64 Mi, of every family of rows. The sum is known to twice
// the precision of T; of long rows a sample is judged, at random and the largest.
#include "support/elements.hpp"
#include "support/exact_operators.hpp"
#include "support/inputs.hpp"

#include <smx/log_softmax.hpp>
#include <smx/softmax.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string_view>

namespace smx_test {
namespace {

/// A row as the exact definitions see it: its largest element, and the sum without that element.
template <class T> struct exact_row {
    using wide = std::conditional_t<sizeof(T) == sizeof(float), double, long double>;
    std::size_t at;
    number largest, sum, log_of_sum;

    explicit exact_row(std::vector<T> const& x)
        : at(static_cast<std::size_t>(std::ranges::max_element(x) - x.begin())),
          largest(number_from(static_cast<double>(x[at]))) {
        wide const m = static_cast<wide>(x[at]);
        wide total = 0, lost = 0; // Kahan
        for (std::size_t i = 0; i != x.size(); ++i) {
            wide const term = i == at ? wide(0) : std::exp(static_cast<wide>(x[i]) - m) - lost;
            wide const next = total + term;
            lost = (next - total) - term;
            total = next;
        }
        double const high = static_cast<double>(total), low = static_cast<double>(total - static_cast<wide>(high));
        number const rest = number_from(high) + number_from(low);
        using std::log1p;
        sum = rest + number_from(1);
        log_of_sum = log1p(rest);
    }
    number softmax(T v) const {
        using std::exp;
        return std::isinf(v) ? number_from(0) : number(exp(number_from(static_cast<double>(v)) - largest) / sum);
    }
    number log_softmax(T v) const { return number_from(static_cast<double>(v)) - largest - log_of_sum; }
};

template <class T> struct measured {
    char const* name;
    double promised_ulp;
    void (*run)(std::vector<T> const&, std::vector<T>&);
    number (exact_row<T>::*exact)(T) const;
    double worst = 0;
    std::string where = "";
};

/// The elements that are judged: all, or a sample.
std::vector<std::size_t> judged(std::size_t n, std::size_t largest) {
    constexpr std::size_t most = 5000;
    std::vector<std::size_t> places(std::min(n, most));
    std::iota(places.begin(), places.end(), std::size_t(0));
    if (n <= most) return places;
    generator g(n);
    for (std::size_t& place : places) place = static_cast<std::size_t>(g.next() % n);
    places[0] = largest;
    return places;
}

template <class T> void check(std::size_t n, std::vector<family<T>> const& all) {
    measured<T> each[] = {
        {"softmax", 6, [](auto const& x, auto& y) { smx::softmax(x, y); }, &exact_row<T>::softmax},
        {"softmax precise", 4, [](auto const& x, auto& y) { smx::softmax(smx::precise, x, y); },
         &exact_row<T>::softmax},
        {"log_softmax", 6, [](auto const& x, auto& y) { smx::log_softmax(x, y); }, &exact_row<T>::log_softmax},
    };
    std::vector<T> y(n);
    for (family<T> const& f : all) {
        std::vector<T> const x = f.make(n);
        exact_row<T> const exact(x);
        std::vector<std::size_t> const places = judged(n, exact.at);
        for (measured<T>& m : each) {
            m.run(x, y);
            for (std::size_t const i : places) {
                double const error = error_of(y[i], (exact.*m.exact)(x[i]), 0);
                ASSERT_LE(error, m.promised_ulp) << m.name << " of " << f.name << "[" << n << "], element " << i
                                                 << ", x = " << x[i] << ", y = " << y[i];
                if (error > m.worst) {
                    m.worst = error;
                    m.where = f.name;
                }
            }
        }
    }
    for (measured<T> const& m : each)
        std::printf("%s, %s, %zu elements: %.3f ULP, %s\n", name_of<T>().c_str(), m.name, n, m.worst, m.where.c_str());
}

template <class T> struct AccuracyByLength : testing::Test {};
TYPED_TEST_SUITE(AccuracyByLength, element_types, names);

TYPED_TEST(AccuracyByLength, UpTo64Ki) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    for (std::size_t n : {3U, 17U, 100U, 1000U, 4099U, 65539U})
        if (n <= (emulated ? 1000U : 65539U)) check<T>(n, families<T>());
}

// ctest -C long -L long. From 16 Mi on, the families whose long rows differ from their short ones.
TYPED_TEST(AccuracyByLength, DISABLED_UpTo64Mi) {
    using T = TypeParam;
    if (sizeof(T) == sizeof(double) && !numbers_serve_double) GTEST_SKIP() << "needs MPFR";
    constexpr std::size_t mi = std::size_t(1) << 20;
    check<T>(mi + 3, families<T>());
    std::vector<family<T>> some;
    for (family<T> const& f : families<T>())
        for (std::string_view const name :
             {"bell_0.01", "bell_1", "bell_4", "bell_30", "all_equal", "masked", "dominated", "spike_last"})
            if (f.name == name) some.push_back(f);
    for (std::size_t const n : {16 * mi + 3, 64 * mi + 3}) check<T>(n, some);
}

} // namespace
} // namespace smx_test
