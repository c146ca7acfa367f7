// SPDX-License-Identifier: BSL-1.0
// Errors of a function: of every stride-th float against double, of samples of double against the oracle.
#pragma once

#include "../support/inputs.hpp"
#include "function.hpp"

#include <thread>

namespace smx_test {

/// Every stride-th float of the domain against the function in double by the C library. Its error, below 1 ULP of
/// double for a call and 3 for the formulas with roundings of their own, is below 2^-27 of a float's last place.
/// Threads take blocks in turn, so what is found does not depend on their speed.
inline tally sweep(function<float> const& f, std::uint64_t stride, unsigned threads) {
    std::uint64_t const total = (f.arguments.count() + stride - 1) / stride;
    std::vector<tally> found(threads);
    auto const share = [&](unsigned thread) {
        float x[block], got[block];
        double exact[block];
        tally seen;
        for (std::uint64_t first = thread * std::uint64_t(block); first < total;
             first += threads * std::uint64_t(block)) {
            std::size_t const count = static_cast<std::size_t>(std::min<std::uint64_t>(block, total - first));
            f.arguments.copy(first * stride, stride, block, x);
            f.results(x, got);
            f.exact(x, exact);
            for (std::size_t i = 0; i != count; ++i)
                seen.see(signed_error(f.how, got[i], exact[i], f.vanishing), static_cast<double>(x[i]));
            seen.count += count;
        }
        found[thread] = seen;
    };
    std::vector<std::thread> others;
    for (unsigned t = 1; t < threads; ++t) others.emplace_back(share, t);
    share(0);
    for (std::thread& other : others) other.join();
    tally all;
    for (tally const& t : found) all.merge(t);
    return all;
}

/// Arguments of double: a few neighbours of every seam, numbers at random among the ordinary ones, and among all.
inline std::vector<double> samples(function<double> const& f, std::uint64_t stride) {
    constexpr int neighbours = 4;
    constexpr std::size_t at_random = 100000, fewest = 500;
    std::vector<double> all;
    for (double const seam : f.seams)
        for (int step = -neighbours; step <= neighbours; ++step) all.push_back(neighbour(seam, step));
    generator g(1);
    std::uint64_t const count = f.arguments.count();
    for (std::size_t i = 0; i != at_random; ++i) {
        all.push_back(f.low + (f.high - f.low) * (static_cast<double>(g.next() >> 11) * 0x1p-53));
        all.push_back(f.arguments[count == 0 ? g.next() : g.next() % count]); // 2^64 is 0
    }
    std::size_t const step = static_cast<std::size_t>(std::min<std::uint64_t>(stride, all.size() / fewest));
    std::vector<double> some;
    for (std::size_t i = 0; i < all.size(); i += step) some.push_back(all[i]);
    return some;
}

/// Results against the oracle, where it says more than double; against the other way to compute them elsewhere.
template <class T> tally compare(function<T> const& f, std::vector<T> const& arguments) {
    tally seen;
    for (std::size_t first = 0; first < arguments.size(); first += block) {
        std::size_t const count = std::min(block, arguments.size() - first);
        T x[block], got[block];
        double exact[block];
        for (std::size_t i = 0; i != block; ++i) x[i] = arguments[first + std::min(i, count - 1)];
        f.results(x, got);
        if (f.how == measure::identical) f.exact(x, exact);
        for (std::size_t i = 0; i != count; ++i)
            seen.see(f.how == measure::identical ? signed_error(f.how, got[i], exact[i], f.vanishing)
                                                 : signed_error(f.how, got[i], f.formula(x[i]), f.vanishing),
                     static_cast<double>(x[i]));
        seen.count += count;
    }
    return seen;
}

/// The worst arguments of a sweep, judged by the oracle.
inline tally confirmed(function<float> const& f, tally const& found) {
    std::vector<float> arguments;
    for (worst_few const* few : {&found.above, &found.below})
        for (worst_few::entry const& e : *few)
            if (e.error >= std::numeric_limits<double>::lowest()) arguments.push_back(static_cast<float>(e.x));
    tally result = compare(f, arguments);
    result.count = found.count;
    return result;
}

} // namespace smx_test
