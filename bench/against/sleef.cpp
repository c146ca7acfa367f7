// SPDX-License-Identifier: BSL-1.0
// SLEEF's exp within 1 ULP, called through its shared library: its inline headers are not packaged.
#include "three_pass.hpp"

#include <sleef.h>

namespace bench {
namespace {

struct exponential {
    using floats = xsimd::batch<float>;
    using doubles = xsimd::batch<double>;
#if defined(__AVX512F__)
    floats operator()(floats v) const { return floats(Sleef_expf16_u10avx512f(v)); }
    doubles operator()(doubles v) const { return doubles(Sleef_expd8_u10avx512f(v)); }
#else
    floats operator()(floats v) const { return floats(Sleef_expf8_u10avx2(v)); }
    doubles operator()(doubles v) const { return doubles(Sleef_expd4_u10avx2(v)); }
#endif
};

entry const both(three_pass<float>("sleef", exponential()), three_pass<double>("sleef", exponential()));

} // namespace
} // namespace bench
