// Builds the node list anew: a weighted node becomes its integer operator between the nodes that scale.
#include "core/passes/quantize/quantize_dynamic.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "core/passes/quantize/classify.h"
#include "core/passes/quantize/new_nodes.h"
#include "core/passes/quantize/prepare.h"
#include "core/passes/quantize/weight_report.h"
#include "core/passes/quantize/weights.h"

namespace halftone {
namespace {

constexpr std::string_view kPass = "quantize_dynamic";
constexpr std::array<std::string_view, 2> kWeightTypes = {"int8", "uint8"};
constexpr std::array<std::string_view, 3> kOperators = {"Conv", "Gemm", "MatMul"};

struct Activation {
  ValueId integers = kNoValue, scale = kNoValue, zero = kNoValue;
};

class DynamicQuantizer {
 public:
  DynamicQuantizer(const Model& model, const QuantizeOptions& options)
      : model_(model), options_(options), report_(model.graph), made_(model_.graph) {}

  Result<PassOutcome> run(const ProgressFn& progress) {
    const UseMap uses(model_.graph);
    const std::vector<NodePlan> plans = classify_nodes(model_, uses, options_);
    std::vector<Node> nodes = std::move(graph().nodes);
    graph().nodes.clear();
    for (size_t n = 0; n < nodes.size(); ++n) {
      if (progress && !progress("quantize", static_cast<int64_t>(n), static_cast<int64_t>(nodes.size()))) {
        return Error{ErrorCode::kCancelled, "Cancelled", "", ""};
      }
      if (std::string reason = why_float(nodes[n], plans[n]); !reason.empty()) {
        report_.skipped(n, std::move(reason));
        made_.add(std::move(nodes[n]));
        continue;
      }
      report_.quantized(n);
      HT_TRY(replace(nodes[n]));
    }
    graph().nodes = made_.take();
    compact(graph());
    return PassOutcome{std::move(model_), report_.json(kPass)};
  }

 private:
  Graph& graph() { return model_.graph; }

  static std::string why_float(const Node& node, const NodePlan& plan) {
    if (plan.role == NodeRole::kFloat) return plan.reason;
    const bool has_form =
        node.domain.empty() && std::find(kOperators.begin(), kOperators.end(), node.op_type) != kOperators.end();
    if (!has_form) return "ONNX has no " + node.op_type + " on integers that are scaled later";
    return plan.role == NodeRole::kWeighted ? "" : "neither of its factors is a constant";
  }

  const Activation& quantized(ValueId x) {
    Activation& a = activations_[x];
    if (a.integers != kNoValue) return a;
    const std::string base = short_name(graph(), x);
    const SymShape shape = graph().value(x).shape;
    a = {made_.value(base + "_quantized", DType::kUint8, shape), made_.value(base + "_scale", DType::kFloat),
         made_.value(base + "_zero_point", DType::kUint8)};
    made_.add_into("DynamicQuantizeLinear", base, {x}, {a.integers, a.scale, a.zero});
    return a;
  }

  struct Weight {
    ValueId integers = kNoValue, scale = kNoValue, zero = kNoValue;
  };

  // Integers as the integer operator reads them, scales as they broadcast to its output.
  Result<Weight> stored(const Node& node) {
    const ValueId source = node.inputs[1];
    const bool conv = node.op_type == "Conv", turn = node.op_type == "Gemm" && node.int_attr("transB", 0) != 0;
    Weight& known = weights_[{source, conv, turn}];
    if (known.integers != kNoValue) return known;
    Tensor weight = graph().value(source).constant;
    if (turn) {
      HT_ASSIGN(weight, transposed(weight));
    }
    const int64_t axis = conv ? 0 : weight.rank() - 1;
    WeightSpec spec;
    spec.grid = make_grid(options_.weight.grid);
    spec.axis = options_.weight.per_channel ? axis : -1;
    HT_ASSIGN(const EncodedWeight encoded, encode_weight(weight, Tensor(), 1.0f, spec));
    HT_TRY(record(node, source, weight, encoded));
    const std::string base = short_name(graph(), source);
    Dims dims;
    if (options_.weight.per_channel) dims.assign(1, static_cast<int64_t>(encoded.params.scale.size()));
    if (options_.weight.per_channel && conv) dims.resize(static_cast<size_t>(weight.rank() - 1), 1);
    known.integers = made_.constant(base + "_quantized", encoded.weight);
    known.scale = made_.constant(base + "_scale", Tensor::of<float>(dims, encoded.params.scale));
    if (spec.grid.middle != 0) {
      known.zero =
          made_.constant(base + "_zero_point", Tensor::scalar(static_cast<uint8_t>(encoded.params.zero_point[0])));
    }
    return known;
  }

  static Result<Tensor> transposed(const Tensor& matrix) {
    const int64_t rows = matrix.dims()[0], columns = matrix.dims()[1];
    HT_ASSIGN(Tensor out, Tensor::allocate(DType::kFloat, {columns, rows}, "transposed weight"));
    const float* from = matrix.data<float>().data();
    float* to = out.mutable_data<float>().data();
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
    }
    return out;
  }

