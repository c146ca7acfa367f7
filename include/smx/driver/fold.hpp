// SPDX-License-Identifier: BSL-1.0
// From views to one value a row: kernel.row<V>(source, n, scale), and kernel.of_nothing<T> for a row of no elements.
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

template <class V, class Kernel, class X, class... Parts>
SMX_INLINE simd::element_of<V> fold_one(Kernel const& kernel, scores_view<X, Parts...> const& x, std::size_t r,
                                        double c) {
    using T = simd::element_of<V>;
    std::size_t const n = length_of(x, r);
    T result = Kernel::template of_nothing<T>;
    if (n != 0)
        with_row<T>(x, r, prefetch_in(x.x), c, [&](auto const& source, double factor) SMX_INLINE_LAMBDA {
            result = kernel.template row<V>(source, n, algorithm::row_scale<T>::of(factor));
        });
    return result;
}

template <class Arch, class Kernel, class X>
auto fold_row(char const* function, Kernel const& kernel, X const& x, double c) {
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
            for (std::size_t j = first; j != last; ++j)
                to.data[j] =
                    rows.rows == 0
                        ? Kernel::template of_nothing<T>
                        : kernel.template row<V>(strided_source<value<X const>>{rows.data + j, rows.row_stride},
                                                 rows.rows, scale);
        });
    } else {
        auto const scored = with_scores(from);
        check_scores(function, scored, matrix_view<T>(nullptr, rows.rows, rows.cols));
        share(e, count, rows.cols, [&](std::size_t first, std::size_t last) {
            for (std::size_t r = first; r != last; ++r) to.data[r] = fold_one<V>(kernel, scored, r, c);
        });
    }
}

} // namespace driver
SMX_END
