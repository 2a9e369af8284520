// Calibration, blocks, one search for each end of each range, the report: {feeds, trials, ranges, weights, blocks:
// [{first, last, layers, sqnr_before, sqnr_after}], recipe}.
#include "core/passes/reconstruct/learn_ranges.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "core/graph/edit.h"
#include "core/passes/mixed/shared.h"
#include "core/passes/quantize/decide.h"
#include "core/passes/quantize/quantize_static.h"
#include "core/passes/reconstruct/block_trials.h"

namespace halftone {
namespace {

constexpr std::array<double, 2> kSteps = {0.85, 0.96};  // a range's end times this, or over it
constexpr int kLongestWalk = 8;
constexpr double kWorthIt = 0.005;  // the least share of the noise that a step must win

struct Settings {
  int64_t inputs = 64, layers = 3;
  bool weights = true;
};

class LearnRanges final : public PassRun {
 public:
  LearnRanges(Model model, Settings settings, Params quantizing, QuantizeOptions options, PreparedModel prepared,
              QuantPlan plan, Calibrator calibrator)
      : model_(std::move(model)),
        settings_(settings),
        quantizing_(std::move(quantizing)),
        options_(std::move(options)),
        prepared_(std::move(prepared)),
        plan_(std::move(plan)),
        calibrator_(std::move(calibrator)) {}

  int sweeps() const override { return 1; }

  Status observe(int, const Feeds& feeds) override {
    HT_TRY(calibrator_.observe(feeds));
    if (seen_++ >= settings_.inputs) return ok_status();
    for (ValueId id : prepared_.model.graph.inputs) {
      const auto fed = feeds.find(prepared_.model.graph.value(id).name);
      if (fed != feeds.end()) reference_[id].push_back(fed->second);
    }
    return ok_status();
  }

  Result<PassOutcome> finish(const ProgressFn& progress) override {
    start();
    const std::vector<Block> blocks = cut_into_blocks(prepared_.model.graph, plan_, settings_.layers);
    for (size_t b = 0; b < blocks.size(); ++b) {
      HT_TRY(tell(progress, "blocks", static_cast<int64_t>(b), static_cast<int64_t>(blocks.size())));
      HT_TRY(learn(blocks[b], progress));
    }
    std::vector<Json> overrides = exceptions();
    Json report = Json::Object{{"feeds", std::min(seen_, settings_.inputs)},
                               {"trials", trials_},
                               {"ranges", static_cast<int64_t>(learnt_groups_.size())},
                               {"weights", static_cast<int64_t>(factors_.size())},
                               {"blocks", std::move(reports_)},
                               {"recipe", quantizing_recipe(quantizing_, overrides)}};
    return PassOutcome{std::move(model_), std::move(report), std::move(overrides)};
  }

 private:
  // Where the search starts: what the observers found.
  void start() {
    const QuantDecisions decisions = decide(plan_, calibrator_.tensors(), options_.observing);
    settled_.assign(plan_.groups.size(), false);
    for (size_t g = 0; g < plan_.groups.size(); ++g) {
      TensorGroup& group = plan_.groups[g];
      settled_[g] = group.given.has_value() || group.observed.empty() || name_of(group).empty();
      group.given = decisions.groups[g].range;
    }
    quantized_ = reference_;
  }

  // A member that the model knows too: preparation may have made others.
  std::string name_of(const TensorGroup& group) const {
    for (ValueId id : group.observed) {
      const std::string& name = prepared_.model.graph.value(id).name;
      if (model_.graph.find_value(name) != kNoValue) return name;
    }
    return {};
  }

  // Groups whose tensors the block makes or, of the model's inputs, is the first to read.
  std::vector<size_t> groups_of(const Block& block) const {
    std::set<size_t> found;
    for (size_t n : block.nodes) {
      if (!plan_.quantized(n)) continue;
      const Node& node = prepared_.model.graph.nodes[n];
      for (const auto* list : {&node.inputs, &node.outputs}) {
        for (ValueId id : *list) {
          if (plan_.group(id) >= 0 && !settled_[static_cast<size_t>(plan_.group(id))]) {
            found.insert(static_cast<size_t>(plan_.group(id)));
          }
        }
      }
    }
    return {found.begin(), found.end()};
  }

