// SPDX-License-Identifier: BSL-1.0
// softmax: a row of scores becomes a row of weights.
#pragma once

#include <smx/driver/normalize.hpp>

SMX_BEGIN

struct softmax_options {
    double scale = 1;                          ///< multiplies the scores: 1 / sqrt(d) in attention
    double temperature = 1;                    ///< divides them: above 1 flattens, below 1 sharpens
    masked fully_masked = masked::by_argument; ///< what a row of nothing but -inf becomes
};

/// The weights of each row:
///
///     y_i = e^(c x_i) / sum_j e^(c x_j),   c = scale / temperature
///
/// **Shapes.** x and y are rows (anything contiguous), matrices of rows at a stride, or columns(matrix); x may be
/// smx::scores. Elements are float, double or 16-bit floats; float and 16-bit types mix. Lengths are equal. y may be x;
/// otherwise the two must not overlap. No alignment is asked for, nothing is allocated.
///
/// **Errors.** std::invalid_argument, before anything is written, if lengths differ, a row_stride is shorter than a
/// row, a view is null but not empty, y partly overlaps x, temperature is not a finite number above 0, or scale is not
/// finite. Without exceptions the text goes to the hook of smx::set_violation_handler.
///
/// **Values.** A NaN or +inf in a row makes the whole row NaN. -inf gives exactly 0 and touches nothing else. A row of
/// nothing but -inf is NaN, or zeros with fully_masked = masked::zeros. A length of 0 writes nothing. A single finite
/// element among -inf gives exactly 1; equal elements give equal bits; 0 <= y_i <= 1. Finite elements of any size are
/// right. Results below the smallest normal number are 0; a few ulp below it they may be denormal.
///
/// **Accuracy.** Maximum error of an element in ULP, at every gap and length (tests/softmax_accuracy_test.cpp enforces
/// it): standard 6, precise 4, float and double, with or without FMA. Of 16-bit results: 0.512 (tests/half_test.cpp).
///
/// **Bits.** With FMA (AVX2+FMA, AVX-512, NEON) the result depends on the row and the options alone: not on the
/// machine, the compiler, its optimisation level, the address, the batch, the algorithm, or on whether the row is a row
/// or a column.
///
/// **Cost** in reads + writes of the row: reload 3 + 2, recompute 3 + 1, two_pass and online 2 + 1. Down columns a tile
/// of columns is read three times whatever the algorithm. Plain matrices of float rows of up to 32 elements are taken a
/// register of rows at a time.
///
/// **Source.** M. Dukhan, A. Ablavatski, "Two-Pass Softmax Algorithm", 2020, Algorithms 1 to 3; M. Milakov,
/// N. Gimelshein, "Online normalizer calculation for softmax", 2018, Algorithm 3.
template <class Arch = simd::default_arch, softmax_algorithm Algorithm, softmax_accuracy Accuracy,
          floating_point_rows X, writable_rows_like<X const> Y>
void softmax(Algorithm, Accuracy, X const& x, Y&& y, softmax_options const& options = {}) {
    double const c = driver::factor("softmax", options.scale, options.temperature);
    driver::normalize<Arch, Algorithm, Accuracy>("softmax", x, y, c, algorithm::probabilities{options.fully_masked});
}

/// softmax with the algorithm chosen by length: softmax(precise, x, y).
template <class Arch = simd::default_arch, softmax_accuracy Accuracy, floating_point_rows X,
          writable_rows_like<X const> Y>
void softmax(Accuracy accuracy, X const& x, Y&& y, softmax_options const& options = {}) {
    smx::softmax<Arch>(automatic, accuracy, x, y, options);
}

/// softmax with the standard accuracy: softmax(two_pass, x, y).
template <class Arch = simd::default_arch, softmax_algorithm Algorithm, floating_point_rows X,
          writable_rows_like<X const> Y>
void softmax(Algorithm algorithm, X const& x, Y&& y, softmax_options const& options = {}) {
    smx::softmax<Arch>(algorithm, standard, x, y, options);
}

/// softmax with both defaults: softmax(x, y).
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
void softmax(X const& x, Y&& y, softmax_options const& options = {}) {
    smx::softmax<Arch>(automatic, standard, x, y, options);
}

SMX_END
