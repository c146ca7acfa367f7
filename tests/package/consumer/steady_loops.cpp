// SPDX-License-Identifier: BSL-1.0
// The main kernels, for codegen_test.py to read the code of.
#include <smx/softmax.hpp>

template <class T> using row = std::span<T const>;
template <class T> using weights = std::span<T>;

void softmax_of_floats(row<float> x, weights<float> y) { smx::softmax(smx::three_pass_reload, x, y); }
void softmax_of_doubles(row<double> x, weights<double> y) { smx::softmax(smx::three_pass_reload, x, y); }
void softmax_of_long_rows(row<float> x, weights<float> y) { smx::softmax(smx::two_pass, x, y); }
