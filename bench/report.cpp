// SPDX-License-Identifier: BSL-1.0
// Tables of a race: text for a terminal, JSON for programs, Markdown for bench/README.md.
#include "report.hpp"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace bench {
namespace {

using columns = std::vector<std::string>;
using cell = std::function<std::optional<double>(result const&)>;

std::string number(std::optional<double> v, int decimals) {
    if (!v) return "–";
    std::ostringstream text;
    text << std::fixed << std::setprecision(decimals) << *v;
    return text.str();
}

/// Three figures that mean something, for values from .1 ns to thousands of ULP.
std::string figures(std::optional<double> v) { return number(v, v && *v >= 100 ? 0 : v && *v >= 10 ? 1 : 2); }
std::string time_figures(std::optional<double> v) { return number(v, v && *v >= 10 ? 1 : 3); }

void print_row(columns const& cells) {
    for (auto const& c : cells) std::cout << "| " << c << ' ';
    std::cout << "|\n";
}

bool is_smx(std::string const& who) { return who.rfind("smx:", 0) == 0; }

/// A table of `heats`, which are of one family: a line per shape, a column per contestant that `wanted` lets in.
void print_table(std::vector<heat> const& heats, std::function<bool(std::string const&)> const& wanted,
                 cell const& value, std::function<std::string(std::optional<double>)> const& text) {
    columns names;
    for (auto const& h : heats)
        for (auto const& r : h.results)
            if (wanted(r.who) && std::find(names.begin(), names.end(), r.who) == names.end()) names.push_back(r.who);
    if (names.empty()) return;

    columns head{heats.front().family}, rule{"---"};
    for (auto const& name : names) {
        head.push_back(is_smx(name) ? name.substr(4) : name);
        rule.push_back("--:");
    }
    print_row(head);
    print_row(rule);
    for (auto const& h : heats) {
        columns line{h.shape};
        for (auto const& name : names) {
            auto const found = std::find_if(h.results.begin(), h.results.end(), [&](auto& r) { return r.who == name; });
            line.push_back(found == h.results.end() ? "" : text(value(*found)));
        }
        print_row(line);
    }
    std::cout << '\n';
}

std::vector<std::vector<heat>> by_family(std::vector<heat> const& heats) {
    std::vector<std::vector<heat>> groups;
    for (auto const& h : heats) {
        auto const same = [&](auto const& group) { return group.front().family == h.family; };
        auto found = std::find_if(groups.begin(), groups.end(), same);
        if (found == groups.end()) found = groups.insert(found, std::vector<heat>());
        found->push_back(h);
    }
    return groups;
}

} // namespace

void print_heading(circumstances const& c) {
    std::cout << "CPU       " << c.cpu << "\ncompiler  " << c.compiler << ", " << c.flags << " (" << c.isa
              << ")\ncommit    " << c.commit << "\nmemory    " << c.memory << "\ncommand   " << c.command << "\n";
}

void print_text(heat const& h, circumstances const& c) {
    std::printf("\n%s/%s, %zu rounds\n", h.family.c_str(), h.shape.c_str(), h.rounds);
    std::printf("%-32s %10s %10s %12s %9s %10s\n", "", "median ns", "minimum ns",
                (c.subject + "/").substr(0, 12).c_str(), "x memcpy", "max ULP");
    auto const or_dash = [](std::optional<double> v, int decimals) {
        return v ? number(v, decimals) : std::string("-");
    };
    for (auto const& r : h.results)
        std::printf("%-32s %10.3f %10.3f %12s %9s %10s\n", r.who.c_str(), r.median_ns, r.minimum_ns,
                    or_dash(r.subject_to_this, 3).c_str(), or_dash(r.to_memcpy, 2).c_str(),
                    or_dash(r.max_ulp, 2).c_str());
    std::fflush(stdout);
}

void print_json(std::vector<heat> const& heats, circumstances const& c) {
    auto const or_null = [](std::optional<double> v) { return v ? number(v, 6) : std::string("null"); };
    std::cout << "{\n  \"cpu\": " << std::quoted(c.cpu) << ",\n  \"compiler\": " << std::quoted(c.compiler)
              << ",\n  \"flags\": " << std::quoted(c.flags) << ",\n  \"isa\": " << std::quoted(c.isa)
              << ",\n  \"commit\": " << std::quoted(c.commit) << ",\n  \"memory\": " << std::quoted(c.memory)
              << ",\n  \"command\": " << std::quoted(c.command) << ",\n  \"subject\": " << std::quoted(c.subject)
              << ",\n  \"results\": [";
    char const* separator = "\n";
    for (auto const& h : heats)
        for (auto const& r : h.results) {
            std::cout << separator << "    {\"problem\": " << std::quoted(h.family + '/' + h.shape)
                      << ", \"contestant\": " << std::quoted(r.who) << ", \"rounds\": " << h.rounds
                      << ", \"median_ns\": " << number(r.median_ns, 6)
                      << ", \"minimum_ns\": " << number(r.minimum_ns, 6)
                      << ", \"subject_to_this\": " << or_null(r.subject_to_this)
                      << ", \"to_memcpy\": " << or_null(r.to_memcpy) << ", \"max_ulp\": " << or_null(r.max_ulp) << '}';
            separator = ",\n";
        }
    std::cout << "\n  ]\n}\n";
}

void print_markdown(std::vector<heat> const& heats, circumstances const& c) {
    std::cout << "<!-- Written by `" << c.command
              << " > bench/README.md`. Do not edit: run it again. -->\n"
                 "# The race\n\n"
                 "Measured, not typed: `"
              << c.command << " > bench/README.md` wrote this file.\n\n- CPU: " << c.cpu
              << "\n- Compiler: " << c.compiler << ", `" << c.flags << "` (" << c.isa << ")\n- Commit: " << c.commit
              << "\n- Memory: " << c.memory
              << "\n\nAll contestants of a line run by turns, round after round, on the same memory and one thread; "
                 "every result\n"
                 "is compared with a wider oracle first. Times are medians; ratios are medians of the ratios within a "
                 "round,\n"
                 "and hold where times drift.\n\n";
    auto const smx = [](std::string const& who) { return is_smx(who); };
    auto const peer = [](std::string const& who) { return !is_smx(who); };
    auto const both = [&](std::string const& who) { return who == c.subject || peer(who); };
    struct section {
        char const* title;
        std::function<bool(std::string const&)> wanted;
        cell value;
        std::function<std::string(std::optional<double>)> text;
    };
    std::string const ratio = "Time of " + c.subject + " / time of the peer (below 1: " + c.subject + " is faster)";
    section const sections[] = {
        {ratio.c_str(), peer, [](result const& r) { return r.subject_to_this; }, figures},
        {"Time of smx, ns per element", smx, [](result const& r) { return r.median_ns; }, time_figures},
        {"Time of the peers, ns per element", both, [](result const& r) { return r.median_ns; }, time_figures},
        {"Times memcpy of the same bytes", [](std::string const& who) { return who != "memcpy"; },
         [](result const& r) { return r.to_memcpy; }, figures},
        {"Largest error, ULP", [](std::string const& who) { return who != "memcpy"; },
         [](result const& r) { return r.max_ulp; }, figures},
    };
    auto const groups = by_family(heats);
    for (auto const& s : sections) {
        std::cout << "## " << s.title << "\n\n";
        for (auto const& group : groups) print_table(group, s.wanted, s.value, s.text);
    }
}

} // namespace bench
