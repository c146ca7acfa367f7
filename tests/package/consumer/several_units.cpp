// SPDX-License-Identifier: BSL-1.0
// Calls the units whose names are given as arguments, and checks the results of each.
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <vector>

using softmax = void(float const* x, float* y, std::size_t n);
namespace plain {
softmax row, column;
}
namespace avx2 {
softmax row, column;
}
namespace avx512 {
softmax row, column;
}

struct unit {
    char const* name;
    softmax *row, *column;
};
unit const units[] = {
    {"plain", plain::row, plain::column}, {"avx2", avx2::row, avx2::column}, {"avx512", avx512::row, avx512::column}};

bool is_right(softmax* weigh) {
    std::vector<float> x(1003), y(x.size());
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<float>(i * 37 % 101) / 8 - 6;
        sum += std::exp(static_cast<double>(x[i]));
    }
    weigh(x.data(), y.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i)
        if (!(std::fabs(static_cast<double>(y[i]) * sum / std::exp(static_cast<double>(x[i])) - 1) < 1e-6))
            return std::printf("y[%zu] is %g\n", i, static_cast<double>(y[i])), false;
    return true;
}

int main(int argc, char** argv) {
    int wrong = argc - 1; // names that are not yet seen to be right
    for (int argument = 1; argument < argc; ++argument)
        for (unit const& one : units)
            if (std::strcmp(argv[argument], one.name) == 0 && is_right(one.row) && is_right(one.column)) --wrong;
    return wrong;
}
