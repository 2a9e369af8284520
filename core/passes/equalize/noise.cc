// The search for the exponents of least predicted noise, component by component; the formula is in scales.h.
#include <array>
#include <cmath>
#include <numeric>

#include "core/passes/equalize/scales.h"

namespace halftone {
namespace {

constexpr std::array kAlphas = {0.0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0};
constexpr std::array kBetas = {0.0, 0.25, 0.5};
constexpr double kActivationSteps = 255, kWeightSteps = 127;

// Which classes share a tensor, transitively: those exponents are chosen together.
class Components {
 public:
  explicit Components(const ChannelMap& map, size_t values) : parent_(static_cast<size_t>(map.classes())) {
    std::iota(parent_.begin(), parent_.end(), 0);
    for (size_t id = 0; id < values; ++id) {
      int32_t first = -1;
      for (int64_t c = 0; c < map.channels(static_cast<ValueId>(id)); ++c) {
        const int32_t k = map.channel_class(static_cast<ValueId>(id), c);
        if (k >= 0 && first >= 0) parent_[static_cast<size_t>(find(k))] = find(first);
        if (k >= 0) first = k;
      }
    }
  }
  int32_t find(int32_t k) {
    while (parent_[static_cast<size_t>(k)] != k) {
      int32_t& up = parent_[static_cast<size_t>(k)];
      up = parent_[static_cast<size_t>(up)];
      k = up;
    }
    return k;
  }
  // Of a tensor's channels; -1: all fixed.
  int32_t of(const ChannelMap& map, ValueId id) {
    for (int64_t c = 0; c < map.channels(id); ++c) {
      if (const int32_t k = map.channel_class(id, c); k >= 0) return find(k);
    }
    return -1;
  }

 private:
  std::vector<int32_t> parent_;
};

// What a layer's noise depends on, without its kernel's positions: of (a, b), the largest |w| and the sum of squares.
struct LayerFacts {
  const LinearNode* node;
  std::vector<float> largest, squares;
  double signal = 0;
};

class NoiseModel {
 public:
  NoiseModel(const Graph& graph, const ChannelMap& map, const Seen& seen) : map_(map), seen_(seen) {
    for (const LinearNode& node : map.linear()) {
      if (!seen.tensors[static_cast<size_t>(node.x)].empty()) layers_.push_back(facts(graph, node));
    }
  }

  const std::vector<LayerFacts>& layers() const { return layers_; }

  double step(ValueId id, const std::vector<float>& scales) const {
    float low = 0, high = 0;
    const auto& channels = seen_.tensors[static_cast<size_t>(id)];
    for (size_t c = 0; c < channels.size(); ++c) {
      const float s = scale(id, static_cast<int64_t>(c), scales);
      low = std::min(low, s * channels[c].low);
      high = std::max(high, s * channels[c].high);
    }
    return (static_cast<double>(high) - low) / kActivationSteps;
  }

  // `steps`: sum of squared steps of the tensors whose noise arrives at its input.
  double noise(const LayerFacts& layer, double steps, const std::vector<float>& scales) const {
    const ChannelWeight& l = layer.node->layout;
    const auto& x = seen_.tensors[static_cast<size_t>(layer.node->x)];
    std::vector<double> largest(static_cast<size_t>(map_.channels(layer.node->y))), squares(largest.size());
    double inputs = 0;
    for (int64_t i = 0; i < l.a * l.b; ++i) {
      const int64_t in = l.input(i / l.b, i % l.b);
      const auto out = static_cast<size_t>(l.output(i / l.b, i % l.b));
      const double s = scale(layer.node->x, in, scales);
      largest[out] = std::max(largest[out], layer.largest[static_cast<size_t>(i)] / s);
      squares[out] += s * s * x[static_cast<size_t>(in)].squares * static_cast<double>(l.rest);
      inputs += layer.squares[static_cast<size_t>(i)] / (s * s);
    }
    double weights = 0;
    for (size_t o = 0; o < largest.size(); ++o) {
      weights += largest[o] * largest[o] / (kWeightSteps * kWeightSteps) * squares[o];
    }
    return layer.signal > 0 ? (steps * inputs + weights) / (12 * layer.signal) : 0;
  }

