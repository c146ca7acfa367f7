// SPDX-License-Identifier: BSL-1.0
// top_k_softmax: the k largest scores of each row and their weights, as routers of experts and samplers want them.
#pragma once

#include <smx/algorithm/across.hpp>
#include <smx/algorithm/select.hpp>
#include <smx/algorithm/sigmoid_gates.hpp>
#include <smx/driver/fold.hpp>
#include <smx/driver/normalize.hpp>
#include <smx/driver/selected_rows.hpp>

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
        std::size_t const count = with_keys<V>(x, scale, [&](auto const& source, auto const& key) SMX_OUTER_LAMBDA {
            return algorithm::select_largest<V>(source, n, key, w, i, k);
        });
        bool const is_nan = count > n;
        if (!is_nan) weigh<V>(x, n, scale, w, i, count);
        for (std::size_t j = 0; j != k; ++j) {
            if (is_nan) w[j] = simd::quiet_nan<T>;
            if (is_nan) i[j] = static_cast<Index>(j < n ? j : n);
            if (!is_nan && j >= count) {
                w[j] = T(0);
                i[j] = static_cast<Index>(n);
            }
        }
    }

    /// What the n elements of x, and -inf up to `end`, are selected by.
    template <class V, class Source>
    SMX_OUTER void keys(Source const& x, std::size_t n, std::size_t end,
                        algorithm::row_scale<simd::element_of<V>> const& scale, simd::element_of<V>* keys) const {
        using T = simd::element_of<V>;
        with_keys<V>(x, scale, [&](auto const& source, auto const& key) SMX_OUTER_LAMBDA {
            using P = algorithm::pack_for<std::remove_cvref_t<decltype(source)>, V>;
            algorithm::sweep<P>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                using Part = typename decltype(shape)::pack_type;
                Part const v = source.template load<Part>(offset, extent, V(T(0)));
                simd::store(keys + offset, key(offset, extent, v), extent);
            });
        });
        for (std::size_t j = n; j != end; ++j) keys[j] = -simd::infinity<T>;
    }
    /// True if those are the elements themselves.
    template <class T> bool selects_elements(algorithm::row_scale<T> const& scale) const {
        return options.weights != gating::sigmoid && scale.c >= 0;
    }

    /// True if tiles are of use: a scale below 0, say, leaves the weights of each row to itself.
    template <class T> bool selects_in_tiles(algorithm::row_scale<T> const& scale) const {
        return scale.ordinary || options.weights != gating::softmax_of_selected;
    }
    /// True if weights are made in tiles: of the k keys, or of the k elements, gathered.
    bool weighs_tiles() const { return options.weights != gating::selected_of_softmax; }
    bool gathers_elements() const { return options.weights == gating::sigmoid; }
    template <class V, class Source>
    SMX_OUTER simd::element_of<V> element(Source const& x, std::size_t at,
                                          algorithm::row_scale<simd::element_of<V>> const& scale) const {
        return algorithm::sigmoid_gates<V>::logit(x, at, scale);
    }
    template <class V, class Tile>
    SMX_OUTER bool weigh_tile(Tile const& tile, std::size_t k,
                              algorithm::row_scale<simd::element_of<V>> const& scale) const {
        using P = simd::pack<V, 1>;
        if (options.weights == gating::sigmoid) {
            gates<V>(scale).weigh_tile(tile, k);
            return true;
        }
        return algorithm::normalize_tile<Accuracy, P>(tile, k, scale.k, algorithm::probabilities{fully_masked});
    }

    /// The weights of the `count` selected elements of x, whose keys w holds.
    template <class V, class Source, class Index>
    SMX_OUTER void weigh(Source const& x, std::size_t n, algorithm::row_scale<simd::element_of<V>> const& scale,
                         simd::element_of<V>* w, Index const* i, std::size_t count) const {
        using T = simd::element_of<V>;
        if (options.weights == gating::sigmoid) return gates<V>(scale).weigh(x, w, i, count);
        if (scale.c < 0)
            for (std::size_t j = 0; j != count; ++j) w[j] = -w[j];
        algorithm::probabilities const finish{fully_masked};
        row_source<T> const selected{w};
        if (options.weights == gating::softmax_of_selected)
            algorithm::normalize<three_pass_reload_t, Accuracy, V>(selected, row_sink<T>{w}, count, scale, finish);
        else
            algorithm::normalize_part<Accuracy, V>(x, n, selected, row_sink<T>{w}, count, scale, finish);
    }

private:
    template <class V>
    SMX_OUTER algorithm::sigmoid_gates<V> gates(algorithm::row_scale<simd::element_of<V>> const& scale) const {
        return algorithm::sigmoid_gates<V>::of(options.selection_bias, options.factor, scale);
    }
    /// f(source, key): key(offset, extent, v) is what the elements v of the source are selected by.
    template <class V, class Source, class F>
    SMX_OUTER auto with_keys(Source const& x, algorithm::row_scale<simd::element_of<V>> const& scale,
                             F const& f) const {
        using T = simd::element_of<V>;
        if (options.weights == gating::sigmoid) {
            auto const of_gates = gates<V>(scale);
            return f(of_gates.logits(x, scale), [&](std::size_t offset, auto extent, auto const& v)
                                                    SMX_INLINE_LAMBDA { return of_gates.key(offset, extent, v); });
        }
        V const sign(scale.c < 0 ? T(-1) : T(1));
        return f(x, [&](std::size_t, auto, auto const& v) SMX_INLINE_LAMBDA { return v * sign; });
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
/// to 64, where the selection stays sorted; a heap beyond. Of a matrix, rows of up to 2,048 elements (256 floats with
/// AVX-512, 512 with AVX2, or half as many doubles, where these are no floats or doubles, have a bias, a mask or
/// lengths, or gates are sigmoids) are taken a register at a time for k of up to 32 (16 of doubles): 8 of 64 experts
/// take .08 of the time of one row after the other, 8 of 256 .12 (AVX-512, zen4).
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
    share(e, rows.x.rows, rows.x.cols,
          [&](std::size_t first, std::size_t last) { select_rows<V>(kernel, rows, w, i, c, first, last); });
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
