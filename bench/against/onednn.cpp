// SPDX-License-Identifier: BSL-1.0
// oneDNN 2.x on one thread. Descriptors, memory objects and the primitive are made before the timing.
// In about one process of sixteen its generated code runs at half speed (seen with 2.6.3): such a race is run again.
#include "../contestant.hpp"

#include <dlfcn.h>
#include <oneapi/dnnl/dnnl.hpp>

#include <unordered_map>

namespace bench {
namespace {

/// The library brings its own OpenMP runtime. The others run on one thread, so it does too.
void use_one_thread() {
    using set_threads = void (*)(int);
    if (auto const set = reinterpret_cast<set_threads>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"))) set(1);
}

runner prepare(problem<float> const& p) {
    using dnnl::memory;
    use_one_thread();
    dnnl::engine const cpu(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(cpu);
    memory::desc const layout({static_cast<memory::dim>(p.form.rows), static_cast<memory::dim>(p.form.cols)},
                              memory::data_type::f32, memory::format_tag::ab);
    int const softmax_axis = along_rows(p.form) ? 1 : 0;
    dnnl::softmax_forward::desc const operation(dnnl::prop_kind::forward_inference, layout, softmax_axis);
    dnnl::softmax_forward const primitive(dnnl::softmax_forward::primitive_desc(operation, cpu));
    std::unordered_map<int, memory> const arguments{
        {DNNL_ARG_SRC, memory(layout, cpu, const_cast<float*>(p.x))}, // only ever read
        {DNNL_ARG_DST, memory(layout, cpu, p.y)},
    };
    return [=]() mutable {
        primitive.execute(stream, arguments);
        stream.wait();
    };
}

entry const here(contestant<float>{"onednn", still_a_softmax<float>,
                                   [](shape) {
                                       return traffic{3, 2};
                                   },
                                   any_shape, prepare});

} // namespace
} // namespace bench
