// SPDX-License-Identifier: BSL-1.0
// quantized_softmax: the weights of softmax as bytes, in steps of 1/256.
#pragma once

#include <smx/driver/byte_weights.hpp>
#include <smx/driver/quantize.hpp>

SMX_BEGIN

struct quantized_softmax_options {
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< zeros and NaN are both the code of 0 here
};

struct quantized_input_options {
    double input_scale = 1; ///< what a step of the input is worth: the score of byte i is input_scale * i
};

/// The weights of each row in steps of 1/256:
///
///     y_i = min(round(256 p_i), 255),   p = softmax(c x),   c = scale / temperature
///
/// ties to even: scale 1/256 and zero point 0, as TFLite, XNNPACK and ONNX's QuantizeLinear after Softmax have it. So 1
/// is 255, and a row of more than 512 equal elements is all 0.
///
/// **Shapes.** As softmax; y is of std::uint8_t. **Errors.** As softmax.
///
/// **Values.** As softmax; what would be NaN is 0.
///
/// **Accuracy.** Within 0.5001 of 256 p_i.
///
/// **Bits, cost.** As softmax.
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_bytes_like<X const> Y>
void quantized_softmax(E const& e, X const& x, Y&& y, quantized_softmax_options const& options = {}) {
    double const c = driver::factor("quantized_softmax", options.scale, options.temperature);
    driver::quantize<Arch>(e, "quantized_softmax", x, y, c, options.fully_masked, driver::linear_code{});
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_bytes_like<X const> Y>
void quantized_softmax(X const& x, Y&& y, quantized_softmax_options const& options = {}) {
    smx::quantized_softmax<Arch>(sequential, x, y, options);
}

/// From bytes to bytes, in integers:
///
///     t_i = round(8388607 e^((x_i - m) input_scale)),   y_i = min((256 t_i + S / 2) / S, 255),   S = sum_j t_j
///
/// m the largest element of the row, the divisions rounded down. The results are XNNPACK's for rows of up to 512
/// elements. Beyond, its sum of 32 bits forces it to coarser weights and wraps for some lengths (513 equal elements
/// give 255 there, 1024 a division by zero); here it has 64.
///
/// **Shapes.** As softmax; x and y are of std::uint8_t.
///
/// **Errors.** As softmax; also if input_scale is not a finite number above 0.
///
/// **Bits.** The result depends on the row and input_scale alone, with or without FMA.
///
/// **Cost.** A table of 256 exponentials a call, then three reads and one write.
///
/// **Source.** XNNPACK, src/qu8-softmax and src/operators/softmax-nc.c.
template <class Arch = simd::default_arch, execution E, byte_rows X, writable_bytes_like<X const> Y>
void quantized_softmax(E const& e, X const& x, Y&& y, quantized_input_options const& options) {
    double const s = options.input_scale;
    if (!driver::is_finite(s) || !(s > 0))
        detail::refuse("quantized_softmax", "input_scale is %g, but must be finite and above %g", s, 0.0);
    auto const from = driver::matrix_of(driver::lower(x));
    auto const to = driver::matrix_of(driver::lower(y));
    driver::check_shapes("quantized_softmax", from, to);
    if (from.rows == 0 || from.cols == 0) return;
    auto const weights = driver::byte_weights::of<Arch>(s);
    bool const down = driver::by_columns<X const>;
    std::size_t const count = down ? from.cols : from.rows, n = down ? from.rows : from.cols;
    std::size_t const x_next = down ? 1 : from.row_stride, y_next = down ? 1 : to.row_stride;
    std::size_t const x_step = down ? from.row_stride : 1, y_step = down ? to.row_stride : 1;
    driver::share(e, count, n, [&](std::size_t first, std::size_t last) {
        for (std::size_t r = first; r != last; ++r)
            weights.row(from.data + r * x_next, x_step, to.data + r * y_next, y_step, n);
    });
}
template <class Arch = simd::default_arch, byte_rows X, writable_bytes_like<X const> Y>
void quantized_softmax(X const& x, Y&& y, quantized_input_options const& options) {
    smx::quantized_softmax<Arch>(sequential, x, y, options);
}

SMX_END
