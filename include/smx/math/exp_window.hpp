// SPDX-License-Identifier: BSL-1.0
// e^(c x) of elements whose exponents all lie in a window, bit for bit what exp_weight makes of them. There is nothing
// to clamp, the power of two is added to the exponent as an integer, and no quotient by the sum is denormal.
//
// The exponents are carried in the last bits of numbers in [2, 4), whose own exponent is a single bit: an element
// outside of the window has a bit that none inside has, so that the bits of all carriers, combined by OR, tell.
#pragma once

#include <smx/math/exp.hpp>

SMX_BEGIN
namespace math {

/// True where it is worth it, and where a run is read in packs: the columns of 64-bit Arm (run_pieces.hpp) have been
/// added before the last of them is seen to be outside.
template <class V> inline constexpr bool has_exp_window = simd::has_fma && sizeof(V) >= 32;

/// Weights from 2^-lowest on; `place` is the last place of numbers in [2, 4), `grid` that of an exponent of 1, which
/// may have eighths; inside are the bits that carriers may have.
template <class T> struct exp_window;
template <> struct exp_window<float> {
    static constexpr float place = 0x1p-22F, grid = has_eighths<float> ? 8 * place : place;
    static constexpr int lowest = 36;
    static constexpr std::int32_t inside = has_eighths<float> ? 0x400003FF : 0x4000007F;
};
template <> struct exp_window<double> {
    static constexpr double place = 0x1p-51, grid = place;
    static constexpr int lowest = 162;
    static constexpr std::int64_t inside = 0x40000000000003FF;
};

/// The terms of a polynomial, times 2^Exponent, for fractions that are multiplied by grid, as is the value if the last
/// term goes with the Lowest = 1st power of the fraction, not with 1.
template <class T, class Polynomial, int Lowest, int Exponent> struct exp_window_terms {
    static constexpr std::size_t count = sizeof(Polynomial::terms) / sizeof(T);
    struct list {
        T at[count];
    };
    static constexpr list scaled() {
        list result{};
        T power = 1;
        for (int i = 0; i != -Exponent; ++i) power /= 2;
        for (int i = 0; i != Lowest; ++i) power /= exp_window<T>::grid;
        for (std::size_t i = count; i-- != 0; power /= exp_window<T>::grid) result.at[i] = Polynomial::terms[i] * power;
        return result;
    }
    static constexpr list values = scaled();
    static constexpr T const (&terms)[count] = values.at;
};

/// What weights are taken against: X is V if all lanes belong to one row, V or a pack if each lane has a row of its
/// own.
template <class V, class X = V> struct exp_window_reference {
    V hi, lo; // K and
    X shift;  // bias - N and what makes it a number in [2, 4), times grid
    bool usable;
};

/// The odd part of hi, which is an integer times a power of two. In integers, because -ffast-math divides as it likes.
template <class T> SMX_INLINE auto odd_part(T hi) {
    using integer = typename simd::integer_of<T>::type;
    constexpr integer leading = integer(1) << simd::mantissa_bits<T>;
    integer const mantissa = (__builtin_bit_cast(integer, hi) & (leading - 1)) | leading;
    return mantissa >> __builtin_ctzll(static_cast<unsigned long long>(mantissa));
}
/// True if no number times hi is -shift: its odd part does not divide that.
template <class T> SMX_INLINE bool never_cancels(T hi, T shift_in_places) {
    using integer = typename simd::integer_of<T>::type;
    constexpr integer leading = integer(1) << simd::mantissa_bits<T>;
    integer const odd = odd_part(hi), shift = leading + static_cast<integer>(shift_in_places);
    return odd > shift || shift % odd != 0;
}

/// How far apart an exponent and that of 1 may be in a window, and what one of these is worth.
template <class T> inline constexpr T farthest_in_window = T(2 * near_exponent);
template <class T> inline constexpr T places_in_window = exp_window<T>::grid / exp_window<T>::place;

/// True if K has parts large enough to be multiplied by grid.
template <class T> SMX_INLINE bool fits_window(exp_scale<T> k) {
    T const small = static_cast<T>(exp_limits<T>::smallest_normal) / exp_window<T>::grid;
    return k.lo >= small || k.lo <= -small;
}

template <class V, class X>
SMX_INLINE exp_window_reference<V, X> exp_window_reference_at(exp_scale<simd::element_of<V>> k, X exponent,
                                                              bool usable) {
    using T = simd::element_of<V>;
    using window = exp_window<T>;
    constexpr T above = exp_limits<T>::bias - exp_limits<T>::one + T(window::lowest);
    return {V(k.hi * window::grid), V(k.lo * window::grid),
            simd::fma(exponent, V(-window::grid), V(2 + above * window::grid)), usable}; // exact
}
/// True if this is seen of all exponents that are near at a glance, as of most factors and of 1: hi has an odd part
/// between half of their shifts and all of them, or above. A row of 16 floats would wait for a dozen instructions else.
template <class T> SMX_INLINE bool clearly_never_cancels(T hi) {
    using integer = typename simd::integer_of<T>::type;
    constexpr integer leading = integer(1) << simd::mantissa_bits<T>;
    constexpr integer far = 2 * static_cast<integer>(farthest_in_window<T> * places_in_window<T>);
    integer const bits = __builtin_bit_cast(integer, hi), above = bits & (leading - 1);
    return (bits & 3) != 0 && above > far && above < leading - far;
}
/// The reference 2^N of a row, for an exponent that is near. Not usable if a part of K is too small to be multiplied by
/// grid, or if an element could have the carrier 0, the one number outside of the window without a bit of its own.
template <class V> SMX_INLINE exp_window_reference<V> exp_window_at(exp_scale<simd::element_of<V>> k, V exponent) {
    using T = simd::element_of<V>;
    constexpr T above = exp_limits<T>::bias - exp_limits<T>::one + T(exp_window<T>::lowest),
                far = farthest_in_window<T>;
    bool usable = fits_window(k);
    if (!clearly_never_cancels(k.hi)) [[unlikely]] {
        T const grids = above - simd::first_lane(exponent); // infinite, say, where there is no reference
        usable = usable && grids > -far && grids < far && never_cancels(k.hi, grids * places_in_window<T>);
    }
    return exp_window_reference_at<V>(k, exponent, usable);
}
/// True if references of all exponents that are near are usable: of 30 factors, of all but one.
template <class T> SMX_INLINE bool has_exp_windows(exp_scale<T> k) {
    using integer = typename simd::integer_of<T>::type;
    constexpr integer leading = integer(1) << simd::mantissa_bits<T>;
    constexpr integer far = static_cast<integer>(farthest_in_window<T> * places_in_window<T>);
    integer const odd = odd_part(k.hi);
    return fits_window(k) && (leading + far) / odd == (leading - far - 1) / odd; // no multiple is between them
}
/// Those of a factor that has them, for a row in each lane, whose exponents are near.
template <class V, class X>
SMX_INLINE exp_window_reference<V, X> exp_windows_at(exp_scale<simd::element_of<V>> k, X const& exponent) {
    return exp_window_reference_at<V>(k, exponent, true);
}

/// The exponent of e^(c x) against the reference in the low bits.
template <class X, class V, class R>
SMX_INLINE X exp_window_carrier(X const& x, exp_window_reference<V, R> const& ref) {
    return simd::barrier(simd::fma(x, ref.hi, ref.shift));
}
/// The weight of an element inside.
template <class Accuracy, class Place = in_a_loop, class X, class V, class R>
SMX_INLINE X exp_window_weight(X const& x, X const& carrier, exp_window_reference<V, R> const& ref) {
    using T = simd::element_of<V>;
    X const f = exp_remainder(x, carrier, ref);
    constexpr int lowest = exp_window<T>::lowest;
    if constexpr (has_eighths<T>) {
        constexpr auto const& table = powers<1 - lowest, (1 << simd::mantissa_bits<T>) / 8>;
        X const power = simd::raised_by_eighths(simd::float_from(table, carrier), carrier);
        return times_exp2<exp_window_terms<T, exp_eighths<Accuracy>, 1, 0>, Place>(power, f);
    } else {
        using terms = exp_window_terms<T, exp_polynomial<T, Accuracy>, 0, -lowest>;
        return simd::raised(polynomial<terms, Place>(f), carrier);
    }
}

/// Whether all carriers so far were inside.
template <class V> class exp_window_seen {
    using bits = simd::integers_of<V>;
    bits seen = bits(0);

public:
    template <std::size_t K> SMX_INLINE void add(simd::pack<V, K> const& carrier) {
        simd::unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA { seen = seen | simd::to_bits(carrier.part[j]); });
    }
    SMX_INLINE bool inside() const { return !simd::any_bit(seen, bits(~exp_window<simd::element_of<V>>::inside)); }
};

/// True if these carriers are inside.
template <class V, std::size_t K> SMX_INLINE bool all_in_window(simd::pack<V, K> const& carrier) {
    exp_window_seen<V> seen;
    seen.add(carrier);
    return seen.inside();
}

} // namespace math
SMX_END
