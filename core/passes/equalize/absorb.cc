// Follows each Relu's channels to the layers that read them, and moves constants.
#include "core/passes/equalize/absorb.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/compile/match.h"
#include "core/compile/rewrites/clip_range.h"
#include "core/passes/pixels.h"

namespace halftone {
namespace {

constexpr double kDeviations = 3;
// A constant added to a channel before is the same constant added to it behind.
constexpr std::array<std::string_view, 5> kPassing = {"MaxPool", "GlobalAveragePool", "GlobalMaxPool", "Identity",
                                                      "Dropout"};

bool zeros(const Node& node, std::string_view attribute) {
  const auto values = node.ints_attr(attribute);
  return std::all_of(values.begin(), values.end(), [](int64_t v) { return v == 0; });
}

// A layer that reads channels; channel c of what is given away is its input channel offset + c.
struct Sink {
  const LinearNode* layer = nullptr;
  int64_t offset = 0;
};

struct Absorber {
  const LinearNode* layer = nullptr;
  std::vector<Sink> sinks;
};

class Finder {
 public:
  Finder(const Graph& graph, const ChannelMap& map) : graph_(graph), map_(map), uses_(graph) {
    layer_of_.assign(graph.nodes.size(), nullptr);
    for (const LinearNode& layer : map.linear()) layer_of_[static_cast<size_t>(layer.node)] = &layer;
  }

  std::vector<Absorber> run() const {
    std::vector<Absorber> found;
    for (const LinearNode& layer : map_.linear()) {
      const auto uses = uses_.uses(layer.y);
      if (layer.bias == kNoValue || !plain(graph_.nodes[static_cast<size_t>(layer.node)])) continue;
      if (uses.size() != 1 || uses[0].node < 0 || uses[0].input < 0) continue;
      const Node& relu = graph_.nodes[static_cast<size_t>(uses[0].node)];
      const auto range = clip_range(graph_, relu);
      if (!range || range->lo != 0 || std::isfinite(range->hi)) continue;
      Absorber one{&layer, {}};
      if (follow(relu.output(0), 0, one.sinks) && !one.sinks.empty()) found.push_back(std::move(one));
    }
    return found;
  }

 private:
  static bool padded(const Node& conv, const LinearNode& layer) {
    const std::string mode = conv.string_attr("auto_pad", "NOTSET");
    const bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
    return same ? layer.layout.rest != 1 : !zeros(conv, "pads");
  }

  // Neither factor of a Gemm is anything but 1.
  static bool plain(const Node& node) {
    return node.op_type != "Gemm" || (node.float_attr("alpha", 1) == 1 && node.float_attr("beta", 1) == 1);
  }

  static bool takes(const Node& node, const LinearNode& layer) {
    if (layer.bias == kNoValue || !plain(node)) return false;
    return node.op_type == "Gemm" || (node.op_type == "Conv" && !padded(node, layer));
  }

  static bool averages_alike(const Node& node) {
    const bool counts_padding = node.int_attr("count_include_pad", 0) != 0;
    return !counts_padding || (zeros(node, "pads") && node.int_attr("ceil_mode", 0) == 0 &&
                               node.string_attr("auto_pad", "NOTSET") == "NOTSET");
  }

  // The channels of a Concat before its input `at`; nullopt: not known, or not along the channels.
  std::optional<int64_t> channels_before(const Node& node, int32_t at) const {
    if (node.int_attr("axis", 0) != 1) return std::nullopt;
    int64_t offset = 0;
    for (int32_t i = 0; i < at; ++i) {
      const SymShape& shape = graph_.value(node.inputs[static_cast<size_t>(i)]).shape;
      if (!shape.has_rank() || shape.dims().size() < 2 || !shape.dims()[1].known()) return std::nullopt;
      offset += shape.dims()[1].value;
    }
    return offset;
  }

  bool follow(ValueId id, int64_t offset, std::vector<Sink>& sinks) const {
    for (const Use& use : uses_.uses(id)) {
      if (use.node < 0 || use.input < 0) return false;  // the model's output, or read by a graph inside of a node
      const Node& node = graph_.nodes[static_cast<size_t>(use.node)];
      if (!node.domain.empty() || !follow_use(node, use, offset, sinks)) return false;
    }
    return true;
  }

