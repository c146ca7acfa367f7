// SPDX-License-Identifier: BSL-1.0
// From views to rows: the one place where an operator meets rows, strides, columns, masks, lengths and element types.
//
// An operator is a kernel: kernel.row<V>(source, sink, n, scale) for one row of n > 0 elements, and
// kernel.hidden<T>, what an element becomes that is masked.
#pragma once

#include <smx/algorithm/choose.hpp>
#include <smx/algorithm/normalize.hpp>
#include <smx/driver/checks.hpp>
#include <smx/driver/leading.hpp>
#include <smx/driver/row.hpp>
#include <smx/driver/share.hpp>
#include <smx/driver/strided.hpp>
#include <smx/scores.hpp>

SMX_BEGIN
namespace driver {

/// What a row is computed in: double for double, float for everything else.
template <class X> struct compute_type { using type = float; };
template <> struct compute_type<double> { using type = double; };
template <class X> using compute = typename compute_type<value<X>>::type;

template <class X> constexpr scores_view<std::remove_const_t<X>> with_scores(matrix_view<X> x) { return {x}; }
template <class X, class... Parts> constexpr auto with_scores(scores_view<X, Parts...> const& s) { return s; }

template <class X, class... Parts> SMX_INLINE std::size_t length_of(scores_view<X, Parts...> const& s, std::size_t r) {
    using view = scores_view<X, Parts...>;
    if constexpr (!view::has_lengths)
        return s.x.cols;
    else if constexpr (std::is_same_v<std::remove_cvref_t<decltype(s.length)>, causal_lengths>)
        return s.length.first < s.x.cols && r < s.x.cols - s.length.first ? s.length.first + r : s.x.cols;
    else
        return s.length[r] < s.x.cols ? s.length[r] : s.x.cols;
}

/// A row of a bias or a mask: its only row serves every r.
template <class S> SMX_INLINE S const* row_of(matrix_view<S const> const& m, std::size_t r) {
    return m.data + (m.rows == 1 ? 0 : r * m.row_stride);
}

/// f(source, c) for row r: the source that reads it, and the factor that is left to apply.
template <class T, class F, class X, class... Parts>
SMX_INLINE void with_row(scores_view<X, Parts...> const& s, std::size_t r, std::size_t ahead, double c, F&& f) {
    using view = scores_view<X, Parts...>;
    if constexpr (view::has_factors) {
        c *= s.factor[r];
        if (c == 0) c = 0; // -0 as well
    }
    row_source<X> const scores{s.x.data + r * s.x.row_stride, ahead};
    auto const masked = [&](auto const& source, double factor) SMX_INLINE_LAMBDA {
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
        masked(biased_source<row_source<X>, bias, T>{scores, bias{row_of(s.bias, r), ahead}, static_cast<T>(c)}, 1.0);
    } else {
        masked(scores, c);
    }
}

template <class V, class Sink> SMX_COLD void fill_row(Sink const& y, std::size_t n, simd::element_of<V> value) {
    using P = simd::pack<V, simd::line_registers<V>>;
    algorithm::sweep<P>(
        0, n, [&](auto, std::size_t offset, auto extent) { y.store(offset, simd::fill<P>(V(value)), extent); });
}

/// What becomes of a row that has no -inf but a mask, a bias or a length: zeros, unless told otherwise.
template <class X> constexpr masked policy_for(masked wanted) {
    if (wanted != masked::by_argument) return wanted;
    if constexpr (requires { X::may_mask; }) return X::may_mask ? masked::zeros : masked::nan;
    return masked::nan;
}

/// Bases of kernels: what an element becomes that is masked, and a row of no elements.
struct weights_kernel {
    masked fully_masked;
    template <class T> static constexpr T hidden = T(0);
    template <class T> T of_nothing() const { return algorithm::value_without_weights<T>(0, fully_masked); }
};
struct logs_kernel { // of weights
    masked fully_masked;
    template <class T> static constexpr T hidden = -simd::infinity<T>;
    template <class T> T of_nothing() const {
        return fully_masked == masked::zeros ? -simd::infinity<T> : simd::quiet_nan<T>;
    }
};
struct elements_kernel { // each element by itself
    template <class T> static constexpr T hidden = T(0);
    template <class T> T of_nothing() const { return T(0); }
};

/// What the results of a kernel go through: kernel.encoded(sink), if it has that.
template <class Kernel, class Sink> SMX_INLINE auto sink_of(Kernel const& kernel, Sink const& sink) {
    if constexpr (requires { kernel.encoded(sink); })
        return kernel.encoded(sink);
    else
        return sink;
}

/// Row r: run(source, sink, n, scale), where it has elements.
template <class V, class Kernel, class S, class X, class... Parts, class Run>
SMX_INLINE void map_row(Kernel const& kernel, scores_view<X, Parts...> const& x, matrix_view<S> const& y, std::size_t r,
                        double c, algorithm::row_scale<simd::element_of<V>> const& scale, Run const& run) {
    using T = simd::element_of<V>;
    using view = scores_view<X, Parts...>;
    constexpr bool varies = view::has_factors || view::has_bias || view::has_mask;
    std::size_t const ahead = prefetch_in(x.x), n = length_of(x, r);
    auto const to = sink_of(kernel, row_sink<S>{y.data + r * y.row_stride, ahead});
    if (n != 0)
        with_row<T>(x, r, ahead, c, [&](auto const& source, double factor) SMX_INLINE_LAMBDA {
            run(source, to, n, varies ? algorithm::row_scale<T>::of(factor) : scale);
        });
    if constexpr (view::has_lengths)
        if (n != x.x.cols)
            fill_row<V>(to.beyond(n), x.x.cols - n,
                        n != 0 ? Kernel::template hidden<T> : kernel.template of_nothing<T>());
}

/// The rows from `first` to `last`.
template <class V, class Kernel, class S, class X, class... Parts>
void map_rows(Kernel const& kernel, scores_view<X, Parts...> const& x, matrix_view<S> const& y, double c,
              std::size_t first, std::size_t last) {
    auto const scale = algorithm::row_scale<simd::element_of<V>>::of(c);
    auto const run = [&](auto const& source, auto const& to, std::size_t n, auto const& s)
                         SMX_INLINE_LAMBDA { kernel.template row<V>(source, to, n, s); };
    for (std::size_t r = first; r != last; ++r) map_row<V>(kernel, x, y, r, c, scale, run);
}

/// All rows: shared out, or each shared by all if there are too few and they are long enough.
template <class V, class E, class Kernel, class S, class X, class... Parts>
void share_rows(E const& e, Kernel const& kernel, scores_view<X, Parts...> const& x, matrix_view<S> const& y,
                double c) {
    if constexpr (!is_sequential<E> && requires { Kernel::shares_rows; }) {
        if (x.x.rows < e.concurrency() && x.x.cols >= algorithm::long_row) {
            auto const scale = algorithm::row_scale<simd::element_of<V>>::of(c);
            auto const run = [&](auto const& source, auto const& to, std::size_t n, auto const& s)
                                 SMX_INLINE_LAMBDA { kernel.template row<V>(e, source, to, n, s); };
            for (std::size_t r = 0; r != x.x.rows; ++r) map_row<V>(kernel, x, y, r, c, scale, run);
            return;
        }
    }
    share(e, x.x.rows, x.x.cols,
          [&](std::size_t first, std::size_t last) { map_rows<V>(kernel, x, y, c, first, last); });
}

/// Down the columns, one by one: right, and slow. What has a faster way does not come here.
template <class V, class Kernel, class X, class S>
void map_columns(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<S> const& y, double c,
                 std::size_t first, std::size_t last) {
    auto const scale = algorithm::row_scale<simd::element_of<V>>::of(c);
    for (std::size_t j = first; j != last; ++j)
        kernel.template row<V>(strided_source<X>{x.data + j, x.row_stride},
                               sink_of(kernel, strided_sink<S>{y.data + j, y.row_stride}), x.rows, scale);
}

/// An operator from x to y: checks, then each row (or column).
template <class Arch, class E, class Kernel, class X, class Y>
void map(E const& e, char const* function, Kernel const& kernel, X const& x, Y& y, double c) {
    using V = simd::vector<compute<X const>, Arch>;
    auto const from = lower(x);
    auto const to = matrix_of(lower(y));
    check_shapes(function, matrix_of(from), to);
    if constexpr (by_columns<X const>) {
        if (to.rows == 0) return;
        matrix_view<value<X const> const> const matrix = matrix_of(from);
        share(e, to.cols, to.rows,
              [&](std::size_t first, std::size_t last) { map_columns<V>(kernel, matrix, to, c, first, last); });
    } else {
        auto const rows = with_scores(from);
        check_scores(function, rows, to);
        share_rows<V>(e, kernel, rows, to, c);
    }
}

} // namespace driver
SMX_END
