// SPDX-License-Identifier: BSL-1.0
// A user's own operator on the building blocks of smx, in one screen: the Student-t weights of t-SNE,
//
//     y_i = s_i / sum_j s_j,   s_i = 1 / (1 + d_i^2),
//
// for distances d. Rows, matrices, strides, columns, masks, causal limits, both types and every instruction set come
// with it. Checked here against the formula in double.
#include <smx/algorithm/shares.hpp>
#include <smx/driver/map.hpp>
#include <smx/math/inverse.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <vector>

namespace tsne {

struct student_kernel {
    template <class T> static constexpr T hidden = T(0);  // what a masked element becomes,
    template <class T> T of_nothing() const { return 0; } // and a row of them

    template <class V, class Source, class Sink>
    void row(Source const& d, Sink const& y, std::size_t n, auto const&) const {
        using T = smx::simd::element_of<V>;
        using P = smx::algorithm::pack_for<Source, V>;
        auto const score = [](auto const& x) {
            // Farther than 2^60 there is nothing left in float, and 1 + x^2 stays finite.
            auto const near = smx::simd::at_most(smx::simd::magnitude(x), V(T(0x1p60)));
            return smx::math::inverse(smx::simd::fma(near, near, V(T(1))));
        };
        auto const sum = smx::algorithm::sum_of_scores<smx::standard_t, P>(d, smx::algorithm::no_sink{}, n, score);
        smx::algorithm::divide<P>(d, y, n, smx::algorithm::reciprocal<V>::of(sum), score);
    }
};

template <class Arch = smx::simd::default_arch, smx::floating_point_rows X, smx::writable_rows_like<X const> Y>
void student_weights(X const& distances, Y&& y) {
    smx::driver::map<Arch>(smx::sequential, "student_weights", student_kernel{}, distances, y, 1.0);
}

} // namespace tsne

int main() {
    std::mt19937 random(1);
    std::vector<float> d(1000), y(d.size());
    for (float& v : d) v = static_cast<float>(random() % 10000) / 100.0F;
    tsne::student_weights(d, y);

    double sum = 0, worst = 0;
    for (float v : d) sum += 1 / (1 + static_cast<double>(v) * static_cast<double>(v));
    for (std::size_t i = 0; i != d.size(); ++i) {
        double const v = static_cast<double>(d[i]), exact = 1 / (1 + v * v) / sum;
        worst = std::max(worst, std::abs(static_cast<double>(y[i]) / exact - 1));
    }
    // A matrix, down its columns, in place: nothing more to write.
    tsne::student_weights(smx::columns(smx::matrix_view{d.data(), 10, 100}),
                          smx::columns(smx::matrix_view{d.data(), 10, 100}));
    double column = 0;
    for (std::size_t r = 0; r != 10; ++r) column += static_cast<double>(d[r * 100]);
    std::printf("Student-t weights of %zu distances: largest relative error %.1e; a column sums to %.6f\n", y.size(),
                worst, column);
    return worst < 4e-7 && std::abs(column - 1) < 1e-6 ? 0 : 1;
}
