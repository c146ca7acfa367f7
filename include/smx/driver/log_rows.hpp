// SPDX-License-Identifier: BSL-1.0
// Rows of a matrix, a register of them at a time, by their log_sums (algorithm/log_rows.hpp).
#pragma once

#include <smx/algorithm/log_rows.hpp>
#include <smx/driver/row.hpp>

SMX_BEGIN
namespace driver {

/// Rows of up to so many elements: a register of them is 16 KiB. Rows of 49 to 256 floats take .5 to .75 of the time of
/// one after the other; of 512, with AVX-512, .9, but 1.4 from beyond the caches.
template <class V> inline constexpr std::size_t longest_by_log_sums = 16384 / sizeof(V);

/// The rows from `first` on: usual(first, row_at, found) for a register of them, from row `first` on, or alone(r) for
/// each of those; row_at(r) is the r-th of them. Returns the row where it ends: where they fill no register.
template <class Accuracy, class V, class X, class Usual, class Alone>
SMX_OUTER std::size_t by_log_sums(matrix_view<X const> const& x, std::size_t first, std::size_t last,
                                  algorithm::row_scale<simd::element_of<V>> const& scale, Usual const& usual,
                                  Alone const& alone) {
    using P = algorithm::pack_for<row_source<X>, V>;
    std::size_t const ahead = prefetch_in(x);
    algorithm::rows_log_sum<V> found;
    for (; last - first >= V::size; first += V::size) {
        auto const row_at = [&](std::size_t r, std::size_t prefetched = 0) {
            return row_source<X>{x.data + (first + r) * x.row_stride, prefetched};
        };
        if (algorithm::log_sums_of_rows<Accuracy, P>(found, row_at, x.cols, ahead, scale)) [[likely]]
            usual(first, row_at, found);
        else
            for (std::size_t r = first; r != first + V::size; ++r) alone(r);
    }
    return first;
}

} // namespace driver
SMX_END
