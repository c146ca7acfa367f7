// SPDX-License-Identifier: BSL-1.0
// Who does the work: the first argument of every operator, if it is given.
#pragma once

#include <smx/detail/config.hpp>

#include <concepts>
#include <cstddef>

SMX_BEGIN

/// Something that can run pieces of work side by side: e.run(n, piece) calls piece(0), ..., piece(n - 1), each once, in
/// any order and on any thread, and returns when all are done; e.concurrency() says how many it can run at a time.
/// piece can be copied into a std::function<void(std::size_t)>; it throws nothing.
///
/// Results do not depend on the execution, bit for bit: a row is cut where its length says, never where threads do.
/// Rows are shared out; if there are far fewer than threads, one of 65,536 elements and more is shared by all, of
/// softmax and its relatives, log_softmax and log_sum_exp. Then n is at most concurrency(), and n is the same for each
/// pass over the row: whoever runs piece p on the same thread each time spares what one cache has to fetch from another
/// (two threads: .55 to .65 of the time).
template <class E>
concept execution = requires(E const& e, void (*piece)(std::size_t)) {
    { e.concurrency() } -> std::convertible_to<std::size_t>;
    e.run(std::size_t(1), piece);
};

/// The caller's thread does everything: the default.
struct sequential_t {
    static constexpr std::size_t concurrency() { return 1; }
    template <class Piece> void run(std::size_t pieces, Piece const& piece) const {
        for (std::size_t i = 0; i != pieces; ++i) piece(i);
    }
};
inline constexpr sequential_t sequential{};

/// A pool of the user's: workers(threads, run), where run(n, piece) is as e.run above.
///
///     smx::workers const pool(4, [&](std::size_t n, auto const& piece) { my_pool.parallel_for(n, piece); });
///     smx::softmax(pool, x, y);
template <class Run> class workers {
public:
    constexpr workers(std::size_t threads, Run how) : most(threads), body(static_cast<Run&&>(how)) {}

    constexpr std::size_t concurrency() const { return most; }
    template <class Piece> void run(std::size_t pieces, Piece const& piece) const { body(pieces, piece); }

private:
    std::size_t most;
    Run body;
};

SMX_END
