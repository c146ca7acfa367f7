// SPDX-License-Identifier: BSL-1.0
// What alpha-entmax's two unknowns have in common: its powers, and the pack that its steps take.
#pragma once

#include <smx/algorithm/gap_sums.hpp>
#include <smx/math/power.hpp>

SMX_BEGIN
namespace algorithm {

struct entmax_power {
    double q, p; // alpha - 1, and 1 / q

    SMX_INLINE static entmax_power of(double alpha) { return {alpha - 1, 1 / (alpha - 1)}; }
};

/// Powers have long chains: eight registers of doubles in flight where there are 32, four elsewhere, but a whole line
/// at least.
template <class V> inline constexpr std::size_t entmax_chains = sizeof(V) == 64 ? 8 : 4;
template <class V>
using entmax_pack =
    simd::pack<V, (line_doubles<V> < entmax_chains<V> ? entmax_chains<V> : line_doubles<V>) / doubles_each<V>>;

} // namespace algorithm
SMX_END
