// SPDX-License-Identifier: BSL-1.0
// From views to one value a row: kernel.row<V>(source, n, scale), and kernel.of_nothing<T> for a row of no elements. A
// kernel may take tiles, and, of a matrix, rows of up to longest_together<V> elements in a loop of its own:
// rows_together<V>(x, values, first, last, scale), which returns the row where it ends.
#pragma once

#include <smx/driver/map.hpp>

SMX_BEGIN

/// A contiguous, writable row of what rows of X are computed in.
template <class L, class X>
concept writable_values_of = requires(std::remove_reference_t<L>& l) {
    driver::matrix_of(driver::lower(l));
}
&&std::same_as<driver::element<std::remove_reference_t<L>>, driver::compute<X const>>&& driver::outlives_the_call<L> &&
    !driver::by_columns<std::remove_reference_t<L>>;

namespace driver {

/// An execution that shares a row is the kernel's first argument.
template <class V, class Kernel, class X, class... Parts, class... Shared>
SMX_OUTER simd::element_of<V> fold_one(Kernel const& kernel, scores_view<X, Parts...> const& x, std::size_t r, double c,
                                       Shared const&... e) {
    using T = simd::element_of<V>;
    std::size_t const n = length_of(x, r);
    T result = Kernel::template of_nothing<T>;
    if (n != 0)
        with_row<T>(x, r, prefetch_in(x.x), c, [&](auto const& source, double factor) SMX_OUTER_LAMBDA {
            result = kernel.template row<V>(e..., source, n, algorithm::row_scale<T>::of(factor));
        });
    return result;
}

/// A tile of columns, or of rows on the stack, whose values go elsewhere, in one row.
template <class Tile, class T, class Extent> struct folded_tile {
    Tile const& tile;
    T* values;
    Extent extent;

    SMX_INLINE auto load(std::size_t i) const { return tile.load(i); }
    template <class P> SMX_INLINE void store(std::size_t, P const& v) const { simd::store(values, v, extent); }
};

template <class V, class Kernel, class X, class T>
SMX_NOINLINE void fold_columns(Kernel const& kernel, matrix_view<X const> const& x, T* values, std::size_t first,
                               std::size_t last, algorithm::row_scale<T> const& scale) {
    auto const alone = [&](std::size_t j) {
        values[j] = kernel.template row<V>(strided_source<X>{x.data + j, x.row_stride}, x.rows, scale);
    };
    if constexpr (takes_tiles<Kernel> && std::is_same_v<X, T>) {
        by_tiles<V>(first, last, [&](auto shape, std::size_t j, auto extent) SMX_NOINLINE_LAMBDA {
            using P = typename decltype(shape)::pack_type;
            using columns = columns_tile<P, decltype(extent)>;
            columns const tile{x.data + j, x.row_stride, nullptr, 0, nullptr, 0, extent};
            folded_tile<columns, T, decltype(extent)> const folded{tile, values + j, extent};
            if (kernel.template tile<P>(folded, x.rows, scale)) [[likely]]
                return;
            for (std::size_t i = 0; i != tile.columns(); ++i) alone(j + i);
        });
    } else {
        for (std::size_t j = first; j != last; ++j) alone(j);
    }
}

/// The values of a register of short rows.
template <class V, class Kernel, class T>
SMX_NOINLINE bool fold_stacked(Kernel const& kernel, T const* x, std::size_t stride, std::size_t n, T* values,
                               algorithm::row_scale<T> const& scale) {
    alignas(64) T stack[stack_size<V>];
    simd::load_transposed<V>(x, stride, n, stack);
    stacked_tile<V> const tile{stack, stack};
    folded_tile<stacked_tile<V>, T, simd::whole> const folded{tile, values, {}};
    return kernel.template tile<simd::pack<V, 1>>(folded, n, scale);
}

/// The values of the rows from `first` to `last`.
template <class V, class Kernel, class X, class T, class... Parts>
SMX_NOINLINE void fold_rows(Kernel const& kernel, scores_view<X, Parts...> const& x, T* values, double c,
                            std::size_t first, std::size_t last) {
    [[maybe_unused]] auto const scale = algorithm::row_scale<T>::of(c);
    while (first != last) {
        std::size_t end = last;
        if constexpr (can_be_short<V, Kernel, T, scores_view<X, Parts...>>)
            if (x.x.cols <= short_row<T> && x.x.cols > 1 && last - first >= V::size) {
                end = first + V::size;
                if (fold_stacked<V>(kernel, x.x.data + first * x.x.row_stride, x.x.row_stride, x.x.cols, values + first,
                                    scale))
                    first = end;
            }
        if constexpr (longest_together<V, Kernel, scores_view<X, Parts...>> != 0)
            if (x.x.cols != 0 && x.x.cols <= Kernel::template longest_together<V>)
                first = kernel.template rows_together<V>(x.x, values, first, end, scale);
        for (; first != end; ++first) values[first] = fold_one<V>(kernel, x, first, c);
    }
}

template <class Arch, class Kernel, class X>
SMX_NOINLINE auto fold_row(char const* function, Kernel const& kernel, X const& x, double c) {
    using V = simd::vector<compute<X const>, Arch>;
    auto const rows = with_scores(lower(x));
    if (rows.x.rows != 1)
        detail::refuse(function, "x has %zu rows, but the value of %zu is asked for", rows.x.rows, std::size_t(1));
    check_view(function, rows.x, "", "x.data is null, for %zu x %zu elements");
    check_scores(function, rows, matrix_view<simd::element_of<V>>(nullptr, 1, rows.x.cols));
    return fold_one<V>(kernel, rows, 0, c);
}

template <class Arch, class E, class Kernel, class X, class L>
void fold(E const& e, char const* function, Kernel const& kernel, X const& x, L& values, double c) {
    using T = compute<X const>;
    using V = simd::vector<T, Arch>;
    auto const from = lower(x);
    auto const rows = matrix_of(from);
    auto const to = matrix_of(lower(values));
    std::size_t const count = by_columns<X const> ? rows.cols : rows.rows;
    if (to.rows * to.cols != count)
        detail::refuse(function, "l has %zu elements, but x has %zu rows (or columns)", to.rows * to.cols, count);
    if (to.rows != 1 && to.row_stride != to.cols)
        detail::refuse(function, "l.row_stride is %zu, but rows of %zu values must follow each other", to.row_stride,
                       to.cols);
    check_view(function, rows, "x.row_stride is %zu, shorter than a row of %zu elements",
               "x.data is null, for %zu x %zu elements");
    check_view(function, to, "", "l.data is null, for %zu x %zu elements");
    if (count == 0) return;
    if (rows.rows != 0 && rows.cols != 0)
        check_apart(function, rows, to, "l overlaps x: l begins at address %#zx, x at %#zx");
    if constexpr (by_columns<X const>) {
        auto const scale = algorithm::row_scale<T>::of(c);
        share(e, count, rows.rows, [&](std::size_t first, std::size_t last) {
            if (rows.rows == 0)
                for (; first != last; ++first) to.data[first] = Kernel::template of_nothing<T>;
            else
                fold_columns<V>(kernel, matrix_view<value<X const> const>(rows), to.data, first, last, scale);
        });
    } else {
        auto const scored = with_scores(from);
        check_scores(function, scored, matrix_view<T>(nullptr, rows.rows, rows.cols));
        if constexpr (!is_sequential<E> && shares_rows<Kernel>)
            if (are_shared(e, rows)) {
                for (std::size_t r = 0; r != rows.rows; ++r) to.data[r] = fold_one<V>(kernel, scored, r, c, e);
                return;
            }
        share(e, count, rows.cols,
              [&](std::size_t first, std::size_t last) { fold_rows<V>(kernel, scored, to.data, c, first, last); });
    }
}

} // namespace driver
SMX_END
