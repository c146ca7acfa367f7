// SPDX-License-Identifier: BSL-1.0
// Softmax of one row that ends within its registers and lies in the window of exponents: read, weighed and written as
// if it filled them, a buffer in the place of what is beyond its whole lines. For rows of a matrix: of 65 to 250 floats
// they take .82 to .92 of the time of short_row. By themselves they would wait for the buffer: .95 to 1.05 on
// AVX2, 1.05 to 1.3 on AVX-512.
#pragma once

#include <smx/algorithm/full_row.hpp>

SMX_BEGIN
namespace algorithm {

/// n elements in registers, the first `Filled` of which they fill: each where it belongs if its line is whole, in `end`
/// if not.
template <std::size_t Filled, class T> struct ended_row {
    T* row;
    std::size_t n;
    T* end;

    template <class P> SMX_INLINE P load(std::size_t offset, simd::whole, typename P::register_type dead) const {
        using V = typename P::register_type;
        P result;
        simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            result.part[j] = simd::load<V>(at<V>(offset + j * V::size), simd::whole{}, dead);
        });
        return result;
    }
    template <class P> SMX_INLINE void store(std::size_t offset, P const& v, simd::whole) const {
        using V = typename P::register_type;
        simd::unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA {
            simd::store(at<V>(offset + j * V::size), v.part[j], simd::whole{});
        });
    }

private:
    template <class V> SMX_INLINE T* at(std::size_t offset) const {
        std::size_t const in_line = offset % simd::line<T>, line_end = offset - in_line + simd::line<T>;
        return offset < Filled * V::size || line_end <= n ? row + offset : end + in_line;
    }
};

/// Weighs a row of n elements, more than a line. Returns false if an element is not in the window of the first one, or
/// the sum is too large.
template <class Accuracy, std::size_t Filled, class Place, class P, class T, class Finish>
SMX_INLINE bool weigh_ended_row(short_row<P, T>& found, T const* x, std::size_t n, math::exp_scale<T> k,
                                Finish const& finish) {
    using V = typename P::register_type;
    using line = simd::pack<V, simd::line_registers<V>>;
    std::size_t const rest = n % line::size;
    alignas(64) T end[line::size];
    simd::store(end, simd::load_pack<line>(x + (n - rest), simd::partial{rest}, V(x[0])), simd::whole{});
    return weigh_full_row<Accuracy, Place>(
        found, ended_row<Filled, T const>{x, n, end}, k, finish, [&](P const& weights) SMX_INLINE_LAMBDA {
            P result = weights;
            simd::unroll<P::registers - Filled>([&](std::size_t j) SMX_INLINE_LAMBDA {
                V& part = result.part[Filled + j];
                part = simd::keep(part, V(T(0)), simd::beyond(simd::partial{n}, (Filled + j) * V::size));
            });
            return result;
        });
}

/// Writes its results.
template <class Accuracy, std::size_t Filled, class P, class T, class Finish>
SMX_INLINE void write_ended_row(short_row<P, T> const& found, T* y, std::size_t n, Finish const& finish) {
    using V = typename P::register_type;
    using line = simd::pack<V, simd::line_registers<V>>;
    alignas(64) T end[line::size];
    write_full_row<Accuracy>(found, ended_row<Filled, T>{y, n, end}, finish);
    std::size_t const rest = n % line::size;
    if (rest != 0) simd::store(y + (n - rest), simd::load_pack<line>(end, simd::whole{}, V(T(0))), simd::partial{rest});
}

} // namespace algorithm
SMX_END
