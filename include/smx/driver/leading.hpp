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

/// The first tag of the kind, or the default.
template <class Kind, class Default> SMX_INLINE constexpr Default const& first_of(Default const& usual) {
    return usual;
}
template <class Kind, class Default, class First, class... Rest>
SMX_INLINE constexpr auto const& first_of(Default const& usual, First const& first, Rest const&... rest) {
    if constexpr (Kind::template holds<First>)
        return first;
    else
        return first_of<Kind>(usual, rest...);
}
struct executions {
    template <class Tag> static constexpr bool holds = execution<Tag>;
};
struct algorithms {
    template <class Tag> static constexpr bool holds = softmax_algorithm<Tag>;
};
struct accuracies {
    template <class Tag> static constexpr bool holds = softmax_accuracy<Tag>;
};

template <class... Tags> SMX_INLINE constexpr auto const& execution_of(Tags const&... tags) {
    return first_of<executions>(sequential, tags...);
}
template <class... Tags> SMX_INLINE constexpr auto const& algorithm_of(Tags const&... tags) {
    return first_of<algorithms>(automatic, tags...);
}
template <class... Tags> SMX_INLINE constexpr auto const& accuracy_of(Tags const&... tags) {
    return first_of<accuracies>(standard, tags...);
}

} // namespace driver
SMX_END
