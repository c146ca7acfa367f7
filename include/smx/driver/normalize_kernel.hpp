// SPDX-License-Identifier: BSL-1.0
// The kernel of the operators whose weights are exponentials: softmax with any finish.
#pragma once

#include <smx/algorithm/across.hpp>
#include <smx/algorithm/blocks.hpp>
#include <smx/algorithm/full_row.hpp>
#include <smx/algorithm/short_tile.hpp>
#include <smx/algorithm/tile_window.hpp>
#include <smx/driver/leading.hpp>
#include <smx/driver/normalize_twice.hpp>
#include <smx/driver/turns.hpp>
#include <smx/driver/window_rows.hpp>

SMX_BEGIN
namespace driver {

template <class Algorithm, class Accuracy, class Finish>
struct normalize_kernel : normalize_twice<Algorithm, Accuracy, Finish> {
    using twice = normalize_twice<Algorithm, Accuracy, Finish>;
    using twice::finish;
    using accuracy = Accuracy;

    template <class T> static constexpr T hidden = T(0);
    template <class T> T of_nothing() const { return algorithm::value_without_weights<T>(0, finish.fully_masked); }

    /// Rows that end within their registers, but are taken as if they filled them.
    template <class V, class X, class Y>
    static constexpr bool may_end = algorithm::has_kernels_by_length&& math::has_exp_window<V>&& Finish::is_plain&&
        std::is_same_v<X, Y>&& std::is_same_v<Y, simd::element_of<V>>;

    /// A long row, shared by all threads of an execution.
    static constexpr bool shares_rows = true;
    template <class V, class E, class Source, class Sink>
    void row(E const& e, Source const& x, Sink const& y, std::size_t n,
             algorithm::row_scale<simd::element_of<V>> const& scale) const {
        if (n < algorithm::long_row || !scale.ordinary || !row_in_blocks<V>(e, x, y, n, scale.k))
            row<V>(x, y, n, scale);
    }

