// SPDX-License-Identifier: BSL-1.0
// Operators that look at one element at a time, or nearly so.
#pragma once

#include <smx/driver/map.hpp>

SMX_BEGIN
namespace driver {

/// y_i = f(x_i), where f holds scale.k: a scale that is not ordinary is applied as powers of two before.
template <class V, class Source, class Sink, class F>
SMX_OUTER void map_elements(Source const& x, Sink const& y, std::size_t n,
                            algorithm::row_scale<simd::element_of<V>> const& scale, F const& f) {
    using T = simd::element_of<V>;
    auto const run = [&](auto const& source) SMX_OUTER_LAMBDA {
        algorithm::sweep<algorithm::pack_for<std::remove_cvref_t<decltype(source)>, V>>(
            0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                using Part = typename decltype(shape)::pack_type;
                y.store(offset, f(source.template load<Part>(offset, extent, V(T(0)))), extent);
            });
    };
    if (scale.ordinary) [[likely]]
        run(x);
    else
        run(algorithm::affine_source<Source, T>{x, scale.inner, 0, scale.outer});
}

} // namespace driver
SMX_END
