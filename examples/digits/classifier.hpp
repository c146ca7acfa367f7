// SPDX-License-Identifier: BSL-1.0
// Multinomial logistic regression: softmax turns ten scores into ten probabilities, whose gradient is p - onehot.
#pragma once

#include "features.hpp"
#include "random.hpp"

#include <smx/softmax.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace digits {

/// rows of feature_count features and, as the classifier sees them, rows of `classes` probabilities.
class batch {
public:
    explicit batch(std::size_t capacity) : features_(capacity * feature_count), probabilities_(capacity * classes) {}

    void clear() { labels_.clear(); }
    void add(scan const& s, displacement moved = {}) {
        show(s, moved, features_of(labels_.size()));
        labels_.push_back(s.label);
    }

    std::size_t rows() const { return labels_.size(); }
    std::size_t label(std::size_t row) const { return labels_[row]; }
    std::span<float, feature_count> features_of(std::size_t row) {
        return std::span(features_).subspan(row * feature_count).first<feature_count>();
    }
    std::span<float, classes> probabilities_of(std::size_t row) {
        return std::span(probabilities_).subspan(row * classes).first<classes>();
    }
    std::span<float const, classes> probabilities_of(std::size_t row) const {
        return std::span(probabilities_).subspan(row * classes).first<classes>();
    }
    smx::matrix_view<float> probabilities() { return {probabilities_.data(), rows(), classes}; }

private:
    std::vector<float> features_;
    std::vector<float> probabilities_;
    std::vector<std::size_t> labels_;
};

/// The class of the highest probability.
inline std::size_t reading(std::span<float const, classes> probabilities) {
    return static_cast<std::size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

/// One weight for each feature and class, feature by feature: most features of a scan are 0, and are skipped whole.
class classifier {
public:
    /// Fills the batch's probabilities: scores, feature by feature, and their softmax in place.
    void classify(batch& b) const {
        for (std::size_t row = 0; row < b.rows(); ++row) {
            auto const scores = b.probabilities_of(row);
            std::ranges::fill(scores, 0.0F);
            for_each_lit(b.features_of(row), weights_, [to = scores.data()](float feature, float const* weights) {
                for (std::size_t c = 0; c < classes; ++c) to[c] += feature * weights[c];
            });
        }
        smx::softmax(b.probabilities(), b.probabilities());
    }

    struct step {
        float rate;     ///< how far along the gradient
        float momentum; ///< how much of the last step is taken again
        float decay;    ///< pulls each weight towards 0 (L2)
    };

    /// One step down the gradient of the mean cross entropy of a batch that has been classified.
    void learn(batch& b, step const& s) {
        std::ranges::fill(gradient_, 0.0F);
        for (std::size_t row = 0; row < b.rows(); ++row) {
            auto const p = b.probabilities_of(row);
            std::array<float, classes> error;
            for (std::size_t c = 0; c < classes; ++c) error[c] = p[c] - (c == b.label(row) ? 1.0F : 0.0F);
            for_each_lit(b.features_of(row), gradient_, [from = error.data()](float feature, float* slopes) {
                for (std::size_t c = 0; c < classes; ++c) slopes[c] += feature * from[c];
            });
        }
        float const share = 1 / static_cast<float>(b.rows());
        float const* slope = gradient_.data();
        float* velocity = velocity_.data();
        for (float& weight : weights_) {
            *velocity = s.momentum * *velocity - s.rate * (share * *slope++ + s.decay * weight);
            weight += *velocity++;
        }
    }

private:
    // Calls f(feature, its `classes` entries in a table laid out like the weights) for each feature that is not 0.
    template <class Table, class F>
    static void for_each_lit(std::span<float const, feature_count> features, Table& table, F const& f) {
        auto* entries = table.data();
        for (float const feature : features) {
            if (feature != 0) f(feature, entries);
            entries += classes;
        }
    }

    std::vector<float> weights_ = std::vector<float>(feature_count * classes);
    std::vector<float> gradient_ = weights_;
    std::vector<float> velocity_ = weights_;
};

struct training_plan {
    std::size_t epochs;
    std::size_t batch_rows;
    classifier::step first_step; ///< the rate falls linearly from this one's to 0
};

/// How well a set of scans was read.
struct score {
    std::size_t scans = 0;
    std::size_t right = 0;
    double cross_entropy = 0; ///< summed, in nats

    void add(batch const& b) {
        for (std::size_t row = 0; row < b.rows(); ++row) {
            auto const p = b.probabilities_of(row);
            ++scans;
            right += reading(p) == b.label(row);
            cross_entropy -= std::log(std::max(p[b.label(row)], std::numeric_limits<float>::min()));
        }
    }
    double accuracy() const { return static_cast<double>(right) / static_cast<double>(scans); }
    double loss() const { return cross_entropy / static_cast<double>(scans); }
};

/// Learns from the scans, each shown once per epoch: in its place, or as often moved by at most one pixel each way, so
/// that what is learnt is the shape more than the place. After each epoch calls report(epoch, score of what was shown).
template <class Report>
classifier train(std::span<scan const> scans, training_plan const& plan, random_stream random, Report const& report) {
    classifier model;
    batch b(plan.batch_rows);
    std::vector<std::size_t> order(scans.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    auto const at_most_one = [&] { return static_cast<int>(random.below(3)) - 1; };
    auto const place = [&] {
        // Members of an initialiser list are evaluated in order, arguments of a call in any.
        return random.below(2) == 0 ? displacement{} : displacement{.right = at_most_one(), .down = at_most_one()};
    };
    std::size_t const batches = (scans.size() + plan.batch_rows - 1) / plan.batch_rows;
    classifier::step now = plan.first_step;
    std::size_t steps_left = plan.epochs * batches;
    float const slower = plan.first_step.rate / static_cast<float>(steps_left);
    for (std::size_t epoch = 1; epoch <= plan.epochs; ++epoch) {
        random.shuffle(order);
        score shown;
        for (std::size_t first = 0; first < order.size(); first += plan.batch_rows) {
            b.clear();
            for (std::size_t i = first; i < std::min(first + plan.batch_rows, order.size()); ++i)
                b.add(scans[order[i]], place());
            model.classify(b);
            shown.add(b);
            now.rate = slower * static_cast<float>(steps_left--);
            model.learn(b, now);
        }
        report(epoch, shown);
    }
    return model;
}

} // namespace digits
