// SPDX-License-Identifier: BSL-1.0
// From weights to probabilities: y_i = w_i / sum w, for one row.
#pragma once

#include <smx/algorithm/affine.hpp>
#include <smx/algorithm/no_weights.hpp>
#include <smx/algorithm/reciprocal.hpp>
#include <smx/algorithm/weigh.hpp>

SMX_BEGIN

namespace algorithm {

/// y_i = w_i / S: the plain finish. A finish says what the weights of a row become once their sum is known.
struct probabilities {
    /// Nothing but the inverse of the sum.
    static constexpr bool is_plain = true, is_divided_once = true;
    masked fully_masked;

    /// The least reference exponent that a row of this scale may be weighed against.
    template <class T> SMX_INLINE T lowest_exponent(math::exp_scale<T>) const { return T(-math::near_exponent); }
    /// The denominator, given the sum of the weights against the reference 2^exponent.
    template <class Accuracy, class V>
    SMX_INLINE total<simd::element_of<V>> denominator(total<simd::element_of<V>> const& sum, V) const {
        return sum;
    }
    /// The same for elements that are c times `origin` lower.
    SMX_INLINE probabilities moved(double, double) const { return *this; }
    template <class Accuracy, class V>
    SMX_INLINE reciprocal<V> inverse(total<simd::element_of<V>> const& denominator) const {
        return reciprocal<V>::template of<Accuracy>(denominator);
    }
    /// The results for weights w. The inverse: one_part if plain, two_parts, or those of_normal.
    template <class X, class Inverse> SMX_INLINE X apply(X const& w, Inverse const& inverse) const {
        return inverse.times(w);
    }
};

/// The same in two parts, for scores that are less exact.
struct probabilities_in_two_parts : probabilities {
    static constexpr bool is_divided_once = false;

    template <class, class V> SMX_INLINE reciprocal<V> inverse(total<simd::element_of<V>> const& denominator) const {
        return reciprocal<V>::template of<precise_t>(denominator);
    }
};

/// The m results of z, whose row was weighed.
template <class Algorithm, class Accuracy, class P, class Part, class Sink, class T, class Finish>
SMX_OUTER void write_results(weighing<typename P::register_type> const& found, Part const& z, Sink const& y,
                             std::size_t m, math::exp_scale<T> k, Finish const& finish) {
    using V = typename P::register_type;
    total<T> const denominator = finish.template denominator<Accuracy>(found.sum, found.exponent);
    if (!(leading(denominator) > 0)) {
        fill<V>(y, m, value_without_weights<T>(leading(denominator), finish.fully_masked));
        return;
    }
    auto const inverse = finish.template inverse<Accuracy, V>(denominator);
    auto const ref = math::exp_reference_at(k, found.exponent);
    auto const divide = [&](auto const& by) SMX_INLINE_LAMBDA {
        sweep<P>(0, m, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            using Piece = typename decltype(shape)::pack_type;
            Piece w;
            if constexpr (Algorithm::keeps_weights)
                w = Algorithm::weights(y).template load<Piece>(offset, extent, V(0));
            else
                w = math::exp_weight<Accuracy, math::once>(z.template load<Piece>(offset, extent, V(0)), ref);
            y.store(offset, finish.apply(w, by), extent);
        });
    };
    // A loop more for what is frequent, but not where exponentials are the work.
    if constexpr (Algorithm::keeps_weights) {
        if constexpr (!Finish::is_divided_once || !divides_once<T, Accuracy>) {
            if (found.normal) return divide(inverse.lanes_of_normal());
        } else if constexpr (math::has_exp_window<V>) {
            if (found.normal && inverse.has_one_part()) return divide(inverse.lanes_of_one_normal());
        } else if (inverse.has_one_part()) {
            return divide(inverse.lanes_of_one());
        }
    }
    divide(inverse.lanes());
}

/// One row, weighed. Not near, and nothing written, if an exponent is not.
template <class Algorithm, class Accuracy, class P, class Source, class Sink, class T, class Finish>
SMX_OUTER weighing<typename P::register_type> weigh_near(Source const& x, Sink const& y, std::size_t n,
                                                         math::exp_scale<T> k, Finish const& finish,
                                                         reference_from from = reference_from::first) {
    T const lowest = finish.template lowest_exponent<T>(k);
    if (!(lowest <= T(math::near_exponent))) return {};
    return Algorithm::template weigh<P, Accuracy>(x, y, n, k, lowest, from);
}