  Status learn(const Block& block, const ProgressFn& progress) {
    HT_ASSIGN(BlockTrials trials, BlockTrials::create(prepared_.model, block, reference_, quantized_));
    HT_ASSIGN(best_, trials.run(plan_, options_));
    const double before = best_.noise;
    const std::vector<size_t> groups = groups_of(block);
    for (const size_t g : groups) {
      HT_TRY(tell(progress, "ranges", trials_, 0));
      HT_TRY(walk(trials, [&](double factor) { return scale_end(g, &Range::low, factor); }));
      HT_TRY(walk(trials, [&](double factor) { return scale_end(g, &Range::high, factor); }));
    }
    for (size_t i = 0; settings_.weights && i < block.nodes.size(); ++i) {
      const std::string label = weight_to_learn(block.nodes[i]);
      if (label.empty()) continue;
      HT_TRY(tell(progress, "ranges", trials_, 0));
      HT_TRY(walk(trials, [&](double factor) { return scale_weight(label, factor); }));
    }
    for (const size_t g : groups) settled_[g] = true;
    report(block, before);
    keep(trials.target(), reference_, block);
    keep(best_.outputs, quantized_, block);
    return ok_status();
  }

  // The node's label, where it has a weight whose range nobody has given.
  std::string weight_to_learn(size_t n) const {
    const Graph& graph = prepared_.model.graph;
    const NodePlan& plan = plan_.nodes[n];
    if (plan.role != NodeRole::kWeighted) return {};
    const ValueId weight = graph.nodes[n].inputs[static_cast<size_t>(plan.rule->weight_input)];
    const std::string label = node_label(graph, graph.nodes[n]), names[] = {graph.value(weight).name};
    const WeightScheme scheme = weight_scheme(options_.weight, options_.overrides, label, names[0]);
    return scheme.range == 1 && !given_range(options_.overrides, names) ? label : std::string();
  }

  // Undoes a change.
  using Undo = std::function<void()>;

  // Steps away from where it is for as long as the block's noise falls: inwards first, else outwards.
  Status walk(const BlockTrials& trials, const std::function<Undo(double)>& change) {
    for (const double step : kSteps) {
      for (const double factor : {step, 1 / step}) {
        int taken = 0;
        for (bool better = true; better && taken < kLongestWalk; taken += better) {
          const Undo undo = change(factor);
          if (!undo) return ok_status();
          ++trials_;
          HT_ASSIGN(BlockTrials::Answer answer, trials.run(plan_, options_));
          better = answer.noise < best_.noise * (1 - kWorthIt);
          if (better) {
            best_ = std::move(answer);
          } else {
            undo();
          }
        }
        if (taken > 0) break;
      }
    }
    return ok_status();
  }

  // Null: there is nothing to scale.
  Undo scale_end(size_t g, float Range::*end, double factor) {
    const Range old = *plan_.groups[g].given;
    if (old.*end == 0) return {};
    (*plan_.groups[g].given).*end = static_cast<float>(old.*end * factor);
    const bool first = learnt_groups_.insert(g).second;
    return [this, g, old, first] {
      plan_.groups[g].given = old;
      if (first) learnt_groups_.erase(g);
    };
  }

  Undo scale_weight(const std::string& label, double factor) {
    const auto old =
        std::find_if(factors_.begin(), factors_.end(), [&](const auto& one) { return one.first == label; });
    const bool first = old == factors_.end();
    const double was = first ? 1 : old->second;
    const auto set = [this, label](double value) {
      std::erase_if(factors_, [&](const auto& one) { return one.first == label; });
      std::erase_if(options_.overrides, [&](const Override& one) { return one.where == label && one.weight_range; });
      if (value == 1) return;
      factors_.emplace_back(label, value);
      Override& one = options_.overrides.emplace_back();
      one.where = label;
      one.weight_range = value;
    };
    set(was * factor);
    return [set, was] { set(was); };
  }

