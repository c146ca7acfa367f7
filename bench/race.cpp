// SPDX-License-Identifier: BSL-1.0
// The race: on each problem all contestants run by turns, for many rounds, so that drift of clock and memory hits all.
// bench/report writes bench/README.md from it.
#include "build.hpp"
#include "contestant.hpp"
#include "oracle.hpp"
#include "report.hpp"
#include "shapes.hpp"

#include <smx/simd/arch.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <fstream>
#include <iostream>
#include <regex>

namespace bench {
namespace {

struct settings {
    std::string filter = ".", subject = "smx:automatic";
    double seconds = 3, sample_us = 100;
    std::size_t rounds = 7;
    placement memory;
    bool json = false;
};

double seconds_of(runner const& run, std::size_t repeats) {
    using clock = std::chrono::steady_clock;
    auto const begin = clock::now();
    for (std::size_t i = 0; i != repeats; ++i) run();
    return std::chrono::duration<double>(clock::now() - begin).count();
}

/// One contestant in its lane: as many calls a sample as a sample takes to be longer than the clock's noise.
struct lane {
    result found;
    runner run;
    std::size_t repeats = 1;
    std::vector<double> seconds; // of one call, a sample each round

    lane(std::string const& name, runner prepared) : run(std::move(prepared)) { found.who = name; }
    void calibrate(double sample_seconds) {
        for (;;) {
            double const took = seconds_of(run, repeats);
            if (took >= sample_seconds) return;
            // At most tenfold a step: the first calls are cold.
            double const needed = took > 0 ? 1.1 * sample_seconds / took : 10;
            repeats = static_cast<std::size_t>(static_cast<double>(repeats) * std::clamp(needed, 1.1, 10.0)) + 1;
        }
    }
    void sample() {
        run(); // the caches hold what this contestant leaves there, not the one before
        seconds.push_back(seconds_of(run, repeats) / static_cast<double>(repeats));
    }
};

double median(std::vector<double> v) {
    auto const middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
    std::nth_element(v.begin(), middle, v.end());
    if (v.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(v.begin(), middle)) / 2;
}

/// The median over rounds of a / b.
double paired_ratio(lane const& a, lane const& b) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i != a.seconds.size(); ++i) ratios.push_back(a.seconds[i] / b.seconds[i]);
    return median(std::move(ratios));
}

lane const* find(std::vector<lane> const& lanes, std::string const& name) {
    auto const found = std::find_if(lanes.begin(), lanes.end(), [&](auto& l) { return l.found.who == name; });
    return found == lanes.end() ? nullptr : &*found;
}

/// Verifies every contestant. A wrong one does not run, and is named.
template <class T>
std::vector<lane> line_up(std::vector<contestant<T>> const& field, problem<T> const& p,
                          std::vector<std::string>& disqualified) {
    oracle<T> const truth(p);
    std::vector<lane> lanes;
    for (auto const& who : field) {
        lane entrant(who.name, who.prepare(p));
        if (who.promised_ulp != not_a_softmax) {
            double const ulp = measure_ulp(truth, p, entrant.run);
            if (!(ulp <= who.promised_ulp)) {
                disqualified.push_back(name_of_problem<T>(p.form) + '/' + who.name + " is wrong by " +
                                       std::to_string(ulp) + " ULP");
                continue;
            }
            entrant.found.max_ulp = ulp;
        }
        lanes.push_back(std::move(entrant));
    }
    return lanes;
}

template <class T>
heat race(std::vector<contestant<T>> const& field, shape form, settings const& s,
          std::vector<std::string>& disqualified) {
    problem_memory<T> memory(form, s.memory);
    auto lanes = line_up(field, memory.view(), disqualified);
    for (auto& l : lanes) l.calibrate(s.sample_us * 1e-6);

    auto const begin = std::chrono::steady_clock::now();
    auto const elapsed = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    std::size_t round = 0;
    for (; round < s.rounds || elapsed() < s.seconds; ++round)
        for (std::size_t i = 0; i != lanes.size(); ++i) lanes[(round + i) % lanes.size()].sample();

    heat h{name_of_problem<T>(form), form.elements(), round, {}};
    lane const* const subject = find(lanes, s.subject);
    lane const* const copy = find(lanes, "memcpy");
    for (auto& l : lanes) {
        double const ns = 1e9 / static_cast<double>(form.elements());
        l.found.median_ns = median(l.seconds) * ns;
        l.found.minimum_ns = *std::min_element(l.seconds.begin(), l.seconds.end()) * ns;
        if (subject != nullptr) l.found.subject_to_this = paired_ratio(*subject, l);
        if (copy != nullptr && &l != copy) l.found.to_memcpy = paired_ratio(l, *copy);
        h.results.push_back(l.found);
    }
    return h;
}

