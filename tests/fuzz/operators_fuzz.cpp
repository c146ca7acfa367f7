// SPDX-License-Identifier: BSL-1.0
// Fuzz target: the other operators that map a row to a row, with any options, and online_state; of float and double.
#include "../support/entmax_oracle.hpp"
#include "block.hpp"
#include "reference.hpp"
#include "values.hpp"

#include <smx/smx.hpp>

#include <functional>

namespace smx_fuzz {
namespace {

/// An operator with its options, and what is known about it.
template <class T> struct operation {
    std::string name;
    bool taken = true; ///< the options are those that the documentation allows
    std::function<void(smx::matrix_view<T const>, smx::matrix_view<T>)> rows, columns;
    /// Judges one row of results.
    std::function<void(std::span<T const>, std::span<T const>)> judge;
};

template <class T, class Call> operation<T> rows_of(std::string name, bool taken, Call call) {
    return {std::move(name), taken, [call](smx::matrix_view<T const> x, smx::matrix_view<T> y) { call(x, y); }, {}, {}};
}
template <class T, class Call> operation<T> rows_and_columns_of(std::string name, bool taken, Call call) {
    operation<T> op = rows_of<T>(std::move(name), taken, call);
    op.columns = [call](smx::matrix_view<T const> x, smx::matrix_view<T> y) { call(smx::columns(x), smx::columns(y)); };
    return op;
}

template <class T> bool all_nan(std::span<T const> y) {
    return std::ranges::all_of(y, [](T v) { return v != v; });
}
template <class T> bool all_are(std::span<T const> y, T value) {
    return std::ranges::all_of(y, [&](T v) { return same_bits(v, value); });
}
template <class T> bool within(std::span<T const> x, double c, double limit) {
    return std::ranges::all_of(x, [&](T v) {
        double const z = c * static_cast<double>(v);
        return std::isinf(static_cast<double>(v)) || (z >= -limit && z <= limit);
    });
}
/// A factor that T can hold and that neither underflows nor overflows.
inline bool ordinary(double c) { return std::abs(c) >= 1e-9 && std::abs(c) <= 1e9; }

/// Up to here the reference knows a product c x well enough for T.
template <class T> constexpr double known = sizeof(T) == 4 ? 1e4 : 300;

/// What a row of -inf, NaN or +inf must be; true if that is all there is to say.
template <class T>
bool judged_as_special(std::span<T const> x, std::span<T const> y, double c, smx::masked policy, T hidden = 0) {
    row_kind const kind = kind_of(x, c);
    if (kind == row_kind::finite) return false;
    bool const nothing = std::ranges::all_of(x, [](T v) { return v < 0 && std::isinf(v); });
    if (c == 0 && nothing) return true; // 0 times -inf, or a masked row: operators differ
    if (kind == row_kind::masked && policy == smx::masked::zeros)
        require(all_are(y, hidden), "a fully masked row did not become ", hidden);
    else
        require(all_nan(y), "a row without a sum is not NaN");
    return true;
}
template <class T>
void judge_all(std::span<T const> y, numbers const& z, numbers const& exact, number promised, number floor = 0) {
    for (std::size_t i = 0; i != y.size(); ++i) require_near(y[i], exact[i], promised + slack<T>(z[i]), floor, i);
}

struct common_options {
    double scale, temperature;
    smx::masked policy;

