// Errors and costs of every layer and width, the allocation, the report: {feeds, budget, cost, mean_bits, bytes, after,
// trials (of whole models, where the budget is one of quality), layers: [{node, op, elements, macs, bits, widths:
// [{bits, sqnr}]}], front: [{cost, sqnr}], recipe}.
#include "core/passes/mixed/allocate_bits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "core/base/sort_order.h"
#include "core/passes/mixed/allocation.h"
#include "core/passes/mixed/shared.h"
#include "core/passes/mixed/trials.h"

namespace halftone {
namespace {

constexpr std::array<std::string_view, 6> kBudgets = {"mean_bits", "bytes",     "macs_bits",
                                                      "sqnr",      "agreement", "accuracy"};
constexpr std::array<std::string_view, 3> kCosts = {"bytes", "mean_bits", "macs_bits"};
constexpr size_t kShown = 200;  // points of the front in a report
constexpr std::array<std::string_view, 2> kMethods = {"exact", "greedy"};
constexpr std::array<std::string_view, 2> kErrors = {"predicted", "measured"};

struct Settings {
  std::vector<int> widths;  // ascending
  std::string budget, method, errors;
  std::string cost;  // what is kept low: the budget's own, or what a budget of quality is paid with
  bool of_quality() const { return budget == "sqnr" || budget == "agreement" || budget == "accuracy"; }
  double limit = 0;
};

Result<Settings> read_settings(const Params& params) {
  Settings settings;
  for (const std::string& text : params.list("widths")) {
    const int bits = std::atoi(text.c_str());
    if (bits < 2 || bits > 16) {
      return Error{ErrorCode::kInvalidRecipe, "\"" + text + "\" is no width of weights", "allocate_bits.widths",
                   "Give numbers from 2 to 16, such as [\"4\", \"8\"]."};
    }
    settings.widths.push_back(bits);
  }
  sort_list(settings.widths);
  settings.widths.erase(std::unique(settings.widths.begin(), settings.widths.end()), settings.widths.end());
  if (settings.widths.empty()) {
    return Error{ErrorCode::kInvalidRecipe, "There is no width to choose from", "allocate_bits.widths",
                 "Give numbers from 2 to 16, such as [\"4\", \"8\"]."};
  }
  settings.budget = params.choice("budget");
  settings.method = params.choice("method");
  settings.errors = params.choice("errors");
  settings.cost = settings.of_quality() ? params.choice("spend") : settings.budget;
  settings.limit = params.number("limit");
  return settings;
}

class AllocateBits final : public PassRun {
 public:
  AllocateBits(Model model, Settings settings, Params quantizing, Trials trials)
      : model_(std::move(model)),
        settings_(std::move(settings)),
        quantizing_(std::move(quantizing)),
        trials_(std::move(trials)) {
    for (const TrialLayer& layer : trials_.layers()) {
      if (layer.elements > 0) layers_.push_back(layer);
    }
  }

  int sweeps() const override { return layers_.empty() ? 0 : 1; }
  Status observe(int, const Feeds& feeds) override { return trials_.observe(feeds); }

  Result<PassOutcome> finish(const ProgressFn& progress) override {
    HT_TRY(trials_.start());
    HT_TRY(measure(progress));
    HT_ASSIGN(const std::vector<size_t> chosen, settings_.of_quality() ? reach(progress) : within_budget());
    std::vector<Json> overrides = exceptions(chosen);
    HT_ASSIGN(const TrialError after, trials_.all(overrides));
    const FrontPoint total = total_of(choices_, chosen);
    Json report = Json::Object{{"feeds", trials_.feeds()},
                               {"budget", settings_.limit},
                               {"cost", in_units(total.cost)},
                               {"mean_bits", mean_bits(chosen)},
                               {"bytes", after.bytes},
                               {"predicted", decibels_json(total.error)},
                               {"after", trial_json(trials_, after)},
                               {"layers", layers_json(chosen)},
                               {"front", front_json()},
                               {"recipe", quantizing_recipe(quantizing_, overrides)}};
    if (settings_.of_quality()) report.set("trials", wholes_);
    return PassOutcome{std::move(model_), std::move(report), std::move(overrides)};
  }

 private:
  Result<std::vector<size_t>> within_budget() const {
    const int64_t budget = total_budget();
    auto chosen =
        settings_.method == "greedy" ? allocate_greedily(choices_, budget) : allocate_exactly(choices_, budget);
    if (!chosen) return too_tight();
    return *std::move(chosen);
  }

