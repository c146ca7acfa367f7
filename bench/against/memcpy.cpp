// SPDX-License-Identifier: BSL-1.0
// The physical reference: x is read once and y is written once, by the C library.
#include "../contestant.hpp"

#include <cstring>

namespace bench {
namespace {

template <class T> contestant<T> copy() {
    return {
        "memcpy", not_a_softmax,
        [](shape) {
            return traffic{1, 1};
        },
        any_shape,
        [](problem<T> const& p) -> runner { return [p] { std::memcpy(p.y, p.x, p.form.elements() * sizeof(T)); }; }};
}

entry const both(copy<float>(), copy<double>());

} // namespace
} // namespace bench
