// SPDX-License-Identifier: BSL-1.0
// xsimd::exp: what one writes with the library smx builds on.
#include "three_pass.hpp"

namespace bench {
namespace {

auto const exponential = [](auto v) { return xsimd::exp(v); };

entry const both(three_pass<float>("xsimd_exp", exponential), three_pass<double>("xsimd_exp", exponential));

} // namespace
} // namespace bench
