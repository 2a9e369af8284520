// Means of logarithms per class; see scales.h.
#include "core/passes/equalize/scales.h"

#include <algorithm>
#include <cmath>

namespace halftone {
namespace {

constexpr double kLargestScale = 1024;
constexpr int kRounds = 20;

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

WeightExtents extents(const Graph& graph, const ChannelMap& map, const LinearNode& node, bool relative) {
  const Tensor& weight = graph.value(node.weight).constant;
  const float* w = weight.data<float>().data();
  const ChannelWeight& l = node.layout;
  WeightExtents e;
  e.inputs.assign(static_cast<size_t>(map.channels(node.x)), 0);
  e.outputs.assign(static_cast<size_t>(map.channels(node.y)), 0);
  std::vector<float> largest(static_cast<size_t>(l.a * l.b));
  for (int64_t i = 0; i < l.a * l.b; ++i) {
    float& m = largest[static_cast<size_t>(i)];
    for (int64_t r = 0; r < l.rest; ++r) m = std::max(m, std::fabs(w[i * l.rest + r]));
    float& out = e.outputs[static_cast<size_t>(l.output(i / l.b, i % l.b))];
    out = std::max(out, m);
  }
  for (int64_t i = 0; i < l.a * l.b; ++i) {
    const float row = relative ? e.outputs[static_cast<size_t>(l.output(i / l.b, i % l.b))] : 1;
    float& in = e.inputs[static_cast<size_t>(l.input(i / l.b, i % l.b))];
    if (row > 0) in = std::max(in, largest[static_cast<size_t>(i)] / row);
  }
  weight.let_go();
  return e;
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

}  // namespace

std::vector<float> scales_by_activations(const Graph& graph, const ChannelMap& map, const SeenChannels& seen,
                                         double alpha) {
  Means activations(map.classes()), weights(map.classes());
  for (size_t id = 0; id < seen.magnitudes.size(); ++id) {
    const std::vector<float>& channels = seen.magnitudes[id];
    const float largest = channels.empty() ? 0 : *std::max_element(channels.begin(), channels.end());
    if (largest <= 0) continue;
    std::vector<float> relative;
    for (float m : channels) relative.push_back(m / largest);
    add_logs(activations, map, static_cast<ValueId>(id), relative);
  }
  for (const LinearNode& node : map.linear()) {
    add_logs(weights, map, node.x, extents(graph, map, node, true).inputs);
  }
  const std::vector<double> caps = scale_caps(map, seen);
  std::vector<float> scales(caps.size(), 1);
  for (size_t k = 0; k < caps.size(); ++k) {
    if (!activations.any(k) || caps[k] <= 1) continue;
    const double wanted = std::exp(-alpha * activations.at(k) + (1 - alpha) * weights.at(k));
    scales[k] = static_cast<float>(std::clamp(wanted, 1 / kLargestScale, caps[k]));
  }
  return scales;
}

std::vector<float> scales_by_weights(const Graph& graph, const ChannelMap& map) {
  std::vector<WeightExtents> all;
  for (const LinearNode& node : map.linear()) all.push_back(extents(graph, map, node, false));
  const std::vector<double> cap = scale_caps(map, {{}, std::vector<std::vector<float>>(graph.values.size())});
  std::vector<float> total(static_cast<size_t>(map.classes()), 1);
  for (int round = 0; round < kRounds; ++round) {
    Means before(map.classes()), behind(map.classes());
    for (size_t i = 0; i < all.size(); ++i) {
      add_logs(before, map, map.linear()[i].y, all[i].outputs);
      add_logs(behind, map, map.linear()[i].x, all[i].inputs);
    }
    std::vector<double> step(total.size(), 1);
    for (size_t k = 0; k < total.size(); ++k) {
      if (!before.any(k) || !behind.any(k) || cap[k] <= 1) continue;
      const double wanted = total[k] * std::exp(0.5 * (behind.at(k) - before.at(k)));
      const double next = std::clamp(wanted, 1 / kLargestScale, kLargestScale);
      step[k] = next / total[k];
      total[k] = static_cast<float>(next);
    }
    const auto scale = [&](ValueId id, std::vector<float>& by_channel, bool up) {
      for (size_t c = 0; c < by_channel.size(); ++c) {
        const int32_t k = map.channel_class(id, static_cast<int64_t>(c));
        if (k < 0) continue;
        const double s = step[static_cast<size_t>(k)];
        by_channel[c] = static_cast<float>(by_channel[c] * (up ? s : 1 / s));
      }
    };
    for (size_t i = 0; i < all.size(); ++i) {
      scale(map.linear()[i].y, all[i].outputs, true);
      scale(map.linear()[i].x, all[i].inputs, false);
    }
  }
  return total;
}

}  // namespace halftone
