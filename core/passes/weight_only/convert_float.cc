// The three scopes: weights by Cast or DequantizeLinear, activations by a pair around them, or the whole model.
#include "core/passes/weight_only/convert_float.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/passes/quantize/calibrate.h"
#include "core/passes/weight_only/half_model.h"
#include "core/passes/weight_only/small_float_codes.h"
#include "core/passes/weight_only/store_codes.h"
#include "core/passes/weight_only/weight_params.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

constexpr std::string_view kPass = "convert_float";
// With ONNX's names; dtype.h has onnxruntime-web's.
constexpr std::array<std::string_view, 7> kTypes = {"float16",    "bfloat16",       "float8e4m3fn", "float8e4m3fnuz",
                                                    "float8e5m2", "float8e5m2fnuz", "float4e2m1"};
constexpr std::array<DType, 7> kDTypes = {DType::kFloat16,        DType::kBFloat16,   DType::kFloat8E4M3FN,
                                          DType::kFloat8E4M3FNUZ, DType::kFloat8E5M2, DType::kFloat8E5M2FNUZ,
                                          DType::kFloat4E2M1};
constexpr std::array<std::string_view, 3> kScopes = {"weights", "weights_and_activations", "model"};
constexpr std::array<std::string_view, 2> kScaleTypes = {"float32", "float8e8m0"};

struct Options {
  DType type = DType::kFloat16;
  std::string scope;
  Granularity granularity = Granularity::kChannel;
  int64_t block_size = 32;
  bool e8m0 = false;
  NodeSelection selection;

  bool casts() const { return dtype_info(type).bits == 16; }
  // blocked: whether DequantizeLinear gets blocks.
  int64_t opset(bool blocked) const {
    if (casts()) return 13;
    if (e8m0) return 24;
    if (dtype_info(type).bits == 4) return 23;
    return blocked ? 21 : 19;
  }
};

class ConvertFloat final : public PassRun {
 public:
  ConvertFloat(Model model, Options options)
      : model_(std::move(model)), options_(std::move(options)), report_(model_.graph) {}

  Status plan() {
    if (options_.scope == "model") return ok_status();
    HT_ASSIGN(weights_, find_weights(model_, options_.selection, report_, [this](const WeightOf& w) {
                return options_.opset(needs_blocks(w.form, groups(w.form)));
              }));
    nodes_before_ = model_.graph.nodes.size();
    warn_of_onnxruntime();
    if (options_.scope != "weights_and_activations") return ok_status();
    QuantPlan plan;
    for (const WeightOf& weight : weights_) {
      for (const WeightReader& reader : weight.readers) watch(reader, plan);
    }
    if (watched_.empty()) return ok_status();
    HT_ASSIGN(Calibrator calibrator, Calibrator::create(model_, plan));
    calibrator_ = std::make_unique<Calibrator>(std::move(calibrator));
    return ok_status();
  }

  int sweeps() const override { return calibrator_ != nullptr ? 1 : 0; }
  Status observe(int, const Feeds& feeds) override { return calibrator_->observe(feeds); }

  Result<PassOutcome> finish(const ProgressFn& progress) override {
    if (options_.scope == "model") return whole_model();
    NewNodes made(model_.graph);
    int64_t done = 0;
    for (const WeightOf& weight : weights_) {
      if (progress && !progress("convert", done++, static_cast<int64_t>(weights_.size()))) {
        return Error{ErrorCode::kCancelled, "Cancelled", "", ""};
      }
      HT_TRY(options_.casts() ? cast(weight, made) : scale(weight, made));
    }
    put_first(model_.graph, made);
    HT_TRY(quantize_activations(made));
    compact(model_.graph);
    return PassOutcome{std::move(model_), report_.json(kPass)};
  }

 private:
  WeightGroups groups(const MatrixForm& form) const {
    return groups_of(form, options_.granularity, options_.block_size);
  }

  // As of onnxruntime 1.30. Its optimizer drops a Relu in front of QuantizeLinear whatever that makes, moves float8
  // into operators that cannot take it, and makes integer products of it. What accelerators look for is those pairs, so
  // they stay.
  void warn_of_onnxruntime() {
    if (weights_.empty()) return;
    if (options_.scope == "weights_and_activations") {
      report_.warn("onnxruntime's graph optimizer refuses or miscomputes float8 activations", "convert_float.scope",
                   "Set its graphOptimizationLevel to disabled, or convert the weights alone.");
    }
    if (dtype_info(options_.type).bits == 4) {
      report_.warn("onnxruntime cannot run float4 yet", "convert_float.type",
                   "For onnxruntime take float8, or quantize_weights with 4 bits.");
    }
  }

