// Stages of layers: run both models up to the stage, add up what its layers see, solve, go on with the new weights.
#include "core/passes/reconstruct/reconstruct.h"

#include <algorithm>
#include <optional>

#include "core/graph/edit.h"
#include "core/passes/quantize/prepare.h"
#include "core/passes/reconstruct/solve.h"
#include "core/passes/tap_runner.h"

namespace halftone {
namespace {

// Sums of a stage take no more than this; a single layer beyond it stays as it is.
constexpr int64_t kBudget = int64_t{256} << 20;

class Reconstruct final : public PassRun {
 public:
  Reconstruct(Model quantized, Model reference, std::vector<QuantizedLayer> layers, SolveOptions options, int stages)
      : model_(std::move(quantized)), reference_(std::move(reference)), layers_(std::move(layers)), options_(options) {
    cut(stages);
  }

  Status start() { return open(0); }
  int sweeps() const override { return static_cast<int>(stages_.size()); }

  Status observe(int, const Feeds& feeds) override {
    std::vector<Tensor> seen(floats_.size());
    HT_TRY(reference_runner_->run(feeds, [&](size_t i, const Tensor& tensor) {
      seen[i] = tensor;
      return ok_status();
    }));
    return quantized_runner_->run(feeds, [&](size_t i, const Tensor& tensor) -> Status {
      for (const Reader& reader : readers_) {
        if (reader.quantized != i) continue;
        HT_TRY(sums_[reader.layer].add(layers_[reader.layer].input, seen[reader.reference], tensor));
      }
      return ok_status();
    });
  }

  Status end_sweep(int sweep) override {
    for (size_t i : stages_[static_cast<size_t>(sweep)]) {
      HT_ASSIGN(SolvedLayer solved, solve_layer(model_.graph, layers_[i], options_, std::move(sums_[i])));
      sums_[i] = {};
      changed_ += solved.changed;
      elements_ += solved.codes.size();
      model_.graph.value(layers_[i].codes).constant = std::move(solved.codes);
      if (solved.bias.defined()) {
        model_.graph.value(layers_[i].bias_codes).constant = std::move(solved.bias);
        ++biases_;
      }
    }
    const auto next = static_cast<size_t>(sweep) + 1;
    return next < stages_.size() ? open(next) : ok_status();
  }

  Result<PassOutcome> finish(const ProgressFn&) override {
    return PassOutcome{std::move(model_), Json(Json::Object{{"layers", static_cast<int64_t>(layers_.size()) - skipped_},
                                                            {"stages", static_cast<int64_t>(stages_.size())},
                                                            {"codes", elements_},
                                                            {"codes_changed", changed_},
                                                            {"biases", biases_},
                                                            {"warnings", std::move(warnings_)}})};
  }

 private:
  struct Reader {
    size_t layer, reference, quantized;  // the value it reads, by index of either list of names
  };

  void cut(int stages) {
    const size_t longest = (layers_.size() + static_cast<size_t>(stages) - 1) / static_cast<size_t>(stages);
    int64_t bytes = 0;
    for (size_t i = 0; i < layers_.size(); ++i) {
      const int64_t needed = sums_bytes(layers_[i].input);
      if (needed > kBudget) {
        skip(layers_[i]);
        continue;
      }
      if (stages_.empty() || stages_.back().size() >= longest || bytes + needed > kBudget) {
        stages_.emplace_back();
        bytes = 0;
      }
      stages_.back().push_back(i);
      bytes += needed;
    }
    sums_.resize(layers_.size());
  }

  void skip(const QuantizedLayer& layer) {
    ++skipped_;
    warnings_.push(Json(Json::Object{{"message", "This layer has too many inputs to be chosen anew"},
                                     {"where", layer.label},
                                     {"hint", "It keeps the weights that rounding gave it."}}));
  }

  static size_t index_of(std::vector<std::string>& names, const std::string& name) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at != names.end()) return static_cast<size_t>(at - names.begin());
    names.push_back(name);
    return names.size() - 1;
  }

