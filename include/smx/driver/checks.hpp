// SPDX-License-Identifier: BSL-1.0
// The contract of every public function, checked in O(1) before anything is written.
#pragma once

#include <smx/detail/contract.hpp>
#include <smx/matrix.hpp>

#include <cstdint>

SMX_BEGIN
namespace driver {

/// By its bits: -ffast-math compiles comparisons with infinity away.
SMX_INLINE bool is_finite(double v) { return (__builtin_bit_cast(std::uint64_t, v) >> 52 & 0x7FFU) != 0x7FFU; }

/// scale / temperature.
SMX_INLINE double factor(char const* function, double scale, double temperature) {
    constexpr double largest = 0x1.fffffffffffffp1023;
    if (!is_finite(scale)) detail::refuse(function, "scale is %g, but must be finite, at most %g", scale, largest);
    if (!is_finite(temperature))
        detail::refuse(function, "temperature is %g, but must be finite, at most %g", temperature, largest);
    if (!(temperature > 0)) detail::refuse(function, "temperature is %g, but must be above %g", temperature, 0.0);
    double const c = scale / temperature;
    if (c == 0) return 0; // -0 as well
    if (!is_finite(c))
        detail::refuse(function, "scale / temperature is out of range: scale is %g, temperature is %g", scale,
                       temperature);
    return c;
}

template <class T> void check_view(char const* function, matrix_view<T> m, char const* short_stride, char const* null) {
    if (m.rows > 1 && m.row_stride < m.cols) detail::refuse(function, short_stride, m.row_stride, m.cols);
    if (m.data == nullptr && m.rows != 0 && m.cols != 0) detail::refuse(function, null, m.rows, m.cols);
}

/// Bytes from the first element of a view to the end of its last row.
template <class T> SMX_INLINE std::size_t reach(matrix_view<T> m) {
    return ((m.rows - 1) * m.row_stride + m.cols) * sizeof(T);
}

/// Rows of x and y may be the same memory in the same order, or disjoint; everything else is an overlap.
template <class X, class Y> SMX_INLINE bool partly_overlap(matrix_view<X> x, matrix_view<Y> y) {
    auto const a = reinterpret_cast<std::uintptr_t>(x.data), b = reinterpret_cast<std::uintptr_t>(y.data);
    if (a + reach(x) <= b || b + reach(y) <= a) return false;
    bool const same_rows = x.rows <= 1 || x.row_stride * sizeof(X) == y.row_stride * sizeof(Y);
    if (!same_rows) return true;
    if (a == b) return sizeof(X) != sizeof(Y);
    // Equal strides: the rows of one may lie between the rows of the other, as the two halves of a wider matrix do.
    std::size_t const stride = x.row_stride * sizeof(X);
    if (x.rows <= 1) return true;
    std::size_t const shift = a < b ? (b - a) % stride : (stride - (a - b) % stride) % stride;
    return shift < x.cols * sizeof(X) || stride - shift < y.cols * sizeof(Y);
}

/// Throws std::invalid_argument unless y can take the rows of x.
template <class X, class Y> SMX_INLINE void check_shapes(char const* function, matrix_view<X> x, matrix_view<Y> y) {
    if (x.rows != y.rows) detail::refuse(function, "y has %zu rows, but x has %zu", y.rows, x.rows);
    if (x.cols != y.cols) detail::refuse(function, "y has rows of %zu elements, but x of %zu", y.cols, x.cols);
    check_view(function, x, "x.row_stride is %zu, shorter than a row of %zu elements",
               "x.data is null, for %zu x %zu elements");
    check_view(function, y, "y.row_stride is %zu, shorter than a row of %zu elements",
               "y.data is null, for %zu x %zu elements");
    if (x.rows == 0 || x.cols == 0) return;
    if (partly_overlap(x, y))
        detail::refuse(function, "y partly overlaps x: y begins at address %#zx, x at %#zx (the same rows or none)",
                       static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(y.data)),
                       static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(x.data)));
}

/// y shares no byte with x. The views are not empty.
template <class X, class Y>
void check_apart(char const* function, matrix_view<X> x, matrix_view<Y> y, char const* overlap) {
    auto const a = reinterpret_cast<std::uintptr_t>(x.data), b = reinterpret_cast<std::uintptr_t>(y.data);
    if (a + reach(x) > b && b + reach(y) > a)
        detail::refuse(function, overlap, static_cast<std::size_t>(b), static_cast<std::size_t>(a));
}

/// A bias or a mask: one row for all, or a row for each; y must not touch it.
template <class M, class Y>
void check_companion(char const* function, matrix_view<M> m, matrix_view<Y> y, char const* rows, char const* cols,
                     char const* short_stride, char const* null, char const* overlap) {
    if (m.rows != y.rows && m.rows != 1) detail::refuse(function, rows, m.rows, y.rows);
    if (m.cols != y.cols) detail::refuse(function, cols, m.cols, y.cols);
    check_view(function, m, short_stride, null);
    if (y.rows == 0 || y.cols == 0 || m.rows == 0) return;
    // Row by row it may be y itself; a row that serves all would change under the first result.
    bool const may_be_y = std::is_same_v<std::remove_const_t<M>, Y> && m.rows == y.rows;
    if (!may_be_y || partly_overlap(m, y)) check_apart(function, m, y, overlap);
}

/// What smx::scores added to the rows of x.
template <class Rows, class Y> void check_scores(char const* function, Rows const& x, matrix_view<Y> y) {
    if constexpr (Rows::has_bias)
        check_companion(function, x.bias, y, "bias has %zu rows, but y has %zu (a row for all, or one for each)",
                        "bias has rows of %zu elements, but y of %zu",
                        "bias.row_stride is %zu, shorter than a row of %zu elements",
                        "bias.data is null, for %zu x %zu elements",
                        "y partly overlaps bias: y begins at address %#zx, bias at %#zx");
    if constexpr (Rows::has_mask)
        check_companion(
            function, x.mask, y, "mask has %zu rows, but y has %zu (a row for all, or one for each)",
            "mask has rows of %zu elements, but y of %zu", "mask.row_stride is %zu, shorter than a row of %zu elements",
            "mask.data is null, for %zu x %zu elements", "y overlaps mask: y begins at address %#zx, mask at %#zx");
    if constexpr (Rows::has_lengths && requires { x.length.size(); }) {
        if (x.length.size() != x.x.rows)
            detail::refuse(function, "lengths has %zu elements, but x has %zu rows", x.length.size(), x.x.rows);
    }
    if constexpr (Rows::has_factors) {
        if (x.factor.size() != x.x.rows)
            detail::refuse(function, "scale_rows has %zu factors, but x has %zu rows", x.factor.size(), x.x.rows);
    }
}

} // namespace driver
SMX_END
