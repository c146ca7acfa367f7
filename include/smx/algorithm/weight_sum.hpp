// SPDX-License-Identifier: BSL-1.0
// Weights e^(c x_i) / 2^N of a row and their sum, for a reference exponent N: what every algorithm does to every
// element.
#pragma once

#include <smx/algorithm/line_sum.hpp>
#include <smx/algorithm/maximum.hpp>
#include <smx/math/exp.hpp>

SMX_BEGIN
namespace algorithm {

/// Stands for "store nothing".
struct no_sink {
    template <class P, class Extent> SMX_INLINE void store(std::size_t, P const&, Extent) const {}
};

/// What weighing a row found. `near` is false if an exponent is out of range: the row must be moved to 0 first.
template <class V> struct weighing {
    bool near = false;
    V exponent = V(0); // N
    total<simd::element_of<V>> sum{};
};

template <class T> SMX_INLINE bool is_near(T exponent) {
    return exponent >= T(-math::near_exponent) && exponent <= T(math::near_exponent);
}

/// 2^d lane by lane, for d <= 0; 0 below the smallest normal number.
template <class V> SMX_INLINE V power_of_two(V d) {
    using limits = math::exp_limits<simd::element_of<V>>;
    return simd::exponent_from_magic(simd::at_least(d, V(-limits::one)) + V(limits::magic + limits::one));
}

/// The sum of the weights of a row, run by run.
template <class P, class Accuracy> struct weight_sum : line_sum<typename P::register_type, Accuracy> {
    using V = typename P::register_type;

    /// body(shape, offset, extent) for the packs of [begin, end), which begins at a run; closes each run.
    template <class Body> SMX_INLINE void by_runs(std::size_t begin, std::size_t end, Body&& body) {
        while (begin != end) {
            constexpr std::size_t length = run_length<typename P::value_type, Accuracy>;
            std::size_t const run_end = end - begin > length ? begin + length : end;
            sweep<P>(begin, run_end, body);
            this->close_run();
            begin = run_end;
        }
    }

    /// Weighs [begin, end), which begins at a run, against a known reference, and stores the weights.
    template <class Source, class Sink>
    SMX_INLINE void weigh(Source const& x, Sink const& weights, std::size_t begin, std::size_t end,
                          math::exp_reference<V, V> const& ref) {
        by_runs(begin, end, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
            using Part = typename decltype(shape)::pack_type;
            auto const w = math::exp_weight<Accuracy>(x.template load<Part>(offset, extent, V(0)), ref);
            weights.store(offset, w, extent);
            this->add(simd::keep(w, V(0), extent));
        });
    }
};

} // namespace algorithm
SMX_END
