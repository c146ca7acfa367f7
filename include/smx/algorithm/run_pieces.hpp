// SPDX-License-Identifier: BSL-1.0
// The pieces that a run of lines is read in: a loop over runs calls its body with one after another. A piece loads from
// a source, stores to a sink, and adds to a sum (line_sum.hpp), whatever it consists of.
#pragma once

#include <smx/algorithm/sweep.hpp>

SMX_BEGIN
namespace algorithm {

/// What a run is weighed in: a pack, which begins at `offset` with line l of the run,
template <class V, std::size_t K> struct pack_of_run {
    using pack_type = simd::pack<V, K>;
    std::size_t offset, l;

    /// The register of a line that register j is.
    static constexpr std::size_t lane_of(std::size_t j) { return j % simd::line_registers<V>; }

    template <class Source> SMX_INLINE pack_type load(Source const& x, V dead) const {
        return x.template load<pack_type>(offset, simd::whole{}, dead);
    }
    template <class Sink> SMX_INLINE void store(Sink const& y, pack_type const& w) const {
        y.store(offset, w, simd::whole{});
    }
    SMX_INLINE pack_type keep(pack_type const& w, V) const { return w; }
    template <class Sums> SMX_INLINE void add(Sums& sums, pack_type const& w) const { sums.add_pack(w, l); }
};
/// or register R of each of K lines: they go to one lane, so that few sums are in flight,
template <class V, std::size_t K, std::size_t R> struct column_of_run {
    using pack_type = simd::pack<V, K>;
    using one = simd::pack<V, 1>;
    std::size_t offset, l;

    static constexpr std::size_t lane_of(std::size_t) { return R; }

    template <class Source> SMX_INLINE pack_type load(Source const& x, V dead) const {
        pack_type result;
        simd::unroll<K>([&](std::size_t j) SMX_INLINE_LAMBDA {
            result.part[j] = once_a_line(x).template load<one>(at(j), simd::whole{}, dead).part[0];
        });
        return result;
    }
    template <class Sink> SMX_INLINE void store(Sink const& y, pack_type const& w) const {
        simd::unroll<K>([&](std::size_t j)
                            SMX_INLINE_LAMBDA { once_a_line(y).store(at(j), one{{w.part[j]}}, simd::whole{}); });
    }
    SMX_INLINE pack_type keep(pack_type const& w, V) const { return w; }
    template <class Sums> SMX_INLINE void add(Sums& sums, pack_type const& w) const { sums.add_column(w, R, l); }

private:
    /// What prefetches does it with the first register of a line.
    template <class Row> SMX_INLINE static auto once_a_line(Row const& row) {
        if constexpr (R != 0 && requires { row.without_prefetches(); })
            return row.without_prefetches();
        else
            return row;
    }
    SMX_INLINE std::size_t at(std::size_t j) const {
        return offset + j * simd::line<simd::element_of<V>> + R * V::size;
    }
};
/// or a line, or the part of it that the row has.
template <class V, class Extent> struct line_of_run {
    using pack_type = simd::pack<V, simd::line_registers<V>>;
    std::size_t offset, l;
    Extent extent;

    static constexpr std::size_t lane_of(std::size_t j) { return j; }

    template <class Source> SMX_INLINE pack_type load(Source const& x, V dead) const {
        return x.template load<pack_type>(offset, extent, dead);
    }
    template <class Sink> SMX_INLINE void store(Sink const& y, pack_type const& w) const { y.store(offset, w, extent); }
    SMX_INLINE pack_type keep(pack_type const& w, V identity) const { return simd::keep(w, identity, extent); }
    template <class Sums> SMX_INLINE void add(Sums& sums, pack_type const& w) const { sums.add_line(w, l); }
};

/// True where rows end with a line that overlaps the one before it: rows of 300 to 1,000 floats take .96 to .98 of the
/// time (AVX2). With registers of 64 bytes g++ would spill in the loop over whole runs.
template <class V> inline constexpr bool ends_overlap = sizeof(V) == 32;
/// or that line, the last `count` elements of which are new: what is before them is weighed and stored once more, the
/// same bits. No load or store is in pieces.
template <class V> struct end_of_row {
    using pack_type = simd::pack<V, simd::line_registers<V>>;
    std::size_t offset, l, count;

    static constexpr std::size_t lane_of(std::size_t j) { return j; }

    template <class Source> SMX_INLINE pack_type load(Source const& x, V dead) const {
        return x.template load<pack_type>(offset, simd::whole{}, dead);
    }
    template <class Sink> SMX_INLINE void store(Sink const& y, pack_type const& w) const {
        y.store(offset, w, simd::whole{});
    }
    /// 0 in the place of what is not in the row.
    SMX_INLINE pack_type keep(pack_type const& w, V) const { return simd::last_lanes(w, count); }
    template <class Sums> SMX_INLINE void add(Sums& sums, pack_type const& w) const { sums.add_line(w, l); }
};

/// True where the packs that a row is weighed in are kept in order (simd::after): .96 to .99 of the time of one row.
/// g++ does so by itself: 1.01.
#if defined(__clang__)
template <class V> inline constexpr bool packs_in_order = sizeof(V) == 32;
#else
template <class V> inline constexpr bool packs_in_order = false;
#endif

/// f(piece) for the pieces of a run. Packs stand one after another, but of doubles clang++ would mix those of AVX2
/// until nothing fits in registers, as g++ would on 64-bit Arm, where lines have four registers: there loops take them.
/// Two packs of floats are one for clang++: .93 to .97 of the time (AVX2, Zen 3 and 4; g++ 1.2).
template <class Source, class V> struct pieces_of_runs {
    using T = simd::element_of<V>;
    static constexpr std::size_t registers = simd::line_registers<V>;
    static constexpr bool in_packs = reads_packs<Source>(), in_columns = in_packs && registers > 2;
#if defined(__clang__)
    static constexpr bool loops = registers == 2 && sizeof(T) == 8, by_twos = registers == 2 && sizeof(T) == 4;
#else
    static constexpr bool loops = false, by_twos = false;
#endif
    static constexpr std::size_t pack = in_packs ? (by_twos ? 2 : 1) * simd::pack_registers<V> : registers,
                                 in_flight = in_columns ? pack : pack / registers; // lines

    template <std::size_t Pieces, class F> SMX_INLINE static void each(std::size_t begin, F const& f) {
        auto const piece = [&](auto of, std::size_t p) SMX_INLINE_LAMBDA {
            f(decltype(of){begin + p * in_flight * simd::line<T>, p * in_flight});
        };
        auto const loop = [&](auto of) SMX_INLINE_LAMBDA {
            for (std::size_t p = 0, end = simd::barrier(Pieces); p != end; ++p) piece(of, p);
        };
        auto const columns = [&]<std::size_t... R>(std::index_sequence<R...>) SMX_INLINE_LAMBDA {
            (loop(column_of_run<V, pack, R>{}), ...);
        };
        if constexpr (in_columns)
            columns(std::make_index_sequence<registers>{});
        else if constexpr (loops)
            loop(pack_of_run<V, pack>{});
        else
            simd::unroll<Pieces>([&](std::size_t p) SMX_INLINE_LAMBDA { piece(pack_of_run<V, pack>{}, p); });
    }
};

} // namespace algorithm
SMX_END
