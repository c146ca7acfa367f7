// SPDX-License-Identifier: BSL-1.0
// Rows (or columns) cut into parts for an execution.
#pragma once

#include <smx/algorithm/run_sum.hpp>
#include <smx/execution.hpp>
#include <smx/matrix.hpp>

SMX_BEGIN
namespace driver {

/// Below this many elements a part is not worth a thread: waking one costs some microseconds, as do this many elements.
inline constexpr std::size_t elements_worth_a_thread = 16384;
/// Parts for each thread: whoever is late finds less to do.
inline constexpr std::size_t parts_per_thread = 4;

template <class E> inline constexpr bool is_sequential = std::same_as<E, sequential_t>;

/// body(first, last) for parts of [0, count), each of whose items has `size` elements.
template <execution E, class Body> void share(E const& e, std::size_t count, std::size_t size, Body const& body) {
    if constexpr (is_sequential<E>) {
        body(std::size_t(0), count);
    } else {
        std::size_t const worth = size == 0 ? 0 : count / ((elements_worth_a_thread - 1) / size + 1);
        std::size_t const most = static_cast<std::size_t>(e.concurrency()) * parts_per_thread;
        std::size_t const parts = worth < most ? worth : most;
        if (parts <= 1 || e.concurrency() <= 1) return body(std::size_t(0), count);
        std::size_t const each = count / parts, more = count % parts; // the first `more` parts have one more
        e.run(parts, [&, each, more](std::size_t i) {
            std::size_t const first = i * each + (i < more ? i : more);
            body(first, first + each + (i < more ? 1 : 0));
        });
    }
}

/// True if each of these rows is shared by all threads: they are long enough, and one after the other, each waiting for
/// all threads, they are done sooner than side by side, where some threads have no row.
template <execution E, class X> bool are_shared(E const& e, matrix_view<X> const& x) {
    std::size_t const threads = static_cast<std::size_t>(e.concurrency());
    return x.cols >= algorithm::long_row && x.rows < threads &&
           x.rows * (x.cols / threads + elements_worth_a_thread) <= x.cols;
}

/// body(0), ..., body(count - 1) for n elements, in as many pieces as there are threads: whoever takes piece p each
/// time, as most executions do, finds there what it left in its caches. Long rows whose weights wait take .55 to .65 of
/// the time of parts that are taken by turns (two threads, Zen 4).
template <execution E, class Body> void share_alike(E const& e, std::size_t n, std::size_t count, Body const& body) {
    std::size_t const threads = static_cast<std::size_t>(e.concurrency()), worth = n / elements_worth_a_thread;
    std::size_t const most = threads < count ? threads : count, pieces = worth < most ? worth : most;
    e.run(pieces, [&](std::size_t p) {
        for (std::size_t i = p * count / pieces; i != (p + 1) * count / pieces; ++i) body(i);
    });
}

} // namespace driver
SMX_END
