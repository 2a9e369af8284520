// The oldest files: `consumed_inputs` (a memory hint, gone in 6), type names in Cast (6), Concat's default axis (4), Lp
// norms as floats (2), recurrent `output_sequence` (7), Scatter's new name (11), and the experimental operators that
// exporters used until opset 9 and no runtime knows from 10 on, spelled out in standard ones. Reference: ONNX,
// docs/Changelog.md; for Affine, Crop, ImageScaler, ParametricSoftplus, ScaledTanh onnx 1.4's experimental definitions.
#include <limits>

#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

Status drop_consumed_inputs(OpsetEdit& edit) {
  edit.node().attributes.erase("consumed_inputs");
  return ok_status();
}

Status cast_to_6(OpsetEdit& edit) {
  static constexpr std::string_view kNames[] = {"UNDEFINED", "FLOAT",  "UINT8",     "INT8",      "UINT16",  "INT16",
                                                "INT32",     "INT64",  "STRING",    "BOOL",      "FLOAT16", "DOUBLE",
                                                "UINT32",    "UINT64", "COMPLEX64", "COMPLEX128"};
  if (std::holds_alternative<int64_t>(edit.node().attributes["to"].value)) return ok_status();
  const std::string name = edit.node().string_attr("to", "");
  for (size_t code = 1; code < std::size(kNames); ++code) {
    if (kNames[code] != name) continue;
    edit.node().attributes.insert_or_assign("to", Attribute(static_cast<int64_t>(code)));
    return ok_status();
  }
  return edit.cannot("'" + name + "' is no element type.");
}

Status concat_to_4(OpsetEdit& edit) {
  edit.node().attributes.emplace("axis", Attribute(int64_t{1}));
  return ok_status();
}

Status lp_to_2(OpsetEdit& edit) {
  const float p = edit.node().float_attr("p", 2);
  if (p != static_cast<float>(static_cast<int64_t>(p))) return edit.cannot("p is not a whole number.");
  edit.node().attributes.insert_or_assign("p", Attribute(static_cast<int64_t>(p)));
  return ok_status();
}

Status drop_output_sequence(OpsetEdit& edit) {
  edit.node().attributes.erase("output_sequence");
  return ok_status();
}

Status scatter_to_11(OpsetEdit& edit) {
  edit.node().op_type = "ScatterElements";
  return ok_status();
}

// The node turns into `op`(x, factor), and `last`(that, shift) takes over its output.
Status scale_and_shift(OpsetEdit& edit, ValueId factor, ValueId shift) {
  const ValueId y = edit.node().outputs.at(0);
  edit.node().op_type = "Mul";
  edit.node().attributes.clear();
  edit.set_input(1, factor);
  const ValueId scaled = edit.detach_output("scaled");
  edit.add_node_to(y, "Add", {scaled, shift});
  return ok_status();
}

// y = alpha * x + beta
Status affine_to_10(OpsetEdit& edit) {
  const DType dtype = edit.dtype(edit.node().input(0));
  const float alpha = edit.node().float_attr("alpha", 1), beta = edit.node().float_attr("beta", 0);
  const ValueId factor = edit.add_number("alpha", alpha, dtype);
  return scale_and_shift(edit, factor, edit.add_number("beta", beta, dtype));
}

// y = scale * x + bias[channel], x: [N, C, H, W]
Status image_scaler_to_10(OpsetEdit& edit) {
  const std::vector<float> bias = edit.node().floats_attr("bias");
  const float scale = edit.node().float_attr("scale", 1);
  const Dims dims = {static_cast<int64_t>(bias.size()), 1, 1};
  const ValueId factor = edit.add_number("scale", scale, DType::kFloat);
  return scale_and_shift(edit, factor, edit.add_constant("bias", Tensor::of<float>(dims, bias)));
}

