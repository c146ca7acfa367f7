// SPDX-License-Identifier: BSL-1.0
// How far a result is from the exact value, and which arguments gave the worst ones.
#pragma once

#include "../support/exact_operators.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace smx_test {

enum class measure {
    relative,   ///< half-epsilons of the exact value. A factor that all results share cancels: half the range counts
    ulp,        ///< units in the last place of the exact value; of denormals below the smallest normal number
    ulp_of_one, ///< epsilons, absolute
    identical   ///< the same number, signs of zeros included
};

inline double double_from(double v) { return v; }

/// The largest power of two that is not above |v|. Precondition: v is normal.
inline double power_of_two_below(double v) {
    return std::bit_cast<double>(std::bit_cast<std::uint64_t>(v) & 0x7FF0000000000000U);
}

/// The signed error; infinite for what must not be. Where the exact value is below `vanishing`, +-0 will do.
/// N is double, or the numbers of the oracle.
template <class T, class N> double signed_error(measure how, T got, N const& exact, double vanishing) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
    constexpr double smallest = static_cast<double>(std::numeric_limits<T>::min());
    double const wanted = double_from(exact), found = static_cast<double>(got);
    if (std::isnan(wanted)) return std::isnan(found) ? 0 : infinity;
    if (std::isnan(found)) return infinity;
    if (how == measure::identical)
        return std::bit_cast<std::uint64_t>(found) == std::bit_cast<std::uint64_t>(wanted) ? 0 : infinity;
    if (wanted == 0 || std::isinf(wanted) || std::isinf(found)) return found == wanted ? 0 : infinity;
    if (found == 0 && std::abs(wanted) < vanishing) return 0;
    if (how == measure::relative) return double_from(N((found - exact) / exact)) * (2 / epsilon);
    double const off = double_from(N(found - exact));
    if (how == measure::ulp_of_one) return off / epsilon;
    return off / (power_of_two_below(std::max(std::abs(wanted), smallest)) * epsilon);
}

/// The largest errors seen and their arguments, the first of equals. Errors below 0 count too.
class worst_few {
public:
    struct entry {
        double error = -std::numeric_limits<double>::infinity(), x = 0;
    };
    void see(double error, double x) {
        if (!(error > entries.back().error)) return;
        std::size_t i = entries.size() - 1;
        for (; i != 0 && error > entries[i - 1].error; --i) entries[i] = entries[i - 1];
        entries[i] = {error, x};
    }
    void merge(worst_few const& other) {
        for (entry const& e : other.entries) see(e.error, e.x);
    }
    auto begin() const { return entries.begin(); }
    auto end() const { return entries.end(); }
    entry const& worst() const { return entries.front(); }

private:
    std::array<entry, 4> entries{};
};

/// Both ends of the errors of a function.
struct tally {
    worst_few above, below;
    std::uint64_t count = 0;

    void see(double error, double x) {
        above.see(error, x);
        below.see(-error, x);
    }
    void merge(tally const& other) {
        above.merge(other.above);
        below.merge(other.below);
        count += other.count;
    }
    double middle() const { return (above.worst().error - below.worst().error) / 2; }
    /// What the bound is for: half the range of relative errors, the larger end of the others.
    double error(measure how) const {
        double const high = above.worst().error, low = below.worst().error;
        return how == measure::relative ? (high + low) / 2 : std::max(high, low);
    }
    /// Where that error was found: at one of the ends; relative errors need both.
    double witness(measure how) const {
        return how == measure::relative || above.worst().error >= below.worst().error ? above.worst().x
                                                                                      : below.worst().x;
    }
    double other_witness() const { return below.worst().x; }
};

} // namespace smx_test
