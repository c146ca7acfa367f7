// SPDX-License-Identifier: BSL-1.0
// What a race found, and the three ways to print it.
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
    std::string family, shape; ///< "row/float", "4096"
    std::size_t rounds;
    std::vector<result> results;
};

/// What was run where, and by which command line.
struct circumstances {
    std::string cpu, compiler, flags, isa, commit, command, subject, memory;
};

enum class format { text, json, markdown };

/// Text is printed heat by heat; the other formats need all of them.
void print_heading(circumstances const&);
void print_text(heat const&, circumstances const&);
void print_json(std::vector<heat> const&, circumstances const&);
void print_markdown(std::vector<heat> const&, circumstances const&);

} // namespace bench
