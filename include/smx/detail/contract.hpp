// SPDX-License-Identifier: BSL-1.0
// What happens on a bad call: std::invalid_argument, or, without exceptions, one hook that users can replace.
#pragma once

#include <smx/detail/config.hpp>

#include <cstdio>
#include <cstdlib>
#if SMX_HAS_EXCEPTIONS
#include <stdexcept>
#endif

namespace smx {

/// Called with the text of a broken precondition where exceptions are disabled. If it returns, the program aborts.
using violation_handler = void (*)(char const* message);

namespace whole_program {
// Outside the ABI namespace on purpose: one hook, whatever the flags of the parts of a program.
inline violation_handler current_violation_handler = nullptr;
} // namespace whole_program

/// Replaces the hook and returns the previous one (nullptr: the text goes to stderr). Set it before threads start.
inline violation_handler set_violation_handler(violation_handler handler) noexcept {
    violation_handler const previous = whole_program::current_violation_handler;
    whole_program::current_violation_handler = handler;
    return previous;
}

} // namespace smx

SMX_BEGIN
namespace detail {

[[noreturn]] inline void violation(char const* message) {
#if SMX_HAS_EXCEPTIONS
    throw std::invalid_argument(message);
#else
    if (whole_program::current_violation_handler != nullptr)
        whole_program::current_violation_handler(message);
    else
        std::fprintf(stderr, "%s\n", message);
    std::abort();
#endif
}

/// "smx::softmax: <rule>" with the two values that break the rule; the rule holds two %zu (sizes) or two %g (numbers).
template <class Value> [[noreturn]] SMX_COLD void refuse(char const* function, char const* rule, Value a, Value b) {
    char rule_with_values[200];
    char message[256];
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#endif
    std::snprintf(rule_with_values, sizeof rule_with_values, rule, a, b);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
    std::snprintf(message, sizeof message, "smx::%s: %s", function, rule_with_values);
    violation(message);
}

} // namespace detail
SMX_END
