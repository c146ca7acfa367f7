// SPDX-License-Identifier: BSL-1.0
// sparsemax: softmax with exact zeros.
#pragma once

#include <smx/driver/map.hpp>
#include <smx/driver/projected_rows.hpp>

SMX_BEGIN

struct sparsemax_options {
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them: above 1 widens the support, below 1 narrows it
    masked fully_masked = masked::by_argument; ///< what a row of nothing but -inf becomes
};

namespace driver {

/// sparsemax and 1.5-entmax: the operators with an exact threshold.
template <class Share> struct project_kernel : weights_kernel {
    template <class V, class Source, class Sink>
    SMX_OUTER void row(Source const& x, Sink const& y, std::size_t n,
                       algorithm::row_scale<simd::element_of<V>> const& scale) const {
        algorithm::project<Share, V>(x, y, n, scale, fully_masked);
    }
    template <class V> static constexpr std::size_t longest_together = longest_projected<simd::element_of<V>>;
    template <class V, class Kernel, class X, class Y>
    static std::size_t rows_together(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<Y> const& y,
                                     std::size_t first, std::size_t last,
                                     algorithm::row_scale<simd::element_of<V>> const& scale) {
        return map_projected_rows<Share, V>(kernel, x, y, first, last, scale);
    }

    static constexpr bool takes_tiles = true, tiles_are_short = true, takes_short_rows = true;
    template <class P, class Tile>
    SMX_OUTER bool tile(Tile const& columns, std::size_t n,
                        algorithm::row_scale<typename P::value_type> const& scale) const {
        return scale.ordinary && scale.c != 0 && algorithm::project_tile<Share, P>(columns, n, scale.c);
    }
};

} // namespace driver

/// The point of the simplex that is nearest to the scores:
///
///     y_i = [c x_i - tau]_+ with tau so that sum_j y_j = 1,   c = scale / temperature
///
/// **Shapes.** As softmax: rows, matrices of rows, columns(matrix), smx::scores. y may be x. Nothing is allocated; 4
/// KiB of stack (8 for double) are used, 17 (13) for a matrix, 86 (90) for columns.
///
/// **Errors.** As softmax.
///
/// **Values.** A NaN or +inf in a row makes the whole row NaN. -inf gives exactly 0. A row of nothing but -inf is NaN,
/// or zeros with fully_masked = masked::zeros. A length of 0 writes nothing. A single finite element among -inf gives
/// exactly 1; equal elements give equal bits; 0 <= y_i <= 1. What is at or below the threshold is exactly 0; an element
/// within 2^-50 / c of the threshold may fall on either side. A factor of 0 gives 1 / n.
///
/// **Accuracy.** Absolute error of an element: at most 8 u, u = 2^-24 for float and 2^-53 for double.
///
/// **Bits.** As softmax: with FMA they depend on the row and the options alone.
///
/// **Cost.** Expected O(n): 3 reads + 1 write of the row, and a few steps over the elements near the support. A pass
/// more for every step if over 1024 elements are there; no row takes more than about log2(n) + 60 steps. Rows of up to
/// 48 floats or 24 doubles are stepped over as they are. Of a matrix a register of rows takes its steps at a time, if
/// these have up to 1,024 floats or 512 doubles, and columns do, of up to 48 or 24.
///
/// **Source.** A. Martins, R. Astudillo, "From Softmax to Sparsemax", 2016; C. Michelot, "A finite algorithm for
/// finding the projection of a point onto the canonical simplex", 1986.
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_rows_like<X const> Y>
void sparsemax(E const& e, X const& x, Y&& y, sparsemax_options const& options = {}) {
    double const c = driver::factor("sparsemax", options.scale, options.temperature);
    driver::map<Arch>(e, "sparsemax",
                      driver::project_kernel<algorithm::linear_share>{{driver::policy_for<X>(options.fully_masked)}}, x,
                      y, c);
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void sparsemax(X const& x, Y&& y, sparsemax_options const& options = {}) {
    smx::sparsemax<Arch>(sequential, x, y, options);
}

SMX_END
