// SPDX-License-Identifier: BSL-1.0
// A pack is several registers with the vocabulary of one. Mathematics written over it runs stage by stage (all first
// multiply-adds, then all second ones, ...), which hides latency: 20 to 25 % over one register after the other.
#pragma once

#include <smx/simd/bits.hpp>
#include <smx/simd/widen.hpp>

#include <utility>

SMX_BEGIN
namespace simd {

template <class V, std::size_t K = pack_registers<V>> struct pack {
    using register_type = V;
    using value_type = element_of<V>;
    static constexpr std::size_t registers = K;
    static constexpr std::size_t size = K * V::size;
    V part[K];

    pack() = default;
    SMX_INLINE pack(V const (&parts)[K]) { copy(parts, std::make_index_sequence<K>{}); }
    /// Register by register: as one block of memory g++ copies it in pieces of 16 bytes, for which loads of registers
    /// wait. Rows of a matrix take .6 to .75 of the time where a pack does not stay in registers.
    SMX_INLINE pack(pack const& other) { copy(other.part, std::make_index_sequence<K>{}); }
    SMX_INLINE pack& operator=(pack const& other) {
        copy(other.part, std::make_index_sequence<K>{});
        return *this;
    }

private:
    template <std::size_t... J> SMX_INLINE void copy(V const (&other)[K], std::index_sequence<J...>) {
        ((part[J] = other[J]), ...);
    }
};

/// unroll<K>(f): f(0), f(1), ..., f(K - 1), unrolled at every optimisation level. An object, since a function would
/// need a second one to know J.
template <class Indices> struct unrolled;
template <std::size_t... J> struct unrolled<std::index_sequence<J...>> {
    template <class F> SMX_INLINE void operator()(F&& f) const { (f(J), ...); }
};
template <std::size_t K> inline constexpr unrolled<std::make_index_sequence<K>> unroll{};

// A register among the arguments of a pack operation stands for a pack of copies; the first argument is a pack.
template <class V, std::size_t K> SMX_INLINE V part(pack<V, K> const& p, std::size_t j) { return p.part[j]; }
template <one_register V> SMX_INLINE V part(V v, std::size_t) { return v; }

/// f applied to the registers of `a` and of the other arguments, one register of the result each.
template <class V, std::size_t K, class F, class... Others>
SMX_INLINE pack<V, K> each(F f, pack<V, K> const& a, Others const&... others) {
    pack<V, K> result;
    unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA { result.part[j] = f(a.part[j], part(others, j)...); });
    return result;
}

#define SMX_PACK_OPERATION(name, parameters, expression)                                                               \
    template <class V, std::size_t K, class... Others>                                                                 \
    SMX_INLINE pack<V, K> name(pack<V, K> const& first, Others const&... others) {                                     \
        return each([] parameters SMX_INLINE_LAMBDA -> V { return expression; }, first, others...);                    \
    }
SMX_PACK_OPERATION(operator+, (V a, V b), a + b)
SMX_PACK_OPERATION(operator-, (V a, V b), a - b)
SMX_PACK_OPERATION(subtract_from, (V a, V b), b - a)
SMX_PACK_OPERATION(operator*, (V a, V b), a* b)
SMX_PACK_OPERATION(operator/, (V a, V b), a / b)
SMX_PACK_OPERATION(fma, (V a, V b, V c), simd::fma(a, b, c))
SMX_PACK_OPERATION(cancel, (V a, V b, V c), simd::cancel(a, b, c))
SMX_PACK_OPERATION(max, (V a, V b), simd::max(a, b))
SMX_PACK_OPERATION(at_least, (V a, V bound), simd::at_least(a, bound))
SMX_PACK_OPERATION(at_most, (V a, V bound), simd::at_most(a, bound))
SMX_PACK_OPERATION(select_at_least, (V x, V bound, V yes, V no), simd::select_at_least(x, bound, yes, no))
SMX_PACK_OPERATION(magnitude, (V a), simd::magnitude(a))
SMX_PACK_OPERATION(with_sign_of, (V a, V b), simd::with_sign_of(a, b))
SMX_PACK_OPERATION(square_root, (V a), simd::square_root(a))
SMX_PACK_OPERATION(inverse_estimate, (V a), simd::inverse_estimate(a))
template <class V, std::size_t K, class X>
SMX_INLINE pack<V, K> product_or_zero(pack<V, K> const& a, X const& factor, X const& bound) {
    return each([](V x, V f, V b) SMX_INLINE_LAMBDA { return simd::product_or_zero(x, f, b); }, a, factor, bound);
}
template <class V, std::size_t K, class X>
SMX_INLINE pack<V, K> product_or_zero(pack<V, K> const& a, X const& hi, X const& lo, X const& bound) {
    return each([](V x, V h, V l, V b) SMX_INLINE_LAMBDA { return simd::product_or_zero(x, h, l, b); }, a, hi, lo,
                bound);
}
SMX_PACK_OPERATION(times_power_or_zero, (V a, V k, V least), simd::times_power_or_zero(a, k, least))
SMX_PACK_OPERATION(raised, (V a, V carrier), simd::raised(a, carrier))
SMX_PACK_OPERATION(raised_by_eighths, (V a, V carrier), simd::raised_by_eighths(a, carrier))
SMX_PACK_OPERATION(exponent_from_eighths, (V a), simd::exponent_from_eighths(a))
SMX_PACK_OPERATION(barrier, (V a), simd::barrier(a))
SMX_PACK_OPERATION(exponent_from_magic, (V a), simd::exponent_from_magic(a))
#undef SMX_PACK_OPERATION

template <class V, std::size_t K> SMX_INLINE pack<V, K> shift_exponent(pack<V, K> const& v, int k) {
    return each([k](V a) SMX_INLINE_LAMBDA { return simd::shift_exponent(a, k); }, v);
}

/// table[i], as a float by its bits, for the integer i in the last three bits of each lane.
template <class V, std::size_t K> SMX_INLINE pack<V, K> float_from(table_of_eight const& table, pack<V, K> const& by) {
    return each([&](V one) SMX_INLINE_LAMBDA { return simd::from_bits<V>(simd::lookup(table, one)); }, by);
}

template <class V, std::size_t K> SMX_INLINE binary_parts<pack<V, K>> split(pack<V, K> const& x) {
    binary_parts<pack<V, K>> parts;
    unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
        auto const one = simd::split(x.part[j]);
        parts.fraction.part[j] = one.fraction;
        parts.exponent.part[j] = one.exponent;
    });
    return parts;
}

template <class P> SMX_INLINE P fill(typename P::register_type v) {
    P result;
    unroll<P::registers>([&](std::size_t j) SMX_INLINE_LAMBDA { result.part[j] = v; });
    return result;
}

} // namespace simd
SMX_END
