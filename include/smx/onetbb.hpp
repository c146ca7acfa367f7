// SPDX-License-Identifier: BSL-1.0
// smx::onetbb: operators on oneTBB's threads, those of the arena that calls. Needs oneTBB; nothing else of smx includes
// it.
#pragma once

#include <smx/execution.hpp>
#include <smx/simd/arch.hpp> // first: oneTBB includes intrinsics, of whose GCC 12 only xsimd.hpp hushes the false alarms

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

SMX_BEGIN

/// softmax(smx::onetbb{}, x, y); how many threads is the arena's business.
struct onetbb {
    static std::size_t concurrency() { return static_cast<std::size_t>(tbb::this_task_arena::max_concurrency()); }
    template <class Piece> void run(std::size_t pieces, Piece const& piece) const {
        if (pieces <= concurrency()) // to each thread the same one in every call
            tbb::parallel_for(std::size_t(0), pieces, piece, tbb::static_partitioner{});
        else
            tbb::parallel_for(std::size_t(0), pieces, piece);
    }
};

SMX_END