  // For the blocks behind; what none of them reads is let go of.
  void keep(KeptValues& made, KeptValues& all, const Block& block) {
    for (auto& [id, tensors] : made) all[id] = std::move(tensors);
    const UseMap uses(prepared_.model.graph);
    const auto end = static_cast<int32_t>(block.nodes.back());
    std::erase_if(all, [&](const auto& one) {
      const auto list = uses.uses(one.first);
      return std::none_of(list.begin(), list.end(), [&](const Use& use) { return use.node > end; });
    });
  }

  void report(const Block& block, double before) {
    const Graph& graph = prepared_.model.graph;
    reports_.push(Json::Object{{"first", node_label(graph, graph.nodes[block.nodes.front()])},
                               {"last", node_label(graph, graph.nodes[block.nodes.back()])},
                               {"layers", block.layers},
                               {"sqnr_before", decibels_json(before)},
                               {"sqnr_after", decibels_json(best_.noise)}});
  }

  std::vector<Json> exceptions() const {
    std::vector<Json> list;
    for (const size_t g : learnt_groups_) {
      const Range& range = *plan_.groups[g].given;
      list.push_back(Json::Object{{"where", name_of(plan_.groups[g])}, {"low", range.low}, {"high", range.high}});
    }
    for (const auto& [label, factor] : factors_) {
      list.push_back(Json::Object{{"where", label}, {"weight_range", factor}});
    }
    return list;
  }

  Model model_;
  Settings settings_;
  Params quantizing_;
  QuantizeOptions options_;
  PreparedModel prepared_;
  QuantPlan plan_;  // after start() every group has a range given
  Calibrator calibrator_;
  KeptValues reference_, quantized_;                     // what the next block may read
  std::vector<bool> settled_;                            // by group
  std::set<size_t> learnt_groups_;                       // whose range is another one now
  std::vector<std::pair<std::string, double>> factors_;  // of weights, by node
  BlockTrials::Answer best_;                             // of the block at hand
  int64_t trials_ = 0, seen_ = 0;
  Json reports_ = Json::array();
};

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext& context) {
  HT_ASSIGN(const Params quantizing, next_quantizing(context));
  HT_ASSIGN(QuantizeOptions options, read_quantize_options(quantizing, model));
  HT_ASSIGN(PreparedModel prepared, prepare_to_quantize(model, options, context.norms));
  QuantPlan plan = plan_quantization(prepared.model, options);
  predict_groups(prepared, options.deviations, plan);
  HT_ASSIGN(Calibrator calibrator, Calibrator::create(prepared.model, plan));
  const Settings settings = {
      .inputs = params.integer("inputs"), .layers = params.integer("layers"), .weights = params.flag("weights")};
  return std::unique_ptr<PassRun>(std::make_unique<LearnRanges>(
      model, settings, quantizing, std::move(options), std::move(prepared), std::move(plan), std::move(calibrator)));
}

constexpr ParamSpec kParams[] = {
    {.name = "inputs",
     .kind = ParamKind::kInt,
     .label = "Inputs to try on",
     .help = "How many of the calibration inputs the trials run on: more are surer and take longer.",
     .fallback = "64",
     .low = 1,
     .high = 1000},
    {.name = "layers",
     .kind = ParamKind::kInt,
     .label = "Layers in a block",
     .help = "At least so many layers are looked at together; a block goes on to where its branches meet again.",
     .fallback = "3",
     .low = 1,
     .high = 1000},
    {.name = "weights",
     .kind = ParamKind::kBool,
     .label = "Weights' ranges too",
     .help = "The ranges of each layer's weights shrink or grow as a whole. For few bits.",
     .fallback = "true"},
};

}  // namespace

const PassDef& learn_ranges_pass() {
  static const PassDef def = {
      .name = "learn_ranges",
      .summary = "Tries shorter and longer ranges block by block; the next step gets those that keep its outputs best.",
      .params = kParams,
      .needs = {.calibration = true},
      .begin = begin,
  };
  return def;
}

}  // namespace halftone
