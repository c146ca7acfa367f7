// SPDX-License-Identifier: BSL-1.0
// What the example prints: progress, the confusion table, and scans drawn in block characters.
#pragma once

#include "classifier.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#if __has_include(<unistd.h>)
#include <unistd.h>
#endif

namespace digits {

inline bool terminal_shows_output() {
#if __has_include(<unistd.h>)
    return isatty(STDOUT_FILENO) != 0;
#else
    return false;
#endif
}

/// One line per epoch in a file or pipe, one line that is rewritten on a terminal.
class progress_line {
public:
    explicit progress_line(std::size_t epochs) : epochs_(epochs) {}

    void operator()(std::size_t epoch, score const& shown) const {
        std::printf("%sepoch %2zu/%zu  cross entropy %.4f  accuracy %5.1f %%%s", on_terminal_ ? "\r" : "", epoch,
                    epochs_, shown.loss(), 100 * shown.accuracy(), on_terminal_ && epoch < epochs_ ? "" : "\n");
        std::fflush(stdout);
    }

private:
    std::size_t epochs_;
    bool on_terminal_ = terminal_shows_output();
};

/// How often each digit (down) was read as each digit (across).
inline void print_confusion(batch const& b) {
    std::array<std::array<int, classes>, classes> times{};
    for (std::size_t row = 0; row < b.rows(); ++row) ++times[b.label(row)][reading(b.probabilities_of(row))];
    std::printf("\nwritten  read as 0   1   2   3   4   5   6   7   8   9\n");
    for (std::size_t written = 0; written < classes; ++written) {
        std::printf("%7zu         ", written);
        for (int const n : times[written]) n == 0 ? std::printf("   .") : std::printf("%4d", n);
        std::printf("\n");
    }
}

/// Row `row` of a scan, two characters per pixel since characters are about twice as high as wide.
inline std::string drawn(scan const& s, std::size_t row) {
    static constexpr std::string_view shades[] = {"  ", "░░", "▒▒", "▓▓", "██"};
    constexpr int ink_per_shade = full_ink / (static_cast<int>(std::size(shades)) - 1);
    std::string text;
    for (std::size_t column = 0; column < side; ++column)
        text += shades[(s.ink[row * side + column] + ink_per_shade - 1) / ink_per_shade];
    return text;
}

/// The misread scans that the classifier was most sure of, side by side, each above its likeliest digits.
inline void draw_misread(std::span<scan const> scans, batch const& b) {
    constexpr std::size_t most = 4;
    constexpr std::size_t likeliest = 3;
    constexpr int gap = 4;
    constexpr int width = 2 * static_cast<int>(side);
    std::vector<std::size_t> misread;
    for (std::size_t row = 0; row < b.rows(); ++row)
        if (reading(b.probabilities_of(row)) != b.label(row)) misread.push_back(row);
    auto const certainty = [&](std::size_t row) { return std::ranges::max(b.probabilities_of(row)); };
    std::ranges::stable_sort(misread, std::ranges::greater{}, certainty);
    std::printf("\nmisread: %zu of %zu%s\n", misread.size(), b.rows(), misread.empty() ? "" : ", the surest of them:");
    if (misread.size() > most) misread.resize(most);

    auto const print_each = [&](auto const& print) {
        for (std::size_t const row : misread) {
            print(row);
            std::printf("%*s", gap, "");
        }
        std::printf("\n");
    };
    print_each([&](std::size_t row) { std::printf("%zu in line %-*zu", b.label(row), width - 10, scans[row].line); });
    for (std::size_t y = 0; y < side; ++y)
        print_each([&](std::size_t row) { std::printf("%s", drawn(scans[row], y).c_str()); });
    for (std::size_t rank = 0; rank < likeliest; ++rank)
        print_each([&](std::size_t row) {
            auto const p = b.probabilities_of(row);
            std::array<std::size_t, classes> digit;
            std::iota(digit.begin(), digit.end(), std::size_t(0));
            std::ranges::stable_sort(digit, std::ranges::greater{}, [&](std::size_t d) { return p[d]; });
            std::printf("%zu: %5.1f %%%*s", digit[rank], 100 * static_cast<double>(p[digit[rank]]), width - 10, "");
        });
}

} // namespace digits
