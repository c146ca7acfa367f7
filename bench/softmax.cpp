// SPDX-License-Identifier: BSL-1.0
// Google Benchmark over every shape and contestant: --benchmark_filter='^row/float/4096/'
// Each result is compared with a wide oracle before it is timed; a wrong one is an error and gets no time.
#include "contestant.hpp"
#include "oracle.hpp"
#include "shapes.hpp"

#include <benchmark/benchmark.h>

#include <map>
#include <memory>

namespace bench {
namespace {

/// The memory and the truth of the shape at hand. The benchmarks of a shape follow one another, so one is enough.
template <class T> struct arena {
    shape form;
    problem_memory<T> memory;
    oracle<T> truth;
    std::map<std::string, double> ulp_of; // Google Benchmark enters each function several times

    explicit arena(shape s) : form(s), memory(s, {}), truth(memory.view()) {}

    static arena& of(shape form) {
        static std::unique_ptr<arena> current;
        if (!current || name_of_problem<T>(current->form) != name_of_problem<T>(form)) {
            current.reset();
            current = std::make_unique<arena>(form);
        }
        return *current;
    }
    double ulp(contestant<T> const& who, runner const& run) {
        auto const found = ulp_of.find(who.name);
        return found != ulp_of.end() ? found->second : ulp_of[who.name] = measure_ulp(truth, memory.view(), run);
    }
};

template <class T> void time(benchmark::State& state, contestant<T> const& who, shape form) {
    auto& here = arena<T>::of(form);
    runner const run = who.prepare(here.memory.view());
    if (who.promised_ulp != not_a_softmax) {
        double const ulp = here.ulp(who, run);
        if (!(ulp <= who.promised_ulp)) {
            state.SkipWithError(("wrong by " + std::to_string(ulp) + " ULP").c_str());
            return;
        }
        state.counters["max_ulp"] = ulp;
    }
    for (auto _ : state) {
        run();
        benchmark::ClobberMemory();
    }
    using benchmark::Counter;
    double const bytes = static_cast<double>(declared_bytes<T>(form, who.moves(form)));
    state.counters["bytes"] = Counter(bytes);
    state.counters["bytes/s"] = Counter(bytes, Counter::kIsIterationInvariantRate);
    // Printed with its unit, as 193ps.
    state.counters["time/element"] =
        Counter(static_cast<double>(form.elements()), Counter::kIsIterationInvariantRate | Counter::kInvert);
}

template <class T> void register_all() {
    for (shape const form : shapes())
        for (auto const& who : contestants<T>())
            if (who.supports(form))
                benchmark::RegisterBenchmark((name_of_problem<T>(form) + '/' + who.name).c_str(),
                                             [who, form](benchmark::State& state) { time<T>(state, who, form); })
                    ->UseRealTime();
}

} // namespace
} // namespace bench

int main(int argc, char** argv) {
    bench::register_all<float>();
    bench::register_all<double>();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
