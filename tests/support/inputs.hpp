// SPDX-License-Identifier: BSL-1.0
// Rows with a purpose. Made from integers and single roundings, so every compiler and machine makes the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace smx_test {

/// splitmix64 (Steele, Lea, Flood 2014).
class generator {
public:
    explicit generator(std::uint64_t seed) : state(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state += 0x9E3779B97F4A7C15U);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }
    /// 0 .. bound - 1
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>((next() >> 32) * bound >> 32); }
    /// Bell-shaped with deviation `scale`: the sum of four integers of 50 bits, times a constant.
    template <class T> T bell(double scale) {
        std::int64_t sum = -(std::int64_t(1) << 51);
        for (int i = 0; i != 4; ++i) sum += static_cast<std::int64_t>(next() >> 14);
        return static_cast<T>(static_cast<double>(sum) * (scale * 0x1.bb67ae8584caap-50));
    }

private:
    std::uint64_t state;
};

/// v, rounded to T here and now: no compiler fuses its computation with what follows.
template <class T> T rounded(T v) {
    T volatile stored = v;
    return stored;
}

/// A named kind of row. `make(n, parameter)` makes it.
template <class T> struct family {
    char const* name;
    char const* purpose;
    std::vector<T> (*make_row)(std::size_t n, double parameter);
    double parameter;

    std::vector<T> make(std::size_t n) const { return make_row(n, parameter); }
};

/// A row by a formula for its elements: f(i, generator).
template <class T, class F> std::vector<T> row_of(std::size_t n, F f) {
    generator g(0x5EED + n);
    std::vector<T> x(n);
    for (std::size_t i = 0; i != n; ++i) x[i] = f(i, g);
    return x;
}

namespace rows {

template <class T> std::vector<T> bell(std::size_t n, double scale) {
    return row_of<T>(n, [&](std::size_t, generator& g) { return g.bell<T>(scale); });
}
template <class T> std::vector<T> shifted(std::size_t n, double shift) {
    return row_of<T>(n, [&](std::size_t, generator& g) { return rounded(g.bell<T>(4)) + static_cast<T>(shift); });
}
/// `parameter` less 0 .. 7 units in its last place: the finest differences that exist there.
template <class T> std::vector<T> last_places(std::size_t n, double parameter) {
    T const top = static_cast<T>(parameter);
    T const unit = rounded(top * std::numeric_limits<T>::epsilon() / 2);
    return row_of<T>(n, [&](std::size_t, generator& g) { return top - rounded(static_cast<T>(g.below(8)) * unit); });
}
template <class T> std::vector<T> largest_and_lowest(std::size_t n, double) {
    T const largest = std::numeric_limits<T>::max();
    return row_of<T>(n, [&](std::size_t i, generator& g) {
        T const v = i % 3 == 2 ? largest : rounded(largest * (T(1) - rounded(static_cast<T>(g.below(4)) / T(4))));
        return i % 2 == 0 ? v : -v;
    });
}
template <class T> std::vector<T> all_equal(std::size_t n, double value) {
    return std::vector<T>(n, static_cast<T>(value));
}
template <class T> std::vector<T> one_hot(std::size_t n, double value) {
    return row_of<T>(n, [&](std::size_t i, generator&) { return i == n / 2 ? static_cast<T>(value) : T(0); });
}
template <class T> std::vector<T> ramp(std::size_t n, double step) {
    return row_of<T>(n, [&](std::size_t i, generator&) { return static_cast<T>(static_cast<double>(i) * step); });
}
/// Elements between the gaps at which results leave the normal numbers, then the denormal ones; the maximum comes last.
template <class T> std::vector<T> staircase(std::size_t n, double) {
    double const from = sizeof(T) == 4 ? 80 : 700, step = sizeof(T) == 4 ? 120.0 / 65536 : 60.0 / 65536;
    return row_of<T>(n, [&](std::size_t i, generator& g) {
        return i + 1 == n ? T(0) : static_cast<T>(-from - rounded(static_cast<double>(g.below(65536)) * step));
    });
}
/// Like staircase, for one result in the thousand next to the smallest normal number.
template <class T> std::vector<T> brink(std::size_t n, double) {
    double const edge = sizeof(T) == 4 ? 0x1.5d58ap+6 : 0x1.6232bdd7abcd2p+9, step = sizeof(T) == 4 ? 0x1p-17 : 0x1p-43;
    return row_of<T>(n, [&](std::size_t i, generator& g) {
        return i == 0 ? T(0) : static_cast<T>(-edge + rounded((static_cast<double>(g.below(4096)) - 2048) * step));
    });
}
template <class T> std::vector<T> wide_gap(std::size_t n, double) {
    static constexpr double values[] = {0, -3, -50, -103.5, -700, -746, -5000, -70000, -1e7, -1e15, -1e30};
    return row_of<T>(n, [](std::size_t i, generator& g) { return static_cast<T>(i == 0 ? 0 : values[g.below(11)]); });
}
template <class T> std::vector<T> masked(std::size_t n, double) {
    return row_of<T>(n, [&](std::size_t i, generator& g) {
        T const v = g.bell<T>(4);
        return g.below(3) == 0 && i + 1 != n ? -std::numeric_limits<T>::infinity() : v;
    });
}
template <class T> std::vector<T> causal(std::size_t n, double) {
    return row_of<T>(
        n, [&](std::size_t i, generator& g) { return 2 * i > n ? -std::numeric_limits<T>::infinity() : g.bell<T>(4); });
}
/// The mirror of causal: whole leading chunks without a maximum.
template <class T> std::vector<T> late(std::size_t n, double) {
    return row_of<T>(n, [&](std::size_t i, generator& g) {
        return 10 * (i + 1) < 9 * n ? -std::numeric_limits<T>::infinity() : g.bell<T>(4);
    });
}
template <class T> std::vector<T> denormal(std::size_t n, double) {
    return row_of<T>(n, [](std::size_t, generator& g) {
        return (static_cast<T>(g.below(2048)) - T(1024)) * std::numeric_limits<T>::denorm_min();
    });
}
template <class T> std::vector<T> signed_zeros(std::size_t n, double) {
    return row_of<T>(n, [](std::size_t, generator& g) { return g.below(2) == 0 ? T(0) : -T(0); });
}
template <class T> std::vector<T> dominated(std::size_t n, double depth) {
    return row_of<T>(n, [&](std::size_t i, generator& g) {
        T const v = rounded(g.bell<T>(1)) - static_cast<T>(depth);
        return i == n / 3 ? T(0) : v;
    });
}
template <class T> std::vector<T> two_big(std::size_t n, double) {
    return row_of<T>(n, [&](std::size_t i, generator& g) {
        T const v = g.bell<T>(4);
        return i == 0 || i + 1 == n ? T(60) : v;
    });
}
template <class T> std::vector<T> alternating(std::size_t n, double swing) {
    return row_of<T>(n, [&](std::size_t i, generator&) { return static_cast<T>(i % 2 == 0 ? swing : -swing); });
}
template <class T> std::vector<T> spike_last(std::size_t n, double) {
    return row_of<T>(n, [&](std::size_t i, generator& g) {
        T const v = g.bell<T>(10);
        return i + 1 == n ? T(90) : v;
    });
}

} // namespace rows

