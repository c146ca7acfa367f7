// SPDX-License-Identifier: BSL-1.0
// libtorch on one thread: at::_softmax_out on tensors that lie where the problem does.
#include "../contestant.hpp"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/_softmax.h>
#include <ATen/ops/from_blob.h>

namespace bench {
namespace {

template <class T> runner prepare(problem<T> const& p) {
    at::set_num_threads(1);
    auto const tensor = [&p](T* data) {
        return at::from_blob(data, {static_cast<std::int64_t>(p.form.rows), static_cast<std::int64_t>(p.form.cols)},
                             c10::CppTypeToScalarType<T>::value);
    };
    at::Tensor const x = tensor(const_cast<T*>(p.x)); // only ever read
    std::int64_t const softmax_axis = along_rows(p.form) ? 1 : 0;
    return [x, y = tensor(p.y), softmax_axis]() mutable {
        at::NoGradGuard const inference;
        at::_softmax_out(y, x, softmax_axis, false);
    };
}

template <class T> contestant<T> libtorch() {
    return {"libtorch", still_a_softmax<T>, [](shape) { return traffic{3, 2}; }, any_shape, prepare<T>};
}

entry const both(libtorch<float>(), libtorch<double>());

} // namespace
} // namespace bench
