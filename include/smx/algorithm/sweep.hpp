// SPDX-License-Identifier: BSL-1.0
// The loop. Every pass over a row is this one: packs, then the lines that are left, then one partial line.
// It never peels to alignment, so the order of operations depends on the length alone, not on the address.
#pragma once

#include <smx/simd/pack_memory.hpp>

SMX_BEGIN
namespace algorithm {

/// Tells a body which pack it is called for: the pack_type of decltype(shape).
template <class P> struct shape_of { using pack_type = P; };

/// What a row is read in: packs from a source that says so, single lines from sources that gather, mask or compute,
/// where eight registers in flight gain nothing and are eight times the code.
template <class Source> constexpr bool reads_packs() {
    if constexpr (requires { Source::reads_packs; }) return Source::reads_packs;
    return false;
}
template <class Source, class V>
using pack_for = simd::pack<V, reads_packs<Source>() ? simd::pack_registers<V> : simd::line_registers<V>>;

/// body(shape, offset, extent) for [begin, end): extent is whole{} but for the last call, where it may be partial.
/// The rest of a row goes line by line, not as one pack most of which is beyond the row.
template <class P, class Body> SMX_INLINE void sweep(std::size_t begin, std::size_t end, Body&& body) {
    using V = typename P::register_type;
    using line = simd::pack<V, simd::line_registers<V>>;
    std::size_t offset = begin;
    for (; end - offset >= P::size; offset += P::size) body(shape_of<P>{}, offset, simd::whole{});
    if constexpr (P::size != line::size)
        for (; end - offset >= line::size; offset += line::size) body(shape_of<line>{}, offset, simd::whole{});
    if (offset != end) body(shape_of<line>{}, offset, simd::partial{end - offset});
}

} // namespace algorithm
SMX_END