template <class T>
void race_all(settings const& s, circumstances const& c, std::vector<heat>& heats,
              std::vector<std::string>& disqualified) {
    std::regex const filter(s.filter);
    for (shape const form : shapes()) {
        std::vector<contestant<T>> field;
        for (auto const& who : contestants<T>())
            if (who.supports(form) && std::regex_search(name_of_problem<T>(form) + '/' + who.name, filter))
                field.push_back(who);
        if (field.empty()) continue;
        if (s.json) std::cerr << name_of_problem<T>(form) << " ...\n";
        heats.push_back(race(field, form, s, disqualified));
        if (!s.json) print_text(heats.back(), c);
    }
}

std::string cpu_name() {
    std::ifstream file("/proc/cpuinfo");
    std::string model, line;
    for (; std::getline(file, line);)
        if (line.rfind("model", 0) == 0) {
            model +=
                (model.empty() ? "" : ", ") + line.substr(0, line.find('\t')) + ' ' + line.substr(line.find(':') + 2);
            if (line.rfind("model name", 0) == 0) break;
        }
    return model.empty() ? "unknown" : model;
}

circumstances circumstances_of(settings const& s, int argc, char** argv) {
    std::string command = argv[0];
    command = command.substr(command.rfind('/') + 1);
    for (int i = 1; i < argc; ++i) command += std::string(" ") + argv[i];
    std::string const pages =
        s.memory.pages == placement::page_size::huge ? "pages of 2 MiB" : "pages of the usual size";
    return {cpu_name(),    build::compiler,
            build::flags,  smx::simd::default_arch::name(),
            build::commit, command,
            s.subject,     pages + ", rows " + std::to_string(s.memory.offset) + " bytes behind the begin of a page"};
}

int run(int argc, char** argv) {
    settings s;
    bool huge_pages = false;
    CLI::App app("Softmax of smx and of its peers, by turns, in ratios. All times on one thread.");
    app.add_option("--filter", s.filter, "Regular expression on names such as row/float/4096/xnnpack")
        ->capture_default_str();
    app.add_option("--subject", s.subject, "The contestant whose ratio to the others is printed")
        ->capture_default_str();
    app.add_option("--seconds", s.seconds, "Time for each shape")->capture_default_str();
    app.add_option("--rounds", s.rounds, "Rounds for each shape, if they take longer than --seconds")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--sample-us", s.sample_us, "Shortest sample; shorter calls are repeated")->capture_default_str();
    app.add_option("--offset", s.memory.offset, "Bytes from the begin of a page to the first element: 4 is misaligned")
        ->check(CLI::Range(std::size_t(0), std::size_t(4095)))
        ->capture_default_str();
    app.add_flag("--huge-pages", huge_pages, "Ask for pages of 2 MiB");
    app.add_flag("--json", s.json, "Print JSON");
    CLI11_PARSE(app, argc, argv);
    if (huge_pages) s.memory.pages = placement::page_size::huge;

    auto const c = circumstances_of(s, argc, argv);
    if (!s.json) print_heading(c);
    std::vector<heat> heats;
    std::vector<std::string> disqualified;
    race_all<float>(s, c, heats, disqualified);
    race_all<double>(s, c, heats, disqualified);
    if (heats.empty()) {
        std::cerr << "bench_race: no contestant matches --filter " << s.filter << '\n';
        return 1;
    }
    if (s.json) print_json(heats, c);
    for (auto const& reason : disqualified) std::cerr << "bench_race: " << reason << '\n';
    return disqualified.empty() ? 0 : 1;
}

} // namespace
} // namespace bench

int main(int argc, char** argv) {
    try {
        return bench::run(argc, argv);
    } catch (std::exception const& e) {
        std::cerr << "bench_race: " << e.what() << '\n';
        return 1;
    }
}