    /// Weights wait in the output where they do for a row by itself: two threads take .56 to .6 of the time of weights
    /// that are computed again (1 to 4 Mi floats, Zen 4).
    template <class V, class E, class Source, class Sink>
    bool row_in_blocks(E const& e, Source const& x, Sink const& y, std::size_t n,
                       math::exp_scale<simd::element_of<V>> k) const {
        auto const each = [&](std::size_t blocks, auto const& body) { share_alike(e, n, blocks, body); };
        auto const sink = twice::template streaming_if_worth_it<V>(x, y, n);
        bool past_caches = false;
        if constexpr (requires { sink.streams; }) past_caches = sink.streams;
        if constexpr (takes_turns<V, Sink> &&
                      (std::is_same_v<Algorithm, automatic_t> || std::is_same_v<Algorithm, three_pass_reload_t>))
            if (!past_caches && algorithm::outlives_weights(x, y))
                return algorithm::normalize_blocks<three_pass_reload_t, Accuracy, V>(x, y, n, k, finish, each);
        return algorithm::normalize_blocks<three_pass_recompute_t, Accuracy, V>(x, sink, n, k, finish, each);
    }

    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        row<V>(x, y, n, scale, at_once<normalize_kernel, V>(*this));
    }
    template <class V, class Sink>
    static constexpr bool takes_turns =
        std::is_same_v<typename Sink::element, simd::element_of<V>> && !requires(Sink sink) {
        sink.streams;
    };
    template <class V, class Source, class Sink, class Turns>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale, Turns&& turns) const {
        if constexpr (std::is_same_v<Algorithm, automatic_t>) {
            using registers = algorithm::registers_for<Source, V>;
            if (n <= registers::most * V::size && scale.ordinary &&
                algorithm::normalize_in_registers<Accuracy, V, registers>(x, y, n, scale.k, finish,
                                                                          algorithm::reference_from::first))
                return;
        }
        row_in_memory<V>(x, y, n, scale, turns);
    }
    /// Rows of a matrix that fit in registers: how long they may be, and the kernel for them.
    template <class V>
    static constexpr std::size_t longest_together =
        std::is_same_v<Algorithm, automatic_t>&& algorithm::has_kernels_by_length
            ? algorithm::registers_of_matrix_row<V>::most* V::size
            : 0;
    template <class V, class Kernel, class X, class Y>
    static std::size_t rows_together(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<Y> const& y,
                                     std::size_t first, std::size_t last,
                                     algorithm::row_scale<simd::element_of<V>> const& scale) {
        return normalize_rows_in_registers<Accuracy, V>(kernel, x, y, first, last, scale);
    }

    /// One that does not fit in registers, or could not stay there.
    template <class V, class Source, class Sink, class Turns>
    SMX_OUTER void row_in_memory(Source const& x, Sink const& y, std::size_t n,
                                 algorithm::row_scale<simd::element_of<V>> const& scale, Turns&& turns) const {
        using T = simd::element_of<V>;
        constexpr bool in_output = takes_turns<V, Sink>; // weights can wait there
        constexpr bool chosen = std::is_same_v<Algorithm, automatic_t>;
        if constexpr (!chosen && !std::is_same_v<Algorithm, three_pass_reload_t>) {
            algorithm::normalize<Algorithm, Accuracy, V>(x, y, n, scale, finish);
        } else if constexpr (in_output) {
            if constexpr (chosen)
                if (n * sizeof(T) >= algorithm::recompute_in_place_from_bytes<T> && !algorithm::outlives_weights(x, y))
                    return twice::template in_place<V>(x, y, n, scale);
            algorithm::weighing<V> found;
            if (scale.ordinary)
                found = algorithm::weigh_near<three_pass_reload_t, Accuracy, algorithm::pack_for<Source, V>>(
                    x, y, n, scale.k, finish, turns.reference());
            if (!found.near) [[unlikely]]
                algorithm::normalize_moved<Accuracy, V>(x, n, x, y, n, scale.c, finish);
            else
                turns.finish(found, y, n);
        } else if (n <= scratch_length) {
            alignas(64) T scratch[scratch_length];
            algorithm::normalize<three_pass_reload_t, Accuracy, V>(x, sink_with_scratch<Sink, T>{y, scratch}, n, scale,
                                                                   finish);
        } else {
            twice::template row_weighed_again<V>(x, y, n, scale);
        }
    }
    /// The second half of a row whose weights wait in its output. By value, in registers: the sum is waited for.
    template <class V, class Sink>
    SMX_NOINLINE void finish_row(V exponent, algorithm::total<simd::element_of<V>> sum, bool normal, Sink y,
                                 std::size_t n) const {
        algorithm::write_results<three_pass_reload_t, Accuracy, simd::pack<V>>(
            algorithm::weighing<V>{true, exponent, sum, normal}, y, y, n, math::exp_scale<simd::element_of<V>>{},
            finish);
    }
    /// Down columns every algorithm is the same tile, read once in windows, three times elsewhere.
    static constexpr bool takes_tiles = true, takes_short_rows = std::is_same_v<Algorithm, automatic_t>,
                          takes_registers = Finish::is_plain && algorithm::has_kernels_by_length;
    template <class P, class Tile>
    SMX_OUTER bool tile(Tile const& columns, std::size_t n,
                        algorithm::row_scale<typename P::value_type> const& scale) const {
        return scale.ordinary && algorithm::normalize_tile<Accuracy, P>(columns, n, scale.k, finish);
    }
    template <class V> static constexpr bool weighs_in_windows = math::has_exp_window<V>&& Finish::is_plain;
    template <class P, class Tile>
    SMX_OUTER bool tile_in_window(Tile const& columns, std::size_t n,
                                  algorithm::row_scale<typename P::value_type> const& scale) const {
        return algorithm::normalize_tile_in_window<Accuracy, P>(columns, n, scale.k, finish);
    }
    template <class V, std::size_t N>
    SMX_OUTER bool weigh_registers_in_window(algorithm::short_tile<V, N>& found, V const (&x)[N], std::size_t n,
                                             algorithm::row_scale<simd::element_of<V>> const& scale,
                                             algorithm::reference<V> const& guess) const {
        return algorithm::weigh_short_tile_in_window<Accuracy>(found, x, n, scale.k, guess);
    }
    template <class V, std::size_t N>
    SMX_OUTER bool weigh_registers(algorithm::short_tile<V, N>& found, V (&x)[N], std::size_t n,
                                   algorithm::row_scale<simd::element_of<V>> const& scale) const {
        return scale.ordinary && algorithm::weigh_short_tile<Accuracy>(found, x, n, scale.k, finish);
    }
    template <class V, std::size_t N>
    SMX_OUTER void invert_registers(algorithm::short_tile_inverse<V>& inverse,
                                    algorithm::short_tile<V, N> const& found) const {
        algorithm::invert_short_tile<Accuracy>(inverse, found);
    }
    template <class V, std::size_t N>
    SMX_OUTER void results_in_registers(algorithm::short_tile<V, N> const& found,
                                        algorithm::short_tile_inverse<V> const& inverse, V (&x)[N]) const {
        algorithm::results_of_short_tile<Accuracy>(found, inverse, x, finish);
    }
    template <class V, class Source, class Sink>
    void alone(Source const& x, Sink const& y, std::size_t n,
               algorithm::row_scale<simd::element_of<V>> const& scale) const {
        algorithm::normalize_moved<Accuracy, V>(x, n, x, y, n, scale.c, finish);
    }
};

} // namespace driver
SMX_END
