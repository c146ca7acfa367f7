// SPDX-License-Identifier: BSL-1.0
// smx::openmp: operators on OpenMP's threads. Needs -fopenmp; nothing else of smx includes it.
#pragma once

#include <smx/execution.hpp>

#if !defined(_OPENMP)
#error "smx/openmp.hpp needs OpenMP: -fopenmp, or OpenMP::OpenMP_CXX in CMake"
#endif
#include <omp.h>

SMX_BEGIN

/// softmax(smx::openmp{}, x, y) or, with fewer threads than omp_get_max_threads(), smx::openmp{2}.
struct openmp {
    std::size_t threads = 0; ///< 0: as many as OpenMP gives

    std::size_t concurrency() const { return threads != 0 ? threads : static_cast<std::size_t>(omp_get_max_threads()); }
    template <class Piece> void run(std::size_t pieces, Piece const& piece) const {
        int const team = static_cast<int>(concurrency());
        if (pieces <= concurrency()) { // to each thread the same one in every call
#pragma omp parallel for schedule(static, 1) num_threads(team)
            for (std::size_t i = 0; i < pieces; ++i) piece(i);
        } else {
#pragma omp parallel for schedule(dynamic, 1) num_threads(team)
            for (std::size_t i = 0; i < pieces; ++i) piece(i);
        }
    }
};

SMX_END
