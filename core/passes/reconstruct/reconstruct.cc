// Runs the float model, adds up what its layers see, and solves layer by layer.
#include "core/passes/reconstruct/reconstruct.h"

#include <array>

#include "core/passes/quantize/prepare.h"
#include "core/passes/quantize/warning.h"
#include "core/passes/reconstruct/solve.h"

namespace halftone {
namespace {

// Sums of a stage take no more than this; a single layer beyond it stays as it is.
constexpr int64_t kBudget = int64_t{256} << 20;
constexpr int64_t kUnknownSize = 256;

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
  int sweeps() const override { return predicted_ ? 0 : static_cast<int>(stages_.size()); }
  Status observe(int, const Feeds& feeds) override { return seen_++ < limit_ ? watcher_.observe(feeds) : ok_status(); }

  Status end_sweep(int sweep) override {
    for (size_t i : stages_[static_cast<size_t>(sweep)]) HT_TRY(solve(layers_[i]));
    seen_ = 0;
    const auto next = static_cast<size_t>(sweep) + 1;
    return next < stages_.size() ? open(next) : ok_status();
  }

  // Instead of data: what batch normalizations tell of the layers' inputs.
  Status predict(const std::vector<BatchNormOutput>& norms) {
    predicted_ = true;
    const auto means = predict_means(reference_.graph, norms);
    std::vector<QuantizedLayer> known;
    for (QuantizedLayer& layer : layers_) {
      const std::vector<double>& channels = means[static_cast<size_t>(layer.input.x)];
      if (channels.empty() || !layer.bias.defined()) continue;
      if (set_means(layer.input, known_dims(layer.input.x), channels).ok()) known.push_back(std::move(layer));
    }
    layers_ = std::move(known);
    if (layers_.empty()) {
      warn("No layer's mean input is known", "correct_bias",
           "Batch normalizations tell it, and this model has none before its layers: use calibration data.");
    }
    return ok_status();
  }

  Result<PassOutcome> finish(const ProgressFn&) override {
    for (size_t i = 0; predicted_ && i < layers_.size(); ++i) HT_TRY(solve(layers_[i]));
    Json report = Json(Json::Object{
        {"layers", static_cast<int64_t>(layers_.size())}, {"biases", biases_}, {"warnings", std::move(warnings_)}});
    if (with_codes_) {
      report.set("codes", elements_);
      report.set("codes_changed", changed_);
    }
    return PassOutcome{std::move(model_), std::move(report)};
  }

 private:
  Status solve(QuantizedLayer& layer) {
    HT_ASSIGN(SolvedLayer solved, solve_layer(model_.graph, layer, options_));
    changed_ += solved.changed;
    elements_ += solved.codes.size();
    model_.graph.value(layer.codes).constant = std::move(solved.codes);
    if (!solved.bias.defined()) return ok_status();
    model_.graph.value(layer.bias_codes).constant = std::move(solved.bias);
    ++biases_;
    return ok_status();
  }

  // Where a size is not known, borders hardly count.
  Dims known_dims(ValueId id) const {
    Dims dims;
    if (!reference_.graph.value(id).shape.has_rank()) return dims;
    for (const Dim& dim : reference_.graph.value(id).shape.dims())
      dims.push_back(dim.known() ? dim.value : kUnknownSize);
    return dims;
  }

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
    warn("This layer has too many inputs to be rounded anew", layer.label, "It keeps the weights that it has.");
  }

  void warn(std::string_view message, std::string_view where, std::string_view hint) {
    warnings_.push(warning(message, where, hint));
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
  bool predicted_ = false;                   // no data is looked at
  std::vector<std::vector<size_t>> stages_;  // indices of layers, by sweep
  InputWatcher watcher_;
  int64_t changed_ = 0, elements_ = 0, biases_ = 0;
  Json warnings_ = Json::array();
};

Result<std::unique_ptr<PassRun>> begin_with(const Model& model, const PassContext& context, const SolveOptions& options,
                                            int64_t limit, std::string_view pass, bool predicted = false) {
  if (context.reference == nullptr) {
    return Error{ErrorCode::kInvalidArgument, "This step compares with the float model, and there is none",
                 std::string(pass), "Start from the float model and put quantize_static before this step."};
  }
  HT_ASSIGN(PreparedModel prepared, prepare_to_quantize(*context.reference, {}, context.norms));
  std::vector<QuantizedLayer> layers = quantized_layers(model.graph, prepared.model);
  if (layers.empty()) {
    return Error{ErrorCode::kInvalidArgument,
                 "No layer has both integer inputs and integer weights with a scale for all or for each channel",
                 std::string(pass), "Put quantize_static before this step, with \"block_size\": 0."};
  }
  auto run = std::make_unique<Reconstruct>(model, std::move(prepared.model), std::move(layers), options, limit);
  HT_TRY(predicted ? run->predict(prepared.norms) : run->start());
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
  return begin_with(model, context, {}, params.integer("inputs"), "correct_bias", params.choice("from") == kBatchNorm);
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
     .fallback = "500",
     .low = 10,
     .high = 100000},
    {.name = "regularization",
     .kind = ParamKind::kFloat,
     .label = "Regularization of adaround",
     .help = "How strongly each weight is pushed to one side or the other.",
     .fallback = "0.5",
     .low = 0,
     .high = 10},
};
constexpr std::array<std::string_view, 2> kSources = {"data", kBatchNorm};
constexpr ParamSpec kBiasParams[] = {
    {.name = "from",
     .kind = ParamKind::kChoice,
     .label = "Mean inputs from",
     .help =
         "data: the calibration inputs are run. batch_norm: what the batch normalizations of the model tell, without "
         "any data.",
     .fallback = "\"data\"",
     .choices = kSources},
    inputs_param("16")};

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
      .needs = {.calibration = true, .unless_param = "from", .unless_choice = kBatchNorm},
      .begin = begin_bias,
  };
  return def;
}

}  // namespace halftone
