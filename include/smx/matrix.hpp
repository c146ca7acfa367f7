// SPDX-License-Identifier: BSL-1.0
// Views of matrices: rows at a stride, and the columns of such a view.
#pragma once

#include <smx/detail/contract.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>

SMX_BEGIN

/// A view of rank 2 with the members of std::mdspan (C++23, or Kokkos' implementation of it).
template <class M>
concept mdspan_like = requires(M const& m) {
    { m.data_handle() } -> std::same_as<typename M::element_type*>;
    { m.extent(0) } -> std::convertible_to<std::size_t>;
    { m.stride(0) } -> std::convertible_to<std::size_t>;
    requires M::rank()
    == 2;
};

/// rows x cols elements; row r begins at data + r * row_stride. Lengths and strides are in elements.
/// A plain view: it owns nothing and checks nothing. Functions refuse a row_stride shorter than a row.
template <class T> struct matrix_view {
    T* data;
    std::size_t rows;
    std::size_t cols;
    std::size_t row_stride;

    constexpr matrix_view(T* first, std::size_t row_count, std::size_t col_count) noexcept
        : matrix_view(first, row_count, col_count, col_count) {}
    constexpr matrix_view(T* first, std::size_t row_count, std::size_t col_count, std::size_t stride) noexcept
        : data(first), rows(row_count), cols(col_count), row_stride(stride) {}

    /// The memory of an mdspan. Its rows must be contiguous: stride(1) == 1, else std::invalid_argument.
    template <mdspan_like M>
    constexpr explicit matrix_view(M const& m)
        : matrix_view(m.data_handle(), static_cast<std::size_t>(m.extent(0)), static_cast<std::size_t>(m.extent(1)),
                      static_cast<std::size_t>(m.stride(0))) {
        if (cols > 1 && m.stride(1) != 1)
            detail::refuse("matrix_view", "mdspan.stride(1) is %zu, but must be %zu: elements of a row are contiguous",
                           static_cast<std::size_t>(m.stride(1)), std::size_t(1));
    }

    /// A read-only view of a writable one.
    constexpr operator matrix_view<T const>() const noexcept requires(!std::is_const_v<T>) {
        return {data, rows, cols, row_stride};
    }
};

template <mdspan_like M> matrix_view(M const&) -> matrix_view<typename M::element_type>;

/// The columns of a view: functions normalise down them, along the non-last axis.
template <class T> struct columns_view { matrix_view<T> matrix; };

template <class T> constexpr columns_view<T> columns(matrix_view<T> matrix) noexcept { return {matrix}; }

SMX_END
