// SPDX-License-Identifier: BSL-1.0
// What sparsemax and entmax are, by sorting and bisection in long double, and how far a row is from that.
#pragma once

#include "inputs.hpp"
#include "ulp.hpp"

#include <smx/entmax.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

namespace smx_test {

using extended = long double;

namespace entmax_detail {

/// Bisection for the root of a falling function.
template <class F> extended root_of(extended low, extended high, F f) {
    for (int i = 0; i != 140; ++i) {
        extended const middle = low + (high - low) / 2;
        (f(middle) > 0 ? low : high) = middle;
    }
    return low;
}

/// Of gaps g = c (m - x), rising from 0: the result for each gap; alpha is at most 2.
inline std::function<extended(extended)> solved(std::vector<extended> const& gaps, extended alpha) {
    extended const q = alpha - 1, p = 1 / q;
    std::size_t const n = gaps.size();
    if (alpha == 2) {
        extended sum = 0, threshold = 1; // what is below the largest element by less has a weight
        for (std::size_t k = 1; k <= n && 1 + sum > static_cast<extended>(k - 1) * gaps[k - 1]; ++k) {
            sum += gaps[k - 1];
            threshold = (1 + sum) / static_cast<extended>(k);
        }
        return [=](extended g) { return std::max(threshold - g, extended(0)); };
    }
    if (alpha == extended(1.5)) {
        std::size_t k = 0;
        extended sum = 0, squares = 0, threshold = 1;
        for (std::size_t i = 1; i <= n; ++i) {
            extended const h = gaps[i - 1] / 2;
            sum += h;
            squares += h * h;
            extended const count = static_cast<extended>(i), mean = sum / count;
            extended const rest = std::max((1 - (squares - sum * mean)) / count, extended(0));
            if (h > mean + std::sqrt(rest)) break;
            k = i;
            threshold = mean + std::sqrt(rest);
        }
        for (int step = 0; step != 3; ++step) {
            extended first = 0, second = -1;
            for (std::size_t i = 0; i != k; ++i) {
                extended const v = threshold - gaps[i] / 2;
                first += v;
                second += v * v;
            }
            threshold -= second / (2 * first);
        }
        return [=](extended g) {
            extended const v = std::max(threshold - g / 2, extended(0));
            return v * v;
        };
    }
    auto const result = [=](extended g, extended l) {
        extended const t = q * g * std::exp(q * l);
        return t < 1 ? std::exp(p * std::log1p(-t) - l) : extended(0);
    };
    extended const l = root_of(0, std::log(static_cast<extended>(n)) + 1, [&](extended tried) {
        extended sum = -1;
        for (extended const g : gaps) sum += result(g, tried);
        return sum;
    });
    return [=](extended g) { return result(g, l); };
}

/// Of elements, falling, for alpha above 2: the result for each. By differences to the smallest of the support, because
/// high roots magnify what gaps to the largest have lost.
inline std::function<extended(extended)> solved_from_smallest(std::vector<extended> const& x, extended c,
                                                              extended alpha) {
    extended const q = alpha - 1, p = 1 / q;
    // The support: the sum of all that is above an element stays below 1. Then the smallest result.
    std::size_t k = 1;
    for (; k != x.size(); ++k) {
        extended sum = 0;
        for (std::size_t i = 0; i != k; ++i) sum += std::pow(q * (c * (x[i] - x[k])), p);
        if (!(sum < 1)) break;
    }
    extended const last = x[k - 1];
    auto const result = [=](extended v, extended s) {
        return v < last ? extended(0) : v == last ? s : std::pow(q * (c * (v - last)) + std::pow(s, q), p);
    };
    extended const s = root_of(0, 1, [&](extended tried) {
        extended sum = 1;
        for (std::size_t i = 0; i != k; ++i) sum -= result(x[i], tried);
        return sum;
    });
    return [=](extended v) { return result(v, s); };
}

} // namespace entmax_detail

/// Precondition: what c x_i are is finite or -inf, and not all of them are -inf.
template <class T> std::vector<extended> exact_entmax(std::vector<T> const& x, double c, double alpha) {
    extended const sign = c < 0 ? -1 : 1, size = sign * static_cast<extended>(c);
    std::vector<extended> falling;
    for (T const v : x)
        if (!std::isinf(v)) falling.push_back(sign * static_cast<extended>(v));
    std::ranges::sort(falling, std::greater<>{});
    std::function<extended(extended)> result;
    if (alpha > 2) {
        result = entmax_detail::solved_from_smallest(falling, size, static_cast<extended>(alpha));
    } else {
        auto const gap = [size, largest = falling.front()](extended v) { return size * (largest - v); };
        std::vector<extended> gaps;
        for (extended const v : falling) gaps.push_back(gap(v));
        result = [gap, of_gap = entmax_detail::solved(gaps, static_cast<extended>(alpha))](extended v) {
            return of_gap(gap(v));
        };
    }
    std::vector<extended> y(x.size());
    for (std::size_t i = 0; i != x.size(); ++i)
        y[i] = std::isinf(x[i]) ? extended(0) : result(sign * static_cast<extended>(x[i]));
    return y;
}

/// Every element within `bound` units of 2^-24 or 2^-53, never negative or above 1; and the support exact, except where
/// a result is so small that the last place of the threshold decides it.
template <class T>
testing::AssertionResult near(std::vector<T> const& got, std::vector<extended> const& exact, double bound,
                              bool support = true, double* worst = nullptr) {
    constexpr extended unit = std::numeric_limits<T>::epsilon() / 2;
    if (got.size() != exact.size()) return testing::AssertionFailure() << "lengths differ";
    for (std::size_t i = 0; i != got.size(); ++i) {
        double const error = static_cast<double>(std::abs(static_cast<extended>(got[i]) - exact[i]) / unit);
        if (worst != nullptr && error > *worst) *worst = error;
        bool const decided = exact[i] == 0 || exact[i] > extended(0x1p-100);
        bool const supported = !support || !decided || (got[i] > 0) == (exact[i] > 0);
        if (!(error <= bound) || !(got[i] >= 0 && got[i] <= 1) || std::signbit(got[i]) || !supported)
            return testing::AssertionFailure() << "element " << i << " of " << got.size() << " is " << got[i]
                                               << ", exact " << exact[i] << ", off by " << error << " units";
    }
    return testing::AssertionSuccess();
}

/// FNV-1a over the bytes of a row, little end first.
template <class T> std::uint64_t hash_of_bits(std::vector<T> const& row, std::uint64_t hash) {
    for (T const v : row) {
        std::uint64_t bits = bits_of(v);
        for (std::size_t byte = 0; byte != sizeof(T); ++byte, bits >>= 8)
            hash = (hash ^ (bits & 0xFF)) * 0x100000001B3U;
    }
    return hash;
}

} // namespace smx_test
