// SPDX-License-Identifier: BSL-1.0
// stablemax: a softmax whose scores grow linearly, so that it never collapses onto one class.
#pragma once

#include <smx/algorithm/shares.hpp>
#include <smx/algorithm/shares_tile.hpp>
#include <smx/driver/elementwise.hpp>
#include <smx/driver/normalize.hpp>
#include <smx/math/stable_score.hpp>

#include <cmath>

SMX_BEGIN

struct stablemax_options {
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< what a row of nothing but -inf becomes
};

namespace driver {

/// f(source, score, largest) with the source of c x and the score for a row of that size.
template <class V, class Source, class F>
SMX_OUTER void with_stable_score(Source const& x, std::size_t n, double c, F const& f) {
    using T = simd::element_of<V>;
    auto const run = [&](auto const& source) SMX_OUTER_LAMBDA {
        using P = algorithm::pack_for<std::remove_cvref_t<decltype(source)>, V>;
        using score = math::stable_score<V>;
        // A look at the maximum is one instruction of seventeen; to find out from the sum would need the row again.
        T const largest = algorithm::maximum<P>(source, 0, n);
        f(source, score{largest < score::giant ? score::usual : score::for_giants}, largest);
    };
    if (c == 1) [[likely]]
        run(x);
    else if (algorithm::holds<T>(c)) [[likely]]
        run(algorithm::affine_source<Source, T>{x, 1, 0, static_cast<T>(c)});
    else
        algorithm::with_factor_in_parts<T>(x, c, 1, [&](auto const& source, T m) SMX_OUTER_LAMBDA {
            run(algorithm::affine_source<std::remove_cvref_t<decltype(source)>, T>{source, 1, 0, m});
        });
}

/// Where c x may be beyond the type, and for all of a row: shares of 1 / |c| + x, or of the inverse of 1 / |c| - x
/// where all are below 0, x with the sign of c. Beside a c x beyond the type shares of elements below 0 are no normal
/// numbers. Elements are moved, so that the largest score is about 2^60. Returns false, and writes nothing, if the
/// largest element is 0 or infinite, or one is NaN.
template <class Accuracy, class V, class Source, class Sink>
SMX_COLD bool stablemax_beyond(Source x, Sink y, std::size_t n, double c) {
    using T = simd::element_of<V>;
    using P = simd::pack<V, simd::line_registers<V>>;
    T const sign = c < 0 ? T(-1) : T(1),
            largest = algorithm::maximum<P>(algorithm::affine_source<Source, T>{x, sign, 0, 1}, 0, n);
    if (!(largest > -simd::infinity<T> && largest < simd::infinity<T>) || largest == 0) return false;
    int const e = (largest > 0 ? 60 : -60) - std::ilogb(static_cast<double>(largest)), half = e / 2;
    algorithm::affine_source<Source, T> const source{x, static_cast<T>(std::ldexp(static_cast<double>(sign), half)), 0,
                                                     static_cast<T>(std::ldexp(1.0, e - half))};
    T const unit = static_cast<T>(std::ldexp(static_cast<double>(sign) / c, e));
    auto const shares_of = [&](auto const& score) SMX_NOINLINE_LAMBDA {
        auto const sum = algorithm::sum_of_scores<Accuracy, P>(source, algorithm::no_sink{}, n, score);
        if (!(algorithm::leading(sum) > 0)) return false;
        algorithm::divide<P>(source, y, n, algorithm::reciprocal<V>::of(sum), score);
        return true;
    };
    V const zero(T(0));
    if (largest > 0)
        return shares_of([&](auto const& v) SMX_INLINE_LAMBDA {
            auto const positive = simd::at_least(v, zero);
            return positive +
                   simd::select_at_least(v, zero, simd::fill<std::remove_cvref_t<decltype(v)>>(V(unit)), zero);
        });
    return shares_of([&](auto const& v) SMX_INLINE_LAMBDA {
        constexpr T most = sizeof(T) == sizeof(float) ? T(0x1p120) : T(0x1p1020); // what math::inverse can take
        auto const size = simd::magnitude(v);
        auto const score = math::inverse(simd::at_most(size + V(unit), V(most)));
        return simd::select_at_least(size, V(simd::infinity<T>), zero, score);
    });
}

template <class Accuracy> struct stablemax_kernel : weights_kernel {
    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using T = simd::element_of<V>;
        with_stable_score<V>(x, n, scale.c, [&](auto const& source, auto const& score, T largest) SMX_OUTER_LAMBDA {
            using P = algorithm::pack_for<std::remove_cvref_t<decltype(source)>, V>;
            // Before the scores wait in what may be the row itself.
            if (scale.c != 1) {
                bool const inside =
                    largest > (scale.ordinary ? -simd::infinity<T> : T(-1)) && largest < simd::infinity<T>;
                if (!inside && stablemax_beyond<Accuracy, V>(x, y, n, scale.c)) return;
            }
            algorithm::share<Accuracy, P>(source, y, n, score, of_nothing<T>());
        });
    }

