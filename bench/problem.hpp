// SPDX-License-Identifier: BSL-1.0
// What is computed: a shape, the memory it lies in, and its scores.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <type_traits>

#include <sys/mman.h>

namespace bench {

enum class axis { rows, columns };

/// A matrix, and the axis along which it is normalised.
struct shape {
    std::size_t rows, cols;
    axis along = axis::rows;

    std::size_t elements() const { return rows * cols; }
};

inline std::string name_of(shape form) {
    if (form.along == axis::rows && form.rows == 1) return std::to_string(form.cols);
    return std::to_string(form.rows) + 'x' + std::to_string(form.cols);
}

template <class T> std::string name_of_type() { return std::is_same_v<T, float> ? "float" : "double"; }

/// row/float/4096, matrix/float/4096x1000, columns/float/21x262144
template <class T> std::string name_of_problem(shape form) {
    std::string const family = form.along == axis::columns ? "columns" : form.rows == 1 ? "row" : "matrix";
    return family + '/' + name_of_type<T>() + '/' + name_of(form);
}

/// Where the rows lie: the first element `offset` bytes behind the begin of a page, on pages of the usual or of 2 MiB
/// size. x and y get equal offsets, so no store aliases a later load of the same call; problems of less than half a
/// page have y half a page further on, so that none aliases a load of the next call.
struct placement {
    std::size_t offset = 0;
    enum class page_size { usual, huge } pages = page_size::usual;
};

template <class T> class buffer {
    struct release {
        void operator()(void* p) const { std::free(p); }
    };
    std::unique_ptr<void, release> memory_;
    T* first_;

public:
    buffer(std::size_t count, placement where) {
        constexpr std::size_t page = 4096, huge_page = std::size_t(1) << 21;
        std::size_t const unit = where.pages == placement::page_size::huge ? huge_page : page;
        std::size_t const bytes = (count * sizeof(T) + where.offset + unit - 1) / unit * unit;
        memory_.reset(std::aligned_alloc(unit, bytes));
        if (!memory_) throw std::bad_alloc();
        if (where.pages == placement::page_size::huge) madvise(memory_.get(), bytes, MADV_HUGEPAGE);
        first_ = reinterpret_cast<T*>(static_cast<char*>(memory_.get()) + where.offset);
        for (std::size_t i = 0; i != count; ++i) first_[i] = T(0); // every page exists before anything is timed
    }
    T* data() { return first_; }
};

/// A score: close to normal with deviation 3 (a sum of four uniform parts), the same number on every machine.
inline double score(std::uint64_t index) {
    std::uint64_t z = (index + 1) * 0x9e3779b97f4a7c15u; // the index-th output of SplitMix64
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    double parts = 0;
    for (int shift = 0; shift != 64; shift += 16) parts += static_cast<double>((z >> shift) & 0xffff) / 65536;
    return (parts - 2) * 5.196152422706632; // 3 sqrt(3): a sum of four has the variance 1/3
}

/// One shape with its memory. The same memory serves all contestants.
template <class T> struct problem {
    shape form;
    T const* x;
    T* y;
};

template <class T> class problem_memory {
    shape form_;
    buffer<T> x_, y_;

    static placement apart(shape form, placement where) {
        if (form.elements() * sizeof(T) <= 2048) where.offset += 2048;
        return where;
    }

public:
    problem_memory(shape form, placement where)
        : form_(form), x_(form.elements(), where), y_(form.elements(), apart(form, where)) {
        for (std::size_t i = 0; i != form.elements(); ++i) x_.data()[i] = static_cast<T>(score(i));
    }
    problem<T> view() { return {form_, x_.data(), y_.data()}; }
};

} // namespace bench
