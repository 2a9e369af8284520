// Means of logarithms per class; see scales.h.
#include "core/passes/equalize/scales.h"

#include <algorithm>
#include <cmath>

namespace halftone {
namespace {

constexpr double kLargestScale = 1024;
constexpr int kRounds = 100;
constexpr double kSettled = 0.01;  // largest change of a scale's logarithm in a round

// A mean by class.
class Means {
 public:
  explicit Means(int32_t classes) : sum_(static_cast<size_t>(classes)), count_(static_cast<size_t>(classes)) {}
  void add(int32_t k, double value) {
    if (k < 0) return;
    sum_[static_cast<size_t>(k)] += value;
    count_[static_cast<size_t>(k)] += 1;
  }
  double at(size_t k) const { return count_[k] > 0 ? sum_[k] / count_[k] : 0; }
  bool any(size_t k) const { return count_[k] > 0; }

 private:
  std::vector<double> sum_, count_;
};

// Largest |w| by input and by output channel.
struct WeightExtents {
  std::vector<float> inputs, outputs;
};

// A layer's weights: the largest of each pair of channels. Whatever the scales, their extents follow from these.
class LayerWeights {
 public:
  LayerWeights(const Graph& graph, const ChannelMap& map, const LinearNode& node) : map_(&map), node_(&node) {
    const Tensor& weight = graph.value(node.weight).constant;
    const float* w = weight.data<float>().data();
    const ChannelWeight& l = node.layout;
    largest_.resize(static_cast<size_t>(l.a * l.b));
    for (int64_t i = 0; i < l.a * l.b; ++i) {
      float& m = largest_[static_cast<size_t>(i)];
      for (int64_t r = 0; r < l.rest; ++r) m = std::max(m, std::fabs(w[i * l.rest + r]));
    }
    weight.let_go();
  }

  // relative: inputs by the largest of the output that they go to.
  WeightExtents extents(const std::vector<float>& scales, bool relative) const {
    const std::vector<float> x = scales_of(node_->x, scales, true), y = scales_of(node_->y, scales, false);
    WeightExtents e{std::vector<float>(x.size()), std::vector<float>(y.size())};
    each([&](size_t in, size_t out, float m) { e.outputs[out] = std::max(e.outputs[out], m * x[in] * y[out]); });
    each([&](size_t in, size_t out, float m) {
      const float row = relative ? e.outputs[out] : 1;
      if (row > 0) e.inputs[in] = std::max(e.inputs[in], m * x[in] * y[out] / row);
    });
    return e;
  }

 private:
  std::vector<float> scales_of(ValueId id, const std::vector<float>& scales, bool inverse) const {
    std::vector<float> list;
    for (int64_t c = 0; c < map_->channels(id); ++c) {
      const int32_t k = map_->channel_class(id, c);
      const float s = k < 0 ? 1 : scales[static_cast<size_t>(k)];
      list.push_back(inverse ? 1 / s : s);
    }
    return list;
  }

  template <typename Visit>
  void each(const Visit& visit) const {
    const ChannelWeight& l = node_->layout;
    const float* m = largest_.data();
    for (int64_t a = 0; a < l.a; ++a) {
      for (int64_t b = 0; b < l.b; ++b) {
        visit(static_cast<size_t>(l.input(a, b)), static_cast<size_t>(l.output(a, b)), *m++);
      }
    }
  }

  const ChannelMap* map_;
  const LinearNode* node_;
  std::vector<float> largest_;  // [a][b]
};

std::vector<LayerWeights> weights_of_layers(const Graph& graph, const ChannelMap& map) {
  std::vector<LayerWeights> layers;
  for (const LinearNode& node : map.linear()) layers.emplace_back(graph, map, node);
  return layers;
}

void add_logs(Means& means, const ChannelMap& map, ValueId id, const std::vector<float>& by_channel) {
  for (size_t c = 0; c < by_channel.size(); ++c) {
    if (by_channel[c] > 0) means.add(map.channel_class(id, static_cast<int64_t>(c)), std::log(by_channel[c]));
  }
}

// How far a class may grow before something of it reaches a Clip's limit; 1 where something does.
std::vector<double> scale_caps(const ChannelMap& map, const SeenChannels& seen) {
  std::vector<double> cap(static_cast<size_t>(map.classes()), kLargestScale);
  for (const LimitNode& limit : map.limits()) {
    const std::vector<float>& largest = seen.limited[static_cast<size_t>(limit.x)];
    for (int64_t c = 0; c < map.channels(limit.x); ++c) {
      const int32_t k = map.channel_class(limit.x, c);
      if (k < 0) continue;
      const double m = largest.empty() ? limit.limit : largest[static_cast<size_t>(c)];
      double& one = cap[static_cast<size_t>(k)];
      one = std::min(one, m >= limit.limit ? 1.0 : limit.limit / std::max(m, 1e-30));
    }
  }
  return cap;
}

// As shares of the largest; empty: there is none.
std::vector<float> relative_magnitudes(std::vector<float> channels) {
  const float largest = channels.empty() ? 0 : *std::max_element(channels.begin(), channels.end());
  if (largest <= 0) return {};
  for (float& m : channels) m /= largest;
  return channels;
}

}  // namespace

std::vector<float> scales_by_activations(const Graph& graph, const ChannelMap& map, const SeenChannels& seen,
                                         double alpha) {
  const std::vector<LayerWeights> layers = weights_of_layers(graph, map);
  const std::vector<double> caps = scale_caps(map, seen);
  std::vector<float> scales(caps.size(), 1);
  Means activations(map.classes()), weights(map.classes());
  for (size_t id = 0; id < seen.magnitudes.size(); ++id) {
    add_logs(activations, map, static_cast<ValueId>(id), relative_magnitudes(seen.magnitudes[id]));
  }
  for (size_t i = 0; i < layers.size(); ++i) {
    add_logs(weights, map, map.linear()[i].x, layers[i].extents(scales, true).inputs);
  }
  for (size_t k = 0; k < caps.size(); ++k) {
    if (!activations.any(k) || caps[k] <= 1) continue;
    const double wanted = std::exp(-alpha * activations.at(k) + (1 - alpha) * weights.at(k));
    scales[k] = static_cast<float>(std::clamp(wanted, 1 / kLargestScale, caps[k]));
  }
  return scales;
}

std::vector<float> scales_by_weights(const Graph& graph, const ChannelMap& map) {
  const std::vector<LayerWeights> layers = weights_of_layers(graph, map);
  const std::vector<double> cap = scale_caps(map, {{}, std::vector<std::vector<float>>(graph.values.size())});
  std::vector<float> scales(cap.size(), 1);
  for (int round = 0; round < kRounds; ++round) {
    Means before(map.classes()), behind(map.classes());
    for (size_t i = 0; i < layers.size(); ++i) {
      const WeightExtents e = layers[i].extents(scales, false);
      add_logs(before, map, map.linear()[i].y, e.outputs);
      add_logs(behind, map, map.linear()[i].x, e.inputs);
    }
    double moved = 0;
    for (size_t k = 0; k < scales.size(); ++k) {
      if (!before.any(k) || !behind.any(k) || cap[k] <= 1) continue;
      const double wanted = scales[k] * std::exp(0.5 * (behind.at(k) - before.at(k)));
      const auto next = static_cast<float>(std::clamp(wanted, 1 / kLargestScale, kLargestScale));
      moved = std::max(moved, std::fabs(std::log(static_cast<double>(next) / scales[k])));
      scales[k] = next;
    }
    if (moved < kSettled) break;
  }
  return scales;
}

}  // namespace halftone
