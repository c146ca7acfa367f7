// SPDX-License-Identifier: BSL-1.0
#include "report.hpp"

#include "contestant.hpp"

#include <cstdio>
#include <iomanip>
#include <iostream>
#include <sstream>

namespace bench {
namespace {

std::string number(std::optional<double> v, int decimals, char const* otherwise) {
    if (!v) return otherwise;
    std::ostringstream text;
    text << std::fixed << std::setprecision(decimals) << *v;
    return text.str();
}

/// One object of JSON, a line, from pairs of a name and a value that is JSON already.
class json_line {
    std::ostringstream text_;
    char const* separator_ = "{";

public:
    json_line& add(char const* name, std::string const& json) {
        text_ << separator_ << '"' << name << "\": " << json;
        separator_ = ", ";
        return *this;
    }
    json_line& add(char const* name, std::optional<double> v) { return add(name, number(v, 6, "null")); }
    json_line& add_text(char const* name, std::string const& v) {
        std::ostringstream quoted;
        quoted << std::quoted(v);
        return add(name, quoted.str());
    }
    std::string str() const { return text_.str() + '}'; }
};

std::string json_of(result const& r) {
    return json_line()
        .add_text("contestant", r.who)
        .add("median_ns", r.median_ns)
        .add("minimum_ns", r.minimum_ns)
        .add("subject_to_this", r.subject_to_this)
        .add("to_memcpy", r.to_memcpy)
        .add("max_ulp", r.max_ulp)
        .str();
}

std::string json_of(heat const& h) {
    std::string results;
    for (auto const& r : h.results) results += (results.empty() ? "\n      " : ",\n      ") + json_of(r);
    return json_line()
        .add_text("problem", h.problem)
        .add("elements", std::to_string(h.elements))
        .add("rounds", std::to_string(h.rounds))
        .add("results", '[' + results + ']')
        .str();
}

} // namespace

result const* best_peer(heat const& h) {
    result const* best = nullptr;
    for (auto const& r : h.results)
        if (!is_smx(r.who) && r.max_ulp && (best == nullptr || r.median_ns < best->median_ns)) best = &r;
    return best;
}

void print_heading(circumstances const& c) {
    std::cout << "CPU       " << c.cpu << "\ncompiler  " << c.compiler << ", " << c.flags << " (" << c.isa
              << ")\ncommit    " << c.commit << "\nmemory    " << c.memory << "\ncommand   " << c.command << "\n";
}

void print_text(heat const& h, circumstances const& c) {
    std::printf("\n%s, %zu rounds\n", h.problem.c_str(), h.rounds);
    std::printf("%-32s %10s %10s %12s %9s %10s\n", "", "median ns", "minimum ns",
                (c.subject + "/").substr(0, 12).c_str(), "x memcpy", "max ULP");
    for (auto const& r : h.results)
        std::printf("%-32s %10.3f %10.3f %12s %9s %10s\n", r.who.c_str(), r.median_ns, r.minimum_ns,
                    number(r.subject_to_this, 3, "-").c_str(), number(r.to_memcpy, 2, "-").c_str(),
                    number(r.max_ulp, 2, "-").c_str());
    if (auto const* const best = best_peer(h); best != nullptr && best->subject_to_this)
        std::printf("best peer: %s, %.2f x the time of %s\n", best->who.c_str(), 1 / *best->subject_to_this,
                    c.subject.c_str());
    std::fflush(stdout);
}

void print_json(std::vector<heat> const& heats, circumstances const& c) {
    std::string all;
    for (auto const& h : heats) all += (all.empty() ? "\n    " : ",\n    ") + json_of(h);
    std::cout << json_line()
                     .add_text("cpu", c.cpu)
                     .add_text("compiler", c.compiler)
                     .add_text("flags", c.flags)
                     .add_text("isa", c.isa)
                     .add_text("commit", c.commit)
                     .add_text("memory", c.memory)
                     .add_text("command", c.command)
                     .add_text("subject", c.subject)
                     .add("heats", '[' + all + ']')
                     .str()
              << '\n';
}

} // namespace bench