  std::vector<Json> exceptions(const std::vector<size_t>& chosen) const {
    std::vector<Json> overrides;
    for (size_t l = 0; l < layers_.size(); ++l) {
      const int bits = settings_.widths[chosen[l]];
      if (bits != layers_[l].bits)
        overrides.push_back(Json::Object{{"where", layers_[l].label}, {"weight_bits", bits}});
    }
    return overrides;
  }

  std::vector<Allocation> front() const {
    return settings_.method == "greedy" ? greedy_front(choices_) : exact_front(choices_);
  }

  // In the unit of the limit: dB or percent.
  double quality(const TrialError& error) const {
    if (settings_.budget == "sqnr") return decibels(error.noise);
    return 100 * (settings_.budget == "agreement" ? error.agreement : error.accuracy);
  }

  // The cheapest point of the front whose whole model, quantized, is good enough: by halving, as if quality rose with
  // cost; the one that is taken was measured.
  Result<std::vector<size_t>> reach(const ProgressFn& progress) {
    const std::vector<Allocation> points = front();
    const auto measured = [&](size_t at) -> Result<double> {
      HT_TRY(tell(progress, "whole models", wholes_++, 0));
      HT_ASSIGN(const TrialError error, trials_.all(exceptions(points[at].chosen)));
      return quality(error);
    };
    size_t low = 0, high = points.size() - 1;
    HT_ASSIGN(const double best, measured(high));
    if (best < settings_.limit) return out_of_reach(best);
    while (low < high) {
      const size_t middle = (low + high) / 2;
      HT_ASSIGN(const double there, measured(middle));
      if (there >= settings_.limit) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return points[high].chosen;
  }

  static Error out_of_reach(double best) {
    return {ErrorCode::kInvalidArgument, "No allocation is as good as asked for", "allocate_bits.limit",
            "The best one reaches " + Json(std::round(best * 100) / 100).dump() +
                ": lower \"limit\", add a width, or improve the quantizing step."};
  }

  Status measure(const ProgressFn& progress) {
    const bool each = settings_.errors == "measured";
    const auto nearest = std::min_element(settings_.widths.begin(), settings_.widths.end(),
                                          [](int a, int b) { return std::abs(a - 4) < std::abs(b - 4); });
    for (const TrialLayer& layer : layers_) {
      HT_TRY(
          tell(progress, "sensitivity", static_cast<int64_t>(choices_.size()), static_cast<int64_t>(layers_.size())));
      LayerChoices& choices = choices_.emplace_back();
      double gain = 0;  // noise of the outputs per squared error of the weight
      if (!each) {
        HT_ASSIGN(const TrialError error, trials_.weight_alone(layer, *nearest));
        HT_ASSIGN(const double own, trials_.weight_error(layer, *nearest));
        gain = own > 0 ? error.noise / own : 0;
      }
      for (const int bits : settings_.widths) {
        double noise = 0;
        if (each) {
          HT_ASSIGN(const TrialError error, trials_.weight_alone(layer, bits));
          noise = error.noise;
        } else {
          HT_ASSIGN(const double own, trials_.weight_error(layer, bits));
          noise = gain * own;
        }
        choices.push_back({noise, cost(layer, bits)});
      }
    }
    return ok_status();
  }

  int64_t amount(const TrialLayer& layer) const { return settings_.cost == "macs_bits" ? layer.macs : layer.elements; }
  int64_t cost(const TrialLayer& layer, int bits) const {
    return settings_.cost == "bytes" ? trials_.stored_bytes(layer, bits) : amount(layer) * bits;
  }
  int64_t total_amount() const {
    int64_t total = 0;
    for (const TrialLayer& layer : layers_) total += amount(layer);
    return std::max<int64_t>(1, total);
  }
  // Means become sums.
  int64_t total_budget() const {
    const double scale = settings_.cost == "bytes" ? 1 : static_cast<double>(total_amount());
    return static_cast<int64_t>(std::min(settings_.limit * scale, 9e15));
  }
  double in_units(int64_t sum) const {
    return settings_.cost == "bytes" ? static_cast<double>(sum)
                                     : static_cast<double>(sum) / static_cast<double>(total_amount());
  }

  Error too_tight() const {
    FrontPoint least;
    for (const LayerChoices& choices : choices_) {
      least.cost += std::min_element(choices.begin(), choices.end(), [](const WidthChoice& a, const WidthChoice& b) {
                      return a.cost < b.cost;
                    })->cost;
    }
    return {ErrorCode::kInvalidArgument, "No allocation keeps within the budget", "allocate_bits.limit",
            "The narrowest widths cost " + Json(in_units(least.cost)).dump() + ": raise \"limit\", or add a width."};
  }

  double mean_bits(const std::vector<size_t>& chosen) const {
    double bits = 0, elements = 0;
    for (size_t l = 0; l < layers_.size(); ++l) {
      bits += static_cast<double>(layers_[l].elements) * settings_.widths[chosen[l]];
      elements += static_cast<double>(layers_[l].elements);
    }
    return bits / elements;
  }

  Json layers_json(const std::vector<size_t>& chosen) const {
    Json list = Json::array();
    for (size_t l = 0; l < layers_.size(); ++l) {
      Json widths = Json::array();
      for (size_t c = 0; c < settings_.widths.size(); ++c) {
        widths.push(Json::Object{{"bits", settings_.widths[c]}, {"sqnr", decibels_json(choices_[l][c].error)}});
      }
      list.push(Json::Object{{"node", layers_[l].label},
                             {"op", layers_[l].op},
                             {"elements", layers_[l].elements},
                             {"macs", layers_[l].macs},
                             {"bits", settings_.widths[chosen[l]]},
                             {"widths", std::move(widths)}});
    }
    return list;
  }

  Json front_json() const {
    Json list = Json::array();
    const std::vector<Allocation> points = front();
    const size_t shown = std::min(kShown, points.size());
    for (size_t i = 0; i < shown; ++i) {
      // Both ends, and what is between them evenly.
      const FrontPoint& point = points[shown == 1 ? 0 : i * (points.size() - 1) / (shown - 1)].total;
      list.push(Json::Object{{"cost", in_units(point.cost)}, {"sqnr", decibels_json(point.error)}});
    }
    return list;
  }

  Model model_;
  Settings settings_;
  Params quantizing_;
  Trials trials_;
  std::vector<TrialLayer> layers_;  // with weights
  std::vector<LayerChoices> choices_;
  int64_t wholes_ = 0;  // models that were quantized as a whole
};

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext& context) {
  HT_ASSIGN(Settings settings, read_settings(params));
  HT_ASSIGN(const Params quantizing, next_quantizing(context));
  const TrialSettings trial_settings = read_trial_settings(params);
  if (settings.budget == "accuracy" && trial_settings.labels.empty()) {
    return Error{ErrorCode::kInvalidRecipe, "Accuracy is measured against classes, and there are none",
                 "allocate_bits.labels", "Give the classes of the first calibration inputs, or use agreement."};
  }
  HT_ASSIGN(Trials trials, Trials::create(model, quantizing, trial_settings));
  return std::unique_ptr<PassRun>(
      std::make_unique<AllocateBits>(model, std::move(settings), quantizing, std::move(trials)));
}

const ParamSpec kParams[] = {
    {.name = "budget",
     .kind = ParamKind::kChoice,
     .label = "Budget of",
     .help = "What is limited: the mean width of all weights, the bytes of the weights in the file, or the mean width "
             "over all multiplications. Or what must be reached, at the least cost: signal to noise of the outputs, "
             "agreement with float on the best class, accuracy.",
     .fallback = "\"mean_bits\"",
     .choices = kBudgets},
    {.name = "limit",
     .kind = ParamKind::kFloat,
     .label = "Limit",
     .help = "The budget: bits, or bytes. What must be reached: dB, or percent.",
     .fallback = "4.3",
     .low = 0,
     .high = 1e15},
    {.name = "widths",
     .kind = ParamKind::kStringList,
     .label = "Widths",
     .help = "The bits to choose from, 2 to 16. Files hold 3 bits as 4, and 5 to 7 bits as 8.",
     .fallback = "[\"4\",\"8\"]"},
    {.name = "method",
     .kind = ParamKind::kChoice,
     .label = "Method",
     .help = "exact finds the best allocation for these errors; greedy takes the best single step again and again.",
     .fallback = "\"exact\"",
     .choices = kMethods},
    {.name = "errors",
     .kind = ParamKind::kChoice,
     .label = "Errors are",
     .help = "predicted: one measurement a layer. measured: one for each layer and width, which takes longer.",
     .fallback = "\"predicted\"",
     .choices = kErrors},
    {.name = "spend",
     .kind = ParamKind::kChoice,
     .label = "Spend as little as possible of",
     .help = "Where something must be reached: what is kept low.",
     .fallback = "\"bytes\"",
     .choices = kCosts},
    kTrialFeeds,
    kTrialLabels,
};

}  // namespace

const PassDef& allocate_bits_pass() {
  static const PassDef def = {
      .name = "allocate_bits",
      .summary = "Chooses the bits of each layer's weights for the next step, so that the least is lost in a budget.",
      .params = kParams,
      .needs = {.calibration = true},
      .begin = begin,
  };
  return def;
}

}  // namespace halftone
