// SPDX-License-Identifier: BSL-1.0
// The registry of operators for double.
#include "operators_of.hpp"

namespace smx_test {

template <> std::vector<operator_entry<double>> const& operators<double>() {
    static std::vector<operator_entry<double>> const all = all_operators<double>();
    return all;
}

} // namespace smx_test
