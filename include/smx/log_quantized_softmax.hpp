// SPDX-License-Identifier: BSL-1.0
// log2_quantized_softmax, log_sqrt2_quantized_softmax: the weights of softmax as powers of two or of sqrt(1/2).
#pragma once

#include <smx/driver/quantize.hpp>

SMX_BEGIN

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
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_bytes_like<X const> Y>
void log2_quantized_softmax(E const& e, X const& x, Y&& y, log2_quantized_softmax_options const& options = {}) {
    constexpr char const* function = "log2_quantized_softmax";
    double const c = driver::factor(function, options.scale, options.temperature);
    int const largest = driver::largest_code(function, options.bits);
    driver::quantize<Arch>(e, function, x, y, c, options.fully_masked, driver::log2_code{largest});
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_bytes_like<X const> Y>
void log2_quantized_softmax(X const& x, Y&& y, log2_quantized_softmax_options const& options = {}) {
    smx::log2_quantized_softmax<Arch>(sequential, x, y, options);
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
template <class Arch = simd::default_arch, execution E, floating_point_rows X, writable_bytes_like<X const> Y>
void log_sqrt2_quantized_softmax(E const& e, X const& x, Y&& y,
                                 log_sqrt2_quantized_softmax_options const& options = {}) {
    constexpr char const* function = "log_sqrt2_quantized_softmax";
    double const c = driver::factor(function, options.scale, options.temperature);
    int const largest = driver::largest_code(function, options.bits);
    driver::check_delta(function, options.delta);
    driver::quantize<Arch>(e, function, x, y, c, options.fully_masked,
                           driver::log_sqrt2_code{largest, 1 / options.delta});
}
template <class Arch = simd::default_arch, floating_point_rows X, writable_bytes_like<X const> Y>
void log_sqrt2_quantized_softmax(X const& x, Y&& y, log_sqrt2_quantized_softmax_options const& options = {}) {
    smx::log_sqrt2_quantized_softmax<Arch>(sequential, x, y, options);
}

/// What a code of log_sqrt2_quantized_softmax stands for: delta 2^(-q / 2).
constexpr double log_sqrt2_dequantized(std::uint8_t q, double delta = 1) noexcept {
    double const power = __builtin_bit_cast(double, (1023ULL - (q + 1ULL) / 2) << 52);
    return delta * power * (q % 2 == 1 ? 0x1.6a09e667f3bcdp0 : 1);
}

SMX_END
