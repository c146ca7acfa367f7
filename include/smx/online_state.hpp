// SPDX-License-Identifier: BSL-1.0
// The running {max, sum} of a row that arrives in pieces: from a stream, from several threads, from other machines.
#pragma once

#include <smx/algorithm/shares.hpp>
#include <smx/driver/map.hpp>
#include <smx/math/log.hpp>

SMX_BEGIN

template <driver::row_element T> struct online_state;

namespace driver {

/// e^(x - max) / divisor, for elements of a row whose maximum is known. Larger elements count as the maximum.
template <class T> struct state_kernel : weights_kernel {
    T max;
    double divisor;

    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n, algorithm::row_scale<T> const& scale) const {
        using namespace algorithm;
        using one = simd::pack<V, 1>;
        using P = simd::pack<V, simd::line_registers<V>>;
        if (!(max > -simd::infinity<T> && max < simd::infinity<T> && divisor > 0)) {
            fill<V>(
                y, n,
                value_without_weights<T>(max == -simd::infinity<T> ? divisor : simd::quiet_nan<double>, fully_masked));
            return;
        }
        V exponent = math::exp_exponent(V(max), V(scale.k.hi));
        bool const near = is_near(simd::first_lane(exponent));
        if (!near) exponent = V(T(0));
        V const top(near ? max : T(0));
        auto const ref = math::exp_reference_at(scale.k, exponent);
        auto const weight = [&](auto const& v) SMX_INLINE_LAMBDA { return math::exp_weight<precise_t>(v, ref); };
        double const of_top = static_cast<double>(simd::first_lane(weight(one{{top}}).part[0]));
        auto const inverse = reciprocal<V>::of(total_from<T>(of_top * divisor));
        affine_source<Source, T> const source{x, 1, near ? T(0) : -max, 1};
        divide<P>(source, y, n, inverse,
                  [&](auto const& v) SMX_INLINE_LAMBDA { return weight(simd::at_most(v, top)); });
    }
};

} // namespace driver

