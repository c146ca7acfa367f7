// SPDX-License-Identifier: BSL-1.0
// One translation unit of a program of several, each compiled with other flags. UNIT is its name.
#include <smx/smx.hpp>

namespace UNIT {
void row(float const* x, float* y, std::size_t n);
void column(float const* x, float* y, std::size_t n);
} // namespace UNIT

void UNIT::row(float const* x, float* y, std::size_t n) {
    smx::softmax(smx::matrix_view{x, 1, n}, smx::matrix_view{y, 1, n});
}

void UNIT::column(float const* x, float* y, std::size_t n) {
    smx::softmax(smx::columns(smx::matrix_view{x, n, 1}), smx::columns(smx::matrix_view{y, n, 1}));
}
