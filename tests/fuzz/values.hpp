// SPDX-License-Identifier: BSL-1.0
// Rows of every kind of value, from few bytes: a kind, a seed, and some elements by their bits.
#pragma once

#include "../support/inputs.hpp"
#include "block.hpp"

#include <bit>
#include <cmath>

namespace smx_fuzz {

enum class values { ordinary, ties, equal, shifted, sharp, masked, tiny, huge, last_places, patterns };

/// One element of a kind. `level` is what the elements of a row share.
template <class T> T value_of(values kind, double level, smx_test::generator& g) {
    using limits = std::numeric_limits<T>;
    switch (kind) {
    case values::ordinary:
        return g.bell<T>(3);
    case values::ties:
        return static_cast<T>(static_cast<double>(g.below(5)) / 4);
    case values::equal:
        return static_cast<T>(level);
    case values::shifted:
        return static_cast<T>(level + g.bell<double>(2));
    case values::sharp:
        return g.bell<T>(sizeof(T) == 8 ? 300 : 40);
    case values::masked: {
        T const v = g.bell<T>(3);
        return g.below(3) == 0 ? -limits::infinity() : v;
    }
    case values::tiny:
        return (static_cast<T>(g.below(64)) - T(32)) * limits::denorm_min();
    case values::huge: {
        T const v = limits::max() * (T(1) - static_cast<T>(g.below(5)) / T(4));
        return g.below(2) == 0 ? v : -v;
    }
    case values::last_places:
        return static_cast<T>(level) * (T(1) - static_cast<T>(g.below(8)) * limits::epsilon());
    case values::patterns:
        break;
    }
    std::uint64_t const pattern = g.next();
    T value;
    std::memcpy(&value, &pattern, sizeof value);
    return value;
}

/// Fills a row of float or double.
template <class T> void fill(std::span<T> row, input& in) {
    static constexpr double levels[] = {0, 0.7, -500, 3e5, -3e5, 1e30, -1e30, 5600, 1e-30};
    static constexpr values kinds[] = {values::ordinary,    values::ordinary, values::ties,    values::equal,
                                       values::shifted,     values::sharp,    values::masked,  values::tiny,
                                       values::last_places, values::huge,     values::patterns};
    values const kind = in.of(kinds);
    double const level = in.of(levels);
    smx_test::generator g(in.bits<std::uint16_t>());
    for (T& v : row) v = value_of<T>(kind, level, g);
    static constexpr T special[] = {-std::numeric_limits<T>::infinity(),
                                    std::numeric_limits<T>::infinity(),
                                    std::numeric_limits<T>::quiet_NaN(),
                                    T(0),
                                    -T(0),
                                    std::numeric_limits<T>::max(),
                                    std::numeric_limits<T>::lowest(),
                                    std::numeric_limits<T>::min(),
                                    std::numeric_limits<T>::denorm_min()};
    for (std::size_t left = in.below(4); left != 0 && !row.empty(); --left) {
        std::size_t const at = in.below(65536) % row.size();
        row[at] = in.one_in(2) ? in.bits<T>() : in.of(special);
    }
    if (in.one_in(16))
        for (T& v : row) v = -std::numeric_limits<T>::infinity();
}

/// A matrix of such rows. The first few have kinds of their own, the others are like them.
template <class T> void fill(block<T>& matrix, input& in) {
    for (std::size_t r = 0; r != matrix.rows; ++r) {
        if (r < 3) {
            fill(matrix.row(r), in);
            continue;
        }
        auto const from = matrix.row(r % 3), to = matrix.row(r);
        for (std::size_t i = 0; i != to.size(); ++i) to[i] = from[(i + r) % to.size()];
    }
}

} // namespace smx_fuzz