/// max = max_j x_j,   sum = sum_j e^(x_j - max)
///
/// Plain data: copy it, send it, keep one per piece and merge them in any order. The state of nothing is {-inf, 0}.
/// An attention loop of one's own (examples/online_attention):
///
///     whole = merge(state, online_state(scores));       // a block of keys arrives
///     accumulator *= state.factor_to(whole);            // what was added up before
///     whole.weights(scores, w);                         // e^(scores - whole.max)
///     accumulator += w * values;   state = whole;       // in the end: accumulator / state.sum
///
/// **Values.** -inf adds nothing. A NaN makes the sum NaN, and so does +inf, with a max of +inf; both survive merging.
/// **Accuracy.** sum is within 3 ULP of the element type; each merge adds at most 2 ULP of double (3
/// without FMA).
/// **Cost** of a block: one read. **Source.** Milakov & Gimelshein 2018, equation 4 (the merge).
template <driver::row_element T> struct online_state {
    T max = -simd::infinity<T>;
    double sum = 0;

    constexpr online_state() = default;
    constexpr online_state(T largest, double sum_of_exp) : max(largest), sum(sum_of_exp) {}

    /// The state of one block: anything contiguous.
    template <floating_point_rows X, class Arch = simd::default_arch>
    requires std::same_as<driver::value<X const>, T> &&(!driver::by_columns<X const>)explicit online_state(X const& x) {
        using V = simd::vector<T, Arch>;
        matrix_view<T const> const block = driver::matrix_of(driver::lower(x));
        for (std::size_t r = 0; r != block.rows; ++r)
            *this = merge(*this, of_row<V>(driver::row_source<T>{block.data + r * block.row_stride}, block.cols));
    }

    /// Takes one more block in.
    template <floating_point_rows X>
    requires std::same_as<driver::value<X const>, T> &&(!driver::by_columns<X const>)void push(X const& block) {
        *this = merge(*this, online_state(block));
    }

    /// e^(max - whole.max): what weights against this maximum are worth in a state that this one was merged into.
    /// 0 for the state of nothing.
    double factor_to(online_state const& whole) const {
        if (sum == 0) return 0;
        if (max == whole.max) return 1;
        return max == max && whole.max == whole.max ? exp_of_difference(max, whole.max) : simd::quiet_nan<double>;
    }

    /// log sum_j e^(x_j): max + log(sum). -inf for nothing; NaN and +inf as log_sum_exp has them.
    double log_sum_exp() const {
        if (!(max > -simd::infinity<T> && max < simd::infinity<T>)) return static_cast<double>(max);
        return static_cast<double>(max) + simd::first_lane(math::log1p(simd::pack<D, 1>{{D(sum - 1)}}).part[0]);
    }

    /// y_i = e^(x_i - max), for elements that were pushed or merged; larger ones count as the maximum.
    /// Shapes and errors as softmax. A state of nothing but -inf gives zeros. Maximum error 4 ULP
    /// (tests/online_state_test.cpp). One read, one write.
    template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
    void weights(X const& x, Y&& y) const {
        driver::map<Arch>(sequential, "online_state::weights",
                          driver::state_kernel<T>{{masked::zeros}, max, sum > 0 ? 1.0 : sum}, x, y, 1.0);
    }

    /// y_i = e^(x_i - max) / sum: the softmax of the whole row, for the elements of a block of it.
    /// A state of nothing but -inf gives NaN, or zeros with masked::zeros. Maximum error 4 ULP
    /// (tests/online_state_test.cpp). One read, one write.
    template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
    void probabilities(X const& x, Y&& y, masked fully_masked = masked::by_argument) const {
        driver::map<Arch>(sequential, "online_state::probabilities",
                          driver::state_kernel<T>{{driver::policy_for<X>(fully_masked)}, max, sum}, x, y, 1.0);
    }

    /// The state of both blocks together. Commutative, to the bit.
    friend online_state merge(online_state const& a, online_state const& b) {
        if (a.max != a.max) return a; // NaN
        if (b.max != b.max) return b;
        bool const a_is_larger = a.max > b.max;
        online_state const &larger = a_is_larger ? a : b, &smaller = a_is_larger ? b : a;
        if (larger.max == smaller.max) return {larger.max == 0 ? T(0) : larger.max, larger.sum + smaller.sum}; // no -0
        return {larger.max, larger.sum + simd::barrier(smaller.sum * exp_of_difference(smaller.max, larger.max))};
    }

private:
    using D = simd::vector<double, simd::default_arch>;

    static double exp_of_difference(T smaller, T larger) {
        return simd::first_lane(
            math::exp_nonpositive(simd::pack<D, 1>{{D(static_cast<double>(smaller) - static_cast<double>(larger))}})
                .part[0]);
    }

    template <class V, class Source> SMX_NOINLINE static online_state of_row(Source const& x, std::size_t n) {
        using namespace algorithm;
        if (n == 0) return {}; // -ffast-math knows no -inf, which the rest would find
        auto const scale = row_scale<T>::of(1);
        using P = pack_for<Source, V>;
        T const largest = maximum<P>(x, 0, n);
        affine_source<Source, T> moved{x, 1, 0, 1};
        if (largest < simd::infinity<T> && largest > -simd::infinity<T>) moved.offset = -largest;
        if (largest == simd::infinity<T>) return {largest, simd::quiet_nan<double>};
        weight_sum<P, precise_t> weights(n);
        weights.weigh(moved, no_sink{}, 0, n, math::exp_reference_at(scale.k, V(T(0))));
        double const sum = leading(weights.sum()) / static_cast<double>(math::weight_of_one<T>);
        return {sum == sum ? largest : simd::quiet_nan<T>, sum};
    }
};

template <floating_point_rows X> online_state(X const&) -> online_state<driver::value<X const>>;

SMX_END
