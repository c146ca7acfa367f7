// SPDX-License-Identifier: BSL-1.0
// A function under test: what it gives, what it is, where, and how far the two may be apart.
#pragma once

#include "judge.hpp"
#include "patterns.hpp"

#include <smx/simd/pack_memory.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace smx_test {

/// Arguments are evaluated so many at a time, a multiple of every pack.
inline constexpr std::size_t block = 1024;

template <class T> struct function {
    std::string name, where; ///< the domain in words
    domain<T> arguments;
    measure how;
    double bound;
    double vanishing = static_cast<double>(std::numeric_limits<T>::min());

    std::function<void(T const*, T*)> results{};    ///< of a block
    std::function<void(T const*, double*)> exact{}; ///< of a block, in double
    std::function<number(T)> formula{};             ///< of one argument, to 200 bits; none for measure::identical

    /// For double, which cannot be exhausted: where ordinary arguments are, and numbers to go close to.
    T low = 0, high = 0;
    std::vector<T> seams{};
};

/// Results of a block by an operation on packs.
template <class T, class Operation> auto by_packs(Operation operation) {
    return [operation](T const* x, T* y) {
        using V = smx::simd::vector<T, smx::simd::default_arch>;
        using P = smx::simd::pack<V, 2>; // larger ones take longer to compile and give the same bits
        static_assert(block % P::size == 0);
        for (std::size_t i = 0; i != block; i += P::size)
            smx::simd::store(y + i, operation(smx::simd::load_pack<P>(x + i, smx::simd::whole{}, V(T(0)))),
                             smx::simd::whole{});
    };
}

/// A function with its formula, which is written once for double and for the oracle's numbers.
template <class T, class Formula> function<T> with_formula(function<T> f, Formula formula) {
    f.exact = [formula](T const* x, double* y) {
        for (std::size_t i = 0; i != block; ++i) y[i] = formula(static_cast<double>(x[i]));
    };
    f.formula = [formula](T x) -> number { return formula(number_from(static_cast<double>(x))); };
    return f;
}
template <class T, class Operation, class Formula>
function<T> with(function<T> f, Operation operation, Formula formula) {
    f.results = by_packs<T>(operation);
    return with_formula(f, formula);
}

} // namespace smx_test
