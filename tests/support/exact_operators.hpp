// SPDX-License-Identifier: BSL-1.0
// What each operator is, written as its formula in numbers of 200 bits (MPFR through mpreal; long double where that is
// IEEE quad, in cross builds). Rows are finite or -inf.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#if SMX_TEST_WITH_MPFR
#include <mpreal.h>
#endif

namespace smx_test {

#if SMX_TEST_WITH_MPFR
using number = mpfr::mpreal;
inline number number_from(double v) { return number(v, 200); }
inline double double_from(number const& v) { return v.toDouble(); }
inline constexpr bool numbers_serve_double = true;
#else
using number = long double;
inline number number_from(double v) { return static_cast<number>(v); }
inline double double_from(number v) { return static_cast<double>(v); }
inline constexpr bool numbers_serve_double = std::numeric_limits<long double>::digits >= 113;
#endif

using numbers = std::vector<number>;

inline bool is_masked(number const& v) { return v < number_from(0) && v * number_from(0) != number_from(0); }

/// The error in ULP of the exact value (of `floor` if that is larger), or infinity for what may not be.
template <class T> double error_of(T got, number const& exact, double floor) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double const wanted = double_from(exact);
    if (std::isnan(wanted)) return std::isnan(got) ? 0 : infinity;
    if (std::isnan(got)) return infinity;
    constexpr double normal = static_cast<double>(std::numeric_limits<T>::min());
    constexpr double largest = static_cast<double>(std::numeric_limits<T>::max());
    if (std::abs(wanted) > largest) return std::abs(static_cast<double>(got)) >= largest / 2 ? 0 : infinity;
    if (exact == number_from(0)) return got == 0 && !std::signbit(got) ? 0 : infinity;
    if (got == 0 && std::abs(wanted) < normal && floor == 0) return 0; // flushed, as documented
    double const size = std::max({std::abs(wanted), floor, normal});
    double const ulp = std::ldexp(1.0, std::ilogb(size) - (std::numeric_limits<T>::digits - 1));
    return std::abs(double_from(number_from(static_cast<double>(got)) - exact)) / ulp;
}

/// The elements of a row times c, as numbers.
template <class T> numbers scaled(std::vector<T> const& x, double c = 1) {
    numbers z;
    z.reserve(x.size());
    for (T const v : x)
        z.push_back(std::isinf(v) ? number_from(static_cast<double>(v))
                                  : number_from(static_cast<double>(v)) * number_from(c));
    return z;
}

inline number largest_of(numbers const& z) {
    number m = number_from(-std::numeric_limits<double>::infinity());
    for (number const& v : z)
        if (v > m) m = v;
    return m;
}

/// v / sum v
inline numbers shares(numbers v, number const& more = number_from(0)) {
    number sum = more;
    for (number const& e : v) sum += e;
    for (number& e : v) e /= sum;
    return v;
}

template <class F> numbers each(numbers z, F f) {
    for (number& v : z) v = f(v);
    return z;
}

inline numbers exponentials(numbers const& z, number const& m) {
    using std::exp;
    return each(z, [&](number const& v) { return is_masked(v) ? number_from(0) : number(exp(v - m)); });
}

