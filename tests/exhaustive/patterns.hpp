// SPDX-License-Identifier: BSL-1.0
// Floating-point numbers in the order of their values: each has a place, -NaN first, +NaN last, and neighbours differ
// by 1. A domain is a list of intervals, so that its numbers can be counted and visited by index.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace smx_test {

template <class T> using bits_type = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
template <class T> inline constexpr bits_type<T> sign_bit = bits_type<T>(1) << (8 * sizeof(T) - 1);

template <class T> bits_type<T> place_of(T v) {
    auto const bits = std::bit_cast<bits_type<T>>(v);
    return (bits & sign_bit<T>) != 0 ? bits_type<T>(~bits) : bits_type<T>(bits | sign_bit<T>);
}
template <class T> T at_place(bits_type<T> place) {
    return std::bit_cast<T>((place & sign_bit<T>) != 0 ? bits_type<T>(place ^ sign_bit<T>) : bits_type<T>(~place));
}

/// The number that is `steps` neighbours away.
template <class T> T neighbour(T v, int steps) { return at_place<T>(place_of(v) + static_cast<bits_type<T>>(steps)); }

/// Numbers of a type, interval after interval, in the order of their values within each.
template <class T> class domain {
public:
    /// Also the numbers from `low` to `high`, both of them included.
    domain& from_to(T low, T high) {
        intervals.emplace_back(place_of(low), place_of(high));
        return *this;
    }
    /// Also every NaN, of both signs, quiet and signalling.
    domain& nans() {
        constexpr T infinity = std::numeric_limits<T>::infinity();
        intervals.emplace_back(0, place_of(-infinity) - 1);
        intervals.emplace_back(place_of(infinity) + 1, std::numeric_limits<bits_type<T>>::max());
        return *this;
    }
    std::uint64_t count() const {
        std::uint64_t sum = 0;
        for (auto const& [first, last] : intervals) sum += std::uint64_t(last - first) + 1;
        return sum;
    }
    /// `n` numbers from the one at `index` on, every step-th. Those beyond the last one are NaN.
    void copy(std::uint64_t index, std::uint64_t step, std::size_t n, T* out) const {
        for (auto const& [first, last] : intervals) {
            std::uint64_t const distance = last - first;
            for (; n != 0 && index <= distance; --n, index += step)
                *out++ = at_place<T>(static_cast<bits_type<T>>(first + index));
            index -= distance + 1;
        }
        for (; n != 0; --n) *out++ = std::numeric_limits<T>::quiet_NaN();
    }
    T operator[](std::uint64_t index) const {
        T v;
        copy(index, 1, 1, &v);
        return v;
    }

private:
    std::vector<std::pair<bits_type<T>, bits_type<T>>> intervals;
};

} // namespace smx_test
