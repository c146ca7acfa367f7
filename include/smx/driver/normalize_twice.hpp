// SPDX-License-Identifier: BSL-1.0
// Softmax of rows whose weights cannot wait in their output: they are in place, of another type, or go past the caches.
// The weights are computed twice, or wait elsewhere.
#pragma once

#include <smx/algorithm/normalize.hpp>
#include <smx/driver/leading.hpp>
#include <smx/driver/streamed.hpp>

SMX_BEGIN
namespace driver {

template <class Algorithm, class Accuracy, class Finish> struct normalize_twice {
    Finish finish;

    /// Rows that may be written past the caches: whatever is not plain would be compiled once more.
    template <class V, class X, class Y>
    static constexpr bool may_stream = Finish::is_plain&& std::is_same_v<Algorithm, automatic_t>&&
                                           std::is_same_v<X, Y>&& std::is_same_v<Y, simd::element_of<V>> &&
                                       sizeof(V) == 64;

    /// The sink that a long row which threads share goes to.
    template <class V, class Source, class Sink>
    SMX_OUTER static auto streaming_if_worth_it(Source const&, Sink const& y, std::size_t) {
        return y;
    }
    template <class V, class X, class Y>
    requires(may_stream<V, X, Y>) SMX_OUTER
        static auto streaming_if_worth_it(row_source<X> const& x, row_sink<Y> const& y, std::size_t n) {
        return streaming_sink<Y>{y, streams_rows<V>(matrix_view<X const>(x.row, 1, n), matrix_view<Y>(y.row, 1, n), 0)};
    }

    /// One in place, of which nothing would be left to weigh again.
    template <class V, class Source, class Sink>
    SMX_OUTER void in_place(Source const& x, Sink const& y, std::size_t n,
                            algorithm::row_scale<simd::element_of<V>> const& scale) const {
        if constexpr (requires {
                          plain_row_weighed_again<V>(x, streaming_sink<simd::element_of<V>>{y, false}, n, scale.c);
                      })
            plain_row_weighed_again<V>(x, streaming_sink<simd::element_of<V>>{y, false}, n, scale.c);
        else
            row_weighed_again<V>(x, y, n, scale);
    }
    /// One whose weights wait nowhere.
    template <class V, class Source, class Sink>
    SMX_OUTER void row_weighed_again(Source const& x, Sink const& y, std::size_t n,
                                     algorithm::row_scale<simd::element_of<V>> const& scale) const {
        algorithm::normalize<three_pass_recompute_t, Accuracy, V>(x, y, n, scale, finish);
    }
    /// The same for plain rows, of a matrix or alone, in place or past the caches: one function.
    template <class V, class X>
    SMX_NOINLINE void plain_row_weighed_again(row_source<X> x, streaming_sink<simd::element_of<V>> y, std::size_t n,
                                              double c) const {
        algorithm::normalize<three_pass_recompute_t, Accuracy, V>(
            x, y, n, algorithm::row_scale<simd::element_of<V>>::of(c), finish);
    }

    /// The results of one whose weights wait elsewhere, past the caches.
    template <class V, class T>
    SMX_NOINLINE void stream_row(V exponent, algorithm::total<T> sum, bool normal, row_sink<T> weights, T* y,
                                 std::size_t n) const {
        sink_with_scratch<streaming_sink<T>, T> const to{{{y}, true}, weights.row};
        algorithm::write_results<three_pass_reload_t, Accuracy, simd::pack<V>>(
            algorithm::weighing<V>{true, exponent, sum, normal}, to, to, n, math::exp_scale<T>{}, finish);
    }
};

} // namespace driver
SMX_END
