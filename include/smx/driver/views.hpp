// SPDX-License-Identifier: BSL-1.0
// What users pass, as concepts, lowered to a pointer and three numbers at once: the kernels know no containers.
#pragma once

#include <smx/matrix.hpp>
#include <smx/simd/half.hpp>

#include <concepts>
#include <span>
#include <utility>

SMX_BEGIN

template <class X, class Bias, class Mask, class Lengths, class Factors> struct scores_view; // scores.hpp

namespace driver {

template <class R> using span_of = decltype(std::span(std::declval<R&>()));

// A row is a matrix of one row; an mdspan is a matrix; the columns of a view stay apart.
template <class T> constexpr matrix_view<T> lower(matrix_view<T> const& m) { return m; }
template <class T> constexpr columns_view<T> lower(columns_view<T> const& m) { return m; }
template <mdspan_like M> constexpr auto lower(M const& m) { return matrix_view(m); }
template <class R>
requires requires(R& r) { std::span(r); }
constexpr auto lower(R& r) {
    auto const s = std::span(r);
    return matrix_view(s.data(), 1, s.size());
}

template <class X, class... Parts> constexpr auto lower(scores_view<X, Parts...> const& s) { return s; }

template <class X, class... Parts> constexpr matrix_view<X const> matrix_of(scores_view<X, Parts...> const& s) {
    return s.x;
}
template <class T> constexpr matrix_view<T> matrix_of(matrix_view<T> m) { return m; }
template <class T> constexpr matrix_view<T> matrix_of(columns_view<T> c) { return c.matrix; }

template <class R> using lowered = decltype(lower(std::declval<R&>()));
template <class R> using element = std::remove_pointer_t<decltype(matrix_of(std::declval<lowered<R>>()).data)>;
template <class R> using value = std::remove_const_t<element<R>>;
template <class R> inline constexpr bool by_columns = requires {
    [](columns_view<element<R>>) {}(std::declval<lowered<R>>());
};

template <class T>
concept row_element = std::same_as<T, float> || std::same_as<T, double> || half_element<T>;

/// What is computed in float may be rounded to another type that is; double stays double.
template <class Y, class X>
concept rounds_from = std::same_as<Y, X> ||(!std::same_as<Y, double> && !std::same_as<X, double>);

/// Rows of truth values.
template <class M>
concept mask_rows = requires(M& m) {
    lower(m);
}
&&(std::same_as<value<M>, bool> || std::same_as<value<M>, unsigned char>);

// Views may be temporaries: what they show outlives them. Containers may not.
template <class Y>
concept outlives_the_call = std::is_lvalue_reference_v<Y> || requires(std::remove_cvref_t<Y> y) {
    { y } -> std::same_as<lowered<std::remove_cvref_t<Y>>&>;
} || std::same_as<std::remove_cvref_t<Y>, span_of<std::remove_cvref_t<Y>>>;

} // namespace driver

/// Rows of floating-point elements: anything contiguous (std::vector<float>, std::span<double const>, std::array,
/// float[n]), a matrix_view, an mdspan of rank 2, or columns(view). Elements are float, double, or a 16-bit type:
/// smx::bfloat16, smx::float16, _Float16, std::float16_t, std::bfloat16_t, Eigen::half, Eigen::bfloat16, or one for
/// which smx::storage_of is specialised.
template <class X>
concept floating_point_rows = requires(X& x) {
    driver::lower(x);
}
&&driver::row_element<driver::value<X>>;

/// Rows that can be written: of double if X is of double, else of float or a 16-bit type, whichever X has; columns if X
/// is columns.
template <class Y, class X>
concept writable_rows_like =
    floating_point_rows<std::remove_reference_t<Y>> && !std::is_const_v<driver::element<std::remove_reference_t<Y>>> &&
    driver::rounds_from<driver::value<std::remove_reference_t<Y>>, driver::value<X>> &&
    driver::by_columns<std::remove_reference_t<Y>> == driver::by_columns<X> && driver::outlives_the_call<Y>;

SMX_END