namespace exact {

inline numbers softmax(numbers const& z) { return shares(exponentials(z, largest_of(z))); }
inline numbers sink_softmax(numbers const& z, double sink) {
    using std::exp;
    number m = largest_of(z);
    if (number_from(sink) > m) m = number_from(sink);
    return shares(exponentials(z, m), exp(number_from(sink) - m));
}
inline numbers clipped_softmax(numbers const& z, double zeta, double gamma) {
    number const stretch = number_from(zeta) - number_from(gamma);
    return each(softmax(z), [&](number const& p) {
        number const y = stretch * p + number_from(gamma);
        return y < number_from(0) ? number_from(0) : y > number_from(1) ? number_from(1) : y;
    });
}
/// log sum e^(z - m), the first largest left out of the sum.
inline number log_sum(numbers const& z) {
    using std::exp;
    using std::log1p;
    number const m = largest_of(z);
    number rest = number_from(0);
    bool seen = false;
    for (number const& v : z) {
        if (is_masked(v)) continue;
        if (v == m && !seen)
            seen = true;
        else
            rest += exp(v - m);
    }
    return log1p(rest);
}
inline numbers log_softmax(numbers const& z) {
    number const m = largest_of(z), l = log_sum(z);
    return each(z, [&](number const& v) { return (v - m) - l; });
}
inline number stable_score(number const& v) {
    if (is_masked(v)) return number_from(0);
    return v < number_from(0) ? number_from(1) / (number_from(1) - v) : number_from(1) + v;
}
inline numbers stablemax(numbers const& z) { return shares(each(z, stable_score)); }
inline numbers log_stablemax(numbers const& z) {
    using std::log1p;
    numbers const s = each(z, stable_score);
    number sum = number_from(0);
    for (number const& v : s) sum += v;
    return each(s, [&](number const& v) {
        return v == number_from(0) ? number_from(-std::numeric_limits<double>::infinity())
                                   : number(-log1p((sum - v) / v));
    });
}
inline numbers sigmoid(numbers const& z, double bias) {
    using std::exp;
    return each(z, [&](number const& v) {
        return is_masked(v) ? number_from(0)
                            : number(number_from(1) / (number_from(1) + exp(-(v + number_from(bias)))));
    });
}
inline numbers relu(numbers const& z) {
    return each(z, [&](number const& v) {
        return v > number_from(0) ? number(v / number_from(static_cast<double>(z.size()))) : number_from(0);
    });
}
inline numbers softplus(numbers const& z) {
    using std::exp;
    using std::log1p;
    return shares(each(z, [](number const& v) {
        if (is_masked(v)) return number_from(0);
        return v > number_from(0) ? number(v + log1p(exp(-v))) : number(log1p(exp(v)));
    }));
}

/// Gao, Spratling, Gionfrida 2025, as include/smx/lssar.hpp has it.
inline numbers lssar(numbers const& z, double power, double offset) {
    using std::pow;
    numbers const a = softplus(z);
    number const length = number_from(static_cast<double>(z.size())), o = number_from(z.size() <= 3 ? 0 : offset);
    numbers const r = each(a, [&](number const& v) {
        number const excess = v * length - o;
        return excess > number_from(0) ? excess : number_from(0);
    });
    number const most = largest_of(r);
    if (!(most > number_from(0))) return a;
    return shares(each(r, [&](number const& v) { return number(pow(number(v / most), number_from(power))); }));
}
/// z, sorted, largest first, without what is masked.
inline numbers sorted_from_the_top(numbers const& z) {
    numbers s;
    for (number const& v : z)
        if (!is_masked(v)) s.push_back(v);
    std::sort(s.begin(), s.end(), [](number const& a, number const& b) { return a > b; });
    return s;
}
/// Martins & Astudillo 2016, algorithm 1.
inline numbers sparsemax(numbers const& scores) {
    number const m = largest_of(scores);
    numbers const z = each(scores, [&](number const& v) { return v - m; });
    number sum = number_from(0), tau = number_from(0);
    int k = 0;
    for (number const& v : sorted_from_the_top(z)) {
        sum += v;
        ++k;
        if (number_from(1) + number_from(k) * v > sum) tau = (sum - number_from(1)) / number_from(k);
    }
    return each(z, [&](number const& v) { return v > tau ? number(v - tau) : number_from(0); });
}
/// Peters, Niculae, Martins 2019, algorithm 2.
inline numbers entmax15(numbers const& z) {
    using std::sqrt;
    number const m = largest_of(z);
    number mean = number_from(0), squares = number_from(0), tau = number_from(0);
    int k = 0;
    for (number const& v : sorted_from_the_top(z)) {
        number const x = (v - m) / number_from(2);
        ++k;
        mean += x;
        squares += x * x;
        number const n = number_from(k), average = mean / n;
        number const inner = (number_from(1) - (squares - mean * average)) / n;
        number const candidate = average - (inner > number_from(0) ? number(sqrt(inner)) : number_from(0));
        if (candidate <= x) tau = candidate;
    }
    return each(z, [&](number const& v) {
        if (is_masked(v)) return number_from(0);
        number const x = (v - m) / number_from(2) - tau;
        return x > number_from(0) ? number(x * x) : number_from(0);
    });
}

} // namespace exact
} // namespace smx_test
