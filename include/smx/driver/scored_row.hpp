// SPDX-License-Identifier: BSL-1.0
// One row of scores as a source: with its bias, mask, length and factor.
#pragma once

#include <smx/algorithm/affine.hpp>
#include <smx/driver/row.hpp>
#include <smx/scores.hpp>

SMX_BEGIN
namespace driver {

/// What a row is computed in: double for double, float for everything else.
template <class X> struct compute_type { using type = float; };
template <> struct compute_type<double> { using type = double; };
template <class X> using compute = typename compute_type<value<X>>::type;

template <class X> constexpr scores_view<std::remove_const_t<X>> with_scores(matrix_view<X> x) { return {x}; }
template <class X, class... Parts> constexpr auto with_scores(scores_view<X, Parts...> const& s) { return s; }

template <class X, class... Parts> SMX_OUTER std::size_t length_of(scores_view<X, Parts...> const& s, std::size_t r) {
    using view = scores_view<X, Parts...>;
    if constexpr (!view::has_lengths)
        return s.x.cols;
    else if constexpr (std::is_same_v<std::remove_cvref_t<decltype(s.length)>, causal_lengths>)
        return s.length.first < s.x.cols && r < s.x.cols - s.length.first ? s.length.first + r : s.x.cols;
    else
        return s.length[r] < s.x.cols ? s.length[r] : s.x.cols;
}

/// A row of a bias or a mask: its only row serves every r.
template <class S> SMX_OUTER S const* row_of(matrix_view<S const> const& m, std::size_t r) {
    return m.data + (m.rows == 1 ? 0 : r * m.row_stride);
}

/// f(source, c) for row r: the source that reads it, and the factor that is left to apply.
template <class T, class F, class X, class... Parts>
SMX_OUTER void with_row(scores_view<X, Parts...> const& s, std::size_t r, std::size_t ahead, double c, F&& f) {
    using view = scores_view<X, Parts...>;
    if constexpr (view::has_factors) {
        c *= s.factor[r];
        if (c == 0) c = 0; // -0 as well
    }
    row_source<X> const scores{s.x.data + r * s.x.row_stride, ahead};
    auto const masked = [&](auto const& source, double factor) SMX_OUTER_LAMBDA {
        if constexpr (view::has_mask) {
            // A factor of 0 would make NaN of the -inf behind a mask; one this small makes every finite score equal
            // too.
            double const some = factor == 0 ? 1e-300 : factor;
            auto const* const mask = reinterpret_cast<unsigned char const*>(row_of(s.mask, r));
            f(masked_source<std::remove_cvref_t<decltype(source)>, T>{source, mask,
                                                                      some > 0 ? -simd::infinity<T>
                                                                               : simd::infinity<T>},
              some);
        } else {
            f(source, factor);
        }
    };
    if constexpr (view::has_bias) {
        using bias = row_source<std::remove_cvref_t<decltype(*s.bias.data)>>;
        auto const biased = [&](auto const& source, T factor) SMX_OUTER_LAMBDA {
            masked(biased_source<std::remove_cvref_t<decltype(source)>, bias, T>{source, bias{row_of(s.bias, r), ahead},
                                                                                 factor},
                   1.0);
        };
        if (algorithm::holds<T>(c)) [[likely]]
            biased(scores, static_cast<T>(c));
        else
            algorithm::with_factor_in_parts<T>(scores, c, 1, biased);
    } else {
        masked(scores, c);
    }
}

} // namespace driver
SMX_END
