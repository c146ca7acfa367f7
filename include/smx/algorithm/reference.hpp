// SPDX-License-Identifier: BSL-1.0
// The reference exponent N of a row: from its largest element, or guessed from some element, which the sum confirms.
#pragma once

#include <smx/algorithm/maximum.hpp>
#include <smx/algorithm/wide.hpp>
#include <smx/math/exp_window.hpp>

#include <cstdint>

SMX_BEGIN
namespace algorithm {

template <class T> SMX_INLINE bool is_near(T exponent) {
    return exponent >= T(-math::near_exponent) && exponent <= T(math::near_exponent);
}

/// The reference exponent of a row with this largest element.
template <class V> struct reference {
    bool near;
    V exponent;
};
template <class V, class T> SMX_INLINE reference<V> reference_of(T largest, math::exp_scale<T> k, T lowest) {
    V exponent = math::exp_exponent(V(largest), V(k.hi));
    if (!is_near(simd::first_lane(exponent))) [[unlikely]] {
        if (largest != -simd::infinity<T>) return {false, exponent};
        exponent = V(lowest); // all are -inf: any reference will do for weights of 0
    }
    return {true, simd::max(exponent, V(lowest))};
}

/// A reference exponent from some element of the row, so far above its own that the largest may be 46 units above it
/// (600 for double), and near. Not near: the largest is needed. Whoever weighs against it asks is_accepted(). A row is
/// near if its largest element is, whoever finds out: others are moved to 0, which changes the last bits.
template <class V, class T> SMX_INLINE reference<V> guess_of(T some, math::exp_scale<T> k, T lowest) {
    using limits = math::exp_limits<T>;
    V const magic_exponent = math::exp_magic_exponent(V(some), V(k.hi)), exponent = magic_exponent - V(limits::magic);
    bool const near = simd::first_lane(simd::magnitude(exponent)) <= T(math::near_exponent) - 2 * limits::headroom &&
                      lowest <= T(math::near_exponent) - limits::headroom;
    // One subtraction, not two after another: all weights of the row wait for it. Made where it is returned: g++ would
    // store a copy that nobody reads, here and of the window (one row of 128 floats: 1.05 times the time).
    reference<V> guess{near, magic_exponent - V(limits::magic - limits::headroom)};
    if (lowest > T(-math::near_exponent)) guess.exponent = simd::max(guess.exponent, V(lowest));
    return guess;
}
/// The same for a row in each lane, where nothing asks for more than the lowest exponent that is near.
template <class V> SMX_INLINE reference<V> guess_of_lanes(V some, math::exp_scale<simd::element_of<V>> k) {
    using T = simd::element_of<V>;
    constexpr T headroom = math::exp_limits<T>::headroom;
    V const exponent = math::exp_exponent(some, V(k.hi));
    bool const far = simd::any_not_at_most(simd::magnitude(exponent), V(T(math::near_exponent) - 2 * headroom));
    return {!far, exponent + V(headroom)};
}
/// The sum tells that no weight was too large for the reference: it is above 0 and at most `most`. By its bits:
/// -ffast-math knows no NaN, and two infinite weights may be of either sign.
template <class T> SMX_INLINE bool is_accepted(total<T> const& sum) {
    constexpr std::uint64_t most = __builtin_bit_cast(std::uint64_t, math::exp_limits<T>::most);
    return __builtin_bit_cast(std::uint64_t, leading(sum)) - 1 < most;
}
/// True if only too many or too large ones are in the way: the sum is a number.
template <class T> SMX_INLINE bool is_above_most(total<T> const& sum) {
    constexpr std::uint64_t most = __builtin_bit_cast(std::uint64_t, math::exp_limits<T>::most);
    constexpr std::uint64_t infinity = __builtin_bit_cast(std::uint64_t, simd::infinity<double>);
    auto const bits = __builtin_bit_cast(std::uint64_t, leading(sum));
    return bits > most && bits < infinity;
}

/// What the reference of a row is taken from: the first element, or another that is as quickly found, which the sum
/// confirms; the first unless the largest is far above it; or the largest.
enum class reference_from { first, first_or_largest, largest };

/// The first line of a row, and the last, where most masks begin or end; of a row that is shorter than a line both are
/// its largest element. Only where the first does not do is the last one read: rows from beyond the caches whose last
/// line was read first took 1.05 to 1.15 times as long, since processors fetch ahead what is read in order (zen4).
template <class P, class Source> class row_ends {
    using V = typename P::register_type;
    using T = simd::element_of<V>;
    using line = simd::pack<V, simd::line_registers<V>>;
    Source const& x;
    std::size_t n;
    line first;

public:
    SMX_INLINE row_ends(Source const& source, std::size_t length)
        : x(source), n(length), first(length < line::size ? simd::fill<line>(V(maximum<line>(source, 0, length)))
                                                          : source.template load<line>(0, simd::whole{}, V(0))) {}

    /// Some element to guess from: the first, or the largest of its line where the row is long enough to hide what that
    /// takes.
    SMX_INLINE T some() const {
        return n < 64 * line::size ? simd::first_lane(first.part[0]) : simd::largest_lane(simd::largest_part(first));
    }
    /// Some that lies in the window of a guess from that element.
    SMX_INLINE V some_inside() const { return first.part[0]; }
    SMX_INLINE bool inside(math::exp_window_reference<V> const& ref) const {
        math::exp_window_seen<V> seen;
        seen.add(math::exp_window_carrier(first, ref));
        return seen.inside();
    }
    SMX_INLINE T largest() const {
        line const last = n < line::size ? first : x.template load<line>(n - line::size, simd::whole{}, V(0));
        return simd::largest_lane(simd::largest_part(simd::max(first, last)));
    }
};

/// 2^d lane by lane, for d <= 0; 0 below the smallest normal number.
template <class V> SMX_INLINE V power_of_two(V d) {
    using limits = math::exp_limits<simd::element_of<V>>;
    return simd::exponent_from_magic(simd::at_least(d, V(-limits::one)) + V(limits::magic + limits::one));
}

} // namespace algorithm
SMX_END
