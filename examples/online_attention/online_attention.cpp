// SPDX-License-Identifier: BSL-1.0
// Attention over keys that arrive in blocks, without ever holding a whole row of scores: the loop of FlashAttention in
// thirty lines, with smx::online_state as its state. Checked against the direct result.
#include <smx/smx.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <span>
#include <vector>

namespace {

/// One head: row-major queries x d, keys x d, keys x d.
struct head {
    std::size_t queries, keys, width;
    std::vector<float> q, k, v;
};

float dot(float const* a, float const* b, std::size_t n) {
    float sum = 0;
    for (std::size_t i = 0; i != n; ++i) sum += a[i] * b[i];
    return sum;
}

/// Query r sees the keys up to r + keys - queries: causal attention with a prefix.
std::size_t visible(head const& h, std::size_t r) { return r + 1 + h.keys - h.queries; }

/// softmax(q K^T / sqrt(d)) V, a row of scores at a time.
std::vector<float> directly(head const& h) {
    std::vector<float> out(h.queries * h.width), scores(h.keys);
    double const scale = 1 / std::sqrt(static_cast<double>(h.width));
    for (std::size_t r = 0; r != h.queries; ++r) {
        std::size_t const n = visible(h, r);
        for (std::size_t j = 0; j != n; ++j) scores[j] = dot(&h.q[r * h.width], &h.k[j * h.width], h.width);
        smx::softmax(std::span<float const>(scores.data(), n), std::span<float>(scores.data(), n), {.scale = scale});
        for (std::size_t i = 0; i != h.width; ++i) {
            double sum = 0;
            for (std::size_t j = 0; j != n; ++j)
                sum += static_cast<double>(scores[j]) * static_cast<double>(h.v[j * h.width + i]);
            out[r * h.width + i] = static_cast<float>(sum);
        }
    }
    return out;
}

/// The same, `block` keys at a time: scores of one block are all that is held.
std::vector<float> by_blocks(head const& h, std::size_t block) {
    std::vector<float> out(h.queries * h.width), scores(block), weights(block);
    float const scale = static_cast<float>(1 / std::sqrt(static_cast<double>(h.width)));
    std::vector<double> accumulator(h.width);
    for (std::size_t r = 0; r != h.queries; ++r) {
        smx::online_state<float> state;
        std::fill(accumulator.begin(), accumulator.end(), 0.0);
        for (std::size_t begin = 0, n = visible(h, r); begin < n; begin += block) {
            std::size_t const m = std::min(block, n - begin);
            for (std::size_t j = 0; j != m; ++j)
                scores[j] = scale * dot(&h.q[r * h.width], &h.k[(begin + j) * h.width], h.width);
            std::span<float const> const s(scores.data(), m);
            auto const whole = merge(state, smx::online_state<float>(s));
            whole.weights(s, std::span<float>(weights.data(), m));
            double const kept = state.factor_to(whole); // what was added up before, against the new maximum
            for (std::size_t i = 0; i != h.width; ++i) {
                double sum = kept * accumulator[i];
                for (std::size_t j = 0; j != m; ++j)
                    sum += static_cast<double>(weights[j]) * static_cast<double>(h.v[(begin + j) * h.width + i]);
                accumulator[i] = sum;
            }
            state = whole;
        }
        for (std::size_t i = 0; i != h.width; ++i)
            out[r * h.width + i] = static_cast<float>(accumulator[i] / state.sum);
    }
    return out;
}

} // namespace

int main() {
    head h{48, 200, 32, {}, {}, {}};
    std::mt19937 random(7);
    auto const fill = [&](std::vector<float>& m, std::size_t n, float size) {
        m.resize(n);
        for (float& e : m) e = size * (static_cast<float>(random() % 2001) / 1000.0F - 1.0F);
    };
    fill(h.q, h.queries * h.width, 4);
    fill(h.k, h.keys * h.width, 4);
    fill(h.v, h.keys * h.width, 1);

    std::vector<float> const expected = directly(h);
    bool good = true;
    for (std::size_t block : {1U, 7U, 16U, 64U, 1000U}) {
        std::vector<float> const got = by_blocks(h, block);
        double worst = 0;
        for (std::size_t i = 0; i != got.size(); ++i)
            worst = std::max(worst, std::abs(static_cast<double>(got[i]) - static_cast<double>(expected[i])));
        std::printf("blocks of %4zu keys: largest difference from the direct result %.1e\n", block, worst);
        good = good && worst < 2e-6;
    }
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
