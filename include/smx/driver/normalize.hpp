// SPDX-License-Identifier: BSL-1.0
// The operators whose weights are exponentials, from views: a row that fits in registers, a span, or whatever map
// takes.
#pragma once

#include <smx/algorithm/lone_row.hpp>
#include <smx/driver/map.hpp>
#include <smx/driver/normalize_kernel.hpp>

SMX_BEGIN

namespace driver {

/// Rows without scores, mask, bias or lengths.
template <class Rows>
concept plain_rows = std::is_same_v<lowered<Rows>, matrix_view<element<Rows>>>;

/// Results that are rounded to 16 bits do not show what standard computes beyond half_t, where that is less work.
template <class Accuracy, class Y>
using accuracy_for =
    std::conditional_t<std::is_same_v<Accuracy, standard_t> && half_element<Y> && !math::has_eighths<float>, half_t,
                       Accuracy>;

// One row by itself, past all that serves many, and called last, with arguments that fit in registers: a view would go
// through memory, and what has just been written there as several numbers is read as one only 20 cycles later.

/// A row of any length.
template <class V, class Kernel, class X, class Y>
SMX_NOINLINE void normalize_span(Kernel kernel, X const* x, Y* y, std::size_t n, std::size_t ahead, double c) {
    if constexpr (may_stream<Kernel, V, X, Y>)
        if (streams_rows<V>(matrix_view<X const>(x, 1, n), matrix_view<Y>(y, 1, n), 0)) [[unlikely]] {
            kernel.template plain_row_weighed_again<V>(row_source<X>{x, ahead}, matrix_sink<V>(y, true), n, c);
            return simd::finish_streams<V>(y);
        }
    kernel.template row_in_memory<V>(row_source<X>{x, ahead}, row_sink<Y>{y, ahead}, n,
                                     algorithm::row_scale<simd::element_of<V>>::of(c), at_once<Kernel, V>(kernel));
}

/// One that fits in registers, but was not as most are: not in its window, or far above its first element.
template <class Accuracy, class V, class Kernel, class X, class Y>
SMX_NOINLINE void normalize_odd_row(Kernel kernel, X const* x, Y* y, std::size_t n, double c) {
    auto const scale = algorithm::row_scale<simd::element_of<V>>::of(c);
    if (!scale.ordinary || n > longest_outside_window<V> ||
        !algorithm::normalize_in_registers<Accuracy, V, algorithm::few_registers_of_row<V>>(
            row_source<X>{x}, row_sink<Y>{y}, n, scale.k, kernel.finish, algorithm::reference_from::first_or_largest))
        normalize_span<V>(kernel, x, y, n, 0, c);
}

/// One that fits in registers, where nothing is set up that a longer one needs.
template <class Registers, class Accuracy, class V, class Kernel, class X, class Y>
SMX_NOINLINE void normalize_lone_row(Kernel kernel, X const* x, Y* y, std::size_t n, double c) {
    auto const scale = algorithm::row_scale<simd::element_of<V>>::of(c);
    if (scale.ordinary && algorithm::normalize_lone_row<Accuracy, V, Registers, Kernel::template may_end<V, X, Y>>(
                              row_source<X>{x}, row_sink<Y>{y}, n, scale.k, kernel.finish)) [[likely]]
        return;
    normalize_odd_row<Accuracy, V>(kernel, x, y, n, c);
}

template <class Arch, class E, class Algorithm, class Accuracy, class X, class Y, class Finish>
SMX_INLINE void normalize(E const& e, char const* function, Algorithm, Accuracy, X const& x, Y& y, double c,
                          Finish finish) {
    using V = simd::vector<compute<X const>, Arch>;
    using accuracy = accuracy_for<Accuracy, value<Y>>;
    finish.fully_masked = policy_for<X>(finish.fully_masked);
    normalize_kernel<Algorithm, accuracy, Finish> const kernel{finish};
    constexpr bool plain = plain_rows<X const> && plain_rows<Y>, chosen = std::is_same_v<Algorithm, automatic_t>;
    constexpr bool is_span = plain && one_row<X const> && is_sequential<E>;
    if constexpr (is_span || (plain && chosen)) {
        using few = algorithm::registers_of_short_row<V>;
        using more = algorithm::registers_of_longer_row<V>;
        using most = algorithm::registers_of_longest_row<V>;
        auto const from = matrix_of(lower(x));
        auto const to = matrix_of(lower(y));
        std::size_t const n = to.cols;
        if (is_span || (to.rows == 1 && (is_sequential<E> || n <= more::most * V::size))) {
            check_shapes(function, from, to);
            if (n == 0) return;
            if constexpr (chosen) {
                if (n <= few::most * V::size)
                    return normalize_lone_row<few, accuracy, V>(kernel, from.data, to.data, n, c);
                if constexpr (more::most > few::most)
                    if (n <= more::most * V::size)
                        return normalize_lone_row<more, accuracy, V>(kernel, from.data, to.data, n, c);
                if constexpr (most::most > more::most)
                    if (n <= most::most * V::size)
                        return normalize_lone_row<most, accuracy, V>(kernel, from.data, to.data, n, c);
            }
            if constexpr (is_span || is_sequential<E>)
                return normalize_span<V>(kernel, from.data, to.data, n, prefetch_in(from), c);
        }
    }
    if constexpr (!is_span) map<Arch>(e, function, kernel, x, y, c);
}

} // namespace driver
SMX_END