  Result<PassOutcome> whole_model() {
    HT_ASSIGN(HalfModel half, half_model(model_, report_, options_.selection));
    if (half.clipped > 0) {
      report_.warn(std::to_string(half.clipped) + " constants were beyond float16's range and became +-65504", "",
                   "Exclude the nodes that read them if accuracy suffers.");
    }
    return PassOutcome{std::move(half.model), report_.json(kPass)};
  }

  // The other factor of a product with this weight; tables of Gather have none.
  void watch(const WeightReader& reader, QuantPlan& plan) {
    const Node& node = model_.graph.nodes[reader.node];
    const size_t other = reader.input == 0 ? 1 : 0;
    const ValueId x = node.input(other);
    if (node.op_type == "Gather" || x == kNoValue || model_.graph.value(x).dtype != DType::kFloat) return;
    inputs_.push_back({reader.node, other});
    if (std::find(watched_.begin(), watched_.end(), x) != watched_.end()) return;
    watched_.push_back(x);
    plan.groups.push_back({.members = {x}, .observed = {x}});
  }

  WeightRecord record(const WeightOf& weight, const Tensor& before) const {
    return {
        .name = model_.graph.value(weight.id).name,
        .nodes = reader_labels(model_.graph, weight),
        .method = options_.casts() ? "cast" : "scaled",
        .form = std::string(
            kTypes[static_cast<size_t>(std::find(kDTypes.begin(), kDTypes.end(), options_.type) - kDTypes.begin())]),
        .elements = before.size(),
        .bits = dtype_info(options_.type).bits,
        .bytes_before = before.byte_size()};
  }

  Status cast(const WeightOf& weight, NewNodes& made) {
    Graph& graph = model_.graph;
    const Tensor before = graph.value(weight.id).constant;
    WeightRecord entry = record(weight, before);
    HT_ASSIGN(Tensor small, convert(before, options_.type));
    HT_ASSIGN(const Tensor back, convert(small, DType::kFloat));
    entry.facts = facts_of(matrix_of(before, weight.form), matrix_of(back, weight.form), weight.form);
    entry.bytes_after = small.byte_size();
    if (entry.facts.sqnr_db == -INFINITY) {
      report_.warn("Some weights are beyond the type's range and became infinite", entry.name, "Exclude its nodes.");
    }
    report_.weight(std::move(entry));
    const std::string base = short_name(graph, weight.id);
    const ValueId stored = made.constant(base + "_small", std::move(small));
    redirect(graph, weight, made.cast(base, stored, DType::kFloat));
    before.let_go();
    return ok_status();
  }

  Status scale(const WeightOf& weight, NewNodes& made) {
    Graph& graph = model_.graph;
    const Tensor before = graph.value(weight.id).constant;
    const std::vector<float> matrix = matrix_of(before, weight.form);
    const WeightGroups groups = this->groups(weight.form);
    const GroupedCodes codes = small_float_codes(matrix, weight.form, groups, options_.type, options_.e8m0);
    WeightRecord entry = record(weight, before);
    entry.facts = facts_of(matrix, real_matrix(codes, weight.form, groups, options_.type), weight.form);
    const DType scales = options_.e8m0 ? DType::kFloat8E8M0 : DType::kFloat;
    HT_ASSIGN(const StoredCodes stored, store_dequantized(graph, made, weight, groups, options_.type, codes, scales));
    entry.bytes_after = stored.bytes;
    report_.weight(std::move(entry));
    before.let_go();
    return ok_status();
  }

  // x -> QuantizeLinear -> DequantizeLinear in front of the nodes that were watched.
  Status quantize_activations(NewNodes& made) {
    if (calibrator_ == nullptr) return ok_status();
    Graph& graph = model_.graph;
    const Tensor one_zero = *convert(Tensor::scalar(0.0f), options_.type);
    const ValueId zero = made.constant("activation_zero_point", one_zero);
    const size_t shift = graph.nodes.size() - nodes_before_;  // other nodes stand in front now
    for (size_t i = 0; i < watched_.size(); ++i) {
      const ValueId x = watched_[i];
      const Range range = calibrator_->tensors()[i].seen.extremes();
      const float scale = std::max(-range.low, range.high) / largest_finite(options_.type);
      const std::string base = short_name(graph, x);
      const ValueId factor = made.constant(base + "_scale", Tensor::scalar(scale > 0 ? scale : 1.0f));
      const ValueId codes = made.add("QuantizeLinear", base, {x, factor, zero});
      const ValueId now = made.add("DequantizeLinear", base, {codes, factor, zero});
      for (const WeightReader& input : inputs_) {
        ValueId& reads = graph.nodes[input.node + shift].inputs[input.input];
        if (reads == x) reads = now;
      }
    }
    for (Node& node : made.take()) graph.nodes.push_back(std::move(node));
    return sort_topologically(graph);
  }

