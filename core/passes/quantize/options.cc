// The parameters of quantize_static, with the names and defaults that users of onnxruntime's tool know.
#include "core/passes/quantize/options.h"

#include <array>
#include <set>

#include "core/ops/op_def.h"
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
      kSelectOpTypes,
      kExcludeOpTypes,
      kSelectNodes,
      kExcludeNodes,
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
  if (options.activation_type == DType::kInt8 && options.weight_type == DType::kUint8) {
    return refuse("weight_type", "int8 activations do not go with uint8 weights: no runtime multiplies them",
                  "Use int8 weights, or uint8 activations.");
  }
  HT_ASSIGN(static_cast<NodeSelection&>(options), read_selection(kPass, params, quantizable_operators(), model.graph));
  return options;
}

}  // namespace halftone