  Status record(const Node& node, ValueId source, const Tensor& weight, const EncodedWeight& encoded) {
    HT_ASSIGN(const Tensor back, dequantize_tensor(encoded.weight, encoded.params));
    report_.weight({.name = graph().value(source).name,
                    .nodes = node_label(graph(), node),
                    .method = "rtn",
                    .form = std::string(dtype_name(encoded.params.dtype)) + " integer product",
                    .elements = weight.size(),
                    .bits = options_.weight.grid.bits,
                    .bytes_before = weight.byte_size(),
                    .bytes_after = weight.size() + 4 * static_cast<int64_t>(encoded.params.scale.size()),
                    .sqnr_db = weight_sqnr(weight.data<float>(), back.data<float>())});
    return ok_status();
  }

  Status replace(const Node& node) {
    HT_ASSIGN(const Weight weight, stored(node));
    const Activation x = quantized(node.inputs[0]);
    const std::string base = short_name(graph(), node.outputs[0]);
    const SymShape shape = graph().value(node.outputs[0]).shape;
    const bool conv = node.op_type == "Conv";
    std::vector<ValueId> inputs = {x.integers, weight.integers, x.zero};
    if (weight.zero != kNoValue) inputs.push_back(weight.zero);
    const ValueId sums = made_.add(conv ? "ConvInteger" : "MatMulInteger", base, std::move(inputs), DType::kInt32,
                                   shape, conv ? node.attributes : Attributes());
    const ValueId reals =
        made_.add("Cast", base, {sums}, DType::kFloat, shape, {{"to", Attribute(static_cast<int64_t>(DType::kFloat))}});
    const ValueId scale = made_.add("Mul", base + "_scales", {x.scale, weight.scale}, DType::kFloat);
    if (node.input(2) == kNoValue) {
      made_.add_into("Mul", base, {reals, scale}, {node.outputs[0]});
      return ok_status();
    }
    const ValueId scaled = made_.add("Mul", base, {reals, scale}, DType::kFloat, shape);
    made_.add_into("Add", base, {scaled, conv ? bias_by_channel(node) : node.inputs[2]}, {node.outputs[0]});
    return ok_status();
  }

  ValueId bias_by_channel(const Node& conv) {
    ValueId& known = biases_.try_emplace(conv.inputs[2], kNoValue).first->second;
    if (known != kNoValue) return known;
    const Tensor bias = graph().value(conv.inputs[2]).constant;
    Dims dims(static_cast<size_t>(graph().value(conv.inputs[1]).constant.rank() - 1), 1);
    dims[0] = bias.size();
    known = made_.constant(short_name(graph(), conv.inputs[2]), bias.reshaped(dims));
    return known;
  }

  Model model_;
  const QuantizeOptions& options_;
  WeightReport report_;
  NewNodes made_;
  std::map<ValueId, Activation> activations_;
  std::map<std::tuple<ValueId, bool, bool>, Weight> weights_;
  std::map<ValueId, ValueId> biases_;
};

class QuantizeDynamic final : public PassRun {
 public:
  QuantizeDynamic(Model model, QuantizeOptions options) : model_(std::move(model)), options_(std::move(options)) {}
  Result<PassOutcome> finish(const ProgressFn& progress) override {
    return DynamicQuantizer(model_, options_).run(progress);
  }

 private:
  Model model_;
  QuantizeOptions options_;
};

std::span<const ParamSpec> params_table() {
  static const ParamSpec specs[] = {
      {.name = "weight_type",
       .kind = ParamKind::kChoice,
       .label = "Weight type",
       .help = "Integers that stand for the weights. uint8 has its zero at 128.",
       .fallback = "\"int8\"",
       .choices = kWeightTypes},
      {.name = "per_channel",
       .kind = ParamKind::kBool,
       .label = "One scale per channel",
       .help = "Each output channel of a weight gets its own scale: more accurate, and hardly larger.",
       .fallback = "true"},
      {.name = "reduce_range",
       .kind = ParamKind::kBool,
       .label = "7-bit weights",
       .help = "Use half of the weights' integers, so that older processors' 16-bit sums cannot overflow.",
       .fallback = "false"},
      kSelectOpTypes,
      kExcludeOpTypes,
      kSelectNodes,
      kExcludeNodes,
  };
  return specs;
}

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext&) {
  QuantizeOptions options;
  options.weight.grid = {.bits = params.flag("reduce_range") ? 7 : 8,
                         .is_signed = params.choice("weight_type") == "int8",
                         .symmetric = true,
                         .restricted = true};
  HT_ASSIGN(static_cast<NodeSelection&>(options), read_selection(kPass, params, kOperators, model.graph));
  // Prepared as for scales per channel: DynamicQuantizeLinear needs opset 11, and what is older becomes 13.
  HT_ASSIGN(PreparedModel prepared, prepare_to_quantize(model, options));
  options.weight.per_channel = params.flag("per_channel");
  return std::unique_ptr<PassRun>(std::make_unique<QuantizeDynamic>(std::move(prepared.model), std::move(options)));
}

}  // namespace

const PassDef& quantize_dynamic_pass() {
  static const PassDef def = {
      kPass,          "Turns weights into 8-bit integers, and activations when they come: no calibration data.",
      params_table(), {},
      begin,
  };
  return def;
}

}  // namespace halftone
