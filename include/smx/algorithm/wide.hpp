// SPDX-License-Identifier: BSL-1.0
// Totals that are wider than the elements: double for float, a compensated pair for double.
#pragma once

#include <smx/simd/reduce.hpp>

#include <type_traits>

SMX_BEGIN
namespace algorithm {

/// An unevaluated sum hi + lo with |lo| <= ulp(hi) / 2; X is double or a register of double.
template <class X> struct pair {
    X hi, lo;

    /// a + b exactly (Knuth's two-sum; the barriers hold it together under -ffast-math).
    SMX_INLINE static pair of(X a, X b) {
        X const sum = simd::barrier(a + b);
        X const b_seen = simd::barrier(sum - a);
        X const a_seen = simd::barrier(sum - b_seen);
        return {sum, simd::barrier(a - a_seen) + simd::barrier(b - b_seen)};
    }
    friend SMX_INLINE pair operator+(pair const& a, pair const& b) {
        pair const sum = of(a.hi, b.hi);
        return of(sum.hi, simd::barrier(sum.lo + simd::barrier(a.lo + b.lo)));
    }
    friend SMX_INLINE pair operator*(pair const& a, X power_of_two) {
        return {a.hi * power_of_two, a.lo * power_of_two};
    }
};

/// The wide total of one row: double, or a pair of them.
template <class T> struct total_of;
template <> struct total_of<float> { using type = double; };
template <> struct total_of<double> { using type = pair<double>; };
template <class T> using total = typename total_of<T>::type;

template <class T> SMX_INLINE total<T> total_from(double v) {
    if constexpr (std::is_same_v<total<T>, double>)
        return v;
    else
        return {v, 0};
}

SMX_INLINE double leading(double t) { return t; }
SMX_INLINE double leading(pair<double> const& t) { return t.hi; }

/// One wide total for each lane of V; sum() adds them up by halving.
template <class V, class T = simd::element_of<V>> struct wide;

template <class V> struct wide<V, float> {
    using D = simd::vector<double, simd::arch_of<V>>;
    D low = D(0.0), high = D(0.0);

    SMX_INLINE static wide of(V v) {
        wide first;
        first.low = simd::widen_low(v);
        first.high = simd::widen_high(v);
        return first;
    }
    SMX_INLINE static wide at(float const* p) {
        auto const lanes = simd::load_widened<V>(p);
        wide first;
        first.low = lanes.low;
        first.high = lanes.high;
        return first;
    }
    /// Totals of rows that are in memory, one for each lane.
    SMX_INLINE static wide of_totals(double const* totals) {
        wide found;
        found.low = D::load_unaligned(totals);
        found.high = D::load_unaligned(totals + D::size);
        return found;
    }
    SMX_INLINE void add(V v) {
        low = low + simd::widen_low(v);
        high = high + simd::widen_high(v);
    }
    /// An assignment register by register: in halves of registers, as compilers have it, it would be waited for.
    SMX_INLINE void take(wide const& other) {
        low = other.low;
        high = other.high;
    }
    SMX_INLINE void scale(V power_of_two) {
        low = low * simd::widen_low(power_of_two);
        high = high * simd::widen_high(power_of_two);
    }
    friend SMX_INLINE wide operator+(wide const& a, wide const& b) {
        wide sum;
        sum.low = a.low + b.low;
        sum.high = a.high + b.high;
        return sum;
    }
    SMX_INLINE void store(double* lanes) const {
        low.store_unaligned(lanes);
        high.store_unaligned(lanes + D::size);
    }
    SMX_INLINE double sum() const { return simd::sum_lanes(low + high); }
    /// total / divisor + more, lane by lane.
    SMX_INLINE V over(V divisor, V more) const {
        return simd::narrow<V>(simd::widen_low(more) + low / simd::widen_low(divisor),
                               simd::widen_high(more) + high / simd::widen_high(divisor));
    }
    /// total * factor + more, likewise.
    SMX_INLINE V times(double factor, V more) const {
        return simd::narrow<V>(simd::barrier(low * D(factor)) + simd::widen_low(more),
                               simd::barrier(high * D(factor)) + simd::widen_high(more));
    }
    SMX_INLINE simd::pack<D, 2> leading() const { return {{low, high}}; }
    SMX_INLINE bool all_above(double bound) const {
        return simd::all_above(low, D(bound)) && simd::all_above(high, D(bound));
    }
    SMX_INLINE bool any_above(double bound) const { return simd::any_above(low, high, D(bound)); }
};

template <class V> struct wide<V, double> {
    pair<V> lanes{V(0.0), V(0.0)};

    SMX_INLINE static wide of(V v) {
        wide first;
        first.lanes.hi = v;
        return first;
    }
    SMX_INLINE static wide at(double const* p) { return of(V::load_unaligned(p)); }
    SMX_INLINE static wide of_totals(double const* totals) { return at(totals); }
    SMX_INLINE void add(V v) {
        pair<V> const sum = pair<V>::of(lanes.hi, v);
        lanes = {sum.hi, lanes.lo + sum.lo};
    }
    SMX_INLINE void take(wide const& other) {
        lanes.hi = other.lanes.hi;
        lanes.lo = other.lanes.lo;
    }
    SMX_INLINE void scale(V power_of_two) { lanes = lanes * power_of_two; }
    friend SMX_INLINE wide operator+(wide const& a, wide const& b) {
        wide sum;
        sum.lanes = a.lanes + b.lanes;
        return sum;
    }
    SMX_INLINE void store(pair<double>* out) const {
        alignas(64) double hi[V::size], lo[V::size];
        lanes.hi.store_aligned(hi);
        lanes.lo.store_aligned(lo);
        for (std::size_t i = 0; i != V::size; ++i) out[i] = {hi[i], lo[i]};
    }
    SMX_INLINE V over(V divisor, V more) const { return more + lanes.hi / divisor; }
    SMX_INLINE V times(double factor, V more) const { return simd::fma(V(factor), lanes.hi, more); }
    SMX_INLINE simd::pack<V, 1> leading() const { return {{lanes.hi}}; }
    SMX_INLINE bool all_above(double bound) const { return simd::all_above(lanes.hi, V(bound)); }
    SMX_INLINE bool any_above(double bound) const { return simd::any_above(lanes.hi, V(bound)); }
    SMX_INLINE pair<double> sum() const {
        pair<V> rest = lanes; // lane j meets lane j + n/2, then n/4, ..., as in halve()
        for (std::size_t n = V::size / 2; n != 0; n /= 2)
            rest = rest + pair<V>{simd::lanes_from(rest.hi, n), simd::lanes_from(rest.lo, n)};
        return {simd::first_lane(rest.hi), simd::first_lane(rest.lo)};
    }
};

} // namespace algorithm
SMX_END
