// The pass: prepare, map the channels, look at them, scale them.
#include "core/passes/equalize/equalize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/compile/rewrites/clip_range.h"
#include "core/passes/equalize/scales.h"
#include "core/passes/quantize/prepare.h"
#include "core/passes/tap_runner.h"

namespace halftone {
namespace {

constexpr std::array<std::string_view, 3> kBy = {"noise", "smooth", "weights"};

// Adds what `tensor` shows of its channels, seen as [outer, channels, inner]; `squares` are sums until finish().
void look(const Tensor& tensor, int64_t axis, std::vector<ChannelFacts>& channels) {
  int64_t inner = 1;
  for (int64_t i = axis + 1; i < tensor.rank(); ++i) inner *= tensor.dims()[static_cast<size_t>(i)];
  const float* x = tensor.data<float>().data();
  const int64_t rows = inner == 0 ? 0 : tensor.size() / inner;
  for (int64_t row = 0; row < rows; ++row) {
    ChannelFacts& channel = channels[static_cast<size_t>(row) % channels.size()];
    double squares = 0;
    for (int64_t i = 0; i < inner; ++i) {
      const float v = std::isfinite(x[row * inner + i]) ? x[row * inner + i] : 0;
      channel.low = std::min(channel.low, v);
      channel.high = std::max(channel.high, v);
      squares += static_cast<double>(v) * v;
    }
    channel.squares += squares;
  }
}

enum class By : uint8_t { kNoise, kSmooth, kWeights };

class Equalize final : public PassRun {
 public:
  Equalize(Model model, ChannelMap map, By by, double alpha)
      : model_(std::move(model)), map_(std::move(map)), by_(by), alpha_(alpha) {
    seen_.tensors.resize(model_.graph.values.size());
    seen_.limited.resize(model_.graph.values.size());
    counts_.resize(model_.graph.values.size());
  }

  Status watch() {
    if (by_ == By::kWeights) return ok_status();
    watched_ = map_.scalable();
    std::vector<std::string> names;
    for (ValueId id : watched_) {
      names.push_back(model_.graph.value(id).name);
      seen_.tensors[static_cast<size_t>(id)].resize(static_cast<size_t>(map_.channels(id)));
    }
    HT_ASSIGN(runner_, TapRunner::create(model_, std::move(names), false));
    return ok_status();
  }

  int sweeps() const override { return watched_.empty() ? 0 : 1; }

  Status observe(int, const Feeds& feeds) override {
    return runner_->run(feeds, [this](size_t i, const Tensor& tensor) {
      const auto id = static_cast<size_t>(watched_[i]);
      look(tensor, map_.axis(watched_[i]), seen_.tensors[id]);
      counts_[id] += tensor.size() / map_.channels(watched_[i]);
      return ok_status();
    });
  }

  Result<PassOutcome> finish(const ProgressFn&) override {
    settle();
    const Graph& graph = model_.graph;
    const std::vector<float> scales = by_ == By::kNoise    ? scales_by_noise(graph, map_, seen_)
                                      : by_ == By::kSmooth ? scales_by_smoothing(graph, map_, seen_, alpha_)
                                                           : scales_by_weights(graph, map_);
    HT_TRY(apply_scales(model_.graph, map_, scales));
    return PassOutcome{std::move(model_), report(scales)};
  }

 private:
  // Sums become means. What a Relu or Clip reads is not quantized, only what it gives: it matters for limits alone.
  void settle() {
    for (size_t id = 0; id < counts_.size(); ++id) {
      for (ChannelFacts& c : seen_.tensors[id]) c.squares /= static_cast<double>(std::max<int64_t>(1, counts_[id]));
    }
    for (const LimitNode& limit : map_.limits()) {
      for (const ChannelFacts& c : seen_.tensors[static_cast<size_t>(limit.x)]) {
        seen_.limited[static_cast<size_t>(limit.x)].push_back(c.high);
      }
    }
    const UseMap uses(model_.graph);
    for (const Node& node : model_.graph.nodes) {
      if (!clip_range(model_.graph, node) || !uses.single_use(node.input(0))) continue;
      seen_.tensors[static_cast<size_t>(node.input(0))].clear();
    }
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
  By by_;
  double alpha_;
  std::vector<ValueId> watched_;
  Seen seen_;
  std::vector<int64_t> counts_;  // by value: elements of a channel that were seen
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
  const std::string& by = params.choice("by");
  auto run = std::make_unique<Equalize>(std::move(prepared.model), std::move(map),
                                        by == "noise"    ? By::kNoise
                                        : by == "smooth" ? By::kSmooth
                                                         : By::kWeights,
                                        params.number("alpha"));
  HT_TRY(run->watch());
  return std::unique_ptr<PassRun>(std::move(run));
}

constexpr ParamSpec kParams[] = {
    {.name = "by",
     .kind = ParamKind::kChoice,
     .label = "Scale by",
     .help = "noise: what makes the rounding noise of values and weights least, seen on the calibration data. smooth: "
             "a fixed balance between the two (SmoothQuant). weights: equally large weights before and behind, "
             "without any data.",
     .fallback = "\"noise\"",
     .choices = kBy},
    {.name = "alpha",
     .kind = ParamKind::kFloat,
     .label = "Balance of smooth",
     .help = "1: only the values decide. 0: only the weights that read them.",
     .fallback = "0.5",
     .low = 0,
     .high = 1},
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
      .needs = {},
      .begin = begin,
  };
  return def;
}

}  // namespace halftone
