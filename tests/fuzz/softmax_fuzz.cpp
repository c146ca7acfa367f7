// SPDX-License-Identifier: BSL-1.0
// Fuzz target: softmax, every algorithm and accuracy, rows, matrices, columns and in place, of float and double.
// The algorithms must agree to the bit, and each with the exact softmax.
#include "../support/kernels.hpp"
#include "block.hpp"
#include "reference.hpp"
#include "values.hpp"

namespace smx_fuzz {
namespace {

template <class T> using kernel = smx_test::kernel<T>;
using options = smx::softmax_options;

/// Calls that must be refused, whatever the options.
template <class T> void bad_shapes(kernel<T> const& softmax, input& in, block<T> const& x, options const& o) {
    block<T> y = block<T>::any(x.rows, x.cols, in);
    smx::matrix_view<T const> from = x.view();
    smx::matrix_view<T> to = y.view();
    bool bad = true;
    switch (in.below(6)) {
    case 0:
        from.rows += 1;
        break;
    case 1:
        from.cols += 1;
        break;
    case 2:
        from.row_stride = from.cols - 1;
        bad = from.rows > 1 && from.cols > 0;
        break;
    case 3:
        to.row_stride = to.cols - 1;
        bad = to.rows > 1 && to.cols > 0;
        break;
    case 4:
        to.data = nullptr;
        bad = to.rows * to.cols != 0;
        break;
    default: // y begins one element after x
        if (x.rows * x.cols < 2 || x.stride != x.cols) return;
        from = {y.data(), 1, x.cols, x.cols};
        to = {y.data() + 1, 1, x.cols, x.cols};
        bad = x.cols > 1;
        break;
    }
    if (!bad) return;
    require(refused([&] { softmax.rows(from, to, o); }), "a bad shape was taken");
    y.require_untouched("bad shape");
}

/// One row against the exact softmax.
template <class T> void check_row(std::span<T const> x, std::span<T const> y, options const& o, number bound) {
    double const c = o.scale / o.temperature;
    row_kind const kind = kind_of(x, c);
    if (kind != row_kind::finite) {
        bool const zeros = kind == row_kind::masked && o.fully_masked == smx::masked::zeros;
        for (T const v : y) require(zeros ? same_bits(v, T(0)) : v != v, "a row without a sum gave ", v);
        return;
    }
    numbers const z = differences(x, c), exact = smx_test::exact::softmax(z);
    for (std::size_t i = 0; i != y.size(); ++i) {
        require(y[i] >= 0 && y[i] <= 1, "element ", i, " is ", y[i]);
        require_near(y[i], exact[i], bound + slack<T>(z[i]), 0, i);
    }
}

template <class T> void run(input& in) {
    auto const& accuracy = smx_test::accuracies<T>()[in.below(2)];
    auto const& softmax = accuracy.algorithms;
    static constexpr smx::masked policies[] = {smx::masked::by_argument, smx::masked::nan, smx::masked::zeros};
    options const o{.scale = in.option(), .temperature = in.option(), .fully_masked = in.of(policies)};
    std::size_t const cols = in.length(), most = cols < 40 ? 40 : 1 + 4000 / cols;
    std::size_t const rows = in.one_in(2) ? 1 : in.below(most + 1);
    description() = joined("softmax of ", smx_test::name_of<T>(), ", ", softmax[0].accuracy, ", ", rows, " x ", cols,
                           ", scale ", o.scale, ", temperature ", o.temperature);

    block<T> x = block<T>::any(rows, cols, in);
    fill(x, in);
    auto const& automatic = softmax.back();
    block<T> y = block<T>::any(rows, cols, in);
    if (!is_taken(o.scale, o.temperature)) {
        require(refused([&] { automatic.rows(x.view(), y.view(), o); }), "bad options were taken");
        y.require_untouched("bad options");
        return;
    }
    if (in.one_in(8)) return bad_shapes(softmax[in.below(5)], in, x, o);

    block<T> kept(rows, cols, x.stride, 0);
    kept.copy_from(x);
    automatic.rows(std::as_const(x).view(), y.view(), o);
    y.require_marks("softmax");
    x.require_same_as(kept, "x was written");
    for (std::size_t r = 0; r != rows && r != 4; ++r)
        check_row<T>(x.row(r), y.row(r), o, static_cast<number>(automatic.bound_ulp));

    // Every algorithm, row by row; and one of them in place, as a matrix.
    for (kernel<T> const& other : softmax) {
        for (std::size_t r = 0; r != rows && r != 8; ++r) {
            block<T> alone(1, cols, cols, in.below(17));
            other.rows({x.row(r).data(), 1, cols}, alone.view(), o);
            alone.require_marks(other.algorithm);
            require_same<T>(alone.row(0), y.row(r), other.algorithm);
        }
    }
    auto const& chosen = softmax[in.below(5)];
    block<T> in_place = block<T>::any(rows, cols, in);
    in_place.copy_from(x);
    chosen.rows(std::as_const(in_place).view(), in_place.view(), o);
    in_place.require_marks("in place");
    in_place.require_same_as(y, "in place");

    // Down the columns of the transpose, out of place or in it.
    block<T> across = block<T>::any(cols, rows, in), down = block<T>::any(cols, rows, in);
    for (std::size_t r = 0; r != rows; ++r)
        for (std::size_t i = 0; i != cols; ++i) across.row(i)[r] = x.row(r)[i];
    block<T>& target = in.one_in(2) ? across : down;
    chosen.columns(std::as_const(across).view(), target.view(), o);
    target.require_marks("columns");
    for (std::size_t r = 0; r != rows; ++r)
        for (std::size_t i = 0; i != cols; ++i)
            if (!same_bits(target.row(i)[r], y.row(r)[i]))
                fail("columns: element ", i, " of column ", r, " is ", target.row(i)[r], " instead of ", y.row(r)[i]);
}

} // namespace

void run(input& in) {
    if (in.below(2) == 0)
        run<float>(in);
    else
        run<double>(in);
}

} // namespace smx_fuzz
