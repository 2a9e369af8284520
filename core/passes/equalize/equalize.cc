// The pass: prepare, map the channels, look at them, scale them.
#include "core/passes/equalize/equalize.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/compile/rewrites/clip_range.h"
#include "core/passes/equalize/absorb.h"
#include "core/passes/equalize/scales.h"
#include "core/passes/equalize/watch.h"
#include "core/passes/quantize/prepare.h"
#include "core/passes/quantize/warning.h"

namespace halftone {
namespace {

constexpr std::array<std::string_view, 2> kBy = {"activations", "weights"};

struct Settings {
  bool by_weights = false, absorb = false;
  double alpha = 0.5;
  int64_t inputs = 1;  // that are looked at
};

class Equalize final : public PassRun {
 public:
  Equalize(PreparedModel prepared, ChannelMap map, Settings settings)
      : model_(std::move(prepared.model)),
        norms_(std::move(prepared.norms)),
        map_(std::move(map)),
        settings_(settings) {}

  Status start() {
    if (settings_.by_weights) return ok_status();
    const std::vector<ValueId> absorbable =
        settings_.absorb ? absorbable_values(model_.graph, map_) : std::vector<ValueId>();
    HT_ASSIGN(watch_, ChannelWatch::create(model_, map_, scaled_values(), absorbable));
    return ok_status();
  }

  int sweeps() const override { return watch_.idle() ? 0 : 1; }

  Status observe(int, const Feeds& feeds) override {
    return seen_++ < settings_.inputs ? watch_.observe(feeds) : ok_status();
  }

  Result<PassOutcome> finish(const ProgressFn&) override {
    Graph& graph = model_.graph;
    const std::vector<float> scales = settings_.by_weights
                                          ? scales_by_weights(graph, map_)
                                          : scales_by_activations(graph, map_, seen(), settings_.alpha);
    HT_TRY(apply_scales(graph, map_, scales));
    scale_norms(scales);
    Absorption absorbed;
    if (settings_.absorb) {
      HT_ASSIGN(absorbed, absorb_biases(graph, map_, moments(scales)));
      shift_norms(absorbed);
    }
    Json facts = report(scales, absorbed);
    return PassOutcome{std::move(model_), std::move(facts), {}, std::move(norms_)};
  }

 private:
  // What a Relu or Clip makes follows from what it reads.
  std::vector<ValueId> scaled_values() const {
    const UseMap uses(model_.graph);
    std::vector<ValueId> list;
    for (ValueId id : map_.scalable()) {
      const int32_t n = uses.producer(id);
      if (n < 0 || !clip_range(model_.graph, model_.graph.nodes[static_cast<size_t>(n)])) list.push_back(id);
    }
    return list;
  }

  float scale(const std::vector<float>& scales, ValueId id, size_t channel) const {
    if (map_.channels(id) == 0) return 1;
    const int32_t k = map_.channel_class(id, static_cast<int64_t>(channel));
    return k < 0 ? 1 : scales[static_cast<size_t>(k)];
  }

  // What batch normalizations told, of the values as they are now.
  void scale_norms(const std::vector<float>& scales) {
    std::vector<BatchNormOutput> kept;
    for (BatchNormOutput& norm : norms_) {
      const ValueId id = model_.graph.find_value(norm.tensor);
      const auto channels = static_cast<size_t>(id == kNoValue ? 0 : map_.channels(id));
      if (id == kNoValue || (channels > 0 && channels != norm.mean.size())) continue;
      for (size_t c = 0; c < norm.mean.size(); ++c) {
        const double s = scale(scales, id, c);
        norm.mean[c] *= s;
        norm.variance[c] *= s * s;
      }
      kept.push_back(std::move(norm));
    }
    norms_ = std::move(kept);
  }

  void shift_norms(const Absorption& absorbed) {
    for (BatchNormOutput& norm : norms_) {
      const std::vector<double>& taken = absorbed.taken[static_cast<size_t>(model_.graph.find_value(norm.tensor))];
      for (size_t c = 0; c < taken.size(); ++c) norm.mean[c] -= taken[c];
    }
  }

  // By ValueId, of the scaled values.
  std::vector<ChannelMoments> moments(const std::vector<float>& scales) const {
    if (!settings_.by_weights) {
      std::vector<ChannelMoments> all = watch_.moments();
      for (size_t id = 0; id < all.size(); ++id) {
        for (size_t c = 0; c < all[id].mean.size(); ++c) {
          const double s = scale(scales, static_cast<ValueId>(id), c);
          all[id].mean[c] *= s;
          all[id].deviation[c] *= s;
        }
      }
      return all;
    }
    std::vector<ChannelMoments> all(model_.graph.values.size());
    for (const BatchNormOutput& norm : norms_) {
      ChannelMoments& one = all[static_cast<size_t>(model_.graph.find_value(norm.tensor))];
      one.mean = norm.mean;
      for (double v : norm.variance) one.deviation.push_back(std::sqrt(v));
    }
    return all;
  }

