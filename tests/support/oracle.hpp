// SPDX-License-Identifier: BSL-1.0
// What softmax is, element by element, to twice the precision of double.
#pragma once

#include "real.hpp"

#include <smx/algorithm/normalize.hpp>
#include <smx/softmax.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace smx_test {

/// The oracle is trusted for T: always, except double where neither MPFR nor quad precision is at hand.
template <class T> inline constexpr bool oracle_serves = sizeof(T) < sizeof(double) || real::serves_double;

/// e^(c (x - m)), remembered for values that come again.
template <class T> class exact_weights {
public:
    exact_weights(double factor, T largest) : c(factor), m(largest) {}

    exact_value operator()(T x) {
        auto const key = std::bit_cast<std::uint64_t>(static_cast<double>(x)) * 0x9E3779B97F4A7C15U >> 54;
        entry& e = entries[key];
        if (!e.used || e.x != x) e = {true, x, weight(x)};
        return e.w;
    }

private:
    struct entry {
        bool used = false;
        T x = 0;
        exact_value w;
    };

    exact_value weight(T x) {
        if (std::isinf(x)) return {};
        z.set(static_cast<double>(x));
        z.add(-static_cast<double>(m));
        z.multiply(c);
        if (z.below(sizeof(T) == 4 ? -250 : -900)) return exact_value::negligible();
        e_to_z.set_to_exp_of(z);
        return e_to_z.rounded();
    }

    double c;
    T m;
    real z, e_to_z{128};
    std::vector<entry> entries = std::vector<entry>(1024);
};

/// The largest c x_j, given as x_j; -inf if all c x_j are -inf; NaN if some c x_j is NaN or +inf.
template <class T> T largest_scaled(std::span<T const> x, double c) {
    constexpr T infinity = std::numeric_limits<T>::infinity();
    bool found = false;
    T largest = 0;
    for (T const v : x) {
        if (std::isnan(v) || (std::isinf(v) && (c == 0 || (v > 0) == (c > 0))))
            return std::numeric_limits<T>::quiet_NaN();
        if (std::isinf(v)) continue;
        if (!found || (c > 0 ? v > largest : c < 0 && v < largest)) largest = v;
        found = true;
    }
    return found ? largest : -infinity;
}

/// softmax(c x), c = scale / temperature rounded to double, as documented.
template <class T>
std::vector<exact_value> exact_softmax(std::span<T const> x, smx::softmax_options const& options = {}) {
    double const c = options.scale / options.temperature;
    T const m = largest_scaled(x, c);
    if (std::isnan(m)) return std::vector<exact_value>(x.size(), exact_value::not_a_number());
    if (std::isinf(m))
        return std::vector<exact_value>(
            x.size(), options.fully_masked == smx::masked::zeros ? exact_value{} : exact_value::not_a_number());
    std::vector<exact_value> result(x.size());
    exact_weights<T> weight(c, m);
    real sum, term;
    sum.set(0.0);
    for (std::size_t i = 0; i != x.size(); ++i) {
        result[i] = weight(x[i]);
        term.set(result[i]);
        sum.add(term);
    }
    sum.invert();
    for (exact_value& r : result) {
        if (r.is_zero() || r.exponent == exact_value::negligible().exponent) continue;
        term.set(r);
        term.multiply(sum);
        r = term.rounded();
    }
    return result;
}

template <class T>
std::vector<exact_value> exact_softmax(std::vector<T> const& x, smx::softmax_options const& options = {}) {
    return exact_softmax(std::span<T const>(x), options);
}

/// sum e^(x_j - m) for the largest element m. Precondition: m is finite.
template <class T> exact_value exact_sum(std::span<T const> x) {
    exact_weights<T> weight(1, largest_scaled(x, 1));
    real sum, term;
    sum.set(0.0);
    for (T const v : x) {
        term.set(weight(v));
        sum.add(term);
    }
    return sum.rounded();
}

/// e^(c x) * 2^k.
class exact_exponential {
public:
    exact_value operator()(double c, double x, long k = 0) {
        z.set(x);
        z.multiply(c);
        e_to_z.set_to_exp_of(z);
        exact_value result = e_to_z.rounded();
        result.exponent += k;
        return result;
    }

private:
    real z, e_to_z{128};
};

} // namespace smx_test
