// SPDX-License-Identifier: BSL-1.0
// top_k_softmax: the k largest scores of each row and their weights, as routers of experts and samplers want them.
#pragma once

#include <smx/algorithm/select.hpp>
#include <smx/driver/fold.hpp>
#include <smx/driver/normalize.hpp>
#include <smx/driver/selection.hpp>
#include <smx/math/logistic.hpp>

SMX_BEGIN

/// What the weights of the selected elements are.
enum class gating {
    softmax_of_selected, ///< softmax over the k: they sum to 1 (Mixtral, gpt-oss)
    selected_of_softmax, ///< softmax over the row: they sum to less
    sigmoid,             ///< logistic functions over their sum (DeepSeek-V3)
};

struct top_k_softmax_options {
    gating weights = gating::softmax_of_selected;
    std::span<double const> selection_bias{};  ///< gating::sigmoid: added for the selection only, one for each column
    double factor = 1;                         ///< multiplies the weights of gating::sigmoid
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< what the weights of a row of nothing but -inf become
};

namespace driver {

template <class Accuracy> struct top_k_kernel {
    top_k_softmax_options const& options;
    masked fully_masked;

    /// The weights w and indices i of the k largest of the n elements of x.
    template <class V, class Source, class Index>
    SMX_NOINLINE void row(Source const& x, std::size_t n, algorithm::row_scale<simd::element_of<V>> const& scale,
                          simd::element_of<V>* w, Index* i, std::size_t k) const {
        using T = simd::element_of<V>;
        std::size_t const count = options.weights == gating::sigmoid ? by_sigmoid<V>(x, n, scale, w, i, k)
                                                                     : by_softmax<V>(x, n, scale, w, i, k);
        bool const is_nan = count > n;
        for (std::size_t j = 0; j != k; ++j) {
            if (is_nan) w[j] = simd::quiet_nan<T>;
            if (is_nan) i[j] = static_cast<Index>(j < n ? j : n);
            if (!is_nan && j >= count) {
                w[j] = T(0);
                i[j] = static_cast<Index>(n);
            }
        }
    }

private:
    template <class V, class Source, class Index>
    std::size_t by_softmax(Source const& x, std::size_t n, algorithm::row_scale<simd::element_of<V>> const& scale,
                           simd::element_of<V>* w, Index* i, std::size_t k) const {
        using T = simd::element_of<V>;
        V const sign(scale.c < 0 ? T(-1) : T(1));
        auto const key = [&](std::size_t, auto, auto const& v) SMX_INLINE_LAMBDA { return v * sign; };
        std::size_t const count = algorithm::select_largest<V>(x, n, key, w, i, k);
        if (count > n) return count;
        if (scale.c < 0)
            for (std::size_t j = 0; j != count; ++j) w[j] = -w[j];
        algorithm::probabilities const finish{fully_masked};
        row_source<T> const selected{w};
        if (options.weights == gating::softmax_of_selected)
            algorithm::normalize<three_pass_reload_t, Accuracy, V>(selected, row_sink<T>{w}, count, scale, finish);
        else
            algorithm::normalize_part<Accuracy, V>(x, n, selected, row_sink<T>{w}, count, scale, finish);
        return count;
    }

    template <class V, class Source, class Index>
    std::size_t by_sigmoid(Source const& x, std::size_t n, algorithm::row_scale<simd::element_of<V>> const& scale,
                           simd::element_of<V>* w, Index* i, std::size_t k) const {
        using T = simd::element_of<V>;
        algorithm::affine_source<Source, T> const source{x, scale.inner, 0, scale.outer};
        auto const logistic = math::logistic<V>::of(scale.k, 0);
        bool const biased = !options.selection_bias.empty();
        auto const key = [&](std::size_t offset, auto extent, auto const& v) SMX_INLINE_LAMBDA {
            auto s = logistic(v);
            if (biased) {
                alignas(64) T bias[decltype(s)::size] = {};
                for (std::size_t j = 0; j != simd::count_of(extent, decltype(s)::size); ++j)
                    bias[j] = static_cast<T>(options.selection_bias[offset + j]);
                s = s + simd::load_pack<decltype(s)>(bias, simd::whole{}, V(T(0)));
            }
            return s;
        };
        std::size_t const count = algorithm::select_largest<V>(source, n, key, w, i, k);
        if (count > n) return count;
        double sum = 0;
        for (std::size_t j = 0; j != count; ++j) {
            using one = simd::pack<V, 1>;
            one const v = source.template load<one>(static_cast<std::size_t>(i[j]), simd::partial{1}, V(T(0)));
            w[j] = simd::first_lane(logistic(v).part[0]);
            sum += static_cast<double>(w[j]);
        }
        // A row whose every gate is shut gives zeros; the authors add 1e-20 to the sum for that.
        double const inverse = sum > 0 ? options.factor / sum : 0;
        for (std::size_t j = 0; j != count; ++j) w[j] = static_cast<T>(static_cast<double>(w[j]) * inverse);
        return count;
    }
};

} // namespace driver

