// SPDX-License-Identifier: BSL-1.0
// The blocks of a long row (run_sum.hpp) as rows, for whoever shares it.
#pragma once

#include <smx/algorithm/reference.hpp>
#include <smx/algorithm/run_sum.hpp>

SMX_BEGIN
namespace algorithm {

/// The elements of a row of n from `begin` on: a block of it.
template <class Source> struct block_source {
    static constexpr bool reads_packs = algorithm::reads_packs<Source>(), is_block = true;
    Source const& source;
    std::size_t begin, n;

    /// Whoever lets weights wait in a block's own output has asked the row.
    SMX_INLINE bool outlives(void const*) const { return true; }

    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        return source.template load<P>(begin + offset, extent, dead);
    }
};

/// A block guesses from the ends of its row, as this does by itself: then most have one reference.
template <class P, class Source> struct row_ends<P, block_source<Source>> : row_ends<P, Source> {
    SMX_INLINE row_ends(block_source<Source> const& block, std::size_t) : row_ends<P, Source>(block.source, block.n) {}
};

/// All of them.
template <class Source> struct blocks_of_row {
    using source = block_source<Source>;
    Source const& row;
    std::size_t n, length, count;

    blocks_of_row(Source const& x, std::size_t size)
        : row(x), n(size), length(block_length(size)), count((size - 1) / length + 1) {}
    SMX_INLINE std::size_t begin(std::size_t b) const { return b * length; }
    SMX_INLINE std::size_t length_of(std::size_t b) const { return b + 1 == count ? n - begin(b) : length; }
    SMX_INLINE source operator[](std::size_t b) const { return {row, begin(b), n}; }
};

} // namespace algorithm
SMX_END
