// SPDX-License-Identifier: BSL-1.0
// smx on two threads, where the work is worth a second one: against smx:automatic, which runs on one.
#include "contestant.hpp"

#include <smx/softmax.hpp>

#include <atomic>
#include <thread>

namespace bench {
namespace {

/// The second thread lives as long as the call, so that none is left over while others are timed.
void run_on_two(std::size_t pieces, auto const& piece) {
    std::atomic<std::size_t> next{0};
    auto const work = [&] {
        for (std::size_t i = next++; i < pieces; i = next++) piece(i);
    };
    std::thread second(work);
    work();
    second.join();
}

runner prepare(problem<float> const& p) {
    return [p] {
        smx::workers const two(2, [](std::size_t pieces, auto const& piece) { run_on_two(pieces, piece); });
        smx::softmax(two, smx::matrix_view<float const>(p.x, p.form.rows, p.form.cols),
                     smx::matrix_view<float>(p.y, p.form.rows, p.form.cols));
    };
}

entry const here(contestant<float>{"smx:two_threads", 6,
                                   [](shape) {
                                       return traffic{2, 1};
                                   },
                                   [](shape form) { return along_rows(form) && form.elements() >= 1 << 20; }, prepare});

} // namespace
} // namespace bench
