// SPDX-License-Identifier: BSL-1.0
// A program without exceptions: a bad call reaches the hook. Arguments: "hook", "returns", or none for no hook.
#include <smx/smx.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

static void leave(char const* message) {
    std::printf("hook: %s\n", message);
    std::fflush(stdout);
    std::_Exit(42);
}
static void return_to_the_library(char const* message) {
    std::printf("hook: %s\n", message);
    std::fflush(stdout);
}

int main(int argc, char** argv) {
    if (argc > 1) {
        smx::violation_handler const hook = std::strcmp(argv[1], "hook") == 0 ? leave : return_to_the_library;
        if (smx::set_violation_handler(hook) != nullptr) return 1;
    }
    std::vector<float> x{1, 2, 3, 4}, y(4), too_short(3);
    smx::softmax(x, y);
    if (!(y[0] < y[1] && y[1] < y[2] && y[2] < y[3])) return 1;
    smx::softmax(x, too_short);
    return 1;
}
