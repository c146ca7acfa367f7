// SPDX-License-Identifier: BSL-1.0
// The operators whose weights are exponentials, from views: a row that fits in registers, a span, or whatever map
// takes.
#pragma once

#include <smx/driver/map.hpp>
#include <smx/driver/normalize_kernel.hpp>

SMX_BEGIN

namespace driver {

/// Rows without scores, mask, bias or lengths.
template <class Rows>
concept plain_rows = std::is_same_v<lowered<Rows>, matrix_view<element<Rows>>>;

/// Results that are rounded to 16 bits do not show what standard computes beyond half_t.
template <class Accuracy, class Y>
using accuracy_for = std::conditional_t<std::is_same_v<Accuracy, standard_t> && half_element<Y>, half_t, Accuracy>;

/// One row, past all that serves many, if it fits in registers. Returns false if it does not.
template <class Accuracy, class V, class X, class Y, class Finish>
SMX_INLINE bool normalize_one_row(char const* function, matrix_view<X> x, matrix_view<Y> y, double c,
                                  Finish const& finish) {
    using source = row_source<std::remove_const_t<X>>;
    using few = algorithm::registers_of_short_row<source, V>;
    using more = algorithm::registers_of_lone_row<V>;
    if (y.rows != 1 || y.cols > more::most * V::size) return false;
    check_shapes(function, x, y);
    if (y.cols == 0) return true;
    auto const scale = algorithm::row_scale<simd::element_of<V>>::of(c);
    if (!scale.ordinary) return false;
    source const from{x.data};
    row_sink<Y> const to{y.data};
    return y.cols <= few::most * V::size
               ? algorithm::normalize_in_registers<Accuracy, V, few>(from, to, y.cols, scale.k, finish)
               : algorithm::normalize_in_registers<Accuracy, V, more>(from, to, y.cols, scale.k, finish);
}

/// A span that does not: nothing of what serves many rows. Apart, so that a short row waits for none of its set-up. No
/// view: g++ writes it to memory as four numbers and copies it as one, which waits until the row before is written.
template <class V, class Kernel, class X, class Y>
SMX_NOINLINE void normalize_span(Kernel const& kernel, X const* x, Y* y, std::size_t n, std::size_t ahead, double c) {
    kernel.template row<V>(row_source<X>{x, ahead}, row_sink<Y>{y, ahead}, n,
                           algorithm::row_scale<simd::element_of<V>>::of(c));
}

template <class Arch, class E, class Algorithm, class Accuracy, class X, class Y, class Finish>
void normalize(E const& e, char const* function, Algorithm, Accuracy, X const& x, Y& y, double c, Finish finish) {
    using V = simd::vector<compute<X const>, Arch>;
    using accuracy = accuracy_for<Accuracy, value<Y>>;
    finish.fully_masked = policy_for<X>(finish.fully_masked);
    normalize_kernel<Algorithm, accuracy, Finish> const kernel{finish};
    constexpr bool plain = plain_rows<X const> && plain_rows<Y>;
    if constexpr (plain && std::is_same_v<Algorithm, automatic_t>)
        if (normalize_one_row<accuracy, V>(function, matrix_of(lower(x)), matrix_of(lower(y)), c, finish)) return;
    if constexpr (plain && one_row<X const> && is_sequential<E>) {
        auto const from = matrix_of(lower(x));
        auto const to = matrix_of(lower(y));
        check_shapes(function, from, to);
        if (from.rows != 0 && from.cols != 0)
            normalize_span<V>(kernel, from.data, to.data, to.cols, prefetch_in(from), c);
    } else {
        map<Arch>(e, function, kernel, x, y, c);
    }
}

} // namespace driver
SMX_END
