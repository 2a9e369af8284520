// Means of logarithms per class; see scales.h. The search for the least noise is in noise.cc.
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

}  // namespace

std::vector<double> scale_caps(const ChannelMap& map, const Seen& seen) {
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

ScaleLogs scale_logs(const Graph& graph, const ChannelMap& map, const Seen& seen) {
  Means activations(map.classes()), weights(map.classes());
  for (size_t id = 0; id < seen.tensors.size(); ++id) {
    std::vector<float> relative;
    float largest = 0;
    for (const ChannelFacts& c : seen.tensors[id]) largest = std::max(largest, c.magnitude());
    if (largest <= 0) continue;
    for (const ChannelFacts& c : seen.tensors[id]) relative.push_back(c.magnitude() / largest);
    add_logs(activations, map, static_cast<ValueId>(id), relative);
  }
  for (const LinearNode& node : map.linear()) {
    add_logs(weights, map, node.x, extents(graph, map, node, true).inputs);
  }
  ScaleLogs logs;
  for (size_t k = 0; k < static_cast<size_t>(map.classes()); ++k) {
    logs.activations.push_back(activations.at(k));
    logs.weights.push_back(weights.at(k));
    logs.seen.push_back(activations.any(k));
  }
  return logs;
}

float scale_of(const ScaleLogs& logs, const std::vector<double>& caps, size_t k, double alpha, double beta) {
  if (!logs.seen[k] || caps[k] <= 1) return 1;
  const double wanted = std::exp(-alpha * logs.activations[k] + beta * logs.weights[k]);
  return static_cast<float>(std::clamp(wanted, 1 / kLargestScale, caps[k]));
}

std::vector<float> scales_by_smoothing(const Graph& graph, const ChannelMap& map, const Seen& seen, double alpha) {
  const ScaleLogs logs = scale_logs(graph, map, seen);
  const std::vector<double> caps = scale_caps(map, seen);
  std::vector<float> scales;
  for (size_t k = 0; k < caps.size(); ++k) scales.push_back(scale_of(logs, caps, k, alpha, 1 - alpha));
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
