// SPDX-License-Identifier: BSL-1.0
// A program of somebody else's: softmax against its definition.
#include <smx/smx.hpp>

#include <cmath>
#include <cstdio>
#include <vector>

template <class T> bool follows_the_definition(double tolerance) {
    double const temperature = 0.7;
    std::vector<T> x(1003), y(x.size());
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = static_cast<T>(i * 37 % 101) / 8 - 6;
        sum += std::exp(static_cast<double>(x[i]) / temperature);
    }
    smx::softmax(x, y, {.temperature = temperature});
    for (std::size_t i = 0; i < x.size(); ++i) {
        double const expected = std::exp(static_cast<double>(x[i]) / temperature) / sum;
        if (!(std::fabs(static_cast<double>(y[i]) - expected) <= tolerance * expected))
            return std::printf("y[%zu] is %.17g, not %.17g\n", i, static_cast<double>(y[i]), expected), false;
    }
    return true;
}

int main() { return follows_the_definition<float>(1e-6) && follows_the_definition<double>(1e-13) ? 0 : 1; }
