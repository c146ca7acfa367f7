// SPDX-License-Identifier: BSL-1.0
// What leads the arguments of an operator: execution, algorithm, accuracy, in this order, each of which may be left
// out.
#pragma once

#include <smx/algorithm/weigh.hpp>
#include <smx/execution.hpp>

SMX_BEGIN

/// The algorithm that is fastest for the length. All give the same bits.
struct automatic_t {};

/// How a row is read: smx::three_pass_reload, three_pass_recompute, two_pass, online or automatic. Never changes a bit.
template <class A>
concept softmax_algorithm = std::same_as<A, automatic_t> || std::same_as<A, three_pass_reload_t> ||
    std::same_as<A, three_pass_recompute_t> || std::same_as<A, two_pass_t> || std::same_as<A, online_t>;

/// smx::standard or smx::precise.
template <class P>
concept softmax_accuracy = std::same_as<P, standard_t> || std::same_as<P, precise_t>;

inline constexpr automatic_t automatic{};

namespace driver {

/// An execution or an accuracy, for operators without a choice of algorithm.
template <class Tag>
concept leading = execution<Tag> || softmax_accuracy<Tag>;

/// Two of the three, in order.
template <class First, class Second>
concept leading_pair = (execution<First> && (softmax_algorithm<Second> || softmax_accuracy<Second>)) ||
                       (softmax_algorithm<First> && softmax_accuracy<Second>);

/// The execution among the tags, or the default.
SMX_INLINE constexpr sequential_t const& execution_of() { return sequential; }
template <class First, class... Rest>
SMX_INLINE constexpr decltype(auto) execution_of(First const& first, Rest const&... rest) {
    if constexpr (execution<First>)
        return (first);
    else
        return execution_of(rest...);
}

SMX_INLINE constexpr automatic_t algorithm_of() { return {}; }
template <class First, class... Rest> SMX_INLINE constexpr auto algorithm_of(First const&, Rest const&... rest) {
    if constexpr (softmax_algorithm<First>)
        return First{};
    else
        return algorithm_of(rest...);
}

SMX_INLINE constexpr standard_t accuracy_of() { return {}; }
template <class First, class... Rest> SMX_INLINE constexpr auto accuracy_of(First const&, Rest const&... rest) {
    if constexpr (softmax_accuracy<First>)
        return First{};
    else
        return accuracy_of(rest...);
}

} // namespace driver
SMX_END
