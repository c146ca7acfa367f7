// SPDX-License-Identifier: BSL-1.0
// log_softmax: the logarithms of softmax's weights, without taking the logarithm of a weight.
#pragma once

#include <smx/algorithm/log_blocks.hpp>
#include <smx/algorithm/log_tile.hpp>
#include <smx/driver/log_rows.hpp>
#include <smx/driver/normalize.hpp>

SMX_BEGIN

struct log_softmax_options {
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< a row of nothing but -inf: NaN, or the log of zeros, -inf
};

namespace driver {

template <class Accuracy> struct log_softmax_kernel : logs_kernel {
    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using T = simd::element_of<V>;
        algorithm::with_log_sum<Accuracy, V>(
            x, n, scale, [&](auto const& from, T factor, algorithm::log_sum<T> const& found, T) SMX_OUTER_LAMBDA {
                bool const is_nan = found.log_of_sum != found.log_of_sum;
                if (is_nan || found.largest == -simd::infinity<T>) {
                    algorithm::fill<V>(y, n, is_nan ? found.log_of_sum : of_nothing<T>());
                    return;
                }
                write(from, y, n, V(found.largest), V(factor), V(-found.log_of_sum));
            });
    }

    /// A long row, shared by all threads of an execution.
    static constexpr bool shares_rows = true;
    template <class V, class E, class Source, class Sink>
    void row(E const& e, Source const& x, Sink const& y, std::size_t n,
             algorithm::row_scale<simd::element_of<V>> const& scale) const {
        auto const each = [&](std::size_t blocks, auto const& body) { share_alike(e, n, blocks, body); };
        auto const found = algorithm::log_sum_of_blocks<Accuracy, V>(x, n, scale, each);
        if (!found.near) return row<V>(x, y, n, scale);
        algorithm::blocks_of_row<Source> const blocks(x, n);
        each(blocks.count, [&](std::size_t b) {
            write(blocks[b], y.beyond(blocks.begin(b)), blocks.length_of(b), V(found.largest),
                  V(static_cast<simd::element_of<V>>(scale.c)), V(-found.log_of_sum));
        });
    }

    template <class V> static constexpr std::size_t longest_together = longest_by_log_sums<V>;
    template <class V, class Kernel, class X, class Y>
    static std::size_t rows_together(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<Y> const& y,
                                     std::size_t first, std::size_t last,
                                     algorithm::row_scale<simd::element_of<V>> const& scale) {
        std::size_t const ahead = prefetch_in(x);
        V const c(static_cast<simd::element_of<V>>(scale.c));
        auto const sink_at = [&](std::size_t r) SMX_OUTER_LAMBDA {
            return sink_of(kernel, row_sink<Y>{y.data + r * y.row_stride, ahead});
        };
        return by_log_sums<Accuracy, V>(
            x, first, last, scale,
            [&](std::size_t begin, auto const& row_at, algorithm::rows_log_sum<V> const& found) SMX_OUTER_LAMBDA {
                for (std::size_t r = 0; r != V::size; ++r)
                    write(row_at(r), sink_at(begin + r), x.cols, V(found.largest[r]), c, V(-found.log_of_sum[r]));
            },
            [&](std::size_t r) {
                kernel.template row<V>(row_source<X>{x.data + r * x.row_stride}, sink_at(r), x.cols, scale);
            });
    }

    static constexpr bool takes_tiles = true, takes_short_rows = true;
    template <class P, class Tile>
    SMX_OUTER bool tile(Tile const& columns, std::size_t n,
                        algorithm::row_scale<typename P::value_type> const& scale) const {
        algorithm::tile_log_sum<P> found;
        if (!first_half_of_tile(found, columns, n, scale)) return false;
        second_half_of_tile(found, value_of(found), columns, n, scale);
        return true;
    }
    template <class V> using half_done = algorithm::tile_log_sum<simd::pack<V, 1>>;
    template <class P, class Tile>
    SMX_OUTER bool first_half_of_tile(algorithm::tile_log_sum<P>& found, Tile const& columns, std::size_t n,
                                      algorithm::row_scale<typename P::value_type> const& scale) const {
        found = algorithm::log_sum_of_tile<Accuracy, P>(columns, n, scale);
        return found.usual;
    }
    template <class P> SMX_OUTER P value_of(algorithm::tile_log_sum<P> const& found) const {
        return found.log_of_sum();
    }
    template <class P, class Tile>
    SMX_OUTER void second_half_of_tile(algorithm::tile_log_sum<P> const& found, P const& value, Tile const& columns,
                                       std::size_t n, algorithm::row_scale<typename P::value_type> const& scale) const {
        using V = typename P::register_type;
        V const c(static_cast<typename P::value_type>(scale.c));
        P const log_of_sum = value * V(-1);
        for (std::size_t i = 0; i != n; ++i)
            columns.store(i, simd::fma(simd::barrier(columns.load(i) - found.largest), c, log_of_sum));
    }

private:
    template <class V, class Source, class Sink>
    SMX_OUTER static void write(Source const& x, Sink const& y, std::size_t n, V m, V c, V log_of_sum) {
        algorithm::sweep<algorithm::pack_for<Source, V>>(
            0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                using Part = typename decltype(shape)::pack_type;
                Part const v = x.template load<Part>(offset, extent, m);
                y.store(offset, simd::fma(simd::barrier(v - m), c, log_of_sum), extent);
            });
    }
};

} // namespace driver

/// The log of each weight of softmax:
///
///     y_i = c (x_i - m) - log sum_j e^(c (x_j - m)),   m the largest element,   c = scale / temperature
///
/// in this order: both terms have one sign, so nothing cancels. The sum leaves out the largest elements, so a dominant
/// element keeps its loss: of {20, 0} the first is -2.0611536e-9, not 0.
///
/// **Shapes, errors.** As softmax.
///
/// **Values.** A NaN or +inf in a row makes the whole row NaN. -inf gives -inf and touches nothing else. A row of
/// nothing but -inf is NaN, or -inf with fully_masked = masked::zeros. A single finite element among -inf gives exactly
/// 0. Equal elements give equal bits. Finite elements of any size are right.
///
/// **Accuracy.** Maximum error in ULP (tests/operators_test.cpp enforces it): standard 6, precise 5, of results down to
/// the smallest normal number. precise sums in a wider type.
///
/// **Bits.** As softmax. **Cost.** Three reads, one write. **Source.** As log_sum_exp.
template <class Arch = simd::default_arch, execution E, softmax_accuracy Accuracy, floating_point_rows X,
          writable_rows_like<X const> Y>
void log_softmax(E const& e, Accuracy, X const& x, Y&& y, log_softmax_options const& options = {}) {
    double const c = driver::factor("log_softmax", options.scale, options.temperature);
    driver::map<Arch>(e, "log_softmax",
                      driver::log_softmax_kernel<Accuracy>{{driver::policy_for<X>(options.fully_masked)}}, x, y, c);
}
template <class Arch = simd::default_arch, driver::leading Tag, floating_point_rows X, writable_rows_like<X const> Y>
void log_softmax(Tag const& tag, X const& x, Y&& y, log_softmax_options const& options = {}) {
    smx::log_softmax<Arch>(driver::execution_of(tag), driver::accuracy_of(tag), x, y, options);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void log_softmax(X const& x, Y&& y, log_softmax_options const& options = {}) {
    smx::log_softmax<Arch>(sequential, standard, x, y, options);
}

SMX_END
