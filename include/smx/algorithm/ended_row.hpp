// SPDX-License-Identifier: BSL-1.0
// Softmax of one row that ends within its registers and lies in the window of exponents: read, weighed and written as
// if it filled them. Its last line, which is none, is taken with what is before it, so that it is one: some weights are
// made and written twice, the same bits. Only for the sum do those that count move to where they belong. Rows of a
// matrix take .82 to .92 of the time of short_row, by themselves .7 to .85 on AVX2, .82 to .95 on AVX-512.
#pragma once

#include <smx/algorithm/full_row.hpp>

SMX_BEGIN
namespace algorithm {

/// n elements, more than a line, in registers, the first `Filled` of which they fill. What is no whole line of theirs
/// is the last line of the row.
template <std::size_t Filled, class T> struct ended_row {
    T* row;
    std::size_t n;

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
        constexpr std::size_t line = simd::line<T>;
        std::size_t const in_line = offset % line, line_end = offset - in_line + line;
        return offset < Filled * V::size || line_end <= n ? row + offset : row + (n - line + in_line);
    }
};

/// Weighs a row of n elements, more than a line. Returns false if an element is not in the window of the first one, or
/// the sum is too large.
template <class Accuracy, std::size_t Filled, class Place, class P, class T, class Finish,
          class Replaced = nothing_replaced>
SMX_OUTER bool weigh_ended_row(short_row<P, T>& found, T const* x, std::size_t n, math::exp_scale<T> k,
                               Finish const& finish, Replaced const& replaced = {}) {
    using V = typename P::register_type;
    using line = simd::pack<V, simd::line_registers<V>>;
    return weigh_full_row<Accuracy, Place>(
        found, ended_row<Filled, T const>{x, n}, k, finish,
        [&](P const& weights) SMX_INLINE_LAMBDA {
            auto const line_at = [&](std::size_t offset) SMX_INLINE_LAMBDA {
                line result;
                simd::unroll<line::registers>(
                    [&](std::size_t r) SMX_INLINE_LAMBDA { result.part[r] = weights.part[offset / V::size + r]; });
                return result;
            };
            line const end = simd::last_lanes(line_at(P::size - line::size), n % line::size);
            P result = simd::fill<P>(V(T(0)));
            by_lines<Filled>(
                result, n, [&](std::size_t offset, line& part) SMX_INLINE_LAMBDA { part = line_at(offset); },
                [&](line& last) SMX_INLINE_LAMBDA { last = end; });
            return result;
        },
        replaced);
}

/// Writes its results.
template <class Accuracy, std::size_t Filled, class P, class T, class Finish>
SMX_OUTER void write_ended_row(short_row<P, T> const& found, T* y, std::size_t n, Finish const& finish) {
    write_full_row<Accuracy>(found, ended_row<Filled, T>{y, n}, finish);
}

} // namespace algorithm
SMX_END
