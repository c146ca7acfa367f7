// SPDX-License-Identifier: BSL-1.0
// XNNPACK's micro-kernels: reload in three passes as its operator has it, and two passes, which no operator of it uses.
// Packaged libraries export neither, so a static library must be named (SMX_XNNPACK_KERNELS_LIBRARY); these are the
// declarations of 2026, of the variants that were fastest on a Sapphire-Rapids-class machine.
// XNNPACK promises few ULP of its exp alone; sums in float and x - max lose more, so it is held to what all peers are.
#include "../contestant.hpp"

extern "C" {
// Sizes are in bytes; these kernels read no parameters.
using rmax_kernel = void(std::size_t size, float const* x, float* max, void const* parameters);
using raddstore_kernel = void(std::size_t size, float const* x, float const* max, float* y, float* sum,
                              void const* parameters);
using vmulc_kernel = void(std::size_t size, float const* x, float const* factor, float* y, void const* parameters);
using raddextexp_kernel = void(std::size_t size, float const* x, float* mantissa_and_exponent);
using vscaleextexp_kernel = void(std::size_t size, float const* x, float* y, float mantissa, float exponent);

#if defined(__AVX512F__)
rmax_kernel xnn_f32_rmax_ukernel__avx512f_u64_acc4;
raddstore_kernel xnn_f32_raddstoreexpminusmax_ukernel__avx512f_rr1_p5_scalef_u32_acc2;
vmulc_kernel xnn_f32_vmulc_ukernel__avx512f_u32;
raddextexp_kernel xnn_f32_raddextexp_ukernel__avx512f_p5_scalef_u64_acc2;
vscaleextexp_kernel xnn_f32_vscaleextexp_ukernel__avx512f_p5_scalef_u64;
#else
rmax_kernel xnn_f32_rmax_ukernel__avx_u32_acc4;
raddstore_kernel xnn_f32_raddstoreexpminusmax_ukernel__avx2_rr1_p5_u8;
vmulc_kernel xnn_f32_vmulc_ukernel__avx_u16;
raddextexp_kernel xnn_f32_raddextexp_ukernel__avx2_p5_u64_acc2;
vscaleextexp_kernel xnn_f32_vscaleextexp_ukernel__avx2_p5_u32;
#endif
}

namespace bench {
namespace {

#if defined(__AVX512F__)
constexpr auto* rmax = xnn_f32_rmax_ukernel__avx512f_u64_acc4;
constexpr auto* raddstore = xnn_f32_raddstoreexpminusmax_ukernel__avx512f_rr1_p5_scalef_u32_acc2;
constexpr auto* vmulc = xnn_f32_vmulc_ukernel__avx512f_u32;
constexpr auto* raddextexp = xnn_f32_raddextexp_ukernel__avx512f_p5_scalef_u64_acc2;
constexpr auto* vscaleextexp = xnn_f32_vscaleextexp_ukernel__avx512f_p5_scalef_u64;
#else
constexpr auto* rmax = xnn_f32_rmax_ukernel__avx_u32_acc4;
constexpr auto* raddstore = xnn_f32_raddstoreexpminusmax_ukernel__avx2_rr1_p5_u8;
constexpr auto* vmulc = xnn_f32_vmulc_ukernel__avx_u16;
constexpr auto* raddextexp = xnn_f32_raddextexp_ukernel__avx2_p5_u64_acc2;
constexpr auto* vscaleextexp = xnn_f32_vscaleextexp_ukernel__avx2_p5_u32;
#endif

void reload(float const* x, float* y, std::size_t n) {
    std::size_t const size = n * sizeof(float);
    float max = *x, sum; // the kernel goes on from what is there
    rmax(size, x, &max, nullptr);
    raddstore(size, x, &max, y, &sum, nullptr);
    float const inverse = 1 / sum;
    vmulc(size, y, &inverse, y, nullptr);
}

void two_pass(float const* x, float* y, std::size_t n) {
    std::size_t const size = n * sizeof(float);
    float sum[2];
    raddextexp(size, x, sum);
    vscaleextexp(size, x, y, 1 / sum[0], -sum[1]);
}

contestant<float> by_rows(char const* name, traffic moved, void (*row)(float const*, float*, std::size_t)) {
    return {name, still_a_softmax<float>, [moved](shape) { return moved; }, along_rows,
            [row](problem<float> const& p) -> runner {
                return [p, row] {
                    for (std::size_t r = 0; r != p.form.rows; ++r)
                        row(p.x + r * p.form.cols, p.y + r * p.form.cols, p.form.cols);
                };
            }};
}

entry const here(by_rows("xnnpack_reload", {3, 2}, reload), by_rows("xnnpack_two_pass", {2, 1}, two_pass));

} // namespace
} // namespace bench
