// SPDX-License-Identifier: BSL-1.0
// Rows (or columns) cut into parts for an execution.
#pragma once

#include <smx/execution.hpp>

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

} // namespace driver
SMX_END
