// SPDX-License-Identifier: BSL-1.0
// The second half of a row of a matrix: at once, or after the first half of the next row.
#pragma once

#include <smx/algorithm/weigh.hpp>
#include <smx/driver/kernel.hpp>
#include <smx/driver/streamed.hpp>

SMX_BEGIN
namespace driver {

/// Rows in two halves, weighed and finished, that take turns: while the sum of one is found and inverted, the next is
/// weighed. Rows of 256 to 1,024 floats take .75 to .9 of the time; but where a processor fetches by itself rows that
/// come from beyond the caches take 1.2 to 1.5.
template <class Kernel, class V, class Sink> class turns {
    Kernel const& kernel;
    algorithm::weighing<V> waiting;
    Sink to{};
    std::size_t length = 0, longest;
    typename Sink::element* streamed = nullptr; // where the results of this row go, whose weights wait elsewhere
    std::size_t too_low = 0, by_largest = 0;    // guesses in a row; how many rows do without

public:
    /// The longest row that waits for the next is in L1 with it.
    turns(Kernel const& k, bool far)
        : kernel(k), longest(far && algorithm::fetches_by_itself() ? 0 : 4096 / sizeof(simd::element_of<V>)) {}
    turns(turns const&) = delete;
    turns& operator=(turns const&) = delete;
    ~turns() { flush(); }

    /// Of the next row: after two guesses that were too low the largest element, for some rows. Rows of 300 to 4,096
    /// floats of which one is far above the first take .66 to .92 of the time that raised guesses take.
    SMX_OUTER algorithm::reference_from reference() {
        using algorithm::reference_from;
        if (by_largest == 0) [[likely]]
            return reference_from::first;
        --by_largest;
        return reference_from::largest;
    }

    void finish(algorithm::weighing<V> const& found, Sink const& y, std::size_t n) {
        too_low = found.raised ? too_low + 1 : 0;
        if (too_low == 2) [[unlikely]] {
            too_low = 0;
            by_largest = 4 * rows_of_a_kind;
        }
        if constexpr (may_stream<Kernel, V, typename Sink::element, typename Sink::element>)
            if (streamed != nullptr) {
                kernel.stream_row(found.exponent, found.sum, found.normal, y, streamed, n);
                streamed = nullptr;
                return;
            }
        flush();
        waiting = found;
        to = y;
        length = n;
        if (n > longest) flush();
    }

    /// The next row is written past the caches, to y.
    SMX_OUTER void begin_streamed(typename Sink::element* y) { streamed = y; }
    /// If it has not been finished (it had to be moved, say) its results wait as weights would.
    SMX_OUTER void end_streamed(typename Sink::element const* results, std::size_t n) {
        if (streamed != nullptr) [[unlikely]]
            for (std::size_t i = 0; i != n; ++i) streamed[i] = results[i];
    }

private:
    SMX_OUTER void flush() {
        if (waiting.near) kernel.finish_row(waiting.exponent, waiting.sum, waiting.normal, to, length);
        waiting.near = false;
    }
};
/// One row, by itself.
template <class Kernel, class V> struct at_once {
    Kernel const& kernel;

    explicit at_once(Kernel const& k, bool = false) : kernel(k) {}
    static constexpr algorithm::reference_from reference() { return algorithm::reference_from::first; }
    template <class Sink>
    SMX_OUTER void finish(algorithm::weighing<V> const& found, Sink const& y, std::size_t n) const {
        kernel.finish_row(found.exponent, found.sum, found.normal, y, n);
    }
};

} // namespace driver
SMX_END