template <class T> std::vector<family<T>> const& families() {
    static std::vector<family<T>> const all = {
        {"bell_0.01", "nearly uniform weights: the sum is what can go wrong", rows::bell<T>, 0.01},
        {"bell_1", "logits of a fresh network", rows::bell<T>, 1},
        {"bell_4", "logits of a trained network", rows::bell<T>, 4},
        {"bell_30", "sharp logits: most weights are negligible", rows::bell<T>, 30},
        {"bell_100", "gaps across the flush boundary of float", rows::bell<T>, 100},
        {"bell_1000", "gaps across the flush boundary of double", rows::bell<T>, 1000},
        {"shifted_-500", "no element near 0: e^x underflows in float", rows::shifted<T>, -500},
        {"shifted_3e5", "exponents out of the integer range: the row is moved", rows::shifted<T>, 3e5},
        {"last_places_1e30", "elements without an exponent; two_pass of others gives NaN", rows::last_places<T>, 1e30},
        {"last_places_-1e30", "the same below 0", rows::last_places<T>, -1e30},
        {"last_places_5600", "just inside the range where exponents are near", rows::last_places<T>, 5600},
        {"largest_and_lowest", "differences overflow", rows::largest_and_lowest<T>, 0},
        {"all_equal", "equal bits, 1 / n", rows::all_equal<T>, 0.7},
        {"all_equal_-1e30", "equal and far away", rows::all_equal<T>, -1e30},
        {"one_hot", "a background that matters", rows::one_hot<T>, 5},
        {"one_hot_far", "a background that vanishes", rows::one_hot<T>, 1000},
        {"ramp_up", "the maximum rises in every chunk", rows::ramp<T>, 0.0371},
        {"ramp_down", "the maximum comes first", rows::ramp<T>, -0.371},
        {"staircase", "gaps around the flush boundaries", rows::staircase<T>, 0},
        {"brink", "results next to the smallest normal number", rows::brink<T>, 0},
        {"wide_gap", "weights of any size below 1", rows::wide_gap<T>, 0},
        {"masked", "-inf sprinkled", rows::masked<T>, 0},
        {"causal", "-inf behind", rows::causal<T>, 0},
        {"late", "-inf before", rows::late<T>, 0},
        {"denormal", "logits that flush-to-zero modes change", rows::denormal<T>, 0},
        {"signed_zeros", "+0 and -0 are equal", rows::signed_zeros<T>, 0},
        {"dominated", "one weight near 1, the others in its last places", rows::dominated<T>, 16},
        {"two_big", "two halves and crumbs", rows::two_big<T>, 0},
        {"alternating", "two values, lane by lane", rows::alternating<T>, 5},
        {"spike_last", "the maximum is the last element", rows::spike_last<T>, 0},
    };
    return all;
}

} // namespace smx_test