    explicit common_options(input& in) : scale(in.option()), temperature(in.option()), policy() {
        static constexpr smx::masked policies[] = {smx::masked::by_argument, smx::masked::nan, smx::masked::zeros};
        policy = in.of(policies);
    }
    double c() const { return scale / temperature; }
    bool taken() const { return is_taken(scale, temperature); }
    template <class O> O as() const {
        O o{};
        o.scale = scale;
        o.temperature = temperature;
        if constexpr (requires { o.fully_masked; }) o.fully_masked = policy;
        return o;
    }
};

template <class T> operation<T> log_softmax(common_options const& g) {
    auto const o = g.as<smx::log_softmax_options>();
    auto op = rows_of<T>("log_softmax", g.taken(), [o](auto const& x, auto&& y) { smx::log_softmax(x, y, o); });
    op.judge = [g](std::span<T const> x, std::span<T const> y) {
        if (judged_as_special<T>(x, y, g.c(), g.policy, -std::numeric_limits<T>::infinity())) return;
        numbers const z = differences(x, g.c());
        judge_all<T>(y, z, smx_test::exact::log_softmax(z), 6);
    };
    return op;
}

template <class T> operation<T> sink_softmax(common_options const& g, input& in) {
    auto o = g.as<smx::sink_softmax_options>();
    o.sink = in.one_in(2) ? in.option() * 10 : static_cast<double>(in.bits<std::int16_t>()) / 256;
    auto op = rows_and_columns_of<T>(joined("sink_softmax ", o.sink), g.taken(),
                                     [o](auto const& x, auto&& y) { smx::sink_softmax(x, y, o); });
    op.judge = [g, o](std::span<T const> x, std::span<T const> y) {
        row_kind const kind = kind_of(x, g.c());
        bool const no_number = std::isnan(o.sink) || (std::isinf(o.sink) && o.sink > 0);
        if (kind == row_kind::not_a_number || no_number) return require(all_nan(y), "NaN in, a number out");
        bool const no_sink = std::isinf(o.sink);
        if (kind == row_kind::masked) {
            if (no_sink)
                (void)judged_as_special<T>(x, y, g.c(), g.policy);
            else
                require(all_are(y, T(0)), "the sink did not take all");
            return;
        }
        if (!no_sink && (!within(x, g.c(), known<T>) || std::abs(o.sink) > known<T>)) return;
        numbers const z = no_sink ? differences(x, g.c()) : products(x, g.c());
        judge_all<T>(y, z, no_sink ? smx_test::exact::softmax(z) : smx_test::exact::sink_softmax(z, o.sink), 6);
    };
    return op;
}

template <class T> operation<T> clipped_softmax(common_options const& g, input& in) {
    auto o = g.as<smx::clipped_softmax_options>();
    if (in.one_in(2)) o.zeta = in.one_in(4) ? in.option() : 1 + static_cast<double>(in.below(256)) / 128;
    if (in.one_in(2)) o.gamma = in.one_in(4) ? in.option() : -static_cast<double>(in.below(256)) / 1024;
    bool const taken = g.taken() && std::isfinite(o.zeta) && o.zeta >= 1 && std::isfinite(o.gamma) && o.gamma <= 0;
    auto op = rows_and_columns_of<T>(joined("clipped_softmax ", o.zeta, " ", o.gamma), taken,
                                     [o](auto const& x, auto&& y) { smx::clipped_softmax(x, y, o); });
    op.judge = [g, o](std::span<T const> x, std::span<T const> y) {
        if (judged_as_special<T>(x, y, g.c(), g.policy)) return;
        if (o.zeta > 1e6 || o.gamma < -1e6) return;
        numbers const z = differences(x, g.c());
        judge_all<T>(y, z, smx_test::exact::clipped_softmax(z, o.zeta, o.gamma), 8, -number(o.gamma));
    };
    return op;
}

/// c x rounded to T, as operators have it whose scores are not exponentials.
template <class T> numbers rounded_products(std::span<T const> x, double c) {
    numbers z;
    for (T const v : x) z.push_back(static_cast<number>(c == 1 ? v : smx_test::rounded(v * static_cast<T>(c))));
    return z;
}

/// -log1p of the others' scores over an element's own: from sums before and behind it, so that nothing cancels.
inline numbers exact_log_stablemax(numbers const& z) {
    numbers const s = smx_test::each(z, smx_test::exact::stable_score);
    numbers others(s.size(), 0);
    number before = 0, behind = 0;
    for (std::size_t i = 0; i != s.size(); ++i) {
        others[i] += before;
        before += s[i];
        others[s.size() - 1 - i] += behind;
        behind += s[s.size() - 1 - i];
    }
    for (std::size_t i = 0; i != s.size(); ++i)
        others[i] = s[i] == 0 ? -std::numeric_limits<number>::infinity() : -std::log1p(others[i] / s[i]);
    return others;
}

template <class T> operation<T> stablemax(common_options const& g, bool log) {
    auto const o = g.as<smx::stablemax_options>();
    auto op =
        log ? rows_of<T>("log_stablemax", g.taken(), [o](auto const& x, auto&& y) { smx::log_stablemax(x, y, o); })
            : rows_of<T>("stablemax", g.taken(), [o](auto const& x, auto&& y) { smx::stablemax(x, y, o); });
    op.judge = [g, log](std::span<T const> x, std::span<T const> y) {
        if (!ordinary(g.c())) return;
        T const hidden = log ? -std::numeric_limits<T>::infinity() : T(0);
        if (judged_as_special<T>(x, y, g.c(), g.policy, hidden)) return;
        numbers z = rounded_products(x, g.c());
        if (std::ranges::any_of(z, [](number v) { return std::isinf(v) && v > 0; })) return; // c x overflows
        // A c x below the type counts as infinite in log_stablemax, in stablemax with a factor of 2^-60 to 2^60 alone.
        if (!log && !(g.c() >= 0x1p-60 && g.c() <= 0x1p60))
            for (std::size_t i = 0; i != z.size(); ++i)
                if (std::isinf(z[i]) && std::isfinite(x[i])) z[i] = number(x[i]) * number(g.c());
        if (kind_of(x, g.c()) != row_kind::finite ||
            smx_test::largest_of(z) == -std::numeric_limits<number>::infinity())
            return;
        if (log)
            judge_all<T>(y, numbers(z.size(), 0), exact_log_stablemax(z), 6);
        else
            judge_all<T>(y, numbers(z.size(), 0), smx_test::exact::stablemax(z), 4);
    };
    return op;
}

template <class T> operation<T> sigmoid(common_options const& g, input& in) {
    auto o = g.as<smx::sigmoid_options>();
    o.bias = in.one_in(4) ? in.option() * 3 : static_cast<double>(in.bits<std::int8_t>());
    auto op = rows_of<T>(joined("sigmoid ", o.bias), g.taken() && o.bias >= -5000 && o.bias <= 5000,
                         [o](auto const& x, auto&& y) { smx::sigmoid(x, y, o); });
    op.judge = [g, o](std::span<T const> x, std::span<T const> y) {
        double const c = g.c();
        for (std::size_t i = 0; i != x.size(); ++i) {
            double const v = static_cast<double>(x[i]);
            if (std::isnan(v) || (std::isinf(v) && c == 0)) {
                require(y[i] != y[i], "sigmoid of ", v, " is ", y[i]);
            } else if (std::isinf(v)) {
                require(same_bits(y[i], (v > 0) == (c > 0) ? T(1) : T(0)), "sigmoid of ", v, " is ", y[i]);
            } else {
                number const z = number(c) * number(v) + number(o.bias);
                require_near(y[i], 1 / (1 + std::exp(-z)), 4 + slack<T>(number(c) * number(v)), 0, i);
            }
        }
    };
    return op;
}

template <class T> operation<T> relu(common_options const& g, input& in) {
    auto o = g.as<smx::relu_options>();
    if (in.one_in(2)) o.length = in.option();
    auto op = rows_of<T>(joined("relu ", o.length), g.taken() && std::isfinite(o.length) && !(o.length < 0),
                         [o](auto const& x, auto&& y) { smx::relu(x, y, o); });
    op.judge = [g, o](std::span<T const> x, std::span<T const> y) {
        double const length = o.length != 0 ? o.length : static_cast<double>(x.size()), factor = g.c() / length;
        if (!ordinary(factor)) return;
        for (std::size_t i = 0; i != x.size(); ++i) {
            if (x[i] != x[i]) {
                require(y[i] != y[i], "relu of NaN is ", y[i]);
                continue;
            }
            number const z = number(g.c()) * number(x[i]) / number(length);
            number const exact = z > 0 ? z : 0;
            // Both the factor and the product are rounded; a denormal product once more.
            require_near(y[i], exact, 1.6L, exact > 0 ? number(std::numeric_limits<T>::min()) : 0, i);
        }
    };
    return op;
}

template <class T> operation<T> softplus(common_options const& g) {
    auto const o = g.as<smx::softplus_options>();
    auto op = rows_of<T>("softplus", g.taken(), [o](auto const& x, auto&& y) { smx::softplus(x, y, o); });
    op.judge = [g](std::span<T const> x, std::span<T const> y) {
        if (!ordinary(g.c()) || judged_as_special<T>(x, y, g.c(), g.policy) || !within(x, g.c(), known<T>)) return;
        numbers const z = products(x, g.c());
        judge_all<T>(y, z, smx_test::exact::softplus(z), 6);
    };
    return op;
}

template <class T> operation<T> lssar(common_options const& g, input& in) {
    auto o = g.as<smx::lssar_options>();
    if (in.one_in(2)) o.power = in.one_in(4) ? in.option() : 1 + static_cast<double>(in.below(64));
    if (in.one_in(2)) o.offset = in.one_in(4) ? in.option() : static_cast<double>(in.below(256)) / 64;
    bool const taken = g.taken() && o.power >= 1 && o.power <= 64 && o.offset >= 0 && o.offset <= 1e6;
    auto op = rows_of<T>(joined("lssar ", o.power, " ", o.offset), taken,
                         [o](auto const& x, auto&& y) { smx::lssar(x, y, o); });
    op.judge = [g](std::span<T const> x, std::span<T const> y) {
        if (!ordinary(g.c()) || judged_as_special<T>(x, y, g.c(), g.policy) || !within(x, g.c(), 80)) return;
        number sum = 0;
        for (T const v : y) {
            require(v >= 0 && v <= 1, "a share is ", v);
            sum += number(v);
        }
        require(std::abs(sum - 1) < 1e-4L, "the shares sum to ", sum);
    };
    return op;
}

template <class T> operation<T> entmax(common_options const& g, input& in, std::size_t longest) {
    static constexpr double alphas[] = {2, 1.5, 1, 1.25, 1.001, 1.75, 3, 5, 64, 2.5, 0.5, -1};
    auto o = g.as<smx::entmax_options>();
    o.alpha = in.one_in(8) ? in.option() : in.of(alphas);
    auto op = rows_of<T>(joined("entmax ", o.alpha), g.taken() && std::isfinite(o.alpha) && o.alpha >= 1,
                         [o](auto const& x, auto&& y) { smx::entmax(x, y, o); });
    op.judge = [g, o, longest](std::span<T const> x, std::span<T const> y) {
        if (judged_as_special<T>(x, y, g.c(), g.policy)) return;
        for (T const v : y) require(v >= 0 && v <= 1, "a result is ", v);
        bool const closed = o.alpha == 1.5 || o.alpha == 2;
        bool const tested = closed || (o.alpha >= 1.001 && o.alpha <= 64 && x.size() <= longest);
        // Above 2 a factor is raised to a power below 1, so the smallest matter; not below 2^-1022, as documented.
        bool const seen = sizeof(T) == 4 ? std::abs(g.c()) > 1e-250 : ordinary(g.c());
        if (!tested || g.c() == 0 || (o.alpha > 2 && !seen)) return;
        auto const exact = smx_test::exact_entmax<T>({x.begin(), x.end()}, g.c(), o.alpha);
        auto const verdict = smx_test::near<T>({y.begin(), y.end()}, exact, 8, false);
        require(static_cast<bool>(verdict), verdict.message());
    };
    return op;
}

template <class T> operation<T> any_operation(input& in, common_options const& g) {
    switch (in.below(10)) {
    case 0:
        return log_softmax<T>(g);
    case 1:
        return sink_softmax<T>(g, in);
    case 2:
        return clipped_softmax<T>(g, in);
    case 3:
        return stablemax<T>(g, false);
    case 4:
        return stablemax<T>(g, true);
    case 5:
        return sigmoid<T>(g, in);
    case 6:
        return relu<T>(g, in);
    case 7:
        return softplus<T>(g);
    case 8:
        return lssar<T>(g, in);
    default:
        return entmax<T>(g, in, 40);
    }
}

template <class T> void run_operation(input& in) {
    common_options const g(in);
    operation<T> const op = any_operation<T>(in, g);
    std::size_t const cols = in.length() % 1500, rows = in.one_in(2) ? 1 : in.below(cols < 40 ? 12 : 4);
    description() = joined(op.name, " of ", sizeof(T) == 4 ? "float" : "double", ", ", rows, " x ", cols, ", scale ",
                           g.scale, ", temperature ", g.temperature);
    block<T> x = block<T>::any(rows, cols, in), y = block<T>::any(rows, cols, in);
    fill(x, in);
    if (!op.taken) {
        require(refused([&] { op.rows(x.view(), y.view()); }), "bad options were taken");
        y.require_untouched("bad options");
        return;
    }
    op.rows(std::as_const(x).view(), y.view());
    y.require_marks(op.name.c_str());
    for (std::size_t r = 0; r != rows && cols != 0; ++r) {
        op.judge(x.row(r), y.row(r));
        block<T> alone(1, cols, cols, in.below(17));
        op.rows({x.row(r).data(), 1, cols}, alone.view());
        alone.require_marks("a row alone");
        require_same<T>(alone.row(0), y.row(r), "a row alone");
    }
    if (op.columns) {
        block<T> across = block<T>::any(cols, rows, in), down = block<T>::any(cols, rows, in);
        for (std::size_t r = 0; r != rows; ++r)
            for (std::size_t i = 0; i != cols; ++i) across.row(i)[r] = x.row(r)[i];
        op.columns(std::as_const(across).view(), down.view());
        down.require_marks("columns");
        for (std::size_t r = 0; r != rows; ++r)
            for (std::size_t i = 0; i != cols; ++i)
                if (!same_bits(down.row(i)[r], y.row(r)[i]))
                    fail("columns: element ", i, " of column ", r, " is ", down.row(i)[r], " instead of ", y.row(r)[i]);
    }
    op.rows(std::as_const(x).view(), x.view());
    x.require_marks("in place");
    x.require_same_as(y, "in place");
}

/// A row in pieces: states merged in any order, and the weights against them.
template <class T> void run_online_state(input& in) {
    std::size_t const n = 1 + in.length();
    description() = joined("online_state of ", n, sizeof(T) == 4 ? " floats" : " doubles");
    block<T> x(1, n, n, in.below(17));
    fill(x, in);
    std::span<T const> const row = x.row(0);
    using state = smx::online_state<T>;
    std::vector<state> states;
    for (std::size_t begin = 0; begin != n;) {
        std::size_t const end = std::min(n, begin + 1 + in.length());
        states.emplace_back(row.subspan(begin, end - begin));
        begin = end;
    }
    std::size_t const merges = states.size() - 1;
    while (states.size() > 1) {
        std::size_t const a = in.below(65536) % states.size();
        state const first = states[a];
        states.erase(states.begin() + static_cast<std::ptrdiff_t>(a));
        std::size_t const b = in.below(65536) % states.size();
        state const both = merge(first, states[b]), reversed = merge(states[b], first);
        require(same_bits(both.max, reversed.max) && same_bits(both.sum, reversed.sum), "merge is not commutative");
        states[b] = both;
    }
    state const whole = states.front();
    row_kind const kind = kind_of(row, 1);
    if (kind == row_kind::masked) return require(whole.sum == 0 && whole.max < 0, "of -inf alone: sum ", whole.sum);
    if (kind == row_kind::not_a_number) return require(whole.sum != whole.sum, "of NaN or +inf: sum ", whole.sum);
    require(whole.max == *std::ranges::max_element(row), "max is ", whole.max);
    numbers const z = differences(row, 1), weights = smx_test::exponentials(z, 0);
    number sum = 0;
    for (number const w : weights) sum += w;
    number const bound = (sizeof(T) == 4 ? number(3) * number(0x1p-23L) : number(4) * number(0x1p-52L)) +
                         static_cast<number>(2 * merges + 2) * number(0x1p-52L);
    require(std::abs(number(whole.sum) - sum) <= bound * sum, "sum is ", whole.sum, ", exact ", sum, ", of ", merges,
            " merges");
    block<T> y(1, n, n, in.below(17));
    whole.weights(row, y.row(0));
    y.require_marks("weights");
    judge_all<T>(y.row(0), z, weights, 4);
    whole.probabilities(row, y.row(0));
    judge_all<T>(y.row(0), z, smx_test::exact::softmax(z),
                 4 + static_cast<number>(merges) * (sizeof(T) == 4 ? 0.01L : 2));
}

/// The k largest: the order of a stable sort, and weights of the selected or of all.
template <class T> void run_top_k(input& in) {
    common_options const g(in);
    auto o = g.as<smx::top_k_softmax_options>();
    static constexpr smx::gating gates[] = {smx::gating::softmax_of_selected, smx::gating::selected_of_softmax,
                                            smx::gating::sigmoid};
    o.weights = in.of(gates);
    std::size_t const n = in.length(), k = in.below(100);
    description() = joined("top_k_softmax, k = ", k, " of ", n, sizeof(T) == 4 ? " floats" : " doubles", ", gating ",
                           static_cast<int>(o.weights), ", scale ", o.scale, ", temperature ", o.temperature);
    block<T> x(1, n, n, in.below(17)), w(1, k, k, in.below(17));
    block<std::uint32_t> indices(1, k, k, in.below(17));
    fill(x, in);
    auto const call = [&] { smx::top_k_softmax(std::as_const(x).view(), w.view(), indices.view(), o); };
    if (!g.taken() || k == 0) {
        require(refused(call), "a bad call was taken");
        w.require_untouched("weights");
        indices.require_untouched("indices");
        return;
    }
    call();
    w.require_marks("weights");
    indices.require_marks("indices");
    std::span<T const> const row = x.row(0), weights = w.row(0);
    std::span<std::uint32_t const> const chosen = indices.row(0);
    // 0 times an infinity is one too, where the key is a gate.
    bool const no_gate = o.weights == smx::gating::sigmoid && g.c() == 0;
    bool const has_nan = std::ranges::any_of(row, [&](T v) { return v != v || (no_gate && std::isinf(v)); });
    if (has_nan) return require(all_nan(weights), "NaN in the row, none in the weights");
    std::vector<bool> seen(n);
    std::size_t const count = std::min(k, n);
    for (std::size_t j = 0; j != k; ++j) {
        if (j >= count) {
            require(chosen[j] == n && same_bits(weights[j], T(0)), "place ", j, " behind the last");
            continue;
        }
        require(chosen[j] < n && !seen[chosen[j]], "place ", j, " has the index ", chosen[j]);
        seen[chosen[j]] = true;
    }
    double const c = g.c();
    if (o.weights == smx::gating::sigmoid || kind_of(row, c) != row_kind::finite) return;
    std::vector<std::size_t> order(n);
    for (std::size_t i = 0; i != n; ++i) order[i] = i;
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return c < 0 ? row[a] < row[b] : row[a] > row[b]; });
    std::vector<T> selected;
    for (std::size_t j = 0; j != count; ++j) {
        require(chosen[j] == order[j], "place ", j, " has the index ", chosen[j], " instead of ", order[j]);
        selected.push_back(row[order[j]]);
    }
    numbers const z = differences(std::span<T const>(selected), c);
    bool const of_selected = o.weights == smx::gating::softmax_of_selected;
    numbers const all = smx_test::exact::softmax(differences(row, c)), few = smx_test::exact::softmax(z);
    for (std::size_t j = 0; j != count; ++j)
        require_near(weights[j], of_selected ? few[j] : all[order[j]], 6 + slack<T>(z[j]), 0, j);
}

template <class T> void run(input& in) {
    switch (in.below(8)) {
    case 0:
        return run_online_state<T>(in);
    case 1:
        return run_top_k<T>(in);
    default:
        return run_operation<T>(in);
    }
}

} // namespace

void run(input& in) {
    if (in.below(2) == 0)
        run<float>(in);
    else
        run<double>(in);
}

} // namespace smx_fuzz
