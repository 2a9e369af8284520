// Runs the float model, adds up what its layers see, and solves layer by layer.
#include "core/passes/reconstruct/reconstruct.h"

#include <array>

#include "core/passes/quantize/prepare.h"
#include "core/passes/reconstruct/solve.h"

namespace halftone {
namespace {

// Sums of a stage take no more than this; a single layer beyond it stays as it is.
constexpr int64_t kBudget = int64_t{256} << 20;

class Reconstruct final : public PassRun {
 public:
  Reconstruct(Model quantized, Model reference, std::vector<QuantizedLayer> layers, SolveOptions options, int64_t limit)
      : model_(std::move(quantized)),
        reference_(std::move(reference)),
        layers_(std::move(layers)),
        options_(options),
        with_codes_(options.method != RoundingMethod::kKeep),
        limit_(limit) {
    cut();
  }

  Status start() { return open(0); }
  int sweeps() const override { return static_cast<int>(stages_.size()); }
  Status observe(int, const Feeds& feeds) override { return seen_++ < limit_ ? watcher_.observe(feeds) : ok_status(); }

  Status end_sweep(int sweep) override {
    for (size_t i : stages_[static_cast<size_t>(sweep)]) {
      HT_ASSIGN(SolvedLayer solved, solve_layer(model_.graph, layers_[i], options_));
      changed_ += solved.changed;
      elements_ += solved.codes.size();
      model_.graph.value(layers_[i].codes).constant = std::move(solved.codes);
      if (!solved.bias.defined()) continue;
      model_.graph.value(layers_[i].bias_codes).constant = std::move(solved.bias);
      ++biases_;
    }
    seen_ = 0;
    const auto next = static_cast<size_t>(sweep) + 1;
    return next < stages_.size() ? open(next) : ok_status();
  }

  Result<PassOutcome> finish(const ProgressFn&) override {
    Json report = Json(Json::Object{
        {"layers", static_cast<int64_t>(layers_.size())}, {"biases", biases_}, {"warnings", std::move(warnings_)}});
    if (with_codes_) {
      report.set("codes", elements_);
      report.set("codes_changed", changed_);
    }
    return PassOutcome{std::move(model_), std::move(report)};
  }

 private:
  // As many layers at a time as the budget for their sums allows.
  void cut() {
    int64_t bytes = 0;
    for (size_t i = 0; i < layers_.size(); ++i) {
      const int64_t needed = with_codes_ ? layers_[i].input.bytes() : 0;
      if (needed > kBudget) {
        skip(layers_[i]);
        continue;
      }
      if (stages_.empty() || bytes + needed > kBudget) {
        stages_.emplace_back();
        bytes = 0;
      }
      stages_.back().push_back(i);
      bytes += needed;
    }
  }

  void skip(const QuantizedLayer& layer) {
    warnings_.push(Json(Json::Object{{"message", "This layer has too many inputs to be rounded anew"},
                                     {"where", layer.label},
                                     {"hint", "It keeps the weights that it has."}}));
  }

  Status open(size_t stage) {
    if (stages_.empty()) return ok_status();
    std::vector<LayerInput*> inputs;
    for (size_t i : stages_[stage]) {
      layers_[i].input.with_sums = with_codes_;
      inputs.push_back(&layers_[i].input);
    }
    HT_ASSIGN(watcher_, InputWatcher::create(reference_, std::move(inputs)));
    return ok_status();
  }

  Model model_, reference_;
  std::vector<QuantizedLayer> layers_;
  const SolveOptions options_;
  const bool with_codes_;
  const int64_t limit_;  // inputs of each sweep that are looked at
  int64_t seen_ = 0;
  std::vector<std::vector<size_t>> stages_;  // indices of layers, by sweep
  InputWatcher watcher_;
  int64_t changed_ = 0, elements_ = 0, biases_ = 0;
  Json warnings_ = Json::array();
};

Result<std::unique_ptr<PassRun>> begin_with(const Model& model, const PassContext& context, const SolveOptions& options,
                                            int64_t limit, std::string_view pass) {
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
  auto run = std::make_unique<Reconstruct>(model, std::move(prepared.model), std::move(layers), options, limit);
  HT_TRY(run->start());
  return std::unique_ptr<PassRun>(std::move(run));
}

constexpr std::array<std::string_view, 2> kMethods = {"gptq", "adaround"};

Result<std::unique_ptr<PassRun>> begin_rounding(const Model& model, const Params& params, const PassContext& context) {
  const bool learn = params.choice("method") == "adaround";
  const SolveOptions options = {.method = learn ? RoundingMethod::kAdaRound : RoundingMethod::kGptq,
                                .damping = params.number("damping"),
                                .iterations = static_cast<int>(params.integer("iterations")),
                                .regularization = params.number("regularization")};
  return begin_with(model, context, options, params.integer("inputs"), "round_weights");
}

Result<std::unique_ptr<PassRun>> begin_bias(const Model& model, const Params& params, const PassContext& context) {
  return begin_with(model, context, {}, params.integer("inputs"), "correct_bias");
}

constexpr ParamSpec inputs_param(std::string_view fallback) {
  return {.name = "inputs",
          .kind = ParamKind::kInt,
          .label = "Inputs looked at",
          .help = "So many of the calibration inputs are run, the first ones.",
          .fallback = fallback,
          .low = 1,
          .high = 1e9};
}

constexpr ParamSpec kRoundingParams[] = {
    {.name = "method",
     .kind = ParamKind::kChoice,
     .label = "Method",
     .help =
         "gptq rounds column by column, and later columns make up for earlier ones. adaround learns which weights go "
         "up and which go down: slower.",
     .fallback = "\"gptq\"",
     .choices = kMethods},
    inputs_param("256"),
    {.name = "damping",
     .kind = ParamKind::kFloat,
     .label = "Damping",
     .help = "Added to the inputs' covariance, as a share of its mean diagonal: more trusts the data less.",
     .fallback = "0.01",
     .low = 0.0001,
     .high = 1},
    {.name = "iterations",
     .kind = ParamKind::kInt,
     .label = "Iterations of adaround",
     .help = "Steps of gradient descent for each layer.",
     .fallback = "300",
     .low = 10,
     .high = 100000},
    {.name = "regularization",
     .kind = ParamKind::kFloat,
     .label = "Regularization of adaround",
     .help = "How strongly each weight is pushed to one side or the other.",
     .fallback = "0.1",
     .low = 0,
     .high = 10},
};
constexpr ParamSpec kBiasParams[] = {inputs_param("16")};

}  // namespace

const PassDef& round_weights_pass() {
  static const PassDef def = {
      .name = "round_weights",
      .summary = "Rounds a quantized model's weights anew so that the errors of each layer make up for each other.",
      .params = kRoundingParams,
      .needs = {.calibration = true},
      .begin = begin_rounding,
  };
  return def;
}

const PassDef& correct_bias_pass() {
  static const PassDef def = {
      .name = "correct_bias",
      .summary = "Takes the mean error that rounded weights make out of each layer's bias.",
      .params = kBiasParams,
      .needs = {.calibration = true},
      .begin = begin_bias,
  };
  return def;
}

}  // namespace halftone
