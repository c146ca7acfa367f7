// SPDX-License-Identifier: BSL-1.0
// A generator of our own: the distributions and std::shuffle of the standard library differ between compilers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace digits {

/// SplitMix64: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", 2014.
class random_stream {
public:
    explicit random_stream(std::uint64_t seed) : state_(seed) {}

    /// A number from 0 to bound - 1. Taking the upper half of a product favours some by less than bound / 2^32.
    std::size_t below(std::size_t bound) {
        return static_cast<std::size_t>(((next() >> 32) * static_cast<std::uint64_t>(bound)) >> 32);
    }

    /// Fisher and Yates' shuffle.
    void shuffle(std::span<std::size_t> items) {
        for (std::size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[below(left)]);
    }

private:
    std::uint64_t next() {
        std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15U;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31);
    }

    std::uint64_t state_;
};

} // namespace digits
