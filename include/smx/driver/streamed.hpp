// SPDX-License-Identifier: BSL-1.0
// Results that are written past the caches (choose.hpp): which are, and the sinks that do it. Nothing of such a row may
// wait in its output, so weights wait on the stack, or are computed again.
#pragma once

#include <smx/driver/row.hpp>

SMX_BEGIN
namespace driver {

/// A row that goes past the caches if so told: where registers can be written so, and what is written has no
/// other type.
template <class S> struct streaming_sink {
    using element = S;
    row_sink<S> to;
    bool streams;

    template <class P, class Extent> SMX_INLINE void store(std::size_t offset, P const& v, Extent extent) const {
        if constexpr (std::is_same_v<Extent, simd::whole> && std::is_same_v<typename P::value_type, S>)
            if constexpr (simd::streams<typename P::register_type>())
                if (streams) return simd::stream(to.row + offset, v);
        to.store(offset, v, extent);
    }
    SMX_INLINE streaming_sink beyond(std::size_t offset) const { return {to.beyond(offset), streams}; }
};

/// A row of a matrix of Y that is computed in V.
template <class V, class Y> SMX_INLINE auto matrix_sink(Y* y, bool streams) {
    if constexpr (std::is_same_v<Y, simd::element_of<V>>)
        return streaming_sink<Y>{{y}, streams};
    else
        return row_sink<Y>{y};
}

/// The longest row whose weights wait on the stack (16 KiB): if its output has another type, or is written past the
/// caches. Longer ones are computed again.
inline constexpr std::size_t scratch_length = 4096;

/// True if the rows of y are to be written past the caches: whole lines (of a row by itself the end may be one in part;
/// in matrices of 300 or 1,000 floats those take 1.1 to 1.3 times as long); what stays in registers, with registers of
/// 64 bytes what waits on the stack, too, and floats that are computed again (doubles take 1.0 to 1.05, AVX2 1.2).
template <class V, class X, class Y>
SMX_INLINE bool streams_rows(matrix_view<X const> const& x, matrix_view<Y> const& y, std::size_t longest_in_registers) {
    if constexpr (std::is_same_v<Y, simd::element_of<V>> && simd::streams<V>()) {
        constexpr std::size_t line = simd::line<Y>;
        return algorithm::outgrows_caches<Y>(neighbours_in(y), algorithm::results::of_rows) &&
               (y.rows == 1 || (y.cols % line == 0 && y.row_stride % line == 0)) &&
               reinterpret_cast<std::uintptr_t>(y.data) % 16 == 0 &&
               static_cast<void const*>(x.data) != static_cast<void const*>(y.data) &&
               (y.cols <= longest_in_registers ||
                (sizeof(V) == 64 && (sizeof(Y) == sizeof(float) || y.cols <= scratch_length)));
    }
    return false;
}

/// True if results are to be written past the caches, which whole lines are: 21 × 512² takes .63 to .74 of the time.
template <class V, class T> SMX_INLINE bool streams_columns(matrix_view<T const> const& x, matrix_view<T> const& y) {
    if constexpr (simd::streams<V>())
        return algorithm::outgrows_caches<T>(neighbours_in(y), algorithm::results::of_columns) &&
               y.row_stride % simd::line<T> == 0 && reinterpret_cast<std::uintptr_t>(y.data) % 64 == 0 &&
               x.data != y.data;
    return false;
}

/// A sink whose weights wait elsewhere.
template <class Sink, class T> struct sink_with_scratch {
    using element = typename Sink::element;
    Sink to;
    T* scratch;

    template <class P, class Extent> SMX_INLINE void store(std::size_t offset, P const& v, Extent extent) const {
        to.store(offset, v, extent);
    }
    SMX_INLINE row_sink<T> weights() const { return {scratch}; }
};

} // namespace driver
SMX_END
