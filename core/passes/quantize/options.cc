// The parameters of quantize_static, with the names and defaults that users of onnxruntime's tool know.
#include "core/passes/quantize/options.h"

#include <algorithm>
#include <array>
#include <set>

#include "core/ops/op_def.h"
#include "core/stats/observer.h"

namespace halftone {
namespace {

constexpr std::string_view kPass = "quantize_static";
constexpr std::array<std::string_view, 2> kActivationTypes = {"uint8", "int8"};
constexpr std::array<std::string_view, 2> kWeightTypes = {"int8", "uint8"};
constexpr std::array<std::string_view, 3> kRoundings = {"nearest", "stochastic", "floor"};

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

WeightScheme read_weight_scheme(const Params& params) {
  WeightScheme scheme;
  scheme.observer = params.choice("weight_observer");
  scheme.grid = {.is_signed = params.choice("weight_type") == "int8",
                 .power_of_two = params.flag("power_of_two"),
                 .least_storage = 4};
  scheme.full_range = params.flag("weight_full_range");
  scheme.reduce_range = params.flag("reduce_range");
  scheme.set_bits(static_cast<int>(params.integer("weight_bits")));
  scheme.set_symmetric(params.flag("weight_symmetric"));
  scheme.per_channel = params.flag("per_channel");
  scheme.block_size = params.integer("block_size");
  const std::string& rounding = params.choice("rounding");
  scheme.rounding = rounding == "floor"        ? Rounding::kFloor
                    : rounding == "stochastic" ? Rounding::kStochastic
                                               : Rounding::kNearestEven;
  scheme.seed = static_cast<uint64_t>(params.integer("seed"));
  return scheme;
}

}  // namespace

std::span<const ParamSpec> quantize_static_params() {
  static const ParamSpec specs[] = {
      {.name = "activation_observer",
       .kind = ParamKind::kChoice,
       .label = "Activation range from",
       .help = "How the calibration values become a range. minmax covers everything that was seen; the others cut off "
               "rare large values, so that the common ones get finer steps. batch_norm needs no calibration data.",
       .fallback = "\"minmax\"",
       .choices = activation_observers()},
      {.name = "percentile",
       .kind = ParamKind::kFloat,
       .label = "Percentile",
       .help = "With the range from percentile: the share of the values, in percent, that it covers.",
       .fallback = "99.999",
       .low = 50,
       .high = 100},
      {.name = "deviations",
       .kind = ParamKind::kFloat,
       .label = "Standard deviations",
       .help = "With the range from batch_norm: how far it reaches on both sides of a channel's mean.",
       .fallback = "6",
       .low = 1,
       .high = 20},
      {.name = "activation_bits",
       .kind = ParamKind::kInt,
       .label = "Activation bits",
       .help = "Width of the integers between operators. Fewer than 8 are simulated within 8 (no faster, but exactly "
               "as lossy); more than 8 run in float arithmetic.",
       .fallback = "8",
       .low = 2,
       .high = 16},
      {.name = "activation_type",
       .kind = ParamKind::kChoice,
       .label = "Activation type",
       .help = "Integers that stand for the values between operators. uint8 suits values after a Relu. With another "
               "width: whether they are signed.",
       .fallback = "\"uint8\"",
       .choices = kActivationTypes},
      {.name = "activation_symmetric",
       .kind = ParamKind::kBool,
       .label = "Symmetric activations",
       .help = "Centre the activations' range on zero. Simpler arithmetic, but one-sided values waste half the steps.",
       .fallback = "false"},
      {.name = "weight_observer",
       .kind = ParamKind::kChoice,
       .label = "Weight range from",
       .help = "How a weight's scale is found. minmax covers its largest value; mse takes the scale with the least "
               "squared error, which matters below 8 bits.",
       .fallback = "\"minmax\"",
       .choices = weight_observer_names()},
      {.name = "weight_bits",
       .kind = ParamKind::kInt,
       .label = "Weight bits",
       .help = "Width of the weights' integers: up to 4 bits are stored in 4 (opset 21), up to 8 in 8, more in 16 "
               "(opset 21).",
       .fallback = "8",
       .low = 2,
       .high = 16},
      {.name = "weight_type",
       .kind = ParamKind::kChoice,
       .label = "Weight type",
       .help = "Integers that stand for the weights. With another width: whether they are signed.",
       .fallback = "\"int8\"",
       .choices = kWeightTypes},
      {.name = "weight_symmetric",
       .kind = ParamKind::kBool,
       .label = "Symmetric weights",
       .help = "Centre the weights' range on zero, so that no zero point is needed. Integer kernels expect this.",
       .fallback = "true"},
      {.name = "weight_full_range",
       .kind = ParamKind::kBool,
       .label = "Full range of weights",
       .help = "Symmetric weights may be the lowest integer too (-128 to 127 instead of -127 to 127). Worth it for 2 "
               "and 3 bits.",
       .fallback = "false"},
      {.name = "per_channel",
       .kind = ParamKind::kBool,
       .label = "One scale per channel",
       .help = "Each output channel of a weight gets its own scale: more accurate, and hardly larger.",
       .fallback = "true"},
      {.name = "block_size",
       .kind = ParamKind::kInt,
       .label = "Weight block",
       .help = "So many neighbouring input channels of a weight share a scale (opset 21), usually 16 to 128; 0: no "
               "blocks. For few bits; runs in float arithmetic.",
       .fallback = "0",
       .low = 0,
       .high = 65536},
      {.name = "reduce_range",
       .kind = ParamKind::kBool,
       .label = "One bit less for weights",
       .help = "Use half of the weights' integers, so that older processors' 16-bit sums cannot overflow.",
       .fallback = "false"},
      {.name = "power_of_two",
       .kind = ParamKind::kBool,
       .label = "Power-of-two scales",
       .help = "Round every scale up to a power of two: simple hardware then shifts instead of multiplying.",
       .fallback = "false"},
      {.name = "rounding",
       .kind = ParamKind::kChoice,
       .label = "Rounding of weights",
       .help = "nearest loses least. stochastic rounds up or down by chance, right on average; floor always down.",
       .fallback = "\"nearest\"",
       .choices = kRoundings},
      {.name = "seed",
       .kind = ParamKind::kInt,
       .label = "Seed",
       .help = "Where stochastic rounding starts: the same seed gives the same file.",
       .fallback = "0",
       .low = 0,
       .high = 4294967295.0},
      {.name = "skip_islands",
       .kind = ParamKind::kBool,
       .label = "Sums stay float between float operators",
       .help = "Add, Mul and the like whose results no product of weights reads, such as the residual sums of a "
               "transformer, stay float: integers would win no time there, and cost accuracy.",
       .fallback = "false"},
      {.name = "overrides",
       .kind = ParamKind::kObjectList,
       .label = "Exceptions",
       .help = "Nodes that stay float or get another width, tensors whose range is given by hand.",
       .fallback = "[]",
       .fields = override_fields()},
      kSelectOpTypes,
      kExcludeOpTypes,
      kSelectNodes,
      kExcludeNodes,
  };
  return specs;
}

Result<QuantizeOptions> read_quantize_options(const Params& params, const Model& model) {
  QuantizeOptions options;
  const bool even = params.flag("activation_symmetric"), pow2 = params.flag("power_of_two");
  options.activation.observer = params.choice("activation_observer");
  options.activation.grid = {.bits = static_cast<int>(params.integer("activation_bits")),
                             .is_signed = params.choice("activation_type") == "int8",
                             .symmetric = even,
                             .restricted = even,
                             .power_of_two = pow2,
                             .least_storage = 8};
  options.weight = read_weight_scheme(params);
  options.observing.percentile = params.number("percentile");
  options.deviations = params.number("deviations");
  options.skip_islands = params.flag("skip_islands");
  if (options.activation.grid.is_signed && !options.weight.grid.is_signed) {
    return refuse("weight_type", "int8 activations do not go with uint8 weights: no runtime multiplies them",
                  "Use int8 weights, or uint8 activations.");
  }
  HT_ASSIGN(static_cast<NodeSelection&>(options), read_selection(kPass, params, quantizable_operators(), model.graph));
  HT_ASSIGN(options.overrides, read_overrides(params.objects("overrides"), model.graph));
  for (const Override& one : options.overrides) {
    if (one.keep_float) options.exclude_nodes.push_back(one.where);
  }
  return options;
}

int64_t opset_needed(const QuantizeOptions& options) {
  const auto activation = [&](int bits) {
    GridSpec grid = options.activation.grid;
    grid.bits = bits;
    // Clip takes its bounds from inputs since 11.
    return std::max<int64_t>(needs_clip(make_grid(grid)) ? 11 : 10, opset_for(make_grid(grid).dtype, false));
  };
  const auto weight = [](const WeightScheme& scheme) {
    return std::max<int64_t>(scheme.block_size > 0 ? 21 : 10,
                             opset_for(make_grid(scheme.grid).dtype, scheme.per_channel));
  };
  int64_t needed = std::max(activation(options.activation.grid.bits), weight(options.weight));
  for (const Override& one : options.overrides) {
    WeightScheme scheme = options.weight;
    scheme.apply(one);
    needed = std::max({needed, activation(one.activation_bits.value_or(8)), weight(scheme)});
  }
  return needed;
}

}  // namespace halftone
