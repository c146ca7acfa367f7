// SPDX-License-Identifier: BSL-1.0
// What one translation unit offers: every operator, on rows of plain memory. Nothing of smx is in this interface, so
// units may be compiled with other flags than their caller.
#pragma once

#include <cstddef>

constexpr std::size_t most_elements = 1100; ///< of a row

/// Each takes n elements of x and writes n elements of y. Null: the unit does not have it.
template <class T> struct every_operator {
    using row = void(T const* x, T* y, std::size_t n);
    row *softmax, *precise, *column, *masked, *causal, *bfloat16;
    row *log_softmax, *log_sum_exp, *sink_softmax, *clipped_softmax, *stablemax, *log_stablemax;
    row *sparsemax, *entmax15, *entmax, *top_k_softmax, *sigmoid, *relu, *softplus, *lssar;
    row *quantized_softmax, *online_state;
};

struct unit {
    char const* name;
    bool is_strict; ///< false if the compiler was told that infinities and signs of zeros do not matter
    every_operator<float> of_float;
    every_operator<double> of_double;
};
