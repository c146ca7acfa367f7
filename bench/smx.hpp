// SPDX-License-Identifier: BSL-1.0
// smx as contestants: every algorithm in both accuracies. One source per element type, because they compile long.
#pragma once

#include "contestant.hpp"

#include <smx/softmax.hpp>

namespace bench {

/// What a row must stay within to be timed. Only rows made to err come near the 8 that smx/softmax.hpp states.
constexpr double bound(smx::standard_t) { return 6; }
constexpr double bound(smx::precise_t) { return 4; }

constexpr traffic declared(smx::three_pass_reload_t) { return {2, 2}; }
constexpr traffic declared(smx::three_pass_recompute_t) { return {2, 1}; }
constexpr traffic declared(smx::two_pass_t) { return {2, 1}; }
constexpr traffic declared(smx::online_t) { return {2, 1}; }
constexpr traffic declared(smx::automatic_t) { return declared(smx::three_pass_reload); } // the rows are not in place

template <class T, class Algorithm, class Accuracy> contestant<T> kernel(std::string name, Algorithm, Accuracy) {
    // Down columns there is one algorithm, which automatic stands for.
    constexpr bool chooses = std::is_same_v<Algorithm, smx::automatic_t>;
    return {std::move(name), bound(Accuracy()),
            [](shape form) {
                return along_rows(form) ? declared(Algorithm()) : traffic{3, 2};
            },
            chooses ? any_shape : along_rows,
            [](problem<T> const& p) -> runner {
                smx::matrix_view<T const> const x(p.x, p.form.rows, p.form.cols);
                smx::matrix_view<T> const y(p.y, p.form.rows, p.form.cols);
                if (along_rows(p.form)) return [=] { smx::softmax(Algorithm(), Accuracy(), x, y); };
                if constexpr (chooses)
                    return [=] { smx::softmax(Accuracy(), smx::columns(x), smx::columns(y)); };
                else
                    return {};
            }};
}

template <class T, class Accuracy> void enter_smx(std::string const& suffix, Accuracy accuracy) {
    entry(kernel<T>("smx:automatic" + suffix, smx::automatic, accuracy),
          kernel<T>("smx:three_pass_reload" + suffix, smx::three_pass_reload, accuracy),
          kernel<T>("smx:three_pass_recompute" + suffix, smx::three_pass_recompute, accuracy),
          kernel<T>("smx:two_pass" + suffix, smx::two_pass, accuracy),
          kernel<T>("smx:online" + suffix, smx::online, accuracy));
}

/// A namespace-scope object of this type enters every kernel of smx for T.
template <class T> struct smx_entries {
    smx_entries() {
        enter_smx<T>("", smx::standard);
        enter_smx<T>(":precise", smx::precise);
    }
};

} // namespace bench
