// SPDX-License-Identifier: BSL-1.0
// One translation unit of a program, compiled with flags of its own. UNIT is its name.
//
// Of std it uses nothing that leaves code behind: other units might hold another copy of that. Units that are alone in
// their program say ROWS_ARE_SPANS, for which half as much is compiled; of them softmax of floats takes a matrix. It
// holds the operators of unit.hpp that are usual, or, with EVERY_OPERATOR, all.
#include "unit.hpp"

#include <smx/smx.hpp>

namespace UNIT {
namespace {

#if defined(ROWS_ARE_SPANS)
template <class T> std::span<T> row_of(T* data, std::size_t n) { return {data, n}; }
#else
template <class T> smx::matrix_view<T> row_of(T* data, std::size_t n) { return {data, 1, n}; }
#endif

template <class T> void softmax(T const* x, T* y, std::size_t n) { smx::softmax(row_of(x, n), row_of(y, n)); }
#if defined(ROWS_ARE_SPANS)
/// Of many rows, which short ones are taken together with, one.
template <> void softmax(float const* x, float* y, std::size_t n) {
    constexpr std::size_t rows = 35, which = 13;
    static float many[rows * most_elements];
    for (std::size_t r = 0; r != rows; ++r)
        for (std::size_t i = 0; i != n; ++i) many[r * n + i] = r == which ? x[i] : static_cast<float>((r * 7 + i) % 11);
    smx::matrix_view<float> const matrix(many, rows, n);
    smx::softmax(matrix, matrix);
    for (std::size_t i = 0; i != n; ++i) y[i] = many[which * n + i];
}
#endif

template <class T> void masked(T const* x, T* y, std::size_t n) {
    bool keep[most_elements];
    for (std::size_t i = 0; i != n; ++i) keep[i] = i % 3 != 1;
    smx::softmax(smx::scores(row_of(x, n)).where(row_of<bool const>(keep, n)), row_of(y, n));
}

/// Through 16 bits, in and out.
void bfloat16(float const* x, float* y, std::size_t n) {
    smx::bfloat16 row[most_elements];
    for (std::size_t i = 0; i != n; ++i) row[i] = smx::bfloat16(x[i]);
    smx::softmax(row_of<smx::bfloat16 const>(row, n), row_of(row, n));
    for (std::size_t i = 0; i != n; ++i) y[i] = row[i];
}

template <class T> void log_sum_exp(T const* x, T* y, std::size_t n) {
    T const l = smx::log_sum_exp(row_of(x, n));
    for (std::size_t i = 0; i != n; ++i) y[i] = l;
}

/// The weights, in their places, of the 5 largest.
template <class T> void top_k_softmax(T const* x, T* y, std::size_t n) {
    T weights[5];
    int indices[5];
    std::size_t const k = n < 5 ? n : 5;
    smx::top_k_softmax(row_of(x, n), row_of(weights, k), row_of(indices, k));
    for (std::size_t i = 0; i != n; ++i) y[i] = 0;
    for (std::size_t j = 0; j != k; ++j) y[indices[j]] = weights[j];
}

template <class T> void quantized_softmax(T const* x, T* y, std::size_t n) {
    unsigned char codes[most_elements];
    smx::quantized_softmax(row_of(x, n), row_of(codes, n));
    for (std::size_t i = 0; i != n; ++i) y[i] = static_cast<T>(codes[i]);
}

/// A row that arrives in two pieces.
template <class T> void online_state(T const* x, T* y, std::size_t n) {
    std::size_t const half = n / 2;
    smx::online_state<T> state(row_of(x, half));
    state.push(row_of(x + half, n - half));
    state.probabilities(row_of(x, n), row_of(y, n));
}

/// What threads share, one piece after the other.
struct in_turn {
    template <class Piece> void operator()(std::size_t pieces, Piece const& piece) const {
        smx::sequential.run(pieces, piece);
    }
};

#if defined(EVERY_OPERATOR)
constexpr bool every_one = true;
#else
constexpr bool every_one = false;
#endif

template <class T> constexpr every_operator<T> operators() {
    every_operator<T> all = {};
    all.softmax = softmax<T>;
    all.log_softmax = [](T const* x, T* y, std::size_t n) { smx::log_softmax(row_of(x, n), row_of(y, n)); };
    if constexpr (sizeof(T) == sizeof(float)) {
        all.masked = masked<T>;
        all.bfloat16 = bfloat16;
        all.stablemax = [](T const* x, T* y, std::size_t n) { smx::stablemax(row_of(x, n), row_of(y, n)); };
        all.sparsemax = [](T const* x, T* y, std::size_t n) { smx::sparsemax(row_of(x, n), row_of(y, n)); };
        all.entmax15 = [](T const* x, T* y, std::size_t n) { smx::entmax15(row_of(x, n), row_of(y, n)); };
        all.online_state = online_state<T>;
    }
    if constexpr (every_one && sizeof(T) == sizeof(float)) {
        all.precise = [](T const* x, T* y, std::size_t n) { smx::softmax(smx::precise, row_of(x, n), row_of(y, n)); };
        all.column = [](T const* x, T* y, std::size_t n) {
            smx::softmax(smx::columns(smx::matrix_view{x, n, 1}), smx::columns(smx::matrix_view{y, n, 1}));
        };
        all.causal = [](T const* x, T* y, std::size_t n) { // the first of n rows
            smx::softmax(smx::scores(row_of(x, n)).causal((n + 1) / 2), row_of(y, n));
        };
        all.log_sum_exp = log_sum_exp<T>;
        all.sink_softmax = [](T const* x, T* y, std::size_t n) {
            smx::sink_softmax(smx::workers(2, in_turn{}), row_of(x, n), row_of(y, n), {.sink = 0.7});
        };
        all.clipped_softmax = [](T const* x, T* y, std::size_t n) {
            smx::clipped_softmax(row_of(x, n), row_of(y, n), {.zeta = 1.03, .gamma = -0.003});
        };
        all.log_stablemax = [](T const* x, T* y, std::size_t n) { smx::log_stablemax(row_of(x, n), row_of(y, n)); };
        all.entmax = [](T const* x, T* y, std::size_t n) { smx::entmax(row_of(x, n), row_of(y, n), {.alpha = 1.25}); };
        all.top_k_softmax = top_k_softmax<T>;
        all.sigmoid = [](T const* x, T* y, std::size_t n) { smx::sigmoid(row_of(x, n), row_of(y, n), {.bias = -7.6}); };
        all.relu = [](T const* x, T* y, std::size_t n) { smx::relu(row_of(x, n), row_of(y, n)); };
        all.softplus = [](T const* x, T* y, std::size_t n) { smx::softplus(row_of(x, n), row_of(y, n)); };
        all.lssar = [](T const* x, T* y, std::size_t n) { smx::lssar(row_of(x, n), row_of(y, n)); };
        all.quantized_softmax = quantized_softmax<T>;
    }
    return all;
}

} // namespace
} // namespace UNIT

#define NAME_OF_(x) #x
#define NAME_OF(x) NAME_OF_(x)
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
constexpr bool is_strict = false;
#else
constexpr bool is_strict = true;
#endif

namespace units {
extern constinit unit const UNIT;
constinit unit const UNIT = {NAME_OF(UNIT), is_strict, ::UNIT::operators<float>(), ::UNIT::operators<double>()};
} // namespace units
