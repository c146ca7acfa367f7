// SPDX-License-Identifier: BSL-1.0
// A matrix in a piece of the heap that ends with its last element, with marks in the gaps between its rows and in
// front. Under AddressSanitizer nothing follows it; elsewhere some marks do.
#pragma once

#include "check.hpp"
#include "input.hpp"

#include <smx/matrix.hpp>

#include <memory>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SMX_FUZZ_WITH_ADDRESS_SANITIZER 1
#endif
#endif

namespace smx_fuzz {

template <class T> class block {
public:
    /// `gap` elements in front, so that rows begin at any alignment of T.
    block(std::size_t row_count, std::size_t col_count, std::size_t row_stride, std::size_t gap)
        : rows(row_count), cols(col_count), stride(row_stride), front(gap * sizeof(T)),
          used(row_count == 0 ? 0 : ((row_count - 1) * row_stride + col_count) * sizeof(T)),
          memory(new unsigned char[front + used + behind]) {
        std::memset(memory.get(), mark, front + used + behind);
    }
    static block any(std::size_t row_count, std::size_t col_count, input& in) {
        return {row_count, col_count, col_count + in.below(4), in.below(17)};
    }

    T* data() { return reinterpret_cast<T*>(memory.get() + front); }
    T const* data() const { return reinterpret_cast<T const*>(memory.get() + front); }
    smx::matrix_view<T> view() { return {data(), rows, cols, stride}; }
    smx::matrix_view<T const> view() const { return {data(), rows, cols, stride}; }
    std::span<T> row(std::size_t r) { return {data() + r * stride, cols}; }
    std::span<T const> row(std::size_t r) const { return {data() + r * stride, cols}; }

    void require_marks(char const* what) const {
        for (std::size_t i = 0; i != front + used + behind; ++i)
            if (!belongs(i)) require(memory[i] == mark, what, ": wrote ", i - front, " bytes from its first element");
    }
    /// Nothing was written at all.
    void require_untouched(char const* what) const {
        for (std::size_t i = 0; i != front + used + behind; ++i)
            require(memory[i] == mark, what, ": a refused call wrote");
    }
    void copy_from(block const& other) {
        for (std::size_t r = 0; r != rows; ++r)
            if (cols != 0) std::memcpy(row(r).data(), other.row(r).data(), cols * sizeof(T));
    }
    void require_same_as(block const& other, char const* what) const {
        for (std::size_t r = 0; r != rows; ++r) require_same<T>(row(r), other.row(r), what);
    }

    std::size_t rows, cols, stride;

private:
#if defined(SMX_FUZZ_WITH_ADDRESS_SANITIZER)
    static constexpr std::size_t behind = 0;
#else
    static constexpr std::size_t behind = 64;
#endif
    static constexpr unsigned char mark = 0xA5;

    bool belongs(std::size_t byte) const {
        return byte >= front && byte < front + used && (byte - front) % (stride * sizeof(T)) < cols * sizeof(T);
    }

    std::size_t front, used;
    std::unique_ptr<unsigned char[]> memory;
};

} // namespace smx_fuzz
