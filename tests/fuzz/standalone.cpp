// SPDX-License-Identifier: BSL-1.0
// main() of a fuzz target without libFuzzer: replays files, or runs pseudo-random inputs for some seconds.
//
//     fuzz_softmax.avx2 corpus/a corpus/b
//     fuzz_softmax.avx2 --seconds 3 --seed 1
//     fuzz_softmax.avx2 --runs 1 --seed 1 --first 4711     the input that a report named
#include "../support/inputs.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

struct plan {
    std::uint64_t seed = 1, first = 0, runs = ~std::uint64_t(0);
    double seconds = 3;
    std::vector<std::string> files;
};

bool parsed(int argc, char** argv, plan& p) {
    for (int i = 1; i != argc; ++i) {
        std::string const word = argv[i];
        if (word.rfind("--", 0) != 0) {
            p.files.push_back(word);
            continue;
        }
        if (++i == argc) return false;
        if (word == "--seconds")
            p.seconds = std::strtod(argv[i], nullptr);
        else if (word == "--seed")
            p.seed = std::strtoull(argv[i], nullptr, 10);
        else if (word == "--first")
            p.first = std::strtoull(argv[i], nullptr, 10);
        else if (word == "--runs")
            p.runs = std::strtoull(argv[i], nullptr, 10);
        else
            return false;
    }
    return true;
}

/// Input number `index` of a seed.
std::vector<std::uint8_t> random_input(std::uint64_t seed, std::uint64_t index) {
    smx_test::generator g(seed * 0x100000001B3U + index);
    std::vector<std::uint8_t> bytes(16 + g.below(112));
    for (std::uint8_t& b : bytes) b = static_cast<std::uint8_t>(g.next());
    return bytes;
}

// Standing in the output when a target aborts.
std::uint64_t current = 0, current_seed = 0;
void name_the_input(int) {
    std::fprintf(stderr, "  replay with --runs 1 --seed %llu --first %llu\n",
                 static_cast<unsigned long long>(current_seed), static_cast<unsigned long long>(current));
    std::_Exit(1);
}

} // namespace

int main(int argc, char** argv) {
    plan p;
    if (!parsed(argc, argv, p)) {
        std::fprintf(stderr, "usage: %s [file ...] [--seconds S] [--runs N] [--seed S] [--first N]\n", argv[0]);
        return 2;
    }
    for (std::string const& name : p.files) {
        std::ifstream file(name, std::ios::binary);
        if (!file) {
            std::fprintf(stderr, "cannot read %s\n", name.c_str());
            return 2;
        }
        std::vector<char> const bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
        LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
    }
    if (!p.files.empty()) return 0;
    std::signal(SIGABRT, name_the_input);
    using clock = std::chrono::steady_clock;
    auto const end =
        clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(p.seconds));
    current_seed = p.seed;
    std::uint64_t done = 0;
    for (; done != p.runs && clock::now() < end; ++done) {
        current = p.first + done;
        std::vector<std::uint8_t> const bytes = random_input(p.seed, current);
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%llu inputs of seed %llu\n", static_cast<unsigned long long>(done),
                static_cast<unsigned long long>(p.seed));
    return done != 0 ? 0 : 1;
}
