// SPDX-License-Identifier: BSL-1.0
// What a fuzz target does when something is wrong: it says what, and ends the program.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace smx_fuzz {

/// What the current input asks for, for the report.
inline std::string& description() {
    static std::string text;
    return text;
}
template <class... Parts> std::string joined(Parts const&... parts) {
    std::ostringstream text;
    text.precision(17);
    (text << ... << parts);
    return text.str();
}

/// libFuzzer keeps the input; the replay has printed its number.
template <class... Parts> [[noreturn]] void fail(Parts const&... parts) {
    std::fprintf(stderr, "FAILED: %s\n  %s\n", description().c_str(), joined(parts...).c_str());
    std::abort();
}
template <class... Parts> void require(bool holds, Parts const&... parts) {
    if (!holds) fail(parts...);
}

/// A NaN equals any NaN; +0 is not -0.
template <class T> bool same_bits(T a, T b) {
    bool const both_nan = a != a && b != b;
    return both_nan || std::memcmp(&a, &b, sizeof a) == 0;
}
template <class T>
void require_same(std::span<T const> got, std::span<std::type_identity_t<T> const> expected, char const* what) {
    require(got.size() == expected.size(), what, ": ", got.size(), " elements instead of ", expected.size());
    for (std::size_t i = 0; i != got.size(); ++i)
        if (!same_bits(got[i], expected[i]))
            fail(what, ": element ", i, " of ", got.size(), " is ", +got[i], " instead of ", +expected[i]);
}

/// Whether a call throws std::invalid_argument.
template <class F> bool refused(F const& call) {
    try {
        call();
    } catch (std::invalid_argument const&) {
        return true;
    }
    return false;
}

} // namespace smx_fuzz
