// SPDX-License-Identifier: BSL-1.0
// The registry of operators for float.
#include "operators_of.hpp"

namespace smx_test {

template <> std::vector<operator_entry<float>> const& operators<float>() {
    static std::vector<operator_entry<float>> const all = all_operators<float>();
    return all;
}

} // namespace smx_test
