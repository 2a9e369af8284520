// The pass: prepare, map the channels, look at them, scale them.
#include "core/passes/equalize/equalize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/compile/rewrites/clip_range.h"
#include "core/kernels/reduce/channels.h"
#include "core/passes/equalize/scales.h"
#include "core/passes/quantize/prepare.h"
#include "core/passes/tap_runner.h"

namespace halftone {
namespace {

constexpr std::array<std::string_view, 2> kBy = {"activations", "weights"};

// By channel of one value.
struct Extremes {
  std::vector<float> low, high;
};

class Equalize final : public PassRun {
 public:
  Equalize(Model model, ChannelMap map, bool by_weights, double alpha, int64_t inputs)
      : model_(std::move(model)), map_(std::move(map)), by_weights_(by_weights), alpha_(alpha), inputs_(inputs) {
    extremes_.resize(model_.graph.values.size());
  }

  // What a Relu or Clip makes follows from what it reads.
  Status watch() {
    if (by_weights_) return ok_status();
    const UseMap uses(model_.graph);
    std::vector<std::string> names;
    for (ValueId id : map_.scalable()) {
      const int32_t n = uses.producer(id);
      if (n >= 0 && clip_range(model_.graph, model_.graph.nodes[static_cast<size_t>(n)])) continue;
      watched_.push_back(id);
      names.push_back(model_.graph.value(id).name);
      const auto channels = static_cast<size_t>(map_.channels(id));
      extremes_[static_cast<size_t>(id)] = {std::vector<float>(channels), std::vector<float>(channels)};
    }
    HT_ASSIGN(runner_, TapRunner::create(model_, std::move(names), false));
    return ok_status();
  }

  int sweeps() const override { return watched_.empty() ? 0 : 1; }

  Status observe(int, const Feeds& feeds) override {
    if (seen_++ >= inputs_) return ok_status();
    return runner_->run(feeds, [this](size_t i, const Tensor& tensor) {
      const int64_t axis = map_.axis(watched_[i]), channels = map_.channels(watched_[i]);
      int64_t inner = 1;
      for (int64_t d = axis + 1; d < tensor.rank(); ++d) inner *= tensor.dims()[static_cast<size_t>(d)];
      Extremes& seen = extremes_[static_cast<size_t>(watched_[i])];
      const int64_t outer = tensor.size() == 0 ? 0 : tensor.size() / (channels * inner);
      add_extremes(tensor.data<float>().data(), outer, channels, inner, seen.low.data(), seen.high.data());
      return ok_status();
    });
  }

  Result<PassOutcome> finish(const ProgressFn&) override {
    const Graph& graph = model_.graph;
    const std::vector<float> scales =
        by_weights_ ? scales_by_weights(graph, map_) : scales_by_activations(graph, map_, seen(), alpha_);
    HT_TRY(apply_scales(model_.graph, map_, scales));
    return PassOutcome{std::move(model_), report(scales)};
  }

 private:
  // What a Relu or Clip reads is not quantized where nobody else reads it, only what it makes.
  SeenChannels seen() {
    const Graph& graph = model_.graph;
    const UseMap uses(graph);
    SeenChannels seen;
    seen.magnitudes.resize(extremes_.size());
    seen.limited.resize(extremes_.size());
    for (const Node& node : graph.nodes) {
      const auto range = clip_range(graph, node);
      if (!range || extremes_[static_cast<size_t>(node.input(0))].low.empty()) continue;
      Extremes& made = extremes_[static_cast<size_t>(node.output(0))] = extremes_[static_cast<size_t>(node.input(0))];
      for (float& v : made.low) v = std::clamp(v, range->lo, range->hi);
      for (float& v : made.high) v = std::clamp(v, range->lo, range->hi);
    }
    for (size_t id = 0; id < extremes_.size(); ++id) {
      const Extremes& e = extremes_[id];
      for (size_t c = 0; c < e.low.size(); ++c) seen.magnitudes[id].push_back(std::max(-e.low[c], e.high[c]));
    }
    for (const LimitNode& limit : map_.limits()) {
      seen.limited[static_cast<size_t>(limit.x)] = extremes_[static_cast<size_t>(limit.x)].high;
    }
    for (const Node& node : graph.nodes) {
      if (!clip_range(graph, node) || !uses.single_use(node.input(0))) continue;
      seen.magnitudes[static_cast<size_t>(node.input(0))].clear();
    }
    return seen;
  }