  Status open(size_t stage) {
    if (stages_.empty()) return ok_status();
    readers_.clear();
    floats_.clear();
    std::vector<std::string> quantized;
    for (size_t i : stages_[stage]) {
      readers_.push_back({i, index_of(floats_, layers_[i].x_float), index_of(quantized, layers_[i].x_quantized)});
    }
    HT_ASSIGN(reference_runner_, TapRunner::create(reference_, floats_, false));
    HT_ASSIGN(quantized_runner_, TapRunner::create(model_, std::move(quantized), true));
    return ok_status();
  }

  Model model_, reference_;
  std::vector<QuantizedLayer> layers_;
  SolveOptions options_;
  std::vector<std::vector<size_t>> stages_;
  std::vector<LayerSums> sums_;  // by layer
  std::vector<Reader> readers_;  // of the stage
  std::vector<std::string> floats_;
  std::optional<TapRunner> reference_runner_, quantized_runner_;
  int64_t changed_ = 0, elements_ = 0, biases_ = 0, skipped_ = 0;
  Json warnings_ = Json::array();
};

Result<std::unique_ptr<PassRun>> begin_with(const Model& model, const PassContext& context, const SolveOptions& options,
                                            int stages, std::string_view pass) {
  if (context.reference == nullptr) {
    return Error{ErrorCode::kInvalidArgument, "This step compares with the float model, and there is none",
                 std::string(pass), "Start from the float model and put quantize_static before this step."};
  }
  HT_ASSIGN(PreparedModel prepared, prepare_to_quantize(*context.reference, {}));
  std::vector<QuantizedLayer> layers = quantized_layers(model.graph, prepared.model);
  if (layers.empty()) {
    return Error{ErrorCode::kInvalidArgument, "No layer has both integer weights and integer inputs", std::string(pass),
                 "Put quantize_static before this step."};
  }
  auto run = std::make_unique<Reconstruct>(model, std::move(prepared.model), std::move(layers), options, stages);
  HT_TRY(run->start());
  return std::unique_ptr<PassRun>(std::move(run));
}

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext& context) {
  SolveOptions options;
  options.damping = params.number("damping");
  options.shrinkage = params.number("shrinkage");
  return begin_with(model, context, options, static_cast<int>(params.integer("stages")), "reconstruct");
}

Result<std::unique_ptr<PassRun>> begin_bias(const Model& model, const Params& params, const PassContext& context) {
  SolveOptions options;
  options.weights = false;
  return begin_with(model, context, options, static_cast<int>(params.integer("stages")), "correct_bias");
}

constexpr ParamSpec stages_param(std::string_view fallback) {
  return {.name = "stages",
          .kind = ParamKind::kInt,
          .label = "Stages",
          .help =
              "The network is gone through in so many parts, each seeing what the parts before have become. Every "
              "stage runs the calibration data once.",
          .fallback = fallback,
          .low = 1,
          .high = 1000};
}

constexpr ParamSpec kParams[] = {
    stages_param("8"),
    {.name = "damping",
     .kind = ParamKind::kFloat,
     .label = "Damping",
     .help = "How strongly the weights are drawn towards what they were.",
     .fallback = "0.01",
     .low = 0.0001,
     .high = 1},
    {.name = "shrinkage",
     .kind = ParamKind::kFloat,
     .label = "Shrinkage",
     .help = "How much stronger that is where a layer has many inputs and the data give few samples.",
     .fallback = "0.5",
     .low = 0,
     .high = 10},
};
constexpr ParamSpec kBiasParams[] = {stages_param("1")};

}  // namespace

const PassDef& reconstruct_pass() {
  static const PassDef def = {
      .name = "reconstruct",
      .summary = "Chooses integer weights and biases anew so that each layer's output comes close to the float one's.",
      .params = kParams,
      .needs = {.calibration = true},
      .begin = begin,
  };
  return def;
}

const PassDef& correct_bias_pass() {
  static const PassDef def = {
      .name = "correct_bias",
      .summary = "Takes the mean error of each quantized layer out of its bias.",
      .params = kBiasParams,
      .needs = {.calibration = true},
      .begin = begin_bias,
  };
  return def;
}

}  // namespace halftone