  Model model_;
  Options options_;
  WeightReport report_;
  size_t nodes_before_ = 0;
  std::vector<WeightOf> weights_;
  std::vector<WeightReader> inputs_;  // activations to quantize
  std::vector<ValueId> watched_;      // what they read, as the calibrator's tensors
  std::unique_ptr<Calibrator> calibrator_;
};

std::span<const ParamSpec> params_table() {
  static constexpr ParamSpec specs[] = {
      {.name = "type",
       .kind = ParamKind::kChoice,
       .label = "Type",
       .help = "float16 halves a file with hardly any loss. bfloat16 keeps float32's range. float8 and float4 take a "
               "quarter and an eighth.",
       .fallback = "\"float16\"",
       .choices = kTypes},
      {.name = "scope",
       .kind = ParamKind::kChoice,
       .label = "What changes",
       .help = "The stored weights; with float8 also the values that they are multiplied with; with float16 the whole "
               "model but its inputs and outputs.",
       .fallback = "\"weights\"",
       .choices = kScopes},
      scales_spec("\"channel\"",
                  "For float8 and float4: an output channel, a block of weights that are summed up "
                  "together, or the tensor."),
      block_size_spec("32", "Weights that share a scale."),
      {.name = "scale_type",
       .kind = ParamKind::kChoice,
       .label = "Type of scales",
       .help = "float8e8m0 takes one byte and holds powers of two only, as the microscaling formats have it.",
       .fallback = "\"float32\"",
       .choices = kScaleTypes},
      kSelectOpTypes,
      kExcludeOpTypes,
      kSelectNodes,
      kExcludeNodes,
  };
  return specs;
}

Status check(const Options& options) {
  const auto refuse = [](const char* key, const char* message, const char* hint) {
    return Error{ErrorCode::kInvalidRecipe, message, std::string(kPass) + "." + key, hint};
  };
  if (options.scope == "model" && options.type != DType::kFloat16) {
    return refuse("scope", "A whole model can be float16 only", "Choose float16, or the weights alone.");
  }
  if (options.scope == "weights_and_activations" && dtype_info(options.type).bits != 8) {
    return refuse("scope", "Activations can be float8 only", "Choose a float8 type, or the weights alone.");
  }
  if (options.e8m0 && options.casts()) {
    return refuse("scale_type", "16-bit types have no scales", "Choose a float8 type or float4.");
  }
  return ok_status();
}

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext&) {
  Options options;
  const std::string& type = params.choice("type");
  options.type = kDTypes[static_cast<size_t>(std::find(kTypes.begin(), kTypes.end(), type) - kTypes.begin())];
  options.scope = params.choice("scope");
  options.granularity = read_granularity(params);
  options.block_size = params.integer("block_size");
  options.e8m0 = params.choice("scale_type") == "float8e8m0";
  HT_TRY(check(options));
  std::vector<std::string_view> operators(weight_operators().begin(), weight_operators().end());
  if (options.scope == "model") {
    for (const Node& node : model.graph.nodes) operators.push_back(node.op_type);
  }
  HT_ASSIGN(options.selection, read_selection(kPass, params, operators, model.graph));
  HT_ASSIGN(Model prepared, prepare_weights(model, 13));
  auto run = std::make_unique<ConvertFloat>(std::move(prepared), std::move(options));
  HT_TRY(run->plan());
  return std::unique_ptr<PassRun>(std::move(run));
}

}  // namespace

const PassDef& convert_float_pass() {
  static const PassDef def = {
      kPass,          "Stores weights, or computes, in floating point of 16, 8 or 4 bits.",
      params_table(), {.calibration = true, .only_param = "scope", .only_choice = "weights_and_activations"},
      begin,
  };
  return def;
}

}  // namespace halftone
