// SPDX-License-Identifier: BSL-1.0
// The k largest elements of a row, in order, ties to the lowest index: one read, no memory but the result.
#pragma once

#include <smx/algorithm/sweep.hpp>

SMX_BEGIN
namespace algorithm {

/// The k largest so far, as values and indices of equal places. Sorted while k is small; a heap, worst on top, beyond.
template <class T, class Index> class selection {
public:
    static constexpr std::size_t sorted_up_to = 64;

    SMX_INLINE selection(T* v, Index* i, std::size_t capacity) : values(v), indices(i), k(capacity) {}

    /// What an element must exceed to get in; -inf takes every number until the selection is full.
    SMX_INLINE bool full() const { return count == k; }
    SMX_INLINE T threshold() const { return values[k <= sorted_up_to ? k - 1 : 0]; }

    /// Elements come in the order of their indices, so an equal one never displaces another.
    void add(T value, std::size_t index) {
        if (full() && !(value > threshold())) return;
        if (k <= sorted_up_to)
            insert(value, static_cast<Index>(index));
        else
            push(value, static_cast<Index>(index));
    }
    /// Largest first. Returns how many there are: k, or all.
    std::size_t finish() {
        if (k > sorted_up_to) sort();
        return count;
    }

private:
    void insert(T value, Index index) {
        std::size_t at = full() ? k - 1 : count++;
        for (; at != 0 && values[at - 1] < value; --at) {
            values[at] = values[at - 1];
            indices[at] = indices[at - 1];
        }
        values[at] = value;
        indices[at] = index;
    }
    /// a must leave before b.
    bool worse(std::size_t a, std::size_t b) const {
        return values[a] < values[b] || (values[a] == values[b] && indices[a] > indices[b]);
    }
    void swap(std::size_t a, std::size_t b) {
        T const value = values[a];
        values[a] = values[b];
        values[b] = value;
        Index const index = indices[a];
        indices[a] = indices[b];
        indices[b] = index;
    }
    void sink(std::size_t at, std::size_t size) {
        for (std::size_t child = 2 * at + 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && worse(child + 1, child)) ++child;
            if (!worse(child, at)) return;
            swap(at, child);
            at = child;
        }
    }
    void push(T value, Index index) {
        if (full()) {
            values[0] = value;
            indices[0] = index;
            sink(0, count);
            return;
        }
        values[count] = value;
        indices[count] = index;
        for (std::size_t at = count++; at != 0 && worse(at, (at - 1) / 2); at = (at - 1) / 2) swap(at, (at - 1) / 2);
    }
    void sort() {
        for (std::size_t size = count; size > 1;) {
            swap(0, --size);
            sink(0, size);
        }
    }

    T* values;
    Index* indices;
    std::size_t k, count = 0;
};

/// The k largest of key(x_i) to values and indices. Returns how many there are (k, or n if that is less), or nothing
/// found (n + 1) if a key is NaN.
template <class V, class Source, class Key, class Index>
SMX_INLINE std::size_t select_largest(Source const& x, std::size_t n, Key const& key, simd::element_of<V>* values,
                                      Index* indices, std::size_t k) {
    using T = simd::element_of<V>;
    selection<T, Index> best(values, indices, k);
    bool has_nan = false;
    sweep<pack_for<Source, V>>(0, n, [&](auto shape, std::size_t offset, auto extent) SMX_INLINE_LAMBDA {
        using Part = typename decltype(shape)::pack_type;
        Part const keys = key(offset, extent, x.template load<Part>(offset, extent, V(T(0))));
        // Most packs hold nothing above the threshold, and no NaN; most registers of others do not, either.
        auto const has_any = [&](V v, V bound) SMX_INLINE_LAMBDA { return simd::any_not_at_most(v, bound); };
        if (best.full()) {
            V const bound(best.threshold());
            bool any = false;
            simd::unroll<Part::registers>([&](std::size_t j)
                                              SMX_INLINE_LAMBDA { any = any || has_any(keys.part[j], bound); });
            if (!any) return;
        }
        alignas(64) T lanes[Part::size];
        simd::store(lanes, keys, simd::whole{});
        std::size_t const count = simd::count_of(extent, Part::size);
        for (std::size_t begin = 0; begin < count; begin += V::size) {
            if (best.full() && !has_any(V::load_aligned(lanes + begin), V(best.threshold()))) continue;
            for (std::size_t i = begin; i != count && i != begin + V::size; ++i) {
                if (!(lanes[i] <= simd::infinity<T>)) has_nan = true;
                best.add(lanes[i], offset + i);
            }
        }
    });
    std::size_t const count = best.finish();
    return has_nan ? n + 1 : count;
}

} // namespace algorithm
SMX_END
