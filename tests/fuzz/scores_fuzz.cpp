// SPDX-License-Identifier: BSL-1.0
// Fuzz target: what comes before and after the operators. Scores with biases, masks, lengths and factors must give the
// bits of the row that they stand for; rows of 16-bit elements must be the results in float, rounded once.
#include "../support/elements.hpp"
#include "block.hpp"
#include "reference.hpp"
#include "values.hpp"

#include <smx/log_quantized_softmax.hpp>
#include <smx/log_softmax.hpp>
#include <smx/quantized_softmax.hpp>
#include <smx/scores.hpp>
#include <smx/softmax.hpp>

#include <algorithm>
#include <optional>

namespace smx_fuzz {
namespace {

struct softmax_operator {
    static constexpr char const* name = "softmax";
    template <class T> static constexpr T hidden = T(0);
    static void call(auto const& x, auto&& y, double scale, double temperature) {
        smx::softmax(x, y, {.scale = scale, .temperature = temperature});
    }
};
struct log_softmax_operator {
    static constexpr char const* name = "log_softmax";
    template <class T> static constexpr T hidden = -std::numeric_limits<T>::infinity();
    static void call(auto const& x, auto&& y, double scale, double temperature) {
        smx::log_softmax(x, y, {.scale = scale, .temperature = temperature});
    }
};

/// What is added to a matrix of scores. What is absent is neutral.
template <class T> struct additions {
    std::optional<block<T>> bias;
    std::optional<block<unsigned char>> mask;
    std::vector<std::size_t> lengths;
    std::vector<double> factors;

    bool may_mask() const { return bias || mask || !lengths.empty(); }
    bool keeps(std::size_t r, std::size_t i) const {
        return (lengths.empty() || i < lengths[r]) && (!mask || mask->row(mask->rows == 1 ? 0 : r)[i] != 0);
    }
};

/// c v + bias, rounded once, with c rounded to the digits of T. Beyond T it is infinite: c v as well where T does not
/// hold c, so that a bias of -inf makes NaN of it.
template <class T> T biased(T v, double c, T bias) {
    if (smx::algorithm::holds<T>(c)) return std::fma(v, static_cast<T>(c), bias);
    int exponent = 0;
    double const fraction = std::frexp(c, &exponent);
    return std::fma(std::ldexp(v, exponent - 1), static_cast<T>(2 * fraction), bias);
}

/// The rows that they stand for, one by one: the factor goes into the options, or into the elements if there is a bias.
template <class Operator, class T>
void require_rows(block<T> const& x, block<T> const& y, additions<T> const& a, double scale, double temperature) {
    constexpr T hidden = Operator::template hidden<T>;
    for (std::size_t r = 0; r != x.rows; ++r) {
        std::size_t const n = a.lengths.empty() ? x.cols : std::min(a.lengths[r], x.cols);
        double const c = scale / temperature * (a.factors.empty() ? 1 : a.factors[r]);
        block<T> z(1, n, n, 0), expected(1, n, n, 0);
        bool any = false;
        for (std::size_t i = 0; i != n; ++i) {
            T v = x.row(r)[i];
            if (a.bias) v = biased(v, c, a.bias->row(a.bias->rows == 1 ? 0 : r)[i]);
            // What is masked is -inf, whatever the sign of the factor.
            double const left = a.bias ? 1 : c;
            bool const kept = a.keeps(r, i);
            if (!kept) v = left < 0 ? std::numeric_limits<T>::infinity() : -std::numeric_limits<T>::infinity();
            z.row(0)[i] = v;
            any = any || kept;
        }
        double const left = a.bias ? 1 : c;
        // A factor of 0 would make NaN of what is masked: any factor that makes finite elements equal will do.
        bool const vanishes = left == 0 && a.mask;
        if (n != 0) Operator::call(z.view(), expected.view(), vanishes ? 1e-300 : left, 1);
        std::span<T const> const got = y.row(r);
        // Factors alone leave the policy to the operator: NaN.
        bool const nothing =
            a.may_mask() && std::ranges::all_of(z.row(0), [&](T v) { return std::isinf(v) && (v > 0) == (left < 0); });
        for (std::size_t i = 0; i != x.cols; ++i) {
            T const wanted = i >= n || nothing ? hidden : expected.row(0)[i];
            if (!same_bits(got[i], wanted)) fail("row ", r, ", element ", i, " is ", got[i], " instead of ", wanted);
        }
    }
}

/// NaN wherever nothing may be read.
template <class T> void poison(block<T>& x, additions<T> const& a) {
    for (std::size_t r = 0; r != x.rows; ++r)
        for (std::size_t i = 0; i != x.cols; ++i)
            if (!a.keeps(r, i)) x.row(r)[i] = std::numeric_limits<T>::quiet_NaN();
}

template <class T> void run_scores(input& in) {
    std::size_t const cols = in.length() % 700;
    std::size_t const rows = 1 + in.below(cols < 40 ? 12 : 4);
    double scale = in.option(), temperature = in.option();
    if (!is_taken(scale, temperature)) scale = temperature = 1;
    block<T> x = block<T>::any(rows, cols, in), y = block<T>::any(rows, cols, in);
    fill(x, in);
    additions<T> a;
    std::size_t const kind = in.below(6);
    bool const has_bias = kind <= 1, has_mask = kind != 1 && kind != 5,
               has_lengths = kind == 0 || kind == 3 || kind == 4;
    // Biased scores with factors too small for T, whose products are denormal, are in scores_test.cpp.
    auto const is_held = [&](double c) { return !has_bias || smx::algorithm::holds<T>(c) || std::abs(c) > 1; };
    if (!is_held(scale / temperature)) scale = temperature = 1;
    if (has_bias) {
        a.bias.emplace(block<T>::any(in.one_in(2) ? 1 : rows, cols, in));
        fill(*a.bias, in);
    }
    if (has_mask) {
        a.mask.emplace(block<unsigned char>::any(in.one_in(2) ? 1 : rows, cols, in));
        smx_test::generator g(in.bits<std::uint16_t>());
        std::size_t const one_of = 1 + in.below(4);
        for (std::size_t r = 0; r != a.mask->rows; ++r)
            for (unsigned char& m : a.mask->row(r))
                m = g.below(one_of + 1) == 0 ? static_cast<unsigned char>(0)
                                             : static_cast<unsigned char>(1 + g.below(255));
    }
    std::size_t const first = in.below(20);
    if (has_lengths)
        for (std::size_t r = 0; r != rows; ++r)
            a.lengths.push_back(kind == 4 ? first + r : in.below(65536) % (cols + 3));
    if (kind == 0 || kind == 3 || kind == 5)
        for (std::size_t r = 0; r != rows; ++r) {
            double const factor = in.option();
            double const c = scale / temperature * factor;
            a.factors.push_back(std::isfinite(c) && is_held(c) ? factor : 1);
        }
    if (a.bias && a.bias->rows == rows) poison(*a.bias, a);
    poison(x, a);
    description() = joined("scores of ", smx_test::name_of<T>(), ", kind ", kind, ", ", rows, " x ", cols, ", scale ",
                           scale, ", temperature ", temperature);
    auto const scores = smx::scores(std::as_const(x).view());
    std::span<std::size_t const> const lengths(a.lengths);
    std::span<double const> const factors(a.factors);
    auto const attempt = [&]<class Operator>(Operator, block<T>& to) {
        switch (kind) {
        case 0:
            return Operator::call(scores.add(std::as_const(*a.bias).view())
                                      .where(std::as_const(*a.mask).view())
                                      .lengths(lengths)
                                      .scale_rows(factors),
                                  to.view(), scale, temperature);
        case 1:
            return Operator::call(scores.add(std::as_const(*a.bias).view()), to.view(), scale, temperature);
        case 2:
            return Operator::call(scores.where(std::as_const(*a.mask).view()), to.view(), scale, temperature);
        case 3:
            return Operator::call(scores.where(std::as_const(*a.mask).view()).lengths(lengths).scale_rows(factors),
                                  to.view(), scale, temperature);
        case 5:
            return Operator::call(scores.scale_rows(factors), to.view(), scale, temperature);
        default:
            return Operator::call(scores.where(std::as_const(*a.mask).view()).causal(first), to.view(), scale,
                                  temperature);
        }
    };
    if (in.one_in(8) && cols != 0) {
        // A bias, mask or length of another shape.
        bool const has_rows = !a.lengths.empty() || !a.factors.empty();
        auto const bad = [&] {
            smx::matrix_view<T const> const other(x.data(), rows + 1, cols, x.stride);
            if (has_rows && kind == 3) {
                smx::softmax(scores.lengths(lengths.first(rows - 1)), y.view());
            } else {
                smx::softmax(scores.add(other), y.view());
            }
        };
        require(refused(bad), "a bad addition was taken");
        y.require_untouched("bad addition");
        return;
    }
    if (in.one_in(2)) {
        attempt(softmax_operator{}, y);
        y.require_marks("softmax");
        require_rows<softmax_operator>(x, y, a, scale, temperature);
        attempt(softmax_operator{}, x);
    } else {
        attempt(log_softmax_operator{}, y);
        y.require_marks("log_softmax");
        require_rows<log_softmax_operator>(x, y, a, scale, temperature);
        attempt(log_softmax_operator{}, x);
    }
    x.require_marks("in place");
    x.require_same_as(y, "in place");
}

/// Elements S to elements D through float.
template <class Operator, class S, class D> void run_types(input& in) {
    std::size_t const cols = in.length(), rows = in.one_in(2) ? 1 : in.below(cols < 40 ? 12 : 4);
    double scale = in.option(), temperature = in.option();
    if (!is_taken(scale, temperature)) scale = temperature = 1;
    description() = joined(Operator::name, " of ", sizeof(S), " to ", sizeof(D), " bytes, ", rows, " x ", cols,
                           ", scale ", scale, ", temperature ", temperature);
    block<float> wide = block<float>::any(rows, cols, in);
    fill(wide, in);
    block<S> x = block<S>::any(rows, cols, in);
    block<D> y = block<D>::any(rows, cols, in);
    for (std::size_t r = 0; r != rows; ++r)
        for (std::size_t i = 0; i != cols; ++i) {
            x.row(r)[i] = S(wide.row(r)[i]);
            wide.row(r)[i] = static_cast<float>(x.row(r)[i]);
        }
    Operator::call(std::as_const(x).view(), y.view(), scale, temperature);
    y.require_marks("16-bit elements");
    double const c = scale / temperature;
    for (std::size_t r = 0; r != rows; ++r) {
        std::span<float const> const from = wide.row(r);
        block<D> alone(1, cols, cols, in.below(17));
        Operator::call(smx::matrix_view<S const>(x.row(r).data(), 1, cols), alone.view(), scale, temperature);
        for (std::size_t i = 0; i != cols; ++i)
            require(same_bits(static_cast<float>(alone.row(0)[i]), static_cast<float>(y.row(r)[i])),
                    "a row alone, element ", i);
        row_kind const kind = kind_of(from, c);
        if (kind != row_kind::finite) {
            for (D const v : y.row(r))
                require(static_cast<float>(v) != static_cast<float>(v), "a row without a sum is not NaN");
            continue;
        }
        numbers const z = differences(from, c);
        numbers const exact =
            std::is_same_v<Operator, softmax_operator> ? smx_test::exact::softmax(z) : smx_test::exact::log_softmax(z);
        // Within the error of float, and then rounded: between the roundings of both ends.
        for (std::size_t i = 0; i != cols; ++i) {
            if (std::isinf(exact[i])) continue;
            if (exact[i] < -number(std::numeric_limits<float>::max())) { // overflows, or nearly so
                require(static_cast<float>(y.row(r)[i]) < -1e19F, "element ", i, " is ",
                        static_cast<float>(y.row(r)[i]));
                continue;
            }
            number const room = std::abs(exact[i]) * number(0x1p-16L) + number(0x1p-125L);
            float const low = static_cast<float>(D(static_cast<float>(exact[i] - room))),
                        high = static_cast<float>(D(static_cast<float>(exact[i] + room)));
            float const got = static_cast<float>(y.row(r)[i]);
            require(got >= low && got <= high, "element ", i, " is ", got, ", exact ", exact[i]);
        }
    }
    if constexpr (std::is_same_v<S, D>) {
        Operator::call(std::as_const(x).view(), x.view(), scale, temperature);
        x.require_marks("in place");
        for (std::size_t r = 0; r != rows; ++r)
            for (std::size_t i = 0; i != cols; ++i)
                require(same_bits(static_cast<float>(x.row(r)[i]), static_cast<float>(y.row(r)[i])),
                        "in place, element ", i);
    }
}

/// Codes against the exact weights.
void run_quantized(input& in) {
    std::size_t const cols = in.length(), kind = in.below(3);
    int const bits = static_cast<int>(in.below(10));
    double const delta = in.one_in(2) ? 1 : in.option();
    double scale = in.option(), temperature = in.option();
    if (!is_taken(scale, temperature)) scale = temperature = 1;
    description() = joined("codes of ", cols, " floats, kind ", kind, ", bits ", bits, ", delta ", delta, ", scale ",
                           scale, ", temperature ", temperature);
    block<float> x(1, cols, cols, in.below(17));
    block<std::uint8_t> y(1, cols, cols, in.below(17));
    fill(x, in);
    auto const from = std::as_const(x).view();
    auto const call = [&] {
        if (kind == 0) return smx::quantized_softmax(from, y.view(), {.scale = scale, .temperature = temperature});
        if (kind == 1)
            return smx::log2_quantized_softmax(from, y.view(),
                                               {.bits = bits, .scale = scale, .temperature = temperature});
        smx::log_sqrt2_quantized_softmax(from, y.view(),
                                         {.bits = bits, .delta = delta, .scale = scale, .temperature = temperature});
    };
    bool const taken = kind == 0 || (bits >= 1 && bits <= 8 && (kind == 1 || (delta >= 0x1p-60 && delta <= 0x1p60)));
    if (!taken) {
        require(refused(call), "bad options were taken");
        y.require_untouched("bad options");
        return;
    }
    call();
    y.require_marks("codes");
    double const c = scale / temperature;
    number const most = kind == 0 ? 255 : static_cast<number>((1 << bits) - 1);
    if (kind_of(std::as_const(x).row(0), c) != row_kind::finite) {
        for (std::uint8_t const v : y.row(0))
            require(v == (kind == 0 ? 0 : most), "a row without a sum gave the code ", +v);
        return;
    }
    numbers const p = smx_test::exact::softmax(differences(std::as_const(x).row(0), c));
    for (std::size_t i = 0; i != cols; ++i) {
        number code = 256 * p[i];
        if (kind == 1) code = -std::log2(p[i]);
        if (kind == 2) code = -2 * std::log2(p[i] / static_cast<number>(delta));
        if (kind != 0 && p[i] < number(0x1.00001p-126L)) code = most;
        if (kind == 2 && p[i] / static_cast<number>(delta) < number(0x1.00001p-126L)) code = most;
        number const got = y.row(0)[i];
        require(std::abs(got - std::clamp(code, number(0), most)) <= number(0.5001L), "element ", i, " has the code ",
                got, ", exact ", code);
    }
}

} // namespace

void run(input& in) {
    switch (in.below(8)) {
    case 0:
        return run_types<softmax_operator, smx::bfloat16, smx::bfloat16>(in);
    case 1:
        return run_types<softmax_operator, smx::float16, smx::float16>(in);
    case 2:
        return run_types<softmax_operator, float, smx::float16>(in);
    case 3:
        return run_types<log_softmax_operator, smx::bfloat16, float>(in);
    case 4:
        return run_quantized(in);
    case 5:
        return run_scores<double>(in);
    default:
        return run_scores<float>(in);
    }
}

} // namespace smx_fuzz
