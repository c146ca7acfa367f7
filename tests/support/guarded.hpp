// SPDX-License-Identifier: BSL-1.0
// Buffers between two pages that may not be touched, with canaries in what remains of their own pages.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>

namespace smx_test {

/// Room for `capacity` elements, placed at will. Reading or writing beyond the pages crashes; writing within them but
/// outside the elements destroys a canary.
template <class T> class guarded {
public:
    explicit guarded(std::size_t capacity)
        : page(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
          usable((capacity * sizeof(T) + slack + page - 1) / page * page) {
        void* const all = mmap(nullptr, usable + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (all == MAP_FAILED) throw std::bad_alloc();
        mapping = static_cast<unsigned char*>(all);
        if (mprotect(mapping, page, PROT_NONE) != 0 || mprotect(mapping + page + usable, page, PROT_NONE) != 0)
            throw std::bad_alloc();
        first_byte = mapping + page;
        std::memset(first_byte, canary, usable);
    }
    ~guarded() { munmap(mapping, usable + 2 * page); }
    guarded(guarded const&) = delete;
    guarded& operator=(guarded const&) = delete;

    /// n elements, `gap` elements after the lower guard page.
    std::span<T> at_start(std::size_t n, std::size_t gap) { return place(first_byte + gap * sizeof(T), n); }
    /// n elements, `gap` elements before the upper guard page.
    std::span<T> at_end(std::size_t n, std::size_t gap) {
        return place(first_byte + usable - (gap + n) * sizeof(T), n);
    }
    /// Nothing around the elements placed last was written.
    bool intact() const {
        for (unsigned char const* p = first_byte; p != begin; ++p)
            if (*p != canary) return false;
        for (unsigned char const* p = end; p != first_byte + usable; ++p)
            if (*p != canary) return false;
        return true;
    }

private:
    static constexpr unsigned char canary = 0xA5;
    static constexpr std::size_t slack = 16 * sizeof(T);

    std::span<T> place(unsigned char* p, std::size_t n) {
        if (begin != nullptr) std::memset(begin, canary, static_cast<std::size_t>(end - begin));
        begin = p;
        end = p + n * sizeof(T);
        return {reinterpret_cast<T*>(p), n};
    }

    std::size_t page, usable;
    unsigned char *mapping = nullptr, *first_byte = nullptr, *begin = nullptr, *end = nullptr;
};

} // namespace smx_test
