// SPDX-License-Identifier: BSL-1.0
// Weights e^(c x_i) / 2^N of a row and their sum, for a reference exponent N: what every algorithm does to every
// element.
#pragma once

#include <smx/algorithm/run_sum.hpp>
#include <smx/math/exp_window.hpp>

SMX_BEGIN
namespace algorithm {

/// Stands for "store nothing".
struct no_sink {
    template <class P, class Extent> SMX_INLINE void store(std::size_t, P const&, Extent) const {}
};

/// The sum of the weights of a row, run by run.
template <class P, class Accuracy> struct weight_sum : run_sum<P, Accuracy> {
    using V = typename P::register_type;
    using T = typename P::value_type;
    using run_sum<P, Accuracy>::run_sum;

    /// Weighs [begin, end), which begins at a run, against a known reference, and stores the weights.
    template <class Source, class Sink>
    SMX_OUTER void weigh(Source const& x, Sink const& weights, std::size_t begin, std::size_t end,
                         math::exp_reference<V, V> const& ref) {
        this->by_runs(x, begin, end, [&](auto const& part) SMX_INLINE_LAMBDA {
            auto const w = math::exp_weight_or_infinity<Accuracy>(part.load(x, V(0)), ref);
            part.store(weights, w);
            part.add(*this, part.keep(w, V(0)));
        });
    }
    /// The same as far as exponents are at most `highest` above the reference. Returns where the run begins that has
    /// another.
    template <class Source, class Sink>
    SMX_OUTER std::size_t weigh_up_to(T highest, Source const& x, Sink const& weights, std::size_t begin,
                                      std::size_t end, math::exp_reference<V, V> const& ref) {
        using limits = math::exp_limits<T>;
        return this->template run_by_run<true, false, Source>(
            begin, end, [] {},
            [&](auto const& part) SMX_INLINE_LAMBDA {
                auto const v = math::exp_bounded(part.load(x, ref.floor), ref);
                auto const carrier = math::exp_carrier(v, ref);
                auto const w = math::exp_weight_of_carrier<Accuracy>(v, carrier, ref);
                part.store(weights, w);
                if (simd::any_above(simd::largest_part(carrier), V(limits::carrier + limits::bias + highest)))
                    [[unlikely]]
                    return false;
                part.add(*this, part.keep(w, V(0)));
                return true;
            });
    }
    /// The same against a window, as far as runs lie in it; elements beyond the row stand for `some` one of it. Returns
    /// where that ends.
    template <class Source, class Sink>
    SMX_OUTER std::size_t weigh_in_window(Source const& x, Sink const& weights, std::size_t end,
                                          math::exp_window_reference<V> const& ref, V some) {
        V before = some;
        return this->template run_by_run<true, ends_overlap<V>, Source>(
            0, end, [] {},
            [&](auto const& part) SMX_INLINE_LAMBDA {
                return weigh_part_in_window(part, x, weights, ref, some, before,
                                            [](auto const& w, auto const&) SMX_INLINE_LAMBDA { return w; });
            });
    }
    /// A part of a run, unless it is outside: adds summand(weights, elements). `before` are the last weights.
    template <class Part, class Source, class Sink, class Summand>
    SMX_INLINE bool weigh_part_in_window(Part const& part, Source const& x, Sink const& weights,
                                         math::exp_window_reference<V> const& ref, V some, [[maybe_unused]] V& before,
                                         Summand const& summand) {
        auto v = part.load(x, some);
        if constexpr (packs_in_order<V>)
            for (auto& lanes : v.part) lanes = simd::after(lanes, before);
        auto const carrier = math::exp_window_carrier(v, ref);
        auto const w = math::exp_window_weight<Accuracy>(v, carrier, ref);
        if constexpr (packs_in_order<V>) before = w.part[w.registers - 1];
        part.store(weights, w);
        if (!math::all_in_window(carrier)) [[unlikely]]
            return false;
        part.add(*this, part.keep(summand(w, v), V(0)));
        return true;
    }
};

} // namespace algorithm
SMX_END
