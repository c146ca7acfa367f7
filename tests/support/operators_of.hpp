// SPDX-License-Identifier: BSL-1.0
// The entries of the registry. A new operator is a struct of these few lines and its name in all_operators.
#pragma once

#include "operators.hpp"

#include <smx/smx.hpp>

#include <limits>

namespace smx_test {

/// What most operators are. An entry overrides what differs.
struct usual {
    static constexpr double promised_ulp = 6, floor = 0, hidden = 0;
    static constexpr bool elementwise = false, shift_free = true;
    /// Compiled with masks and limits too: what those do is the driver's, so some operators stand for all.
    static constexpr bool scored = false;
    /// Whether the exact results of x are continuous enough to be compared.
    static bool conditioned(auto const&) { return true; }
};
constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

struct softmax_entry : usual {
    static constexpr char const* name = "softmax";
    static constexpr bool scored = true;
    static void call(auto const& x, auto&& y) { smx::softmax(x, y); }
    static numbers exact(auto const& x) { return exact::softmax(scaled(x)); }
};
struct softmax_scaled : usual {
    static constexpr char const* name = "softmax precise, scale 0.3";
    static constexpr double promised_ulp = 4;
    static void call(auto const& x, auto&& y) { smx::softmax(smx::precise, x, y, {.scale = 0.3}); }
    static numbers exact(auto const& x) { return exact::softmax(scaled(x, 0.3)); }
};
struct sink_entry : usual {
    static constexpr char const* name = "sink_softmax 0.7";
    static void call(auto const& x, auto&& y) { smx::sink_softmax(x, y, {.sink = 0.7}); }
    static numbers exact(auto const& x) { return exact::sink_softmax(scaled(x), 0.7); }
};
struct sink_precise : usual {
    static constexpr char const* name = "sink_softmax precise -50.1, scale 1.5";
    static constexpr double promised_ulp = 4;
    static void call(auto const& x, auto&& y) { smx::sink_softmax(smx::precise, x, y, {.sink = -50.1, .scale = 1.5}); }
    static numbers exact(auto const& x) { return exact::sink_softmax(scaled(x, 1.5), -50.1); }
};
struct clipped_entry : usual {
    static constexpr char const* name = "clipped_softmax 1.03, -0.003";
    static constexpr double floor = 0.003;
    static void call(auto const& x, auto&& y) { smx::clipped_softmax(x, y, {.zeta = 1.03, .gamma = -0.003}); }
    static numbers exact(auto const& x) { return exact::clipped_softmax(scaled(x), 1.03, -0.003); }
};
struct log_softmax_entry : usual {
    static constexpr char const* name = "log_softmax";
    static constexpr double hidden = minus_infinity;
    static constexpr bool scored = true;
    static void call(auto const& x, auto&& y) { smx::log_softmax(x, y); }
    static numbers exact(auto const& x) { return exact::log_softmax(scaled(x)); }
};
struct log_softmax_precise : usual {
    static constexpr char const* name = "log_softmax precise, temperature 1.7";
    static constexpr double promised_ulp = 5, hidden = minus_infinity;
    static void call(auto const& x, auto&& y) { smx::log_softmax(smx::precise, x, y, {.temperature = 1.7}); }
    static numbers exact(auto const& x) { return exact::log_softmax(scaled(x, 1 / 1.7)); }
};
struct stablemax_entry : usual {
    static constexpr char const* name = "stablemax";
    static constexpr double promised_ulp = 4;
    static constexpr bool scored = true;
    static void call(auto const& x, auto&& y) { smx::stablemax(x, y); }
    static numbers exact(auto const& x) { return exact::stablemax(scaled(x)); }
};
struct log_stablemax_entry : usual {
    static constexpr char const* name = "log_stablemax";
    static constexpr double hidden = minus_infinity;
    static void call(auto const& x, auto&& y) { smx::log_stablemax(x, y); }
    static numbers exact(auto const& x) { return exact::log_stablemax(scaled(x)); }
};
struct sigmoid_entry : usual {
    static constexpr char const* name = "sigmoid -7.6, scale 0.9";
    static constexpr double promised_ulp = 4;
    static constexpr bool elementwise = true, scored = true;
    static void call(auto const& x, auto&& y) { smx::sigmoid(x, y, {.bias = -7.6, .scale = 0.9}); }
    static numbers exact(auto const& x) { return exact::sigmoid(scaled(x, 0.9), -7.6); }
};
struct relu_entry : usual {
    static constexpr char const* name = "relu";
    static constexpr double promised_ulp = 1.5;
    static constexpr bool elementwise = true;
    static void call(auto const& x, auto&& y) { smx::relu(x, y); }
    static numbers exact(auto const& x) { return exact::relu(scaled(x)); }
};
struct softplus_entry : usual {
    static constexpr char const* name = "softplus";
    static constexpr bool shift_free = false;
    static void call(auto const& x, auto&& y) { smx::softplus(x, y); }
    static numbers exact(auto const& x) { return exact::softplus(scaled(x)); }
};

/// Absolute: the excess over the average cancels, and the power magnifies what is left; without an excess nothing is.
struct lssar_entry : usual {
    static constexpr char const* name = "lssar";
    static constexpr double promised_ulp = 800, floor = 1;
    static constexpr bool shift_free = false;
    static void call(auto const& x, auto&& y) { smx::lssar(x, y); }
    static numbers exact(auto const& x) { return exact::lssar(scaled(x), 15, 1); }
    static bool conditioned(auto const& x) {
        numbers const a = exact::softplus(scaled(x));
        return x.size() <= 3 || double_from(largest_of(a)) * static_cast<double>(a.size()) > 1.1;
    }
};
/// Within 8 u absolute: 4 ULP of 1.
struct sparsemax_entry : usual {
    static constexpr char const* name = "sparsemax";
    static constexpr double promised_ulp = 4, floor = 1;
    static void call(auto const& x, auto&& y) { smx::sparsemax(x, y); }
    static numbers exact(auto const& x) { return exact::sparsemax(scaled(x)); }
};
struct entmax15_entry : usual {
    static constexpr char const* name = "entmax15";
    static constexpr double promised_ulp = 4, floor = 1;
    static void call(auto const& x, auto&& y) { smx::entmax15(x, y); }
    static numbers exact(auto const& x) { return exact::entmax15(scaled(x)); }
};

template <class T, class Entry> operator_entry<T> entry_of() {
    using source = smx::matrix_view<T const>;
    using target = smx::matrix_view<T>;
    operator_entry<T> entry{Entry::name,
                            Entry::promised_ulp,
                            Entry::floor,
                            static_cast<T>(Entry::hidden),
                            Entry::elementwise,
                            Entry::shift_free,
                            [](source x, target y) { Entry::call(x, y); },
                            nullptr,
                            nullptr,
                            nullptr,
                            [](std::vector<T> const& x) { return Entry::exact(x); },
                            [](std::vector<T> const& x) { return Entry::conditioned(x); }};
#if !defined(SMX_TEST_ROWS_ALONE)
    entry.columns = [](source x, target y) { Entry::call(smx::columns(x), smx::columns(y)); };
    if constexpr (Entry::scored) {
        entry.where = [](source x, smx::matrix_view<bool const> m, target y) {
            Entry::call(smx::scores(x).where(m), y);
        };
        entry.causal = [](source x, target y) { Entry::call(smx::scores(x).causal(), y); };
    }
#endif
    return entry;
}
template <class T, class... Entries> std::vector<operator_entry<T>> entries_of() { return {entry_of<T, Entries>()...}; }

template <class T> std::vector<operator_entry<T>> all_operators() {
    return entries_of<T, softmax_entry, softmax_scaled, sink_entry, sink_precise, clipped_entry, log_softmax_entry,
                      log_softmax_precise, stablemax_entry, log_stablemax_entry, sigmoid_entry, relu_entry,
                      softplus_entry, lssar_entry, sparsemax_entry, entmax15_entry>();
}

} // namespace smx_test
