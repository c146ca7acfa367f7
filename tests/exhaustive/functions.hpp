// SPDX-License-Identifier: BSL-1.0
// The functions of include/smx/math and the conversions to 16 bits, with the bounds that their docstrings promise.
#pragma once

#include "function.hpp"

#include <smx/math/exp_pair.hpp>
#include <smx/math/exp_window.hpp>
#include <smx/math/inverse.hpp>
#include <smx/math/log.hpp>
#include <smx/math/logistic.hpp>
#include <smx/math/power.hpp>
#include <smx/math/stable_score.hpp>
#include <smx/simd/convert.hpp>

#include <numbers>

namespace smx_test {

template <class T> using register_of = smx::simd::vector<T, smx::simd::default_arch>;
template <class T> inline constexpr T infinite = std::numeric_limits<T>::infinity();
template <class T> inline constexpr T smallest_normal = std::numeric_limits<T>::min();
template <class T> inline constexpr T largest_finite = std::numeric_limits<T>::max();

/// A bound where products and sums round once, and what it is where they round twice.
constexpr double bound_with_fma(double bound, double without) { return smx::simd::has_fma ? bound : without; }

/// (k + 1/2) * step: where a range reduction changes its integer.
template <class T> std::vector<T> seams_of(double step, int first, int last) {
    std::vector<T> seams;
    for (int k = first; k <= last; ++k) seams.push_back(static_cast<T>((k + 0.5) * step));
    return seams;
}
/// factor * 2^k + offset.
template <class T> std::vector<T> powers_of_two(int first, int last, double factor = 1, double offset = 0) {
    std::vector<T> seams;
    for (int k = first; k <= last; ++k) seams.push_back(static_cast<T>(std::ldexp(factor, k) + offset));
    return seams;
}

/// Exponents of the largest weight (of x = 0 against 2^0) and of the smallest.
template <class T> inline constexpr int weight_exponent = sizeof(T) == 4 ? 64 : 512;
template <class T> inline constexpr int smallest_weight = sizeof(T) == 4 ? -126 : -1022;
template <class T> inline constexpr int exponents_of_weights = weight_exponent<T> - smallest_weight<T>;
/// Weights have exponents up to N + 1.
template <class T> T highest_weighed() { return static_cast<T>(1.5 * std::numbers::ln2); }

/// Weights of e^x against the reference 2^n.
template <class T, class Accuracy> auto weights_against(int n) {
    return by_packs<T>([n](auto const& x) {
        return smx::math::exp_weight<Accuracy>(
            x, smx::math::exp_reference_at(smx::math::exp_scale<T>::of(1), register_of<T>(static_cast<T>(n))));
    });
}

/// w = kappa 2^64 e^x. Below the floor it is 0; up to the first exponent above it, either will do.
template <class T, class Accuracy> function<T> exp_weight(char const* name, double bound) {
    double const floor = -(exponents_of_weights<T> + 0.001) * std::numbers::ln2;
    function<T> f{name, "x <= 1.5 ln 2, -inf, NaN", domain<T>{}.from_to(-infinite<T>, highest_weighed<T>()).nans(),
                  measure::relative, bound};
    // 2^(15/16) or sqrt(2), and what an argument is rounded by.
    f.vanishing = std::ldexp(smx::math::has_eighths<T> ? 1.916 : 1.415, smallest_weight<T>);
    f.low = static_cast<T>(floor);
    f.high = highest_weighed<T>();
    f.seams = seams_of<T>(std::numbers::ln2, -exponents_of_weights<T>, 0);
    f.results = weights_against<T, Accuracy>(0);
    return with_formula(f, [floor](auto const& x) {
        using N = std::remove_cvref_t<decltype(x)>;
        using std::exp;
        return x < floor ? N(0.0) : N(exp(x) * std::ldexp(1.0, weight_exponent<T>));
    });
}

/// exp_join(exp_parts(x)) against exp_weight(x), both against the reference 2^n.
template <class T, class Accuracy> function<T> exp_join(char const* name, char const* where, int n) {
    using V = register_of<T>;
    auto const k = smx::math::exp_scale<T>::of(1);
    V const lowest(static_cast<T>(-2 * smx::math::near_exponent / static_cast<double>(k.hi)));
    double const highest = (n + 1.5) * std::numbers::ln2;
    function<T> f{name, where, domain<T>{}.from_to(-infinite<T>, static_cast<T>(highest)).nans(), measure::identical,
                  0};
    f.low = static_cast<T>(highest - 1100 * std::numbers::ln2);
    f.high = static_cast<T>(highest);
    f.seams = seams_of<T>(std::numbers::ln2, n - exponents_of_weights<T>, n);
    f.results = by_packs<T>([=](auto const& x) {
        return smx::math::exp_join(smx::math::exp_parts<Accuracy>(x, V(k.hi), V(k.lo), lowest), V(static_cast<T>(n)));
    });
    f.exact = [weights = weights_against<T, Accuracy>(n)](T const* x, double* y) {
        T w[block];
        weights(x, w);
        std::copy(w, w + block, y);
    };
    return f;
}

/// exp_window_weight(x) against exp_weight(x) for what is in the window of the reference 2^n; nothing else may be.
template <class T, class Accuracy> function<T> exp_window(char const* name, char const* where, int n) {
    using V = register_of<T>;
    auto const k = smx::math::exp_scale<T>::of(1);
    T const highest = static_cast<T>((n + (sizeof(T) == 4 ? 60 : 500)) * std::numbers::ln2); // that exp_weight takes
    function<T> f{name, where, domain<T>{}.from_to(-infinite<T>, infinite<T>).nans(), measure::identical, 0};
    f.low = static_cast<T>((n - (sizeof(T) == 4 ? 110 : 700)) * std::numbers::ln2);
    f.high = static_cast<T>((n + (sizeof(T) == 4 ? 40 : 400)) * std::numbers::ln2);
    f.seams = seams_of<T>(std::numbers::ln2, n - exponents_of_weights<T>, n);
    auto const weight = [weights = weights_against<T, Accuracy>(n), highest](T const* x, T* w) {
        weights(x, w);
        for (std::size_t i = 0; i != block; ++i) w[i] = x[i] <= highest ? w[i] : T(0);
    };
    f.results = [=, window = smx::math::exp_window_at(k, V(static_cast<T>(n)))](T const* x, T* w) {
        weight(x, w);
        for (std::size_t i = 0; i != block; ++i) {
            smx::simd::pack<V, 1> const one{{V(x[i])}}, carrier = smx::math::exp_window_carrier(one, window);
            smx::math::exp_window_seen<V> seen;
            seen.add(carrier);
            if (window.usable && seen.inside())
                w[i] = smx::simd::first_lane(smx::math::exp_window_weight<Accuracy>(one, carrier, window).part[0]);
        }
    };
    f.exact = [weight](T const* x, double* y) {
        T w[block];
        weight(x, w);
        std::copy(w, w + block, y);
    };
    return f;
}

template <class T> function<T> exp_nonpositive() {
    function<T> f{"exp_nonpositive", "x <= 0, -inf, NaN", domain<T>{}.from_to(-infinite<T>, T(0)).nans(), measure::ulp,
                  bound_with_fma(1.5, 2.1)};
    f.low = T(sizeof(T) == 4 ? -104 : -746);
    f.seams = seams_of<T>(std::numbers::ln2, smallest_weight<T>, -1);
    return with(
        f, [](auto const& x) { return smx::math::exp_nonpositive(x); },
        [](auto const& x) {
            using std::exp;
            return std::remove_cvref_t<decltype(x)>(exp(x));
        });
}

template <class T> function<T> log() {
    function<T> f{"log", "normal x > 0", domain<T>{}.from_to(smallest_normal<T>, largest_finite<T>), measure::ulp, 2};
    f.low = T(0.5);
    f.high = 2;
    f.seams = powers_of_two<T>(smallest_weight<T>, -smallest_weight<T>, std::numbers::sqrt2);
    return with(
        f, [](auto const& x) { return smx::math::log(x); },
        [](auto const& x) {
            using std::log;
            return std::remove_cvref_t<decltype(x)>(log(x));
        });
}

template <class T> function<T> log1p() {
    function<T> f{"log1p", "r > -1, +inf, NaN", domain<T>{}.from_to(neighbour(T(-1), 1), infinite<T>).nans(),
                  measure::ulp, 2};
    f.low = T(-0.5);
    f.high = 2;
    f.seams = powers_of_two<T>(-30, -smallest_weight<T>, std::numbers::sqrt2, -1);
    return with(
        f, [](auto const& x) { return smx::math::log1p(x); },
        [](auto const& x) {
            using std::log1p;
            return std::remove_cvref_t<decltype(x)>(log1p(x));
        });
}

/// Below the smallest normal number x counts as 0.
template <class T> function<T> power(char const* name, double p) {
    function<T> f{name, "0 <= x <= 1", domain<T>{}.from_to(T(0), T(1)), measure::ulp_of_one, bound_with_fma(1, 1.5)};
    f.high = 1;
    f.seams = powers_of_two<T>(smallest_weight<T>, -1, std::numbers::sqrt2);
    for (T const seam : seams_of<T>(std::numbers::ln2, -100, -1))
        f.seams.push_back(static_cast<T>(std::exp(static_cast<double>(seam) / p)));
    return with(
        f, [p](auto const& x) { return smx::math::power(x, register_of<T>(static_cast<T>(p))); },
        [p](auto const& x) {
            using N = std::remove_cvref_t<decltype(x)>;
            using std::pow;
            return x < static_cast<double>(smallest_normal<T>) ? N(0.0) : N(pow(x, N(p)));
        });
}

template <class T> function<T> inverse() {
    constexpr T highest = sizeof(T) == 4 ? T(0x1p125) : T(0x1p1021);
    function<T> f{"inverse", sizeof(T) == 4 ? "normal x > 0 up to 2^125, NaN" : "normal x > 0 up to 2^1021, NaN",
                  domain<T>{}.from_to(smallest_normal<T>, highest).nans(), measure::ulp, bound_with_fma(0.51, 1.62)};
    f.low = 1;
    f.high = 2;
    f.seams = powers_of_two<T>(smallest_weight<T> + 1, -smallest_weight<T> - 2);
    return with(
        f, [](auto const& x) { return smx::math::inverse(x); },
        [](auto const& x) { return std::remove_cvref_t<decltype(x)>(1.0 / x); });
}

/// The bound is that of smx::sigmoid.
template <class T> function<T> logistic() {
    auto const of_one = smx::math::logistic<register_of<T>>::of(smx::math::exp_scale<T>::of(1), 0);
    function<T> f{"logistic", "all", domain<T>{}.from_to(-infinite<T>, infinite<T>).nans(), measure::ulp, 4};
    f.low = T(sizeof(T) == 4 ? -89 : -710);
    f.high = T(sizeof(T) == 4 ? 20 : 40);
    f.seams = seams_of<T>(std::numbers::ln2, smallest_weight<T>, 60);
    return with(
        f, [of_one](auto const& x) { return of_one(x); },
        [](auto const& x) {
            using std::exp;
            return std::remove_cvref_t<decltype(x)>(1.0 / (1.0 + exp(-x)));
        });
}

/// C s(x). The bound: one rounding of 1 + |x|, and that of the inverse.
template <class T> function<T> stable_score(char const* name, char const* where, T c, T low, T high) {
    function<T> f{name, where, domain<T>{}.from_to(low, high).nans(), measure::ulp, bound_with_fma(1.51, 2.5)};
    f.low = -4;
    f.high = 4;
    f.seams = powers_of_two<T>(-60, 300);
    for (T const seam : powers_of_two<T>(-60, 300)) f.seams.push_back(-seam);
    double const scale = static_cast<double>(c);
    return with(
        f, [c](auto const& x) { return smx::math::stable_score<register_of<T>>{c}(x); },
        [scale](auto const& x) {
            using N = std::remove_cvref_t<decltype(x)>;
            N const s = x < 0.0 ? N(1.0 / (1.0 - x)) : N(1.0 + x);
            return N(s * scale);
        });
}

/// A 16-bit format: the distance of numbers from 1 to 2, the smallest normal number, the first power of two beyond.
struct half_format {
    double epsilon, smallest, beyond;
};
inline constexpr half_format bfloat16_format{0x1p-7, 0x1p-126, 0x1p128}, float16_format{0x1p-10, 0x1p-14, 0x1p16};

/// x to the nearest number of a format, ties to even. Quotients by a power of two are exact.
inline double rounded_to(half_format const& format, double x) {
    if (x == 0 || !std::isfinite(x)) return x;
    double const place = power_of_two_below(std::max(std::abs(x), format.smallest)) * format.epsilon;
    double const result = std::nearbyint(x / place) * place;
    return std::abs(result) < format.beyond ? result : std::copysign(infinite<double>, x);
}

/// A float rounded to S, and read again (which half_test.cpp checks for every pattern of S).
template <class S> function<float> narrow(char const* name, half_format const& format) {
    function<float> f{name, "all", domain<float>{}.from_to(-infinite<float>, infinite<float>).nans(),
                      measure::identical, 0};
    f.results = [](float const* x, float* y) {
        using V = register_of<float>;
        using P = smx::simd::pack<V, 2>; // larger ones take longer to compile and give the same bits
        S words[P::size];
        for (std::size_t i = 0; i != block; i += P::size) {
            smx::simd::store(words, smx::simd::load_pack<P>(x + i, smx::simd::whole{}, V(0.0F)), smx::simd::whole{});
            std::copy(words, words + P::size, y + i);
        }
    };
    f.exact = [=](float const* x, double* y) {
        for (std::size_t i = 0; i != block; ++i) y[i] = rounded_to(format, static_cast<double>(x[i]));
    };
    return f;
}

/// All of T. Bounds are those of the docstrings. That of a weight is the error of its polynomial, which the table in
/// math/exp2_fraction.hpp gives, plus that of the roundings of f, of the last two steps of Horner's scheme and of the
/// product; with eighths of exponents, of the table of their powers.
template <class T> std::vector<function<T>> functions() {
    using smx::half_t, smx::precise_t, smx::standard_t;
    using score = smx::math::stable_score<register_of<T>>;
    std::vector<function<T>> all;
    constexpr bool has_eighths = smx::math::has_eighths<T>;
    double const roundings = bound_with_fma(1.35, 1.95);
    all.push_back(exp_weight<T, precise_t>("exp_weight.precise", has_eighths ? 1.47 : 0.06 + roundings));
    if constexpr (sizeof(T) == 4) { // the standard polynomial of double is the precise one
        all.push_back(exp_weight<T, standard_t>("exp_weight.standard", has_eighths ? 1.7 : 1.31 + roundings));
        all.push_back(exp_weight<T, half_t>("exp_weight.half", has_eighths ? 1.7 : 2.61e-6 * 0x1p24 + roundings));
    }
    // Without FMA products round, and bits are not promised (include/smx/README.md).
    if constexpr (smx::simd::has_fma) {
        all.push_back(exp_join<T, precise_t>("exp_join.near", "x <= 1.5 ln 2, -inf, NaN; against 2^0", 0));
        all.push_back(exp_join<T, precise_t>("exp_join.far", "x <= 8002.5 ln 2, -inf, NaN; against 2^8001", 8001));
        all.push_back(exp_window<T, precise_t>("exp_window.near", "all; against 2^40", 40));
        all.push_back(exp_window<T, precise_t>("exp_window.far", "all; against 2^-8001", -8001));
        if constexpr (sizeof(T) == 4) {
            all.push_back(exp_window<T, standard_t>("exp_window.standard", "all; against 2^40", 40));
            all.push_back(exp_window<T, half_t>("exp_window.half", "all; against 2^40", 40));
        }
    }
    all.push_back(exp_nonpositive<T>());
    all.push_back(log<T>());
    all.push_back(log1p<T>());
    all.push_back(power<T>("power.half", 0.5));
    all.push_back(power<T>("power.2", 2));
    all.push_back(power<T>("power.15", 15));
    all.push_back(inverse<T>());
    all.push_back(logistic<T>());
    char const *const usual = "x < giant, -inf, NaN", *const giants = "x >= -2^19 giant, NaN";
    T const last = neighbour(score::giant, -1), first = score::giant * T(-0x1p19);
    all.push_back(stable_score<T>("stable_score.usual", usual, score::usual, -infinite<T>, last));
    all.push_back(stable_score<T>("stable_score.for_giants", giants, score::for_giants, first, largest_finite<T>));
    if constexpr (sizeof(T) == 4) {
        all.push_back(narrow<smx::bfloat16>("bfloat16", bfloat16_format));
        all.push_back(narrow<smx::float16>("float16", float16_format));
    }
    return all;
}

} // namespace smx_test