// Cuts border = [left, top, right, bottom] off x: [N, C, H, W]; with `scale` = [height, width] right and bottom follow.
Status crop_to_10(OpsetEdit& edit) {
  const std::vector<int64_t> border = edit.node().ints_attr("border"), size = edit.node().ints_attr("scale");
  if (border.size() < 4) return edit.cannot("it has no border.");
  if (!size.empty() && size.size() != 2) return edit.cannot("its scale is not [height, width].");
  constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();
  const int64_t starts[] = {border[1], border[0]}, axes[] = {2, 3};
  int64_t ends[] = {border[3] > 0 ? -border[3] : kEnd, border[2] > 0 ? -border[2] : kEnd};
  for (size_t i = 0; i < size.size(); ++i) ends[i] = starts[i] + size[i];
  edit.node().op_type = "Slice";
  edit.node().attributes.clear();
  edit.set_input(1, edit.add_ints("starts", starts));
  edit.set_input(2, edit.add_ints("ends", ends));
  edit.set_input(3, edit.add_ints("axes", axes));
  return ok_status();
}

// y = alpha * f(beta * x)
Status scaled_function(OpsetEdit& edit, std::string_view function) {
  const DType dtype = edit.dtype(edit.node().input(0));
  const float alpha = edit.node().float_attr("alpha", 1), beta = edit.node().float_attr("beta", 1);
  const ValueId y = edit.node().outputs.at(0), x = edit.node().input(0);
  const ValueId inner = edit.add_node("Mul", "inner", {x, edit.add_number("beta", beta, dtype)});
  const ValueId factor = edit.add_number("alpha", alpha, dtype);
  edit.node().op_type = function;
  edit.node().attributes.clear();
  edit.node().inputs = {inner};
  const ValueId curve = edit.detach_output("curve");
  edit.add_node_to(y, "Mul", {curve, factor});
  return ok_status();
}

Status parametric_softplus_to_10(OpsetEdit& edit) { return scaled_function(edit, "Softplus"); }
Status scaled_tanh_to_10(OpsetEdit& edit) { return scaled_function(edit, "Tanh"); }

constexpr OpsetAdapter kAdapters[] = {
    {"Cast", 6, cast_to_6},
    {"Concat", 4, concat_to_4},
    {"GlobalLpPool", 2, lp_to_2},
    {"LpPool", 2, lp_to_2},
    {"GRU", 7, drop_output_sequence},
    {"LSTM", 7, drop_output_sequence},
    {"RNN", 7, drop_output_sequence},
    {"Scatter", 11, scatter_to_11},
    {"Affine", 10, affine_to_10},
    {"Crop", 10, crop_to_10},
    {"ImageScaler", 10, image_scaler_to_10},
    {"ParametricSoftplus", 10, parametric_softplus_to_10},
    {"ScaledTanh", 10, scaled_tanh_to_10},
    {"Abs", 6, drop_consumed_inputs},
    {"Add", 6, drop_consumed_inputs},
    {"BatchNormalization", 6, drop_consumed_inputs},
    {"Ceil", 6, drop_consumed_inputs},
    {"Clip", 6, drop_consumed_inputs},
    {"Div", 6, drop_consumed_inputs},
    {"Dropout", 6, drop_consumed_inputs},
    {"Elu", 6, drop_consumed_inputs},
    {"Exp", 6, drop_consumed_inputs},
    {"Floor", 6, drop_consumed_inputs},
    {"HardSigmoid", 6, drop_consumed_inputs},
    {"InstanceNormalization", 6, drop_consumed_inputs},
    {"LeakyRelu", 6, drop_consumed_inputs},
    {"Log", 6, drop_consumed_inputs},
    {"Max", 6, drop_consumed_inputs},
    {"Mean", 6, drop_consumed_inputs},
    {"Min", 6, drop_consumed_inputs},
    {"Mul", 6, drop_consumed_inputs},
    {"Neg", 6, drop_consumed_inputs},
    {"PRelu", 6, drop_consumed_inputs},
    {"Reciprocal", 6, drop_consumed_inputs},
    {"Relu", 6, drop_consumed_inputs},
    {"Selu", 6, drop_consumed_inputs},
    {"Sigmoid", 6, drop_consumed_inputs},
    {"Sqrt", 6, drop_consumed_inputs},
    {"Sub", 6, drop_consumed_inputs},
    {"Sum", 6, drop_consumed_inputs},
    {"Tanh", 6, drop_consumed_inputs},
};

}  // namespace

std::span<const OpsetAdapter> legacy_adapters() { return kAdapters; }

}  // namespace halftone
