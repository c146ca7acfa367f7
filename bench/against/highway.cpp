// SPDX-License-Identifier: BSL-1.0
// Highway's Exp (contrib/math) in three passes of ours, for the one instruction set that this file is compiled for.
#include "../contestant.hpp"

#define HWY_COMPILE_ONLY_STATIC // no dispatch at run time, and no other instruction sets beside it
#define HWY_DISABLE_PCLMUL_AES  // else its AVX2 needs AES, which x86-64-v3 does not have

#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace bench {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
#if defined(__AVX2__)
static_assert(hn::MaxLanes(hn::ScalableTag<float>()) * sizeof(float) >= 32, "Highway sees fewer instructions than smx");
#endif

/// Calls body(i, mask) for each vector of a row; only the mask of the last one is not full.
template <class D, class Body> void for_each_vector(D d, std::size_t n, Body body) {
    auto const all = hn::FirstN(d, hn::Lanes(d));
    std::size_t i = 0;
    for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d)) body(i, all, std::true_type());
    if (i != n) body(i, hn::FirstN(d, n - i), std::false_type());
}

template <class T> void softmax_row(T const* HWY_RESTRICT x, T* HWY_RESTRICT y, std::size_t n) {
    hn::ScalableTag<T> const d;
    auto const load = [d](T const* p, auto mask, auto whole) {
        if constexpr (whole) return hn::LoadU(d, p);
        return hn::MaskedLoad(mask, d, p);
    };
    auto const store = [d](auto v, T* p, auto mask, auto whole) {
        if constexpr (whole) return hn::StoreU(v, d, p);
        hn::BlendedStore(v, mask, d, p);
    };
    auto maxima = hn::Set(d, x[0]);
    for_each_vector(d, n, [&](std::size_t i, auto mask, auto whole) {
        maxima = hn::Max(maxima, hn::IfThenElse(mask, load(x + i, mask, whole), maxima));
    });
    auto const largest = hn::MaxOfLanes(d, maxima);

    auto sums = hn::Zero(d);
    for_each_vector(d, n, [&](std::size_t i, auto mask, auto whole) {
        auto const w = hn::IfThenElseZero(mask, hn::Exp(d, hn::Sub(load(x + i, mask, whole), largest)));
        store(w, y + i, mask, whole);
        sums = hn::Add(sums, w);
    });

    auto const inverse = hn::Div(hn::Set(d, T(1)), hn::SumOfLanes(d, sums));
    for_each_vector(d, n, [&](std::size_t i, auto mask, auto whole) {
        store(hn::Mul(load(y + i, mask, whole), inverse), y + i, mask, whole);
    });
}

template <class T> contestant<T> highway() {
    return {"highway", still_a_softmax<T>,
            [](shape) {
                return traffic{3, 2};
            },
            along_rows,
            [](problem<T> const& p) -> runner {
                return [p] {
                    for (std::size_t r = 0; r != p.form.rows; ++r)
                        softmax_row(p.x + r * p.form.cols, p.y + r * p.form.cols, p.form.cols);
                };
            }};
}

entry const both(highway<float>(), highway<double>());

} // namespace
} // namespace bench
HWY_AFTER_NAMESPACE();
