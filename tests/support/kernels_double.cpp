// SPDX-License-Identifier: BSL-1.0
// The kernels for double.
#include "kernels_of.hpp"

namespace smx_test {

template <> std::vector<accuracy_class<double>> const& accuracies<double>() {
    static std::vector<accuracy_class<double>> const all = all_accuracies<double>();
    return all;
}

} // namespace smx_test
