// SPDX-License-Identifier: BSL-1.0
// Columns that no tile takes, as rows: up to a register of neighbouring ones are transposed onto the stack, each is
// taken as the row that it is there, and the results are transposed back.
#pragma once

#include <smx/driver/kernel.hpp>
#include <smx/driver/row.hpp>
#include <smx/driver/strided.hpp>
#include <smx/simd/transpose.hpp>

SMX_BEGIN
namespace driver {

/// Elements of 16 bits, or that become such: they are what a tile loads and stores, and its weights wait on the stack,
/// which has place for 512 rows. Matrices of 3 to 150 rows of bfloat16 take .01 to .06 of the time of a column after
/// the other, of 400 .13 to .19.
template <class X, class S, class T>
inline constexpr bool converts = (std::is_same_v<X, T> || half_element<X>)&&(std::is_same_v<S, T> || half_element<S>);

/// One row or column by itself.
template <class V, class Kernel, class Source, class Sink>
SMX_OUTER void map_alone(Kernel const& kernel, Source const& from, Sink const& to, std::size_t n,
                         algorithm::row_scale<simd::element_of<V>> const& scale) {
    if constexpr (requires { kernel.template alone<V>(from, to, n, scale); })
        kernel.template alone<V>(from, to, n, scale);
    else
        kernel.template row<V>(from, sink_of(kernel, to), n, scale);
}

/// One column where it is, at a stride.
template <class V, class Kernel, class X, class S>
SMX_COLD void map_column(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<S> const& y, std::size_t j,
                         algorithm::row_scale<simd::element_of<V>> const& scale) {
    map_alone<V>(kernel, strided_source<X>{x.data + j, x.row_stride}, strided_sink<S>{y.data + j, y.row_stride}, x.rows,
                 scale);
}

/// A register of rows of T on the stack, or a few that are longer: 32 KiB, for columns of up to 2,704 floats (48 KiB:
/// .7 to .9 of the time from 1,000 on). A row more than there are columns, because the results of each go where the row
/// before it was: in place it could not be weighed before its maximum is known. Against columns at a stride sparsemax
/// of 100 x 1,024, 600 x 256 and 2,600 x 17 takes .16, .13 and .39 of the time, softplus of 100 x 1,024 .10; softmax of
/// bfloat16, 600 x 256, .26.
template <class V> class rows_on_stack {
    using T = simd::element_of<V>;
    using one = simd::pack<V, 1>;
    static constexpr std::size_t most = 32768 / sizeof(T), slice = simd::slice<T>;
    alignas(64) T rows[most];
    alignas(64) T piece[V::size * V::size] = {}; // a register of rows of the matrix, as T, where they are not that
    std::size_t n, stride;

    SMX_INLINE T* row(std::size_t c) { return rows + c * stride; }

public:
    std::size_t width; ///< how many columns fit: two and more, or none

    /// For columns of n elements; a register lies between them, so that a power of two does not.
    explicit rows_on_stack(std::size_t length)
        : n(length), stride((length / V::size + 2) * V::size), width(most / stride) {
        width = width > V::size ? V::size : width > 2 ? width - 1 : 0;
    }

    T const* source(std::size_t c) { return row(c + 1); }
    T* sink(std::size_t c) { return row(c); }

    /// `count` <= width columns of x from column j on.
    template <class X> SMX_OUTER void load(matrix_view<X const> const& x, std::size_t j, std::size_t count) {
        for (std::size_t i = 0; i < n; i += V::size) {
            X const* const from = x.data + i * x.row_stride + j;
            std::size_t const left = n - i < V::size ? n - i : V::size;
            bool direct = false;
            if constexpr (std::is_same_v<X, T>) direct = left == V::size;
            if (!direct)
                for (std::size_t r = 0; r != left; ++r)
                    simd::store(piece + r * V::size,
                                simd::load_pack<one>(from + r * x.row_stride, simd::partial{count}, V(T(0))),
                                simd::whole{});
            for (std::size_t c = 0; c < count; c += slice) {
                std::size_t const some = count - c < slice ? count - c : slice;
                V columns[slice];
                if constexpr (std::is_same_v<X, T>)
                    simd::load_slices(direct ? from + c : piece + c, direct ? x.row_stride : V::size, some, columns);
                else
                    simd::load_slices(piece + c, V::size, some, columns);
                for (std::size_t k = 0; k != some; ++k) columns[k].store_unaligned(row(c + k + 1) + i);
            }
        }
    }
    /// The results of as many columns, to y.
    template <class S> SMX_OUTER void store(matrix_view<S> const& y, std::size_t j, std::size_t count) {
        for (std::size_t i = 0; i < n; i += V::size) {
            S* const to = y.data + i * y.row_stride + j;
            std::size_t const left = n - i < V::size ? n - i : V::size;
            bool direct = false;
            if constexpr (std::is_same_v<S, T>) direct = left == V::size;
            for (std::size_t c = 0; c < count; c += slice) {
                std::size_t const some = count - c < slice ? count - c : slice;
                V columns[slice];
                for (std::size_t k = 0; k != slice; ++k)
                    columns[k] = V::load_unaligned(row(c + (k < some ? k : 0)) + i);
                if constexpr (std::is_same_v<S, T>)
                    simd::store_slices(direct ? to + c : piece + c, direct ? y.row_stride : V::size, some, columns);
                else
                    simd::store_slices(piece + c, V::size, some, columns);
            }
            if (!direct)
                for (std::size_t r = 0; r != left; ++r)
                    simd::store(to + r * y.row_stride,
                                simd::load_pack<one>(piece + r * V::size, simd::whole{}, V(T(0))),
                                simd::partial{count});
        }
    }
};

/// The columns from `first` to `last`, each by itself: on the stack, or at a stride where it does not fit.
template <class V, class Kernel, class X, class S>
SMX_NOINLINE void map_columns_alone(Kernel const& kernel, matrix_view<X const> const& x, matrix_view<S> const& y,
                                    std::size_t first, std::size_t last,
                                    algorithm::row_scale<simd::element_of<V>> const& scale) {
    using T = simd::element_of<V>;
    // What is rare is not worth the code of rows once more.
    constexpr bool rare = std::is_same_v<X, T> && std::is_same_v<S, T> && takes_tall_tiles<Kernel>;
    if constexpr (simd::transposes<V>() && converts<X, S, T> && !rare) {
        rows_on_stack<V> stack(x.rows);
        while (last - first > 1 && stack.width != 0) {
            std::size_t const count = last - first < stack.width ? last - first : stack.width;
            stack.load(x, first, count);
            for (std::size_t c = 0; c != count; ++c)
                map_alone<V>(kernel, row_source<T>{stack.source(c)}, row_sink<T>{stack.sink(c)}, x.rows, scale);
            stack.store(y, first, count);
            first += count;
        }
    }
    for (; first != last; ++first) map_column<V>(kernel, x, y, first, scale);
}

} // namespace driver
SMX_END
