// SPDX-License-Identifier: BSL-1.0
// smx on two threads of oneTBB, where the work is worth a second one: against smx:automatic, which runs on one. A
// thread made for each call costs 100 us on some machines, more than a call of 1 Mi floats takes; oneTBB's second one
// sleeps soon after a call, so that others are timed by themselves. And memcpy of the same bytes on two threads: what
// the memory of the machine lets a second thread add.
#include "contestant.hpp"

#include <smx/onetbb.hpp>
#include <smx/softmax.hpp>

#include <cstring>

namespace bench {
namespace {

void copy_half(problem<float> const& p, std::size_t half) {
    std::size_t const begin = p.form.elements() / 2 * half, end = half == 0 ? p.form.elements() / 2 : p.form.elements();
    std::memcpy(p.y + begin, p.x + begin, (end - begin) * sizeof(float));
}
template <class F> void on_two_threads(F const& f) {
    static tbb::task_arena two(2);
    two.execute(f);
}
runner softmax(problem<float> const& p) {
    return [p] {
        on_two_threads([&] {
            smx::softmax(smx::onetbb{}, smx::matrix_view<float const>(p.x, p.form.rows, p.form.cols),
                         smx::matrix_view<float>(p.y, p.form.rows, p.form.cols));
        });
    };
}
runner copy(problem<float> const& p) {
    return [p] {
        on_two_threads(
            [&] { tbb::parallel_for(std::size_t(0), std::size_t(2), [&](std::size_t half) { copy_half(p, half); }); });
    };
}
bool is_worth_it(shape form) { return along_rows(form) && form.elements() >= 1 << 16; }

entry const here(contestant<float>{"smx:two_threads", 6, [](shape) { return traffic{2, 1}; }, is_worth_it, softmax});
entry const copied(contestant<float>{"memcpy:two_threads", not_a_softmax,
                                     [](shape) {
                                         return traffic{1, 1};
                                     },
                                     is_worth_it, copy});

} // namespace
} // namespace bench