  // What a Relu or Clip reads is not quantized where nobody else reads it, only what it makes.
  SeenChannels seen() const {
    const Graph& graph = model_.graph;
    const UseMap uses(graph);
    SeenChannels seen;
    std::vector<Extremes> extremes = watch_.extremes();
    seen.magnitudes.resize(extremes.size());
    seen.limited.resize(extremes.size());
    for (const Node& node : graph.nodes) {
      const auto range = clip_range(graph, node);
      if (!range || extremes[static_cast<size_t>(node.input(0))].low.empty()) continue;
      Extremes& made = extremes[static_cast<size_t>(node.output(0))] = extremes[static_cast<size_t>(node.input(0))];
      for (float& v : made.low) v = std::clamp(v, range->lo, range->hi);
      for (float& v : made.high) v = std::clamp(v, range->lo, range->hi);
    }
    for (size_t id = 0; id < extremes.size(); ++id) {
      const Extremes& e = extremes[id];
      for (size_t c = 0; c < e.low.size(); ++c) seen.magnitudes[id].push_back(std::max(-e.low[c], e.high[c]));
    }
    for (const LimitNode& limit : map_.limits()) {
      seen.limited[static_cast<size_t>(limit.x)] = extremes[static_cast<size_t>(limit.x)].high;
    }
    for (const Node& node : graph.nodes) {
      if (!clip_range(graph, node) || !uses.single_use(node.input(0))) continue;
      seen.magnitudes[static_cast<size_t>(node.input(0))].clear();
    }
    return seen;
  }

  Json report(const std::vector<float>& scales, const Absorption& absorbed) const {
    int64_t changed = 0;
    float low = 1, high = 1;
    for (float s : scales) {
      changed += s != 1;
      low = std::min(low, s);
      high = std::max(high, s);
    }
    Json warnings = Json::array();
    const auto warn = [&](const char* message, const char* hint) {
      warnings.push(warning(message, "equalize", hint));
    };
    if (changed == 0) {
      warn("No channel was scaled",
           "Scales need weighted nodes before and behind, with Relu, pooling, Add or Concat between them.");
    }
    Json facts = Json::Object{{"classes", static_cast<int64_t>(scales.size())},
                              {"scaled", changed},
                              {"scale_low", low},
                              {"scale_high", high}};
    if (settings_.absorb) {
      facts.set("absorbed", absorbed.channels);
      facts.set("absorbed_layers", absorbed.layers);
    }
    if (settings_.absorb && absorbed.channels == 0) {
      warn("No bias was absorbed",
           settings_.by_weights && norms_.empty()
               ? "Without data, batch normalizations tell what a Relu sees, and there are none."
               : "Channels that a Relu never cuts were not found before layers without padding.");
    }
    facts.set("warnings", std::move(warnings));
    return facts;
  }

  Model model_;
  std::vector<BatchNormOutput> norms_;
  ChannelMap map_;
  Settings settings_;
  int64_t seen_ = 0;
  ChannelWatch watch_;
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

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext& context) {
  HT_ASSIGN(PreparedModel prepared, prepare_to_quantize(model, {}, context.norms));
  if (params.flag("relax_clips")) relax_clips(prepared.model.graph);
  ChannelMap map(prepared.model.graph);
  const Settings settings = {.by_weights = params.choice("by") == "weights",
                             .absorb = params.flag("absorb_bias"),
                             .alpha = params.number("alpha"),
                             .inputs = params.integer("inputs")};
  auto run = std::make_unique<Equalize>(std::move(prepared), std::move(map), settings);
  HT_TRY(run->start());
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
     .fallback = "32",
     .low = 1,
     .high = 1e9},
    {.name = "relax_clips",
     .kind = ParamKind::kBool,
     .label = "Relu instead of Clip",
     .help = "Lets values grow beyond a Clip such as ReLU6, so that every channel can be scaled. Changes the network "
             "where it clipped.",
     .fallback = "false"},
    {.name = "absorb_bias",
     .kind = ParamKind::kBool,
     .label = "Absorb high biases",
     .help = "What a Relu never cuts off a channel moves to the biases behind it, so that activations need shorter "
             "ranges. Means come from the calibration data or, by weights, from batch normalizations.",
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