    static constexpr bool takes_tiles = true, takes_short_rows = true;
    template <class P, class Tile>
    SMX_OUTER bool tile(Tile const& columns, std::size_t n,
                        algorithm::row_scale<typename P::value_type> const& scale) const {
        using score = math::stable_score<typename P::register_type>;
        return scale.c == 1 &&
               algorithm::shares_of_tile<Accuracy, P>(columns, n, score{score::usual}, score::giant / 2, fully_masked);
    }
};

} // namespace driver

/// Shares of scores that grow linearly above 0 and fall hyperbolically below:
///
///     y_i = s(c x_i) / sum_j s(c x_j),   s(x) = 1 + x for x >= 0, 1 / (1 - x) for x < 0,   c = scale / temperature
///
/// Not invariant to shifts. In training it keeps gradients where softmax has rounded them away (softmax collapse).
///
/// **Shapes, errors.** As softmax.
///
/// **Values.** A NaN or +inf in a row makes the whole row NaN. -inf gives exactly 0. A row of nothing but -inf is NaN,
/// or zeros with fully_masked = masked::zeros. Equal elements give equal bits. A single finite element gives exactly 1.
/// Finite elements of any size are right with any c, but where |c| is up to 2^60 and all c x are negative: there one
/// below the type has the share 0. Results below the smallest normal number are 0.
///
/// **Accuracy.** Maximum error of an element in ULP: standard 8, as softmax and in rows of the same kind, precise 4
/// (tests/operators_test.cpp enforces 4 on its rows), for c = 1; another c rounds c x.
///
/// **Bits.** As softmax. **Cost.** Three reads, two writes; no exponential, no division.
///
/// **Source.** L. Prieto, M. Barsbey, P. Mediano, T. Birdal, "Grokking at the Edge of Numerical Stability", 2025,
/// definition 4.
template <class Arch = simd::default_arch, execution E, softmax_accuracy Accuracy, floating_point_rows X,
          writable_rows_like<X const> Y>
void stablemax(E const& e, Accuracy, X const& x, Y&& y, stablemax_options const& options = {}) {
    double const c = driver::factor("stablemax", options.scale, options.temperature);
    driver::map<Arch>(e, "stablemax", driver::stablemax_kernel<Accuracy>{{driver::policy_for<X>(options.fully_masked)}},
                      x, y, c);
}
template <class Arch = simd::default_arch, driver::leading Tag, floating_point_rows X, writable_rows_like<X const> Y>
void stablemax(Tag const& tag, X const& x, Y&& y, stablemax_options const& options = {}) {
    smx::stablemax<Arch>(driver::execution_of(tag), driver::accuracy_of(tag), x, y, options);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void stablemax(X const& x, Y&& y, stablemax_options const& options = {}) {
    smx::stablemax<Arch>(sequential, standard, x, y, options);
}

SMX_END
