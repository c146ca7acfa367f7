// SPDX-License-Identifier: BSL-1.0
// quantized_softmax, log2_quantized_softmax, log_sqrt2_quantized_softmax: the weights of softmax as bytes.
#pragma once

#include <smx/driver/quantize.hpp>

SMX_BEGIN

/// Rows of bytes (std::uint8_t): anything contiguous, a matrix_view, an mdspan, or columns(view).
template <class X>
concept byte_rows = requires(X& x) {
    driver::lower(x);
}
&&std::same_as<driver::value<X>, std::uint8_t>;

/// Rows of bytes that can be written; columns if X is columns.
template <class Y, class X>
concept writable_bytes_like =
    byte_rows<std::remove_reference_t<Y>> && !std::is_const_v<driver::element<std::remove_reference_t<Y>>> &&
    driver::by_columns<std::remove_reference_t<Y>> == driver::by_columns<X> && driver::outlives_the_call<Y>;

struct quantized_softmax_options {
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< zeros and NaN are both the code of 0 here
};

struct quantized_input_options {
    double input_scale = 1; ///< what a step of the input is worth: the score of byte i is input_scale * i
};

struct log2_quantized_softmax_options {
    int bits = 4;                              ///< of a code: 1 to 8
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< zeros and NaN are both the largest code here
};

struct log_sqrt2_quantized_softmax_options {
    int bits = 4;                              ///< of a code: 1 to 8
    double delta = 1;                          ///< the weight whose code is 0; larger ones have it too
    double scale = 1;                          ///< multiplies the scores
    double temperature = 1;                    ///< divides them
    masked fully_masked = masked::by_argument; ///< zeros and NaN are both the largest code here
};

namespace driver {

/// 2^bits - 1.
inline int largest_code(char const* function, int bits) {
    if (bits < 1 || bits > 8)
        detail::refuse(function, "bits is %g, but must be 1 to %g", static_cast<double>(bits), 8.0);
    return (1 << bits) - 1;
}

inline void check_delta(char const* function, double delta) {
    if (!is_finite(delta) || !(delta >= 0x1p-60) || !(delta <= 0x1p60))
        detail::refuse(function, "delta is %g, but must be within 2^-60 and 2^60, and is usually at most %g", delta,
                       1.0);
}

} // namespace driver

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
template <class Arch = simd::default_arch, floating_point_rows X, writable_bytes_like<X const> Y>
void quantized_softmax(X const& x, Y&& y, quantized_softmax_options const& options = {}) {
    double const c = driver::factor("quantized_softmax", options.scale, options.temperature);
    driver::quantize<Arch>("quantized_softmax", x, y, c, options.fully_masked, driver::linear_code{});
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
template <class Arch = simd::default_arch, byte_rows X, writable_bytes_like<X const> Y>
void quantized_softmax(X const& x, Y&& y, quantized_input_options const& options) {
    double const s = options.input_scale;
    if (!driver::is_finite(s) || !(s > 0))
        detail::refuse("quantized_softmax", "input_scale is %g, but must be finite and above %g", s, 0.0);
    auto const from = driver::matrix_of(driver::lower(x));
    auto const to = driver::matrix_of(driver::lower(y));
    driver::check_shapes("quantized_softmax", from, to);
    if (from.rows == 0 || from.cols == 0) return;
    auto const weights = driver::byte_weights::of<Arch>(s);
    if constexpr (driver::by_columns<X const>)
        for (std::size_t j = 0; j != from.cols; ++j)
            weights.row(from.data + j, from.row_stride, to.data + j, to.row_stride, from.rows);
    else
        for (std::size_t r = 0; r != from.rows; ++r)
            weights.row(from.data + r * from.row_stride, 1, to.data + r * to.row_stride, 1, from.cols);
}

/// The weights of each row as powers of two:
///
///     y_i = min(round(-log2 p_i), 2^bits - 1),   p = softmax(c x),   c = scale / temperature
///
/// 0 stands for 1, each step for half of the one before, the largest code for everything below as well.
///
/// **Shapes.** As softmax; y is of std::uint8_t. **Errors.** As softmax; also if bits is not 1 to 8.
///
/// **Values.** As softmax; 0 (below 2^-126 in single precision) and what would be NaN is the largest code.
///
/// **Accuracy.** That of softmax: another code only where -log2 p_i is within 1e-6 of the middle of two.
///
/// **Bits, cost.** As softmax.
///
/// **Source.** Y. Lin et al., "FQ-ViT: Post-Training Quantization for Fully Quantized Vision Transformer", 2022.
template <class Arch = simd::default_arch, floating_point_rows X, writable_bytes_like<X const> Y>
void log2_quantized_softmax(X const& x, Y&& y, log2_quantized_softmax_options const& options = {}) {
    constexpr char const* function = "log2_quantized_softmax";
    double const c = driver::factor(function, options.scale, options.temperature);
    int const largest = driver::largest_code(function, options.bits);
    driver::quantize<Arch>(function, x, y, c, options.fully_masked, driver::log2_code{largest});
}

/// What a code of log2_quantized_softmax stands for: 2^-q. The papers' programs let the largest code be 0 where it was
/// clipped; a code alone does not tell.
constexpr float log2_dequantized(std::uint8_t q) noexcept {
    return q < 127 ? __builtin_bit_cast(float, (127U - q) << 23)
                   : (q < 150 ? __builtin_bit_cast(float, 1U << (149 - q)) : 0);
}

/// The weights of each row as powers of sqrt(1/2):
///
///     y_i = min(max(round(-2 log2(p_i / delta)), 0), 2^bits - 1),   p = softmax(c x),   c = scale / temperature
///
/// **Shapes.** As softmax; y is of std::uint8_t. **Errors.** As softmax; also if bits is not 1 to 8, or delta not
/// within 2^-60 and 2^60.
///
/// **Values.** As softmax; 0 (p_i or p_i / delta below 2^-126 in single precision) and what would be NaN is the largest
/// code.
///
/// **Accuracy, bits, cost.** As log2_quantized_softmax.
///
/// **Source.** Z. Li, J. Xiao, L. Yang, Q. Gu, "RepQ-ViT: Scale Reparameterization for Post-Training Quantization of
/// Vision Transformers", 2023. It searches delta over quantiles of the weights; here it is given.
template <class Arch = simd::default_arch, floating_point_rows X, writable_bytes_like<X const> Y>
void log_sqrt2_quantized_softmax(X const& x, Y&& y, log_sqrt2_quantized_softmax_options const& options = {}) {
    constexpr char const* function = "log_sqrt2_quantized_softmax";
    double const c = driver::factor(function, options.scale, options.temperature);
    int const largest = driver::largest_code(function, options.bits);
    driver::check_delta(function, options.delta);
    driver::quantize<Arch>(function, x, y, c, options.fully_masked, driver::log_sqrt2_code{largest, 1 / options.delta});
}

/// What a code of log_sqrt2_quantized_softmax stands for: delta 2^(-q / 2).
constexpr double log_sqrt2_dequantized(std::uint8_t q, double delta = 1) noexcept {
    double const power = __builtin_bit_cast(double, (1023ULL - (q + 1ULL) / 2) << 52);
    return delta * power * (q % 2 == 1 ? 0x1.6a09e667f3bcdp0 : 1);
}

SMX_END