/// The k largest scores of each row, largest first, ties to the lowest index, and their weights:
///
///     S = indices of the k largest x_i,   c = scale / temperature
///     softmax_of_selected:  w_i = e^(c x_i) / sum_{j in S} e^(c x_j)
///     selected_of_softmax:  w_i = e^(c x_i) / sum_j e^(c x_j)
///     sigmoid:              w_i = factor s_i / sum_{j in S} s_j,   s = 1 / (1 + e^-(c x)),   S by s + selection_bias
///
/// The first is what softmax, selection and renormalisation give, without weights that underflow in between.
///
/// **Shapes.** x has rows of n elements, weights and indices rows of k; rows are equal in number. weights are float
/// (double for double rows); indices any integers that can hold n. Nothing overlaps. If k > n, the places behind the
/// n-th have weight 0 and index n.
///
/// **Errors.** As softmax; also if k is 0, shapes of weights and indices differ, n does not fit the indices, or the
/// selection_bias has not n elements, or goes with another gating than sigmoid.
///
/// **Values.** A NaN in a row makes its weights NaN and its indices 0 .. k-1. -inf is selected last and has weight 0; a
/// row of nothing but -inf follows fully_masked. +inf makes NaN of softmax weights.
///
/// **Accuracy.** As softmax; sigmoid 6 ULP. **Bits.** As softmax.
///
/// **Cost.** One read of the row and about k log(n / k) insertions; selected_of_softmax two reads more. Made for k up
/// to 64, where the selection stays sorted; a heap beyond.
///
/// **Source.** N. Shazeer et al., "Outrageously Large Neural Networks", 2017, equation 5; DeepSeek-AI, "DeepSeek-V3
/// Technical Report", 2024, equations 13 to 16.
template <class Arch = simd::default_arch, execution E, softmax_accuracy Accuracy, floating_point_rows X,
          writable_values_of<X> W, driver::writable_indices I>
void top_k_softmax(E const& e, Accuracy, X const& x, W&& weights, I&& indices,
                   top_k_softmax_options const& options = {}) {
    using namespace driver;
    static_assert(!by_columns<X const>, "top_k_softmax works along rows");
    using T = compute<X const>;
    using V = simd::vector<T, Arch>;
    char const* const function = "top_k_softmax";
    auto const rows = with_scores(lower(x));
    auto const w = matrix_of(lower(weights));
    auto const i = matrix_of(lower(indices));
    double const c = factor(function, options.scale, options.temperature);
    check_selection(function, rows.x, w, i, options.selection_bias.size(), options.weights == gating::sigmoid);
    check_scores(function, rows, matrix_view<T>(nullptr, rows.x.rows, rows.x.cols));
    top_k_kernel<Accuracy> const kernel{options, policy_for<X>(options.fully_masked)};
    share(e, rows.x.rows, rows.x.cols, [&](std::size_t first, std::size_t last) {
        for (std::size_t r = first; r != last; ++r)
            with_row<T>(rows, r, prefetch_in(rows.x), c, [&](auto const& source, double row_factor) {
                kernel.template row<V>(source, length_of(rows, r), algorithm::row_scale<T>::of(row_factor),
                                       w.data + r * w.row_stride, i.data + r * i.row_stride, w.cols);
            });
    });
}
template <class Arch = simd::default_arch, driver::leading Tag, floating_point_rows X, writable_values_of<X> W,
          driver::writable_indices I>
void top_k_softmax(Tag const& tag, X const& x, W&& weights, I&& indices, top_k_softmax_options const& options = {}) {
    smx::top_k_softmax<Arch>(driver::execution_of(tag), driver::accuracy_of(tag), x, weights, indices, options);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_values_of<X> W, driver::writable_indices I>
void top_k_softmax(X const& x, W&& weights, I&& indices, top_k_softmax_options const& options = {}) {
    smx::top_k_softmax<Arch>(sequential, standard, x, weights, indices, options);
}

SMX_END
