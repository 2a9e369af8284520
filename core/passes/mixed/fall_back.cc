// The scan, the choice, the report: {feeds, classes, all, after?, layers: [{node, op, sqnr, divergence, agreement,
// accuracy?, gain, bytes, macs, kept}], suggestion, recipe}. Layers come worst first.
#include "core/passes/mixed/fall_back.h"

#include <algorithm>
#include <cmath>

#include "core/base/sort_order.h"
#include "core/passes/mixed/shared.h"
#include "core/passes/mixed/trials.h"

namespace halftone {
namespace {

constexpr size_t kSuggested = 8;  // at most so many nodes
constexpr int64_t kTargetOff = 0;

struct Scanned {
  TrialLayer layer;
  TrialError error;
};

class FallBack final : public PassRun {
 public:
  FallBack(Model model, Params params, Params quantizing, Trials trials)
      : model_(std::move(model)),
        params_(std::move(params)),
        quantizing_(std::move(quantizing)),
        trials_(std::move(trials)) {}

  int sweeps() const override { return 1; }
  Status observe(int, const Feeds& feeds) override { return trials_.observe(feeds); }

  Result<PassOutcome> finish(const ProgressFn& progress) override {
    HT_TRY(trials_.start());
    HT_TRY(scan(progress));
    HT_ASSIGN(const TrialError whole, trials_.all({}));
    std::optional<TrialError> after;
    HT_TRY(choose(whole, after));
    Json report = Json::Object{{"feeds", trials_.feeds()}, {"classes", trials_.has_classes()}};
    if (trials_.has_labels()) report.set("float_accuracy", trials_.float_accuracy());
    report.set("all", trial_json(trials_, whole));
    if (after) report.set("after", trial_json(trials_, *after));
    report.set("layers", layers_json());
    report.set("suggestion", suggestion());
    std::vector<Json> overrides = exceptions(kept_);
    report.set("recipe", quantizing_recipe(quantizing_, overrides));
    return PassOutcome{std::move(model_), std::move(report), std::move(overrides)};
  }

 private:
  Status scan(const ProgressFn& progress) {
    const auto total = static_cast<int64_t>(trials_.layers().size());
    for (const TrialLayer& layer : trials_.layers()) {
      HT_TRY(tell(progress, "sensitivity", static_cast<int64_t>(scanned_.size()), total));
      HT_ASSIGN(const TrialError error, trials_.alone(layer));
      scanned_.push_back({layer, error});
      sum_ += error.noise;
    }
    sort_list(scanned_, [](const Scanned& a, const Scanned& b) { return a.error.noise > b.error.noise; });
    return ok_status();
  }

  // The noise that is left when the worst k stay float, as a share of all of it.
  double share_left(size_t k) const {
    double left = 0;
    for (size_t i = k; i < scanned_.size(); ++i) left += scanned_[i].error.noise;
    return sum_ > 0 ? left / sum_ : 0;
  }

  Status choose(const TrialError& whole, std::optional<TrialError>& after) {
    kept_ = static_cast<size_t>(std::min<int64_t>(params_.integer("nodes"), static_cast<int64_t>(scanned_.size())));
    const double target = params_.number("target_sqnr");
    if (target > kTargetOff) {
      const double noise = std::pow(10.0, -target / 10);
      while (kept_ < scanned_.size() && whole.noise * share_left(kept_) > noise) ++kept_;
    }
    if (kept_ == 0) return ok_status();
    for (size_t step = 1;; step *= 2) {
      HT_ASSIGN(after, trials_.all(exceptions(kept_)));
      // Everything in float is no quantized model: one layer stays.
      if (target <= kTargetOff || decibels(after->noise) >= target || kept_ + 1 >= scanned_.size()) return ok_status();
      kept_ = std::min(kept_ + step, scanned_.size() - 1);
    }
  }

  std::vector<Json> exceptions(size_t k) const {
    std::vector<Json> list;
    for (size_t i = 0; i < k; ++i) {
      list.push_back(Json::Object{{"where", scanned_[i].layer.label}, {"keep_float", true}});
    }
    return list;
  }

  int64_t extra_bytes(const TrialLayer& layer) const {
    return layer.elements * 4 - trials_.stored_bytes(layer, layer.bits);
  }

  Json layers_json() const {
    Json list = Json::array();
    for (size_t i = 0; i < scanned_.size(); ++i) {
      const auto& [layer, error] = scanned_[i];
      Json entry = Json::Object{{"node", layer.label}, {"op", layer.op}};
      const Json facts = trial_json(trials_, error);
      for (const Json::Member& fact : facts.as_object()) entry.set(fact.first, fact.second);
      entry.set("gain", sum_ > error.noise ? decibels_json((sum_ - error.noise) / sum_) : Json());
      entry.set("bytes", extra_bytes(layer));
      entry.set("macs", layer.macs);
      entry.set("kept", i < kept_);
      list.push(std::move(entry));
    }
    return list;
  }

  // What was done, or else the fewest nodes that make up for half of the noise.
  Json suggestion() const {
    size_t k = kept_;
    if (k == 0) {
      while (k < std::min(kSuggested, scanned_.size()) && share_left(k) > 0.5) ++k;
    }
    int64_t bytes = 0;
    Json nodes = Json::array();
    for (size_t i = 0; i < k; ++i) {
      bytes += extra_bytes(scanned_[i].layer);
      nodes.push(scanned_[i].layer.label);
    }
    return Json::Object{{"nodes", std::move(nodes)}, {"gain", decibels_json(share_left(k))}, {"bytes", bytes}};
  }

  Model model_;
  Params params_, quantizing_;
  Trials trials_;
  std::vector<Scanned> scanned_;  // after the scan: worst first
  double sum_ = 0;
  size_t kept_ = 0;
};

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext& context) {
  HT_ASSIGN(const Params quantizing, next_quantizing(context));
  HT_ASSIGN(Trials trials, Trials::create(model, quantizing, read_trial_settings(params)));
  return std::unique_ptr<PassRun>(std::make_unique<FallBack>(model, params, quantizing, std::move(trials)));
}

const ParamSpec kParams[] = {
    {.name = "nodes",
     .kind = ParamKind::kInt,
     .label = "Nodes in float",
     .help = "How many of the most sensitive layers stay float. 0: only measure.",
     .fallback = "3",
     .low = 0,
     .high = 100000},
    {.name = "target_sqnr",
     .kind = ParamKind::kFloat,
     .label = "Signal to noise to reach",
     .help = "In dB: as many more layers stay float as the quantized model needs to reach it. 0: no target.",
     .fallback = "0",
     .low = 0,
     .high = 120},
    kTrialFeeds,
    kTrialLabels,
};

}  // namespace

const PassDef& fall_back_pass() {
  static const PassDef def = {
      .name = "fall_back",
      .summary = "Measures what each layer costs when it alone is quantized; the next step leaves the worst in float.",
      .params = kParams,
      .needs = {.calibration = true},
      .begin = begin,
  };
  return def;
}

}  // namespace halftone
