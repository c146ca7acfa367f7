// SPDX-License-Identifier: BSL-1.0
// The contestants: whatever turns rows of scores into rows of weights. smx and every peer have this one interface.
#pragma once

#include "problem.hpp"

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// How often each element crosses between the processor and memory, as the source of the algorithm states it.
struct traffic {
    std::size_t reads, writes;
};

template <class T> std::size_t declared_bytes(shape form, traffic moved) {
    return form.elements() * sizeof(T) * (moved.reads + moved.writes);
}

/// What a peer is held to: enough to catch a broken adapter. Sums in float lose thousands of ULP in long rows.
template <class T> constexpr double still_a_softmax = 0.0625 / std::numeric_limits<T>::epsilon();

/// What is no softmax at all, and only moves the bytes.
inline constexpr double not_a_softmax = std::numeric_limits<double>::infinity();

/// smx in one of its forms; all others are peers, or memcpy.
inline bool is_smx(std::string const& name) { return name.rfind("smx:", 0) == 0; }

/// Runs one prepared problem once. Empty if the problem is not supported.
using runner = std::function<void()>;

template <class T> struct contestant {
    std::string name;
    double promised_ulp; ///< a result further off is an error
    std::function<traffic(shape)> moves;
    std::function<bool(shape)> supports;
    std::function<runner(problem<T> const&)> prepare; ///< everything that is not timed
};

/// All contestants for an element type, in the order in which CMakeLists.txt lists their sources.
template <class T> std::vector<contestant<T>>& contestants() {
    static std::vector<contestant<T>> all;
    return all;
}

/// A namespace-scope object of this type enters contestants; a peer that was not found is a source that is not
/// compiled.
struct entry {
    template <class... T> explicit entry(contestant<T>... one) { (contestants<T>().push_back(std::move(one)), ...); }
};

inline bool any_shape(shape) { return true; }
inline bool along_rows(shape form) { return form.along == axis::rows; }

} // namespace bench
