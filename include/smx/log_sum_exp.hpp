// SPDX-License-Identifier: BSL-1.0
// log_sum_exp: the logarithm of the sum that softmax divides by.
#pragma once

#include <smx/algorithm/log_blocks.hpp>
#include <smx/algorithm/log_tile.hpp>
#include <smx/driver/fold.hpp>
#include <smx/driver/log_rows.hpp>
#include <smx/driver/normalize.hpp>

SMX_BEGIN

struct log_sum_exp_options {
    double scale = 1;       ///< multiplies the scores
    double temperature = 1; ///< divides them
};

namespace driver {

template <class Accuracy> struct log_sum_exp_kernel {
    template <class T> static constexpr T of_nothing = -simd::infinity<T>;

    template <class V, class Source>
    SMX_OUTER auto row(Source const& x, std::size_t n, algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using T = simd::element_of<V>;
        T result = 0;
        algorithm::with_log_sum<Accuracy, V>(
            x, n, scale, [&](auto const&, T, algorithm::log_sum<T> const& found, T m) SMX_OUTER_LAMBDA {
                T const none = -simd::infinity<T>;
                if (m == none || m == simd::infinity<T> || found.largest == simd::infinity<T>)
                    // +-inf, unless there is a NaN
                    result = found.largest == none ? found.log_of_sum + none : found.largest;
                else
                    result = value_of<V>(scale.c, m, found.log_of_sum);
            });
        return result;
    }

    /// A long row, shared by all threads of an execution.
    static constexpr bool shares_rows = true;
    template <class V, class E, class Source>
    auto row(E const& e, Source const& x, std::size_t n, algorithm::row_scale<simd::element_of<V>> const& scale) const {
        auto const found = algorithm::log_sum_of_blocks<Accuracy, V>(
            x, n, scale, [&](std::size_t blocks, auto const& body) { share_alike(e, n, blocks, body); });
        return found.near ? value_of<V>(scale.c, found.largest, found.log_of_sum) : row<V>(x, n, scale);
    }

    template <class V> static constexpr std::size_t longest_together = longest_by_log_sums<V>;
    template <class V, class X, class T>
    std::size_t rows_together(matrix_view<X const> const& x, T* values, std::size_t first, std::size_t last,
                              algorithm::row_scale<T> const& scale) const {
        return by_log_sums<Accuracy, V>(
            x, first, last, scale,
            [&](std::size_t begin, auto const&, algorithm::rows_log_sum<V> const& found) SMX_OUTER_LAMBDA {
                auto const largest = algorithm::wide<V>::of(V::load_aligned(found.largest));
                largest.times(scale.c, V::load_aligned(found.log_of_sum)).store_unaligned(values + begin);
            },
            [&](std::size_t r) { values[r] = row<V>(row_source<X>{x.data + r * x.row_stride}, x.cols, scale); });
    }

    static constexpr bool takes_tiles = true, takes_short_rows = true;
    template <class P, class Tile>
    SMX_OUTER bool tile(Tile const& columns, std::size_t n,
                        algorithm::row_scale<typename P::value_type> const& scale) const {
        using V = typename P::register_type;
        auto const found = algorithm::log_sum_of_tile<Accuracy, P>(columns, n, scale);
        if (!found.usual) return false;
        P const log_of_sum = found.log_of_sum();
        P result;
        simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            result.part[j] = algorithm::wide<V>::of(found.largest.part[j]).times(scale.c, log_of_sum.part[j]);
        });
        columns.store(0, result);
        return true;
    }

private:
    /// c m + log_of_sum, rounded once. Of floats, in double nothing of c m is lost.
    template <class V, class T> SMX_INLINE static T value_of(double c, T m, T log_of_sum) {
        if constexpr (sizeof(T) == sizeof(float))
            return static_cast<T>(simd::barrier(c * static_cast<double>(m)) + static_cast<double>(log_of_sum));
        else
            return simd::first_lane(simd::fma(V(c), V(m), V(log_of_sum)));
    }
};

} // namespace driver

/// The log of the sum of the exponentials of a row:
///
///     log sum_j e^(c x_j),   c = scale / temperature
///
/// The normaliser of softmax, and the free energy of a row; its gradient is c softmax(c x).
///
/// **Shapes.** x is one row: the value is returned, in float for 16-bit elements.
///
/// **Errors.** std::invalid_argument if x has more than one row, a view is null but not empty, temperature is not a
/// finite number above 0, or scale is not finite.
///
/// **Values.** NaN anywhere gives NaN; otherwise +inf gives +inf. -inf adds nothing; a row of nothing but -inf, and an
/// empty row, give -inf. Finite elements of any size are right.
///
/// **Accuracy.** Maximum error: standard 7, precise 5 ULP of the larger of |c m| and the log of the sum against the
/// largest element m, at every length; of one dominant element the rest is not lost (tests/logarithms_test.cpp enforces
/// it, with rows made to err; other rows stay below 2). precise sums in a wider type.
///
/// **Bits.** As softmax. **Cost.** Two reads.
///
/// **Source.** P. Blanchard, D. Higham, N. Higham, "Accurately computing the log-sum-exp and softmax functions", 2021
/// (the largest element left out of the sum).
template <class Arch = simd::default_arch, softmax_accuracy Accuracy, floating_point_rows X>
driver::compute<X const> log_sum_exp(Accuracy, X const& x, log_sum_exp_options const& options = {}) {
    double const c = driver::factor("log_sum_exp", options.scale, options.temperature);
    return driver::fold_row<Arch>("log_sum_exp", driver::log_sum_exp_kernel<Accuracy>{}, x, c);
}
template <class Arch = simd::default_arch, floating_point_rows X>
driver::compute<X const> log_sum_exp(X const& x, log_sum_exp_options const& options = {}) {
    return smx::log_sum_exp<Arch>(standard, x, options);
}

/// The same for each row of a matrix, or for each of columns(matrix): l has as many elements.
/// Further errors: l has another length; l overlaps x.
template <class Arch = simd::default_arch, execution E, softmax_accuracy Accuracy, floating_point_rows X,
          writable_values_of<X> L>
void log_sum_exp(E const& e, Accuracy, X const& x, L&& l, log_sum_exp_options const& options = {}) {
    double const c = driver::factor("log_sum_exp", options.scale, options.temperature);
    driver::fold<Arch>(e, "log_sum_exp", driver::log_sum_exp_kernel<Accuracy>{}, x, l, c);
}
template <class Arch = simd::default_arch, driver::leading Tag, floating_point_rows X, writable_values_of<X> L>
void log_sum_exp(Tag const& tag, X const& x, L&& l, log_sum_exp_options const& options = {}) {
    smx::log_sum_exp<Arch>(driver::execution_of(tag), driver::accuracy_of(tag), x, l, options);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_values_of<X> L>
void log_sum_exp(X const& x, L&& l, log_sum_exp_options const& options = {}) {
    smx::log_sum_exp<Arch>(sequential, standard, x, l, options);
}

SMX_END
