// SPDX-License-Identifier: BSL-1.0
// smx on two threads of oneTBB, where the work is worth a second one: against smx:automatic, which runs on one. A
// thread made for each call costs 100 us on some machines, more than a call of 1 Mi floats takes; oneTBB's second one
// sleeps soon after a call, so that others are timed by themselves.
#include "contestant.hpp"

#include <smx/onetbb.hpp>
#include <smx/softmax.hpp>

namespace bench {
namespace {

runner prepare(problem<float> const& p) {
    return [p] {
        static tbb::task_arena two(2);
        two.execute([&] {
            smx::softmax(smx::onetbb{}, smx::matrix_view<float const>(p.x, p.form.rows, p.form.cols),
                         smx::matrix_view<float>(p.y, p.form.rows, p.form.cols));
        });
    };
}

entry const here(contestant<float>{"smx:two_threads", 6,
                                   [](shape) {
                                       return traffic{2, 1};
                                   },
                                   [](shape form) { return along_rows(form) && form.elements() >= 1 << 20; }, prepare});

} // namespace
} // namespace bench
