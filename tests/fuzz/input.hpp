// SPDX-License-Identifier: BSL-1.0
// Bytes of a fuzzer as choices: small numbers, options, lengths. After the last byte every choice is the first one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>

namespace smx_fuzz {

class input {
public:
    explicit input(std::span<std::uint8_t const> bytes) : left(bytes) {}

    template <class T> T bits() {
        T value{};
        std::size_t const n = left.size() < sizeof value ? left.size() : sizeof value;
        std::memcpy(&value, left.data(), n);
        left = left.subspan(n);
        return value;
    }
    /// 0 .. bound - 1, for bounds up to 65536. What is small is likely.
    std::size_t below(std::size_t bound) {
        return bound <= 256 ? bits<std::uint8_t>() % bound : bits<std::uint16_t>() % bound;
    }
    bool one_in(std::size_t n) { return below(n) == n - 1; }
    template <class T, std::size_t N> T of(T const (&values)[N]) { return values[below(N)]; }

    /// Lengths around which something changes: lines, packs, runs, chunks; and any other.
    std::size_t length() {
        static constexpr std::size_t seams[] = {16, 32, 64, 128, 256, 512, 1024, 2048, 4096};
        switch (below(8)) {
        case 0:
        case 1:
        case 2:
            return below(20);
        case 3:
        case 4:
        case 5:
            return below(140);
        case 6:
            return of(seams) - 2 + below(5);
        default:
            return below(3000);
        }
    }
    /// An option: an ordinary number, an extreme one, or any pattern of bits.
    double option() {
        static constexpr double ordinary[] = {1, 0.125, 0.3, 2, 1.7, -1, -0.4, 30, 0.01, 1e5, 1e-5};
        static constexpr double extreme[] = {0,
                                             -0.0,
                                             1e30,
                                             1e-30,
                                             1e300,
                                             -1e300,
                                             1e-300,
                                             5e-324,
                                             0x1p60,
                                             0x1p-60,
                                             std::numeric_limits<double>::infinity(),
                                             std::numeric_limits<double>::quiet_NaN()};
        switch (below(8)) {
        case 0:
        case 1:
        case 2:
        case 3:
            return 1;
        case 4:
        case 5:
            return of(ordinary);
        case 6:
            return of(extreme);
        default:
            return bits<double>();
        }
    }

private:
    std::span<std::uint8_t const> left;
};

/// What a target does with its bytes: each defines it.
void run(input& in);

} // namespace smx_fuzz