  bool follow_use(const Node& node, const Use& use, int64_t offset, std::vector<Sink>& sinks) const {
    if (const LinearNode* layer = layer_of_[static_cast<size_t>(use.node)]; layer != nullptr) {
      if (use.input != 0 || !takes(node, *layer)) return false;
      sinks.push_back({layer, offset});
      return true;
    }
    const std::string& op = node.op_type;
    for (size_t i = 1; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoValue && !uses_.uses(node.outputs[i]).empty()) return false;
    }
    bool passes = std::find(kPassing.begin(), kPassing.end(), op) != kPassing.end();
    if (op == "AveragePool") passes = averages_alike(node);
    passes = passes || drops_single_pixels(graph_, node) || averages_pixels(graph_, node);
    if (op == "Add") {
      const Value &a = graph_.value(node.input(0)), &b = graph_.value(node.input(1));
      passes = !a.is_constant() && !b.is_constant() && same_shape(a.shape, b.shape);
    }
    if (op == "Concat") {
      const auto before = channels_before(node, use.input);
      passes = before.has_value();
      offset += before.value_or(0);
    }
    return passes && follow(node.output(0), offset, sinks);
  }

  const Graph& graph_;
  const ChannelMap& map_;
  const UseMap uses_;
  std::vector<const LinearNode*> layer_of_;  // by node
};

// bias += amounts
Status add_to_bias(Graph& graph, ValueId id, const std::vector<double>& amounts) {
  Tensor& constant = graph.value(id).constant;
  HT_ASSIGN(Tensor copy, Tensor::allocate(DType::kFloat, constant.dims(), graph.value(id).name));
  const auto from = constant.data<float>();
  const auto to = copy.mutable_data<float>();
  for (size_t i = 0; i < to.size(); ++i) to[i] = static_cast<float>(from[i] + amounts[i]);
  constant.let_go();
  constant = std::move(copy);
  return ok_status();
}

// W c by output channel.
std::vector<double> response(const Graph& graph, const ChannelMap& map, const Sink& sink,
                             const std::vector<double>& taken) {
  const Tensor& weight = graph.value(sink.layer->weight).constant;
  const float* w = weight.data<float>().data();
  const ChannelWeight& l = sink.layer->layout;
  std::vector<double> out(static_cast<size_t>(map.channels(sink.layer->y)), 0.0);
  for (int64_t i = 0; i < l.a * l.b; ++i) {
    const int64_t c = l.input(i / l.b, i % l.b) - sink.offset;
    if (c < 0 || c >= static_cast<int64_t>(taken.size())) continue;
    double sum = 0;
    for (int64_t r = 0; r < l.rest; ++r) sum += w[i * l.rest + r];
    out[static_cast<size_t>(l.output(i / l.b, i % l.b))] += sum * taken[static_cast<size_t>(c)];
  }
  weight.let_go();
  return out;
}

}  // namespace

std::vector<ValueId> absorbable_values(const Graph& graph, const ChannelMap& map) {
  std::vector<ValueId> list;
  for (const Absorber& one : Finder(graph, map).run()) list.push_back(one.layer->y);
  return list;
}

Result<Absorption> absorb_biases(Graph& graph, const ChannelMap& map, const std::vector<ChannelMoments>& moments) {
  Absorption done;
  done.taken.resize(graph.values.size());
  for (const Absorber& one : Finder(graph, map).run()) {
    const ChannelMoments& known = moments[static_cast<size_t>(one.layer->y)];
    if (known.mean.size() != static_cast<size_t>(map.channels(one.layer->y))) continue;
    std::vector<double> taken, less;
    for (size_t c = 0; c < known.mean.size(); ++c) {
      taken.push_back(std::max(0.0, known.mean[c] - kDeviations * known.deviation[c]));
      less.push_back(-taken[c]);
      done.channels += taken[c] > 0;
    }
    if (std::all_of(taken.begin(), taken.end(), [](double c) { return c == 0; })) continue;
    ++done.layers;
    HT_TRY(add_to_bias(graph, one.layer->bias, less));
    for (const Sink& sink : one.sinks) {
      HT_TRY(add_to_bias(graph, sink.layer->bias, response(graph, map, sink, taken)));
    }
    done.taken[static_cast<size_t>(one.layer->y)] = std::move(taken);
  }
  return done;
}

}  // namespace halftone
