// k-means in one dimension: on sorted values a cluster is a stretch between two midpoints, and its sum a difference of
// two running sums, so that a round of Lloyd's takes k binary searches whatever the number of values.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/rng.h"
#include "core/stats/levels.h"

namespace halftone {
namespace {

constexpr int kRounds = 100;
// Starting points are drawn from so many values, evenly taken from the sorted ones.
constexpr size_t kDrawn = 16384;
constexpr uint64_t kDraws = 4;

class Clusters {
 public:
  explicit Clusters(std::span<const float> values) : sorted_(values.begin(), values.end()) {
    std::sort(sorted_.begin(), sorted_.end());
    sums_.reserve(sorted_.size() + 1);
    squares_.reserve(sorted_.size() + 1);
    sums_.push_back(0);
    squares_.push_back(0);
    for (const float v : sorted_) {
      sums_.push_back(sums_.back() + v);
      squares_.push_back(squares_.back() + static_cast<double>(v) * v);
    }
  }

  const std::vector<float>& sorted() const { return sorted_; }

  // Lloyd's rounds from sorted centers, which stay sorted; the sum of squared distances. Centers of no value stay where
  // they are.
  double settle(std::vector<double>& centers) const {
    double error = 0;
    for (int round = 0; round < kRounds; ++round) {
      bool moved = false;
      error = 0;
      size_t begin = 0;
      for (size_t c = 0; c < centers.size(); ++c) {
        size_t end = sorted_.size();
        if (c + 1 < centers.size()) {
          const double middle = (centers[c] + centers[c + 1]) / 2;
          end = static_cast<size_t>(std::upper_bound(sorted_.begin(), sorted_.end(), middle) - sorted_.begin());
        }
        end = std::max(begin, end);
        if (end > begin) {
          const double n = static_cast<double>(end - begin), sum = sums_[end] - sums_[begin], mean = sum / n;
          error += std::max(0.0, squares_[end] - squares_[begin] - sum * mean);
          moved = moved || mean != centers[c];
          centers_next_.push_back(mean);
        } else {
          centers_next_.push_back(centers[c]);
        }
        begin = end;
      }
      centers.swap(centers_next_);
      centers_next_.clear();
      if (!moved) break;
    }
    return error;
  }

 private:
  std::vector<float> sorted_;
  std::vector<double> sums_, squares_;
  mutable std::vector<double> centers_next_;
};

std::vector<double> even_centers(const std::vector<float>& sorted, size_t count) {
  std::vector<double> centers;
  for (size_t c = 0; c < count; ++c) centers.push_back(sorted[(2 * c + 1) * sorted.size() / (2 * count)]);
  return centers;
}

// k-means++: each next center is drawn with the probability of its squared distance to the nearest so far.
std::vector<double> drawn_centers(const std::vector<float>& sorted, size_t count, uint64_t seed) {
  const size_t n = std::min(kDrawn, sorted.size());
  const auto value = [&](size_t i) { return sorted[i * sorted.size() / n]; };
  std::vector<double> distance(n, std::numeric_limits<double>::infinity());
  Rng rng(seed);
  std::vector<float> drawn = {value(rng.below(static_cast<uint32_t>(n)))};
  while (drawn.size() < count) {
    double total = 0;
    for (size_t i = 0; i < n; ++i) {
      const double d = static_cast<double>(value(i)) - drawn.back();
      distance[i] = std::min(distance[i], d * d);
      total += distance[i];
    }
    if (total == 0) break;
    double left = static_cast<double>(rng.uniform()) * total;
    size_t i = 0;
    while (i + 1 < n && left >= distance[i]) left -= distance[i++];
    drawn.push_back(value(i));
  }
  std::sort(drawn.begin(), drawn.end());
  return {drawn.begin(), drawn.end()};
}

}  // namespace

std::vector<float> kmeans_levels(std::span<const float> values, int64_t count, uint64_t seed) {
  const Clusters clusters(values);
  std::vector<float> distinct = clusters.sorted();
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  if (distinct.size() <= static_cast<size_t>(count)) return distinct;
  std::vector<double> best = even_centers(clusters.sorted(), static_cast<size_t>(count));
  double least = clusters.settle(best);
  for (uint64_t draw = 0; draw < kDraws; ++draw) {
    std::vector<double> centers = drawn_centers(clusters.sorted(), static_cast<size_t>(count), seed + draw);
    const double error = clusters.settle(centers);
    if (error >= least) continue;
    least = error;
    best = std::move(centers);
  }
  std::vector<float> levels(best.begin(), best.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

}  // namespace halftone
