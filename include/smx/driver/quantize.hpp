// SPDX-License-Identifier: BSL-1.0
// Weights that leave as codes of a few bits: the kernel of softmax with a sink that encodes. A code maps p in [0, 1],
// or NaN, to an integer from 0 to 255; it is a function of p alone.
#pragma once

#include <smx/driver/normalize.hpp>

SMX_BEGIN

/// Rows of bytes (std::uint8_t): anything contiguous, a matrix_view, an mdspan, or columns(view).
template <class X>
concept byte_rows = requires(X& x) {
    driver::lower(x);
}
&&std::same_as<driver::value<X>, std::uint8_t>;

/// Rows of bytes that can be written; columns if X is columns.
template <class Y, class X>
concept writable_bytes_like =
    byte_rows<std::remove_reference_t<Y>> && !std::is_const_v<driver::element<std::remove_reference_t<Y>>> &&
    driver::by_columns<std::remove_reference_t<Y>> == driver::by_columns<X> && driver::outlives_the_call<Y>;

namespace driver {

/// min(round(256 p), 255), ties to even. NaN gives 0.
struct linear_code {
    template <class P> SMX_INLINE P operator()(P const& p) const {
        using V = typename P::register_type;
        using T = typename P::value_type;
        V const magic(math::exp_limits<T>::magic); // its last place is 1
        P const code = simd::barrier(simd::fma(p, V(T(256)), magic)) - magic;
        return simd::select_at_least(p, V(T(0)), simd::at_most(code, V(T(255))), V(T(0)));
    }
};

/// min(round(-log2 p), largest): -log2 p is rounded by looking at which powers of two p lies between. 0 and NaN give
/// `largest`.
struct log2_code {
    int largest;

    template <class P> SMX_INLINE P operator()(P const& p) const {
        using V = typename P::register_type;
        using T = typename P::value_type;
        // p = fraction 2^exponent with sqrt(1/2) <= fraction < sqrt(2): the exponent is log2 p, rounded.
        P const code = simd::subtract_from(simd::split(p).exponent, V(T(0)));
        V const most(static_cast<T>(largest));
        V const smallest(static_cast<T>(math::exp_limits<T>::smallest_normal));
        return simd::select_at_least(p, smallest, simd::at_most(simd::at_least(code, V(T(0))), most), most);
    }
};

/// min(max(round(-2 log2(p / delta)), 0), largest). 0 and NaN give `largest`.
struct log_sqrt2_code {
    int largest;
    double inverse_delta;

    template <class P> SMX_INLINE P operator()(P const& p) const {
        using V = typename P::register_type;
        using T = typename P::value_type;
        constexpr T up = T(0x1.306fe0a31b715p0), down = T(0x1.ae89f995ad3adp-1); // 2^(1/4), 2^(-1/4)
        // Within [0, 2^64]: what is larger is 0 all the same.
        P const r = simd::at_most(p * V(static_cast<T>(inverse_delta)), V(T(0x1p64)));
        auto const parts = simd::split(r);
        // 2 log2 fraction is between -1 and 1: it rounds to 0 or to either of these.
        P const half = simd::select_at_least(
            parts.fraction, V(up), simd::fill<P>(V(T(-1))),
            simd::select_at_least(parts.fraction, V(down), simd::fill<P>(V(T(0))), simd::fill<P>(V(T(1)))));
        P const code = simd::fma(parts.exponent, V(T(-2)), half);
        V const most(static_cast<T>(largest));
        V const smallest(static_cast<T>(math::exp_limits<T>::smallest_normal));
        return simd::select_at_least(r, smallest, simd::at_most(simd::at_least(code, V(T(0))), most), most);
    }
};

/// Writes the codes of what is stored.
template <class Sink, class Code> struct coded_sink {
    using element = typename Sink::element;
    Sink to;
    Code code;

    template <class P, class Extent> SMX_INLINE void store(std::size_t offset, P const& p, Extent extent) const {
        to.store(offset, code(p), extent);
    }
    SMX_INLINE coded_sink beyond(std::size_t offset) const { return {to.beyond(offset), code}; }
};

/// softmax into codes.
template <class Code> struct quantize_kernel : normalize_kernel<automatic_t, standard_t, algorithm::probabilities> {
    Code code;

    quantize_kernel(algorithm::probabilities plain, Code c)
        : normalize_kernel<automatic_t, standard_t, algorithm::probabilities>{plain}, code(c) {}

    template <class Sink> SMX_INLINE coded_sink<Sink, Code> encoded(Sink const& to) const { return {to, code}; }
};

template <class Arch, class E, class Code, class X, class Y>
void quantize(E const& e, char const* function, X const& x, Y& y, double c, masked fully_masked, Code code) {
    map<Arch>(e, function, quantize_kernel<Code>(algorithm::probabilities{policy_for<X>(fully_masked)}, code), x, y, c);
}

} // namespace driver
SMX_END
