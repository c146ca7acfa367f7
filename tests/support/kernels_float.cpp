// SPDX-License-Identifier: BSL-1.0
// The kernels for float.
#include "kernels_of.hpp"

namespace smx_test {

template <> std::vector<accuracy_class<float>> const& accuracies<float>() {
    static std::vector<accuracy_class<float>> const all = all_accuracies<float>();
    return all;
}

} // namespace smx_test
