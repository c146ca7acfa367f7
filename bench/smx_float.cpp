// SPDX-License-Identifier: BSL-1.0
// smx on floats.
#include "smx.hpp"

namespace bench {
namespace {

smx_entries<float> const here;

} // namespace
} // namespace bench
