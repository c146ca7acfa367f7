// SPDX-License-Identifier: BSL-1.0
// One of the three: compiled three times, with other flags and another INSTRUCTION_SET each time.
// smx comes first: it includes the intrinsics in a way that keeps g++ 12 from warning of its own (GCC bug 105593).
#include <smx/softmax.hpp>

#include "softmax_on.hpp"

// The flags are what counts. They make the names of smx unlike those of the other two as well, so nothing is shared.
void dispatch::softmax_on(INSTRUCTION_SET, float const* x, float* y, std::size_t n) {
    smx::softmax(smx::matrix_view{x, 1, n}, smx::matrix_view{y, 1, n});
}
