// SPDX-License-Identifier: BSL-1.0
// XNNPACK's softmax operator on the calling thread. Creation and setup happen before the timing.
#include "../contestant.hpp"

#include <stdexcept>
#include <xnnpack.h>

namespace bench {
namespace {

void check(xnn_status status, char const* call) {
    if (status != xnn_status_success)
        throw std::runtime_error(std::string(call) + " returned xnn_status " + std::to_string(status));
}

runner prepare(problem<float> const& p) {
    check(xnn_initialize(nullptr), "xnn_initialize");
    xnn_operator_t made = nullptr;
    check(xnn_create_softmax_nc_f32(p.form.cols, p.form.cols, p.form.cols, 0, &made), "xnn_create_softmax_nc_f32");
    std::shared_ptr<xnn_operator> const softmax(made, xnn_delete_operator);
    check(xnn_setup_softmax_nc_f32(made, p.form.rows, p.x, p.y, nullptr), "xnn_setup_softmax_nc_f32");
    return [softmax] { check(xnn_run_operator(softmax.get(), nullptr), "xnn_run_operator"); };
}

entry const here(contestant<float>{"xnnpack", still_a_softmax<float>,
                                   [](shape) {
                                       return traffic{3, 2};
                                   },
                                   along_rows, prepare});

} // namespace
} // namespace bench