 private:
  float scale(ValueId id, int64_t channel, const std::vector<float>& scales) const {
    const int32_t k = map_.channel_class(id, channel);
    return k < 0 ? 1 : scales[static_cast<size_t>(k)];
  }

  LayerFacts facts(const Graph& graph, const LinearNode& node) const {
    const ChannelWeight& l = node.layout;
    const Tensor& weight = graph.value(node.weight).constant;
    const float* w = weight.data<float>().data();
    const auto& x = seen_.tensors[static_cast<size_t>(node.x)];
    LayerFacts f{&node, {}, {}, 0};
    for (int64_t i = 0; i < l.a * l.b; ++i) {
      float largest = 0, squares = 0;
      for (int64_t r = 0; r < l.rest; ++r) {
        const float v = w[i * l.rest + r];
        largest = std::max(largest, std::fabs(v));
        squares += v * v;
      }
      f.largest.push_back(largest);
      f.squares.push_back(squares);
      f.signal += squares * x[static_cast<size_t>(l.input(i / l.b, i % l.b))].squares;
    }
    weight.let_go();
    return f;
  }

  const ChannelMap& map_;
  const Seen& seen_;
  std::vector<LayerFacts> layers_;
};

class Search {
 public:
  Search(const Graph& graph, const ChannelMap& map, const Seen& seen)
      : map_(map),
        model_(graph, map, seen),
        components_(map, graph.values.size()),
        logs_(scale_logs(graph, map, seen)),
        caps_(scale_caps(map, seen)),
        scales_(caps_.size(), 1) {
    members_.resize(caps_.size());
    layers_.resize(caps_.size());
    tensors_.resize(caps_.size());
    for (size_t k = 0; k < caps_.size(); ++k) members_[root(static_cast<int32_t>(k))].push_back(k);
    for (size_t i = 0; i < model_.layers().size(); ++i) {
      const int32_t at = components_.of(map, model_.layers()[i].node->x);
      if (at >= 0) layers_[static_cast<size_t>(at)].push_back(i);
    }
    for (size_t id = 0; id < seen.tensors.size(); ++id) {
      const int32_t at = seen.tensors[id].empty() ? -1 : components_.of(map, static_cast<ValueId>(id));
      if (at >= 0) tensors_[static_cast<size_t>(at)].push_back(static_cast<ValueId>(id));
    }
  }

  std::vector<float> run() {
    for (size_t k = 0; k < members_.size(); ++k) {
      if (!members_[k].empty() && !layers_[k].empty()) choose(k);
    }
    return scales_;
  }

 private:
  size_t root(int32_t k) { return static_cast<size_t>(components_.find(k)); }

  void choose(size_t component) {
    double best = INFINITY, best_alpha = 0, best_beta = 0;
    for (double alpha : kAlphas) {
      for (double beta : kBetas) {
        set(component, alpha, beta);
        const double noise = noise_of(component);
        if (noise >= best * (1 - 1e-6)) continue;
        best = noise;
        best_alpha = alpha;
        best_beta = beta;
      }
    }
    set(component, best_alpha, best_beta);
  }

  void set(size_t component, double alpha, double beta) {
    for (size_t k : members_[component]) scales_[k] = scale_of(logs_, caps_, k, alpha, beta);
  }

  double noise_of(size_t component) const {
    double steps = 0, sum = 0;
    for (ValueId id : tensors_[component]) {
      const double step = model_.step(id, scales_);
      steps += step * step;
    }
    for (size_t i : layers_[component]) sum += model_.noise(model_.layers()[i], steps, scales_);
    return sum;
  }

  const ChannelMap& map_;
  NoiseModel model_;
  Components components_;
  ScaleLogs logs_;
  std::vector<double> caps_;
  std::vector<float> scales_;
  std::vector<std::vector<size_t>> members_, layers_;  // by component
  std::vector<std::vector<ValueId>> tensors_;
};

}  // namespace

std::vector<float> scales_by_noise(const Graph& graph, const ChannelMap& map, const Seen& seen) {
  return Search(graph, map, seen).run();
}

}  // namespace halftone
