// SPDX-License-Identifier: BSL-1.0
// A row weighed against a reference that was guessed, or that comes from its maximum: three_pass_reload, which stores
// the weights, and three_pass_recompute, which does not.
//
// The guess is headroom above some element. A row goes on in the window of exponents around it (exp_window.hpp) as far
// as it lies there, then with tests. Where elements are too large for the reference it is raised, and what was weighed
// moves to the new one, by an exact power of two: 1,000 floats of which one in the midst is 100 above all others take
// 1.5 times the time of an ordinary row; with their maximum, and weighed once more, they took 2.
#pragma once

#include <smx/algorithm/move_weights.hpp>
#include <smx/algorithm/reference.hpp>
#include <smx/algorithm/weight_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// What weighing a row found. `near` is false if an exponent is out of range: the row must be moved to 0 first.
template <class V> struct weighing {
    bool near = false;
    V exponent = V(0); // N
    total<simd::element_of<V>> sum{};
    bool normal = false; // no weight is so small that a result could be denormal
    bool raised = false; // a guess was too low
};

/// True if a row is still there once its weights are stored: they are elsewhere, or nowhere.
template <class Source, class Sink> SMX_OUTER bool outlives_weights(Source const& x, Sink const& weights) {
    if constexpr (std::is_same_v<Sink, no_sink>)
        return true;
    else if constexpr (requires { x.outlives(static_cast<void const*>(weights.row)); })
        return x.outlives(static_cast<void const*>(weights.row));
    else
        return false;
}

/// A function by itself: rows need it that are not as others.
template <class P, class Source>
SMX_COLD typename P::value_type maximum_by_itself(Source x, std::size_t begin, std::size_t end) {
    return maximum<P>(x, begin, end);
}

/// A row from `begin` on, whose weights `before` that are summed and stored against `ref`; if `ref` is not near, all of
/// it, against the maximum.
template <class P, class Accuracy, class Source, class Weights, class T>
SMX_OUTER auto weigh_on(Source const& x, Weights const& weights, std::size_t begin, std::size_t n, math::exp_scale<T> k,
                        T lowest, reference<typename P::register_type> ref,
                        typename weight_sum<P, Accuracy>::runs const& before) -> weighing<typename P::register_type> {
    using V = typename P::register_type;
    // How often a reference is raised before the maximum is asked for, because of how many elements: a run, say.
    constexpr int most_raises = 4;
    constexpr std::size_t some_elements = 128;
    typename weight_sum<P, Accuracy>::runs runs(0);
    runs.take(before);
    int raises = 0;
    bool guessed = ref.near;
    while (true) {
        if (!guessed) {
            ref = reference_of<V>(maximum_by_itself<P>(x, 0, n), k, lowest);
            if (!ref.near) return {};
            runs.take(typename weight_sum<P, Accuracy>::runs(length_in_blocks<Source>(n)));
            begin = 0;
        }
        weight_sum<P, Accuracy> sum(length_in_blocks<Source>(n)); // another each time, to be kept in registers
        sum.go_on_from(runs);
        // What is above a maximum is so beside a NaN, which makes the sum one.
        begin = sum.weigh_up_to(guessed ? math::exp_limits<T>::highest : simd::infinity<T>, x, weights, begin, n,
                                math::exp_reference_at(k, ref.exponent));
        reference<V> raised{false, ref.exponent + V(math::exp_limits<T>::headroom)};
        if (begin == n) [[likely]] {
            auto const total = sum.sum();
            if (!guessed || is_accepted<T>(total)) [[likely]]
                return {true, ref.exponent, total, false, raises != 0};
            // What a window lets in is less than four times the headroom above the reference.
            T const highest = T(math::near_exponent) - 4 * math::exp_limits<T>::headroom;
            raised.near = is_above_most<T>(total) && simd::first_lane(ref.exponent) <= highest;
        } else {
            std::size_t const end = n - begin > some_elements ? begin + some_elements : n;
            raised = guess_of<V>(maximum_by_itself<P>(x, begin, end), k, lowest);
        }
        V const shift = ref.exponent - raised.exponent;
        guessed = raises++ != most_raises && raised.near && simd::first_lane(shift) < 0; // not for a NaN, say
        auto const powers = two_powers<V>::of(shift);
        runs.take(sum.so_far());
        runs.move(powers.first);
        runs.move(powers.second);
        if (guessed) move_weights<P>(weights, begin, powers);
        ref = raised;
    }
}

template <class Derived> struct three_pass {
    /// From the largest: no guess. A row whose weights would be stored over it has none either.
    template <class P, class Accuracy, class Source, class Sink, class T>
    SMX_OUTER static auto weigh(Source const& x, Sink const& y, std::size_t n, math::exp_scale<T> k, T lowest,
                                reference_from from) -> weighing<typename P::register_type> {
        using V = typename P::register_type;
        auto const& weights = Derived::weights(y);
        bool const guesses = from != reference_from::largest && outlives_weights(x, weights);
        weight_sum<P, Accuracy> sum(length_in_blocks<Source>(n));
        reference<V> ref{false, V(lowest)};
        if constexpr (math::has_exp_window<V> && Derived::keeps_weights && algorithm::reads_packs<Source>()) {
            std::size_t begin = 0;
            if (guesses) {
                row_ends<P, Source> const ends(x, n);
                ref = guess_of<V>(ends.some(), k, lowest);
                auto const window = math::exp_window_at(k, ref.exponent);
                if (ref.near && window.usable && ends.inside(window)) {
                    begin = sum.weigh_in_window(x, weights, n, window, ends.some_inside());
                    if (begin == n) [[likely]] {
                        auto const total = sum.sum();
                        if (is_accepted<T>(total)) [[likely]]
                            return {true, ref.exponent, total, true};
                    }
                } else { // masked, or far from each other
                    ref = guess_of<V>(ends.largest(), k, lowest);
                }
            }
            return weigh_on<P, Accuracy>(x, weights, begin, n, k, lowest, ref, sum.so_far());
        } else {
            if (guesses) {
                row_ends<P, Source> const ends(x, n);
                ref = guess_of<V>(ends.some(), k, lowest);
                if (!ref.near) ref = guess_of<V>(ends.largest(), k, lowest);
            }
            for (bool guessed = ref.near;; guessed = false) {
                if (!guessed) ref = reference_of<V>(maximum<P>(x, 0, n), k, lowest);
                if (!ref.near) return {};
                sum = weight_sum<P, Accuracy>(length_in_blocks<Source>(n));
                sum.weigh(x, weights, 0, n, math::exp_reference_at(k, ref.exponent));
                auto const total = sum.sum();
                if (!guessed || is_accepted<T>(total)) [[likely]]
                    return {true, ref.exponent, total, false};
            }
        }
    }
};

} // namespace algorithm

struct three_pass_reload_t : algorithm::three_pass<three_pass_reload_t> {
    static constexpr bool keeps_weights = true;
    /// In the output, or where it says.
    template <class Sink> SMX_OUTER static decltype(auto) weights(Sink const& y) {
        if constexpr (requires { y.weights(); })
            return y.weights();
        else
            return (y);
    }
};

struct three_pass_recompute_t : algorithm::three_pass<three_pass_recompute_t> {
    static constexpr bool keeps_weights = false;
    template <class Sink> SMX_OUTER static algorithm::no_sink weights(Sink const&) { return {}; }
};

SMX_END