/// One row whose exponents are near: x is weighed, and the m elements of z become results. z is x, or some of its
/// elements; for an algorithm that keeps weights, x. Returns false, and writes nothing, if an exponent is not near.
template <class Algorithm, class Accuracy, class P, class Source, class Part, class Sink, class T, class Finish>
SMX_OUTER bool normalize_near(Source const& x, std::size_t n, Part const& z, Sink const& y, std::size_t m,
                              math::exp_scale<T> k, Finish const& finish) {
    auto const found = weigh_near<Algorithm, Accuracy, P>(x, y, n, k, finish);
    if (!found.near) return false;
    write_results<Algorithm, Accuracy, P>(found, z, y, m, k, finish);
    return true;
}

/// Any row, at leisure: factors that are negative or extreme, and elements too large to have an exponent, which are
/// moved to 0. One copy of this for all algorithms: they give the same bits. Everything by value, here and in fill():
/// what a function takes by reference its callers keep in memory, on their way past it, too, and clang++ what it takes
/// as several numbers; so the factor is c alone, not a row_scale (AVX2, one row of 300 floats: .97 of the time).
template <class Accuracy, class V, class Source, class Part, class Sink, class Finish>
SMX_COLD void normalize_moved(Source x, std::size_t n, Part z, Sink y, std::size_t m, double c, Finish finish) {
    using T = simd::element_of<V>;
    using P = simd::pack<V, simd::line_registers<V>>;
    constexpr T infinity = simd::infinity<T>;
    auto const scale = row_scale<T>::of(c);
    T const largest = maximum<P>(affine_source<Source, T>{x, scale.inner, 0, 1}, 0, n);
    bool const finite = largest < infinity && largest > -infinity;
    auto const moved_by = [&](T offset, Finish const& f) SMX_NOINLINE_LAMBDA {
        return normalize_near<three_pass_recompute_t, Accuracy, P>(
            affine_source<Source, T>{x, scale.inner, offset, scale.outer}, n,
            affine_source<Part, T>{z, scale.inner, offset, scale.outer}, y, m, scale.k, f);
    };
    // As it is, unless the largest element itself would overflow and pass for -inf.
    if (!(finite && largest * scale.outer <= -infinity) && moved_by(0, finish)) return;
    auto const moved_finish = finish.moved(c, static_cast<double>(largest) / static_cast<double>(scale.inner));
    if (largest < infinity && moved_by(finite ? -largest : T(0), moved_finish)) return;
    fill<V>(y, m, simd::quiet_nan<T>); // the largest is +inf or NaN
}

/// One row, from scores to results: softmax with the plain finish, y_i = e^(c x_i) / sum_j e^(c x_j).
template <class Algorithm, class Accuracy, class V, class Source, class Sink, class Finish>
SMX_OUTER void normalize(Source const& x, Sink const& y, std::size_t n, row_scale<simd::element_of<V>> const& scale,
                         Finish const& finish) {
    if (!scale.ordinary || !normalize_near<Algorithm, Accuracy, pack_for<Source, V>>(x, n, x, y, n, scale.k, finish))
        [[unlikely]]
        normalize_moved<Accuracy, V>(x, n, x, y, n, scale.c, finish);
}

/// Some elements z of a row, m of them, against the sum of the whole row.
template <class Accuracy, class V, class Source, class Part, class Sink, class Finish>
SMX_OUTER void normalize_part(Source const& x, std::size_t n, Part const& z, Sink const& y, std::size_t m,
                              row_scale<simd::element_of<V>> const& scale, Finish const& finish) {
    if (!scale.ordinary || !normalize_near<three_pass_recompute_t, Accuracy, pack_for<Source, V>>(
                               x, n, z, y, m, scale.k, finish)) [[unlikely]]
        normalize_moved<Accuracy, V>(x, n, z, y, m, scale.c, finish);
}

} // namespace algorithm
SMX_END