  Json report(const std::vector<float>& scales) const {
    int64_t changed = 0;
    float low = 1, high = 1;
    for (float s : scales) {
      changed += s != 1;
      low = std::min(low, s);
      high = std::max(high, s);
    }
    Json warnings = Json::array();
    if (changed == 0) {
      warnings.push(Json(Json::Object{{"message", "No channel was scaled"},
                                      {"where", "equalize"},
                                      {"hint",
                                       "Scales need weighted nodes before and behind, with Relu, pooling, Add "
                                       "or Concat between them."}}));
    }
    return Json(Json::Object{{"classes", static_cast<int64_t>(scales.size())},
                             {"scaled", changed},
                             {"scale_low", low},
                             {"scale_high", high},
                             {"warnings", std::move(warnings)}});
  }

  Model model_;
  ChannelMap map_;
  bool by_weights_;
  double alpha_;
  int64_t inputs_, seen_ = 0;
  std::vector<ValueId> watched_;
  std::vector<Extremes> extremes_;  // by value
  std::optional<TapRunner> runner_;
};

// Clip(x, 0, 6) -> Relu(x).
void relax_clips(Graph& graph) {
  for (Node& node : graph.nodes) {
    const auto range = clip_range(graph, node);
    if (!range || range->lo != 0 || node.op_type == "Relu") continue;
    node.op_type = "Relu";
    node.inputs.resize(1);
    node.attributes.clear();
  }
  compact(graph);
}

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext&) {
  HT_ASSIGN(PreparedModel prepared, prepare_to_quantize(model, {}));
  if (params.flag("relax_clips")) relax_clips(prepared.model.graph);
  ChannelMap map(prepared.model.graph);
  auto run = std::make_unique<Equalize>(std::move(prepared.model), std::move(map), params.choice("by") == "weights",
                                        params.number("alpha"), params.integer("inputs"));
  HT_TRY(run->watch());
  return std::unique_ptr<PassRun>(std::move(run));
}

constexpr ParamSpec kParams[] = {
    {.name = "by",
     .kind = ParamKind::kChoice,
     .label = "Scale by",
     .help = "activations: a balance (SmoothQuant) between the values, seen on the calibration data, and the weights "
             "that read them. weights: equally large weights before and behind, without any data.",
     .fallback = "\"activations\"",
     .choices = kBy},
    {.name = "alpha",
     .kind = ParamKind::kFloat,
     .label = "Balance",
     .help = "1: only the values decide. 0: only the weights that read them.",
     .fallback = "0.5",
     .low = 0,
     .high = 1},
    {.name = "inputs",
     .kind = ParamKind::kInt,
     .label = "Inputs looked at",
     .help = "So many of the calibration inputs are run, the first ones.",
     .fallback = "64",
     .low = 1,
     .high = 1e9},
    {.name = "relax_clips",
     .kind = ParamKind::kBool,
     .label = "Relu instead of Clip",
     .help = "Lets values grow beyond a Clip such as ReLU6, so that every channel can be scaled. Changes the network "
             "where it clipped.",
     .fallback = "false"},
};

}  // namespace

const PassDef& equalize_pass() {
  static const PassDef def = {
      .name = "equalize",
      .summary = "Scales channels against each other, so that none is lost in a range that a larger one needs.",
      .params = kParams,
      .needs = {.calibration = true, .unless_param = "by", .unless_choice = "weights"},
      .begin = begin,
  };
  return def;
}

}  // namespace halftone
