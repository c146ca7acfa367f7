// SPDX-License-Identifier: BSL-1.0
// The scans: what one is, and a reader of their CSV file that says what is wrong and in which line.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace digits {

inline constexpr std::size_t side = 8;
inline constexpr std::size_t pixels = side * side;
inline constexpr std::size_t classes = 10;
inline constexpr int full_ink = 16;
inline constexpr std::size_t fewest_scans = 10;

struct scan {
    std::array<int, pixels> ink; ///< row by row, 0 (paper) to full_ink
    std::size_t label;           ///< the digit that was written
    std::size_t line;            ///< where it stands in the file, from 1
};

/// what() is "file:line: found ..., expected ...", or "file: ..." where no line is to blame.
struct malformed_file : std::runtime_error {
    using std::runtime_error::runtime_error;
};

namespace detail {

[[noreturn]] inline void refuse(std::string const& place, std::string const& found, std::string const& expected) {
    throw malformed_file(place + ": found " + found + ", expected " + expected);
}

// What stands in the file may be anything, of any length: a terminal gets its beginning, in visible characters.
inline std::string quoted(std::string_view field) {
    constexpr std::size_t longest = 24;
    std::string text = "'";
    for (char c : field.substr(0, longest)) text += c >= ' ' && c <= '~' ? c : '?';
    return text + (field.size() > longest ? "...'" : "'");
}

inline std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    for (std::size_t comma; (comma = line.find(',')) != line.npos; line.remove_prefix(comma + 1))
        fields.push_back(line.substr(0, comma));
    fields.push_back(line);
    return fields;
}

inline int whole_number(std::string_view field, int largest, std::string const& place, std::string_view what) {
    int value = 0;
    char const* const end = field.data() + field.size();
    auto const [stop, error] = std::from_chars(field.data(), end, value);
    bool const is_number = stop == end && error != std::errc::invalid_argument;
    bool const in_range = error == std::errc{} && value >= 0 && value <= largest;
    if (!is_number || !in_range)
        refuse(place, quoted(field) + (is_number ? "" : ", which is no whole number"),
               std::string(what) + " from 0 to " + std::to_string(largest));
    return value;
}

inline scan parse(std::string_view line, std::size_t number, std::string const& place) {
    auto const fields = split(line);
    if (line.empty() || fields.size() != pixels + 1)
        refuse(place,
               line.empty() ? "an empty line"
                            : std::to_string(fields.size()) + (fields.size() == 1 ? " column" : " columns"),
               std::to_string(pixels + 1) + " columns: " + std::to_string(pixels) + " pixels and a label");
    scan result{{}, 0, number};
    auto const at = [&](std::size_t column) { return place + ": column " + std::to_string(column + 1); };
    for (std::size_t i = 0; i < pixels; ++i) result.ink[i] = whole_number(fields[i], full_ink, at(i), "a pixel");
    result.label =
        static_cast<std::size_t>(whole_number(fields[pixels], static_cast<int>(classes) - 1, at(pixels), "a label"));
    return result;
}

} // namespace detail

/// The scans of a CSV file without a header: 64 pixels and the label in each line. Throws malformed_file.
inline std::vector<scan> read_scans(std::string const& path) {
    std::ifstream file(path);
    if (!file) throw malformed_file(path + ": cannot be opened");
    std::vector<scan> scans;
    for (std::string line; std::getline(file, line);) {
        if (line.ends_with('\r')) line.pop_back();
        std::size_t const number = scans.size() + 1;
        scans.push_back(detail::parse(line, number, path + ":" + std::to_string(number)));
    }
    if (file.bad()) throw malformed_file(path + ": cannot be read");
    if (scans.size() < fewest_scans)
        detail::refuse(path, scans.empty() ? "an empty file" : "only " + std::to_string(scans.size()) + " lines",
                       "at least " + std::to_string(fewest_scans) + " scans, to learn from most and hold out the rest");
    return scans;
}

} // namespace digits
