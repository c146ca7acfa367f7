// SPDX-License-Identifier: BSL-1.0
// smx on doubles.
#include "smx.hpp"

namespace bench {
namespace {

smx_entries<double> const here;

} // namespace
} // namespace bench
