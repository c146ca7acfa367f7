// SPDX-License-Identifier: BSL-1.0
// Scores with what attention adds to them: a bias, a mask, a causal limit, lengths, a factor for each row.
//
//     smx::softmax(smx::scores(x).add(bias).where(mask).causal(), y);
#pragma once

#include <smx/driver/views.hpp>

SMX_BEGIN

/// Where a view has no bias, mask, ...: no code, no storage.
struct nothing {};

/// Row r has the length min(cols, first + r).
struct causal_lengths {
    std::size_t first;
};

/// A matrix (or one row) of scores, and what is done to them before the operator sees them:
///
///     z_ri = c_r x_ri + bias_ri   where mask_ri is true and i < length_r;   c_r = factor_r * scale / temperature
///
/// A plain view, made by smx::scores and its members, each of which may be used once. What is not used costs nothing.
/// Elements behind a length or under a false mask are never read: NaN there has no effect, and they give 0 (-inf from
/// a log). A row with nothing left gives zeros, unless .fully_masked = masked::nan says otherwise.
/// A bias makes the score z one rounded number of the type of the computation, with c rounded to as many digits: the
/// error of a result grows by |z| ULP, and a score beyond the type is infinite; so is c x alone where the type does not
/// hold c.
template <class X, class Bias = nothing, class Mask = nothing, class Lengths = nothing, class Factors = nothing>
struct scores_view {
    matrix_view<X const> x;
    [[no_unique_address]] Bias bias{};
    [[no_unique_address]] Mask mask{};
    [[no_unique_address]] Lengths length{};
    [[no_unique_address]] Factors factor{};

    static constexpr bool has_bias = !std::is_same_v<Bias, nothing>, has_mask = !std::is_same_v<Mask, nothing>,
                          has_lengths = !std::is_same_v<Lengths, nothing>,
                          has_factors = !std::is_same_v<Factors, nothing>;
    /// Whether a row may lose elements by an argument.
    static constexpr bool may_mask = has_bias || has_mask || has_lengths;

    /// Adds a row (to every row) or a matrix of the shape of x, after the scaling: ALiBi, relative positions, 0 / -inf.
    template <floating_point_rows B>
    requires(!driver::by_columns<B const> && !has_bias) constexpr auto add(B const& b) const {
        using element = driver::value<B const>;
        matrix_view<element const> const view = driver::matrix_of(driver::lower(b));
        return scores_view<X, matrix_view<element const>, Mask, Lengths, Factors>{x, view, mask, length, factor};
    }
    /// Keeps the elements whose mask (bool or unsigned char; a row for every row, or a matrix) is true.
    template <class M>
    requires(driver::mask_rows<M const> && !has_mask) constexpr auto where(M const& m) const {
        using element = driver::value<M const>;
        matrix_view<element const> const view = driver::matrix_of(driver::lower(m));
        return scores_view<X, Bias, matrix_view<element const>, Lengths, Factors>{x, bias, view, length, factor};
    }
    /// Row r keeps its first `first` + r elements.
    constexpr auto causal(std::size_t first = 1) const requires(!has_lengths) {
        return scores_view<X, Bias, Mask, causal_lengths, Factors>{x, bias, mask, {first}, factor};
    }
    /// Row r keeps its first lengths[r] elements.
    constexpr auto lengths(std::span<std::size_t const> l) const requires(!has_lengths) {
        return scores_view<X, Bias, Mask, std::span<std::size_t const>, Factors>{x, bias, mask, l, factor};
    }
    /// Multiplies the scale of row r by factors[r].
    constexpr auto scale_rows(std::span<double const> f) const requires(!has_factors) {
        return scores_view<X, Bias, Mask, Lengths, std::span<double const>>{x, bias, mask, length, f};
    }
};

/// A view of scores to build on. x: a row, a matrix_view or an mdspan.
template <floating_point_rows X>
requires(!driver::by_columns<X const>) constexpr auto scores(X const& x) {
    using element = driver::value<X const>;
    matrix_view<element const> const view = driver::matrix_of(driver::lower(x));
    return scores_view<element>{view};
}

SMX_END
