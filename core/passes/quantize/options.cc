// The parameters of quantize_static, with the names and defaults that users of onnxruntime's tool know.
#include "core/passes/quantize/options.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/ops/op_def.h"
#include "core/passes/suggest.h"
#include "core/stats/observer.h"

namespace halftone {
namespace {

constexpr std::string_view kPass = "quantize_static";
constexpr std::array<std::string_view, 2> kActivationTypes = {"uint8", "int8"};
constexpr std::array<std::string_view, 2> kWeightTypes = {"int8", "uint8"};

Error refuse(std::string_view key, std::string message, std::string hint) {
  return {ErrorCode::kInvalidRecipe, std::move(message), std::string(kPass) + "." + std::string(key), std::move(hint)};
}

std::vector<std::string_view> quantizable_operators() {
  std::set<std::string_view> names = {"Relu", "Clip"};  // folded into ranges, whatever their row says
  for (std::span<const OpDef> table : all_ops()) {
    for (const OpDef& op : table) {
      if (op.quant.kind != QuantKind::kNone) names.insert(op.name);
    }
  }
  return {names.begin(), names.end()};
}

Status check_operators(std::string_view key, const std::vector<std::string>& given) {
  if (given.empty()) return ok_status();
  const std::vector<std::string_view> known = quantizable_operators();
  for (const std::string& name : given) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return refuse(key, "\"" + name + "\" is not an operator that can be quantized", suggest(name, known, 60));
  }
  return ok_status();
}

Status check_nodes(std::string_view key, const std::vector<std::string>& given, const Graph& graph) {
  if (given.empty()) return ok_status();
  std::vector<std::string> labels;
  for (const Node& node : graph.nodes) labels.push_back(node_label(graph, node));
  const std::vector<std::string_view> known(labels.begin(), labels.end());
  for (const std::string& name : given) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return refuse(key, "The model has no node \"" + name + "\"", suggest(name, known, 8));
  }
  return ok_status();
}

}  // namespace

std::span<const ParamSpec> quantize_static_params() {
  static const ParamSpec specs[] = {
      {.name = "observer",
       .kind = ParamKind::kChoice,
       .label = "Range from",
       .help = "How the calibration values become a range. minmax covers everything that was seen.",
       .fallback = "\"minmax\"",
       .choices = observer_names()},
      {.name = "activation_type",
       .kind = ParamKind::kChoice,
       .label = "Activation type",
       .help = "Integers that stand for the values between operators. uint8 suits values after a Relu.",
       .fallback = "\"uint8\"",
       .choices = kActivationTypes},
      {.name = "weight_type",
       .kind = ParamKind::kChoice,
       .label = "Weight type",
       .help = "Integers that stand for the weights.",
       .fallback = "\"int8\"",
       .choices = kWeightTypes},
      {.name = "per_channel",
       .kind = ParamKind::kBool,
       .label = "One scale per channel",
       .help = "Each output channel of a weight gets its own scale: more accurate, and hardly larger.",
       .fallback = "true"},
      {.name = "activation_symmetric",
       .kind = ParamKind::kBool,
       .label = "Symmetric activations",
       .help = "Centre the activations' range on zero. Simpler arithmetic, but one-sided values waste half the steps.",
       .fallback = "false"},
      {.name = "weight_symmetric",
       .kind = ParamKind::kBool,
       .label = "Symmetric weights",
       .help = "Centre the weights' range on zero, so that no zero point is needed. Integer kernels expect this.",
       .fallback = "true"},
      {.name = "reduce_range",
       .kind = ParamKind::kBool,
       .label = "7-bit weights",
       .help = "Use half of the weights' integers, so that older processors' 16-bit sums cannot overflow.",
       .fallback = "false"},
      {.name = "op_types",
       .kind = ParamKind::kStringList,
       .label = "Only these operators",
       .help = "Quantize nothing but these operators. Empty: all that can be.",
       .fallback = "[]",
       .list_of = "operators"},
      {.name = "exclude_op_types",
       .kind = ParamKind::kStringList,
       .label = "Not these operators",
       .help = "Operators that stay float.",
       .fallback = "[]",
       .list_of = "operators"},
      {.name = "nodes",
       .kind = ParamKind::kStringList,
       .label = "Only these nodes",
       .help = "Quantize nothing but these nodes. Empty: all that can be.",
       .fallback = "[]",
       .list_of = "nodes"},
      {.name = "exclude_nodes",
       .kind = ParamKind::kStringList,
       .label = "Not these nodes",
       .help = "Nodes that stay float, such as a first or last layer that loses too much.",
       .fallback = "[]",
       .list_of = "nodes"},
  };
  return specs;
}

Result<QuantizeOptions> read_quantize_options(const Params& params, const Model& model) {
  QuantizeOptions options;
  options.observer = params.choice("observer");
  options.activation_type = params.choice("activation_type") == "int8" ? DType::kInt8 : DType::kUint8;
  options.weight_type = params.choice("weight_type") == "int8" ? DType::kInt8 : DType::kUint8;
  options.per_channel = params.flag("per_channel");
  options.activation_symmetric = params.flag("activation_symmetric");
  options.weight_symmetric = params.flag("weight_symmetric");
  options.reduce_range = params.flag("reduce_range");
  options.op_types = params.list("op_types");
  options.exclude_op_types = params.list("exclude_op_types");
  options.nodes = params.list("nodes");
  options.exclude_nodes = params.list("exclude_nodes");
  if (options.activation_type == DType::kInt8 && options.weight_type == DType::kUint8) {
    return refuse("weight_type", "int8 activations do not go with uint8 weights: no runtime multiplies them",
                  "Use int8 weights, or uint8 activations.");
  }
  HT_TRY(check_operators("op_types", options.op_types));
  HT_TRY(check_operators("exclude_op_types", options.exclude_op_types));
  HT_TRY(check_nodes("nodes", options.nodes, model.graph));
  HT_TRY(check_nodes("exclude_nodes", options.exclude_nodes, model.graph));
  return options;
}

}  // namespace halftone
