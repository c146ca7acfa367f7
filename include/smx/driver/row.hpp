// SPDX-License-Identifier: BSL-1.0
// Rows in memory as sources and sinks.
#pragma once

#include <smx/algorithm/choose.hpp>
#include <smx/algorithm/sweep.hpp>
#include <smx/matrix.hpp>
#include <smx/simd/convert.hpp>

SMX_BEGIN
namespace driver {

/// The elements that follow closely: of all rows, or of one.
template <class X> SMX_INLINE std::size_t neighbours_in(matrix_view<X> const& x) {
    return x.cols > x.row_stride / 2 ? x.rows * x.cols : x.cols;
}
/// How far ahead the rows of a matrix prefetch: beyond their end, into the next ones, if these follow closely. Rows of
/// 64 to 2,048 floats outside the cache gain 10 to 40 %.
template <class X> SMX_INLINE std::size_t prefetch_in(matrix_view<X> const& x) {
    return algorithm::prefetch_ahead<X>(neighbours_in(x));
}

/// The cache lines of a row of n elements, asked for to be read.
template <class X> SMX_INLINE void prefetch_row(X const* x, std::size_t n) {
    for (std::size_t i = 0; i < n; i += 64 / sizeof(X)) simd::prefetch(x + i);
}

/// As prefetch_row(), to be overwritten. All of one kind at a time: both at once take 3 % longer.
template <class Y> SMX_OUTER void prefetch_row_for_write(Y* y, std::size_t n) {
    for (std::size_t i = 0; i < n; i += 64 / sizeof(Y)) simd::prefetch_for_write(y + i);
}

/// What is prefetched for a register of rows.
template <class V, class T> SMX_OUTER void prefetch_rows(T const* from, T* to, std::size_t stride, std::size_t ahead) {
    std::size_t const lines = V::size * stride / simd::line<T>;
    if (ahead != 0)
        for (std::size_t i = 0; i <= lines; ++i) {
            std::size_t const offset = ahead + i * simd::line<T>;
            simd::prefetch(from + offset);
            simd::prefetch_for_write(to + offset);
        }
}

/// A contiguous row of S to read as packs of T. `ahead` is how far to prefetch, in elements; 0 inside the caches.
template <class S> struct row_source {
    static constexpr bool reads_packs = true;
    S const* row;
    std::size_t ahead = 0;

    SMX_INLINE row_source without_prefetches() const { return {row}; }
    /// True if it is read as it is after something else was written from there on.
    SMX_INLINE bool outlives(void const* written) const { return static_cast<void const*>(row) != written; }

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        if (ahead != 0) simd::prefetch_pack<P>(row + offset + ahead);
        return simd::load_pack<P>(row + offset, extent, dead);
    }
    /// Reads nothing where lanes are 0; there the result is 0.
    template <class P, class Extent> SMX_INLINE P load_where(std::size_t offset, Extent extent, P const& lanes) const {
        return simd::load_pack_where(row + offset, extent, lanes);
    }
};

/// A contiguous row to write, and to read back what was written.
template <class S> struct row_sink {
    using element = S;
    S* row;
    std::size_t ahead = 0;

    SMX_INLINE row_sink without_prefetches() const { return {row}; }

    template <class P, class Extent> SMX_INLINE void store(std::size_t offset, P const& v, Extent extent) const {
        if (ahead != 0) simd::prefetch_pack_for_write<P>(row + offset + ahead);
        simd::store(row + offset, v, extent);
    }
    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        return simd::load_pack<P>(row + offset, extent, dead);
    }
    /// What is behind the first `offset` elements.
    SMX_INLINE row_sink beyond(std::size_t offset) const { return {row + offset, ahead}; }
};

/// factor x + bias, rounded once. In packs, and with a guess for a reference, rows of 128 floats and more take .49 to
/// .7 of the time, and such with a mask .65 to .87.
template <class Source, class Bias, class T> struct biased_source {
    static constexpr bool reads_packs = algorithm::reads_packs<Source>();
    Source source;
    Bias bias;
    T factor;

    SMX_INLINE bool outlives(void const* written) const { return source.outlives(written) && bias.outlives(written); }

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        using V = typename P::register_type;
        P const z = simd::fma(source.template load<P>(offset, extent, V(0)), V(factor),
                              bias.template load<P>(offset, extent, V(0)));
        return simd::keep(z, dead, extent);
    }
    template <class P, class Extent> SMX_INLINE P load_where(std::size_t offset, Extent extent, P const& lanes) const {
        using V = typename P::register_type;
        return simd::fma(source.load_where(offset, extent, lanes), V(factor), bias.load_where(offset, extent, lanes));
    }
};

/// The elements whose mask is true, -inf (`hidden`) in the place of the others, which are not read.
template <class Source, class T> struct masked_source {
    static constexpr bool reads_packs = algorithm::reads_packs<Source>();
    Source source;
    unsigned char const* mask;
    T hidden;

    SMX_INLINE bool outlives(void const* written) const { return source.outlives(written); }

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        using V = typename P::register_type;
        P const lanes = simd::load_mask<P>(mask + offset, extent);
        P const x = source.load_where(offset, extent, lanes);
        return simd::keep(simd::select_at_least(lanes, V(T(1)), x, V(hidden)), dead, extent);
    }
};

} // namespace driver
SMX_END
