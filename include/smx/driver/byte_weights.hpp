// SPDX-License-Identifier: BSL-1.0
// softmax from bytes to bytes, in integers: a table of weights and a sum.
#pragma once

#include <smx/detail/config.hpp>
#include <smx/math/exp.hpp>
#include <smx/simd/pack_memory.hpp>

#include <cstdint>

SMX_BEGIN
namespace driver {

/// The weights e^((i - 255) s) of a byte i, in units of 1 / 8388607 as XNNPACK has them, and a row of bytes divided by
/// its sum. The sum has 64 bits: no length wraps it.
class byte_weights {
public:
    static constexpr std::uint64_t one = 8388607;

    template <class Arch> SMX_INLINE static byte_weights of(double input_scale) {
        using V = simd::vector<double, Arch>;
        using P = simd::pack<V, simd::line_registers<V>>;
        byte_weights result;
        for (int first = 0; first != 256; first += static_cast<int>(P::size)) {
            alignas(64) double lanes[P::size];
            for (std::size_t i = 0; i != P::size; ++i) lanes[i] = (first + static_cast<int>(i) - 255) * input_scale;
            P const weight = math::exp_nonpositive(simd::load_pack<P>(lanes, simd::whole{}, V(0.0)));
            simd::store(lanes, simd::fma(weight, V(static_cast<double>(one)), V(0.5)), simd::whole{});
            for (std::size_t i = 0; i != P::size; ++i)
                result.weight[static_cast<std::size_t>(first) + i] = static_cast<std::uint32_t>(lanes[i]);
        }
        return result;
    }

    /// y_i = min((256 t_i + S / 2) / S, 255). Read and written at strides; y may be x.
    SMX_INLINE void row(std::uint8_t const* x, std::size_t x_stride, std::uint8_t* y, std::size_t y_stride,
                        std::size_t n) const {
        unsigned largest = 0;
        for (std::size_t i = 0; i != n; ++i) largest = x[i * x_stride] > largest ? x[i * x_stride] : largest;
        std::uint32_t const* const relative = weight + (255 - largest);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i != n; ++i) sum += relative[x[i * x_stride]];
        if (n <= largest) { // fewer elements than values that they could have
            for (std::size_t i = 0; i != n; ++i) y[i * y_stride] = share(relative[x[i * x_stride]], sum);
            return;
        }
        std::uint8_t code[256];
        for (unsigned v = 0; v <= largest; ++v) code[v] = share(relative[v], sum);
        for (std::size_t i = 0; i != n; ++i) y[i * y_stride] = code[x[i * x_stride]];
    }

private:
    std::uint32_t weight[256];

    SMX_INLINE static std::uint8_t share(std::uint64_t w, std::uint64_t sum) {
        std::uint64_t const code = (w * 256 + sum / 2) / sum;
        return static_cast<std::uint8_t>(code < 255 ? code : 255);
    }
};

} // namespace driver
SMX_END
