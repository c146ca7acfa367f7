// SPDX-License-Identifier: BSL-1.0
// The running {max, sum} of a row that arrives in pieces: from a stream, from several threads, from other machines.
#pragma once

#include <smx/algorithm/normalize.hpp>
#include <smx/driver/row.hpp>
#include <smx/driver/views.hpp>

SMX_BEGIN

/// max = max_j x_j,   sum = sum_j e^(x_j - max)
///
/// Plain data: copy it, send it, keep one per piece and merge them in any order. The state of nothing is {-inf, 0}.
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

    /// The state of both blocks together. Commutative, to the bit.
    friend online_state merge(online_state const& a, online_state const& b) {
        if (a.max != a.max) return a; // NaN
        if (b.max != b.max) return b;
        bool const a_is_larger = a.max > b.max;
        online_state const &larger = a_is_larger ? a : b, &smaller = a_is_larger ? b : a;
        if (larger.max == smaller.max) return {larger.max, larger.sum + smaller.sum};
        return {larger.max, larger.sum + simd::barrier(smaller.sum * exp_of_difference(smaller.max, larger.max))};
    }

private:
    using D = simd::vector<double, simd::default_arch>;

    static double exp_of_difference(T smaller, T larger) {
        return simd::first_lane(
            math::exp_nonpositive(simd::pack<D, 1>{{D(static_cast<double>(smaller) - static_cast<double>(larger))}})
                .part[0]);
    }

    template <class V, class Source> static online_state of_row(Source const& x, std::size_t n) {
        using namespace algorithm;
        auto const scale = row_scale<T>::of(1);
        using P = simd::pack<V>;
        T const largest = maximum<P>(x, 0, n);
        affine_source<Source, T> moved{x, 1, 0, 1};
        if (largest < simd::infinity<T> && largest > -simd::infinity<T>) moved.offset = -largest;
        auto const found =
            three_pass_recompute_t::weigh<P, precise_t>(moved, no_sink{}, n, scale.k, T(-math::near_exponent));
        if (!found.near) return {largest, simd::quiet_nan<double>}; // +inf
        double const sum = leading(found.sum) / static_cast<double>(math::weight_of_one<T>);
        return {sum == sum ? largest : simd::quiet_nan<T>, sum};
    }
};

template <floating_point_rows X> online_state(X const&) -> online_state<driver::value<X const>>;

SMX_END
