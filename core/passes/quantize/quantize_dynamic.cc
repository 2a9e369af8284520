// Builds the node list anew: a weighted node becomes its integer operator between the nodes that scale.
#include "core/passes/quantize/quantize_dynamic.h"

#include <algorithm>
#include <array>

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
        if (not_taken(graph(), nodes[n], options_).empty()) left_ += weight_bytes(nodes[n]);
        report_.skipped(n, std::move(reason));
        made_.add(std::move(nodes[n]));
        continue;
      }
      report_.quantized(n);
      HT_TRY(replace(nodes[n]));
    }
    if (done_ > 0 && left_ > done_) {
      report_.warn("Most bytes of the weights stay float", kPass,
                   "Let quantize_weights with 8 bits come before: it takes recurrent layers and tables too.");
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

  // Of the matrices that a node reads.
  int64_t weight_bytes(const Node& node) {
    int64_t bytes = 0;
    for (const ValueId id : node.inputs) {
      if (id == kNoValue || !graph().value(id).is_constant()) continue;
      const Tensor& constant = graph().value(id).constant;
      if (constant.dtype() == DType::kFloat && constant.rank() > 1) bytes += constant.byte_size();
    }
    return bytes;
  }

  Activation quantized(ValueId x) {
    activations_.resize(graph().values.size());
    Activation& known = activations_[static_cast<size_t>(x)];
    if (known.integers != kNoValue) return known;
    const std::string base = short_name(graph(), x);
    const Activation a = {made_.value(base + "_quantized"), made_.value(base + "_scale"),
                          made_.value(base + "_zero_point")};
    made_.add_into("DynamicQuantizeLinear", base, {x}, {a.integers, a.scale, a.zero});
    return known = a;
  }

  struct Weight {
    ValueId source = kNoValue;
    bool conv = false, turned = false;
    ValueId integers = kNoValue, scale = kNoValue, zero = kNoValue;
  };

  // Integers as the integer operator reads them, scales as they broadcast to its output.
  Result<Weight> stored(const Node& node) {
    const ValueId source = node.inputs[1];
    const bool conv = node.op_type == "Conv", turn = node.op_type == "Gemm" && node.int_attr("transB", 0) != 0;
    for (const Weight& known : weights_) {
      if (known.source == source && known.conv == conv && known.turned == turn) return known;
    }
    Tensor weight = graph().value(source).constant;
    if (turn) {
      HT_ASSIGN(weight, transposed(weight));
    }
    WeightSpec spec;
    spec.grid = make_grid(options_.weight.grid);
    spec.channel_axis = conv ? 0 : weight.rank() - 1;
    spec.axis = options_.weight.per_channel ? spec.channel_axis : -1;
    HT_ASSIGN(const EncodedWeight encoded, encode_weight(weight, Tensor(), 1.0f, spec));
    record(node, source, weight, encoded);
    const std::string base = short_name(graph(), source);
    Weight made{source, conv, turn, made_.constant(base + "_quantized", encoded.weight)};
    const Dims dims = spec.axis < 0 ? Dims() : channel_dims(conv ? weight.rank() : 2, scale_count_of(encoded));
    made.scale = made_.constant(base + "_scale", Tensor::of<float>(dims, encoded.params.scale));
    if (spec.grid.middle != 0) {
      const Tensor zero = Tensor::scalar(static_cast<uint8_t>(spec.grid.middle));
      made.zero = made_.constant(base + "_zero_point", zero);
    }
    weights_.push_back(made);
    return made;
  }

  static int64_t scale_count_of(const EncodedWeight& weight) {
    return static_cast<int64_t>(weight.params.scale.size());
  }

  // One number per channel, as it broadcasts to [N, channels, spatial...] (or [..., channels] for rank 2).
  static Dims channel_dims(int64_t rank, int64_t channels) {
    Dims dims(static_cast<size_t>(rank - 1), 1);
    dims[0] = channels;
    return dims;
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

  void record(const Node& node, ValueId source, const Tensor& weight, const EncodedWeight& encoded) {
    done_ += weight.byte_size();
    report_.weight({.name = graph().value(source).name,
                    .nodes = node_label(graph(), node),
                    .method = "rtn",
                    .form = std::string(dtype_name(encoded.params.dtype)) + " integer product",
                    .elements = weight.size(),
                    .bits = options_.weight.grid.bits,
                    .bytes_before = weight.byte_size(),
                    .bytes_after = weight.size() + 4 * static_cast<int64_t>(encoded.params.scale.size()),
                    .facts = encoded.facts});
  }

  Status replace(const Node& node) {
    HT_ASSIGN(const Weight weight, stored(node));
    const Activation x = quantized(node.inputs[0]);
    const ValueId output = node.outputs[0], bias = node.input(2);
    const std::string base = short_name(graph(), output);
    const ValueId sums = made_.value(base + (weight.conv ? "_ConvInteger" : "_MatMulInteger"));
    Node& product = made_.add_into(weight.conv ? "ConvInteger" : "MatMulInteger", base,
                                   {x.integers, weight.integers, x.zero, weight.zero}, {sums});
    if (weight.conv) product.attributes = node.attributes;
    const ValueId reals = made_.cast(base, sums, DType::kFloat);
    const ValueId scale = made_.add("Mul", base + "_scales", {x.scale, weight.scale});
    if (bias == kNoValue) {
      made_.add_into("Mul", base, {reals, scale}, {output});
      return ok_status();
    }
    const ValueId scaled = made_.add("Mul", base, {reals, scale});
    made_.add_into("Add", base, {scaled, weight.conv ? bias_by_channel(node) : bias}, {output});
    return ok_status();
  }

  ValueId bias_by_channel(const Node& conv) {
    const Tensor bias = graph().value(conv.inputs[2]).constant;
    const int64_t rank = graph().value(conv.inputs[1]).constant.rank();
    return made_.constant(short_name(graph(), conv.inputs[2]), bias.reshaped(channel_dims(rank, bias.size())));
  }

  Model model_;
  const QuantizeOptions& options_;
  WeightReport report_;
  NewNodes made_;
  std::vector<Activation> activations_;  // by value
  std::vector<Weight> weights_;
  int64_t done_ = 0, left_ = 0;  // bytes of weights
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
  static constexpr ParamSpec specs[] = {
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
