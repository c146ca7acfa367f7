// SPDX-License-Identifier: BSL-1.0
// Rows of a matrix through sparsemax or 1.5-entmax, a register of them at a time (algorithm/project_rows.hpp).
#pragma once

#include <smx/algorithm/project_rows.hpp>
#include <smx/driver/kernel.hpp>
#include <smx/driver/row.hpp>

SMX_BEGIN
namespace driver {

/// Rows of up to so many elements. Of 64 to 128 floats they take .41 to .66 of the time of one after the other, of 512
/// .59 to .75, of 1,000 .71 to .86 (Zen 4, AVX-512 and AVX2).
template <class T> inline constexpr std::size_t longest_projected = 64 * simd::line<T>;
/// From beyond the caches: of 256 floats .78 to 1.02, of 512 .9 to 1.4, since these rows are read together, then
/// computed, then written.
template <class T> inline constexpr std::size_t longest_projected_beyond_caches = 16 * simd::line<T>;

/// The rows from `first` on that are longer than those which tiles take. Returns the row where it ends: where they fill
/// no register.
template <class Share, class V, class Kernel, class X, class Y, class T>
SMX_NOINLINE std::size_t map_projected_rows(Kernel const& kernel, matrix_view<X const> const& x,
                                            matrix_view<Y> const& y, std::size_t first, std::size_t last,
                                            algorithm::row_scale<T> const& scale) {
    std::size_t const n = x.cols;
    bool const leaves = algorithm::leaves_cache<X>(neighbours_in(x));
    if (n <= algorithm::few_gaps<T> || (leaves && n > longest_projected_beyond_caches<T>) || !scale.ordinary ||
        scale.c == 0)
        return first;
    std::size_t first_tried = first;
    for (; last - first >= V::size; first += V::size) {
        auto const from = [&](std::size_t r) { return x.data + (first + r) * x.row_stride; };
        auto const to = [&](std::size_t r) { return y.data + (first + r) * y.row_stride; };
        auto const source = [&](std::size_t r) SMX_OUTER_LAMBDA { return row_source<X>{from(r)}; };
        auto const sink = [&](std::size_t r) SMX_OUTER_LAMBDA { return sink_of(kernel, row_sink<Y>{to(r)}); };
        // Asked for while the steps are taken: .7 to .85 of the time from beyond the caches.
        auto const next = [&](std::size_t r) SMX_OUTER_LAMBDA {
            if (!leaves) return;
            prefetch_row_for_write(to(r), n);
            prefetch_row(from(V::size + r), n);
        };
        bool const tried = first >= first_tried;
        algorithm::projection<V> found;
        if (tried && algorithm::find_projections<Share>(source, n, scale.c, found, next)) [[likely]] {
            algorithm::projection_of_rows<V> const rows(found);
            for (std::size_t r = 0; r != V::size; ++r) rows.template write<Share>(r, source(r), sink(r), n);
        } else {
            if (tried) first_tried = first + rows_of_a_kind * V::size;
            for (std::size_t r = 0; r != V::size; ++r) kernel.template row<V>(source(r), sink(r), n, scale);
        }
    }
    return first;
}

} // namespace driver
SMX_END
