// SPDX-License-Identifier: BSL-1.0
// The few elements of a row that can have a weight, moved together on the stack.
#pragma once

#include <smx/algorithm/sweep.hpp>
#include <smx/simd/compress.hpp>

SMX_BEGIN
namespace algorithm {

/// Some elements of a row in their order, to be read like a row: whole lines, padded with -inf.
template <class T> struct survivors {
    static constexpr std::size_t capacity = 1024;
    alignas(64) T value[capacity + simd::line<T>];
    std::size_t count = 0;

    SMX_INLINE bool has_room_for(std::size_t n) const { return count <= capacity - n; }
    /// The lanes of x that are above the cut, or NaN.
    template <class V> SMX_INLINE void add(V x, V cut) {
        unsigned const set = simd::above(x, cut);
        simd::store_compressed(value + count, x, set);
        count += simd::count_lanes(set);
    }
    /// Only those above the cut stay.
    template <class V> SMX_INLINE void shrink(V cut) {
        std::size_t const lines = padded();
        count = 0;
        for (std::size_t i = 0; i != lines; i += V::size) add(V::load_unaligned(value + i), cut);
    }
    /// The number of elements with the padding, which this writes.
    SMX_INLINE std::size_t padded() {
        std::size_t end = count;
        for (; end % simd::line<T> != 0; ++end) value[end] = -simd::infinity<T>;
        return end;
    }
    template <class P, class Extent>
    SMX_INLINE P load(std::size_t offset, Extent extent, typename P::register_type dead) const {
        return simd::load_pack<P>(value + offset, extent, dead);
    }
};

/// Collects the elements above `cut` and NaN. Whenever there is no room left, raise() may move the cut and shrink
/// `kept`; if it returns false, so does this. What is kept depends on the row alone: room is asked for line by line.
template <class P, class Source, class Raise>
SMX_INLINE bool collect(Source const& source, std::size_t n, typename P::value_type const& cut,
                        survivors<typename P::value_type>& kept, Raise&& raise) {
    using T = typename P::value_type;
    using V = typename P::register_type;
    constexpr std::size_t stretch = 32 * P::size;
    bool fits = true;
    for (std::size_t begin = 0; begin < n && fits; begin += stretch)
        sweep<P>(
            begin, n - begin < stretch ? n : begin + stretch,
            [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
                auto const x =
                    source.template load<typename decltype(shape)::pack_type>(offset, extent, V(-simd::infinity<T>));
                unsigned any = 0;
                simd::unroll<x.registers>([&](std::size_t j)
                                              SMX_INLINE_LAMBDA { any |= simd::above(x.part[j], V(cut)); });
                if (any == 0) [[likely]]
                    return;
                if (kept.has_room_for(x.size)) [[likely]] {
                    simd::unroll<x.registers>([&](std::size_t j) SMX_INLINE_LAMBDA { kept.add(x.part[j], V(cut)); });
                    return;
                }
                // A copy, here alone: g++ would store every x in memory to count through its registers.
                alignas(64) T lanes[x.size];
                simd::store(lanes, x, simd::whole{});
                for (std::size_t j = 0; j != x.registers; ++j) {
                    if (j % simd::line_registers<V> == 0 && !kept.has_room_for(simd::line<T>)) fits = fits && raise();
                    if (fits) kept.add(V::load_aligned(lanes + j * V::size), V(cut));
                }
            });
    return fits;
}

} // namespace algorithm
SMX_END
