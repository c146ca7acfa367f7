// SPDX-License-Identifier: BSL-1.0
// Where libFuzzer, or standalone.cpp, enters a target.
#include "input.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    smx_fuzz::input in(std::span(data, size));
    smx_fuzz::run(in);
    return 0;
}
