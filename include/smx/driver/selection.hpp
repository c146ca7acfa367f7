// SPDX-License-Identifier: BSL-1.0
// What a selection is written to: k weights and k indices for each row, and the contract of their shapes.
#pragma once

#include <smx/driver/checks.hpp>
#include <smx/driver/views.hpp>

#include <limits>

SMX_BEGIN
namespace driver {

/// A row of indices: of an integer type that holds the number of columns.
template <class I>
concept writable_indices = requires(std::remove_reference_t<I>& i) {
    matrix_of(lower(i));
}
&&std::integral<value<std::remove_reference_t<I>>> && !std::is_const_v<element<std::remove_reference_t<I>>> &&
    outlives_the_call<I>;

/// The shapes of a selection: k weights and k indices for each row.
template <class X, class W, class I>
void check_selection(char const* function, matrix_view<X> x, matrix_view<W> w, matrix_view<I> i, std::size_t biases,
                     bool may_be_biased) {
    if (w.rows != x.rows) detail::refuse(function, "weights has %zu rows, but x has %zu", w.rows, x.rows);
    if (i.rows != x.rows) detail::refuse(function, "indices has %zu rows, but x has %zu", i.rows, x.rows);
    if (i.cols != w.cols)
        detail::refuse(function, "indices has rows of %zu elements, but weights of %zu", i.cols, w.cols);
    if (w.cols == 0)
        detail::refuse(function, "weights has rows of %zu elements, but k must be at least %zu", w.cols,
                       std::size_t(1));
    constexpr auto most = static_cast<std::make_unsigned_t<I>>(std::numeric_limits<I>::max()); // no call at -O0
    if (x.cols > most)
        detail::refuse(function, "x has rows of %zu elements, but indices can hold %zu", x.cols,
                       static_cast<std::size_t>(most));
    if (biases != 0 && biases != x.cols)
        detail::refuse(function, "selection_bias has %zu elements, but x has rows of %zu", biases, x.cols);
    if (biases != 0 && !may_be_biased)
        detail::refuse(function, "selection_bias has %zu elements, but gating::sigmoid alone takes one, others %zu",
                       biases, std::size_t(0));
    check_view(function, x, "x.row_stride is %zu, shorter than a row of %zu elements",
               "x.data is null, for %zu x %zu elements");
    check_view(function, w, "weights.row_stride is %zu, shorter than a row of %zu elements",
               "weights.data is null, for %zu x %zu elements");
    check_view(function, i, "indices.row_stride is %zu, shorter than a row of %zu elements",
               "indices.data is null, for %zu x %zu elements");
    if (x.rows == 0) return;
    check_apart(function, w, i, "indices overlap weights: at address %#zx and %#zx");
    if (x.cols == 0) return;
    check_apart(function, x, w, "weights overlap x: at address %#zx and %#zx");
    check_apart(function, x, i, "indices overlap x: at address %#zx and %#zx");
}

} // namespace driver
SMX_END
