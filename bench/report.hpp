// SPDX-License-Identifier: BSL-1.0
// What a race found, and how it is printed: text for a terminal, JSON for report/.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bench {

/// One contestant on one problem. Ratios are medians over rounds, each of two neighbouring samples.
struct result {
    std::string who;
    double median_ns = 0, minimum_ns = 0; ///< per element
    /// Time of the subject / time of this one (below 1 the subject is faster), and of this one / of memcpy.
    std::optional<double> subject_to_this, to_memcpy; ///< empty if the subject or memcpy does not run
    std::optional<double> max_ulp;                    ///< empty for what is no softmax
};

struct heat {
    std::string problem; ///< "row/float/4096"
    std::size_t elements, rounds;
    std::vector<result> results;
};

/// The peer that the subject has to beat: the one with the shortest median. Null if no peer runs.
result const* best_peer(heat const&);

/// What was run where, and by which command line.
struct circumstances {
    std::string cpu, compiler, flags, isa, commit, command, subject, memory;
};

void print_heading(circumstances const&);
void print_text(heat const&, circumstances const&);
void print_json(std::vector<heat> const&, circumstances const&);

} // namespace bench
