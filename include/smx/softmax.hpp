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
/// it): standard 8, precise 4, float and double, with or without FMA. Of floats with FMA no row can lose more than 7.90
/// and 3.93: two exponentials at their worst (exp_weight), three roundings of the sum (precise none), one of its
/// inverse and half an ULP of the quotient (precise: two halves). A row made of bad exponentials loses 6.73. Of 16-bit
/// results: 0.512 (tests/half_test.cpp).
///
/// **Bits.** With FMA (AVX2+FMA, AVX-512, NEON) the result depends on the row and the options alone: not on the
/// machine, the compiler, its optimisation level, the address, the batch, the algorithm, the threads, or on whether the
/// row is a row or a column.
///
/// **Threads.** Those of the execution, if one is given: softmax(smx::openmp{}, precise, x, y). They share the rows or
/// columns, or one row of 2^18 elements and more if rows are fewer than threads; then as three_pass_recompute, two
/// reads and one write. Every operator takes an execution; the others share no single row.
///
/// **Cost** in reads + writes of the row: reload 2 + 2, the others 2 + 1. reload and recompute guess the magnitude of
/// the row from its first elements, or its ends: where others are more than some 46 units above these (600 for double,
/// after scaling), reload moves what it has weighed to a higher reference, 1.4 to 2.2 times the time, but in a matrix,
/// after two such rows, it takes the maximum first, 1.4 times; recompute, and reload without registers of 32 bytes,
/// reads the row for its maximum and weighs it again, 2 times. reload in place takes the maximum first, 3 + 2. Out of
/// place reload and rows in registers take .74 to 1.0 of the time as long as elements lie within 59 units below the
/// guess (373 for double); one that does not, -inf say, costs up to 1.25 times the time, of a row that fits in
/// registers 1.1 to 2.2 in a matrix and 1.1 to 2.6 by itself (bench/inputs.cpp). Results that no cache would hold (16
/// MiB and more on Zen 5, 32 on Zen 4 and Sapphire Rapids) are written past the caches; of floats by
/// three_pass_recompute where registers have 64 bytes. Down columns, whatever the algorithm, a tile of columns is read
/// once where its elements lie so around its first row, else three times. A row that fits in 16 registers (256 floats
/// with AVX-512, 128 with AVX2, 64 elsewhere), with AVX-512 and AVX2 in 32 if its elements lie as said, is read and
/// written once; plain matrices of rows of up to 48 floats or 24 doubles, and of 64 floats with AVX-512, are taken a
/// register of rows at a time.
///
/// **Source.** M. Dukhan, A. Ablavatski, "Two-Pass Softmax Algorithm", 2020, Algorithms 1 to 3; M. Milakov,
/// N. Gimelshein, "Online normalizer calculation for softmax", 2018, Algorithm 3.
template <class Arch = simd::default_arch, execution E, softmax_algorithm Algorithm, softmax_accuracy Accuracy,
          floating_point_rows X, writable_rows_like<X const> Y>
SMX_INLINE void softmax(E const& e, Algorithm algorithm, Accuracy accuracy, X const& x, Y&& y,
                        softmax_options const& options = {}) {
    double const c = driver::factor("softmax", options.scale, options.temperature);
    driver::normalize<Arch>(e, "softmax", algorithm, accuracy, x, y, c, algorithm::probabilities{options.fully_masked});
}

/// softmax with one of the three that lead left to its default: softmax(two_pass, precise, x, y).
template <class Arch = simd::default_arch, class First, class Second, floating_point_rows X,
          writable_rows_like<X const> Y>
requires driver::leading_pair<First, Second> SMX_INLINE void
softmax(First const& first, Second const& second, X const& x, Y&& y, softmax_options const& options = {}) {
    smx::softmax<Arch>(driver::execution_of(first, second), driver::algorithm_of(first, second),
                       driver::accuracy_of(first, second), x, y, options);
}

/// softmax with two of them left: softmax(precise, x, y).
template <class Arch = simd::default_arch, class Tag, floating_point_rows X, writable_rows_like<X const> Y>
requires(driver::leading<Tag> || softmax_algorithm<Tag>)
    SMX_INLINE void softmax(Tag const& tag, X const& x, Y&& y, softmax_options const& options = {}) {
    smx::softmax<Arch>(driver::execution_of(tag), driver::algorithm_of(tag), driver::accuracy_of(tag), x, y, options);
}

/// softmax with all defaults: softmax(x, y).
template <class Arch = simd::default_arch, floating_point_rows X, writable_rows_like<X const> Y>
SMX_INLINE void softmax(X const& x, Y&& y, softmax_options const& options = {}) {
    smx::softmax<Arch>(sequential, automatic, standard, x, y, options);
}

SMX_END
