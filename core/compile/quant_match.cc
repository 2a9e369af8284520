// QuantizeLinear and DequantizeLinear nodes as QuantParams. Source: ONNX QuantizeLinear-10 to -23.
#include "core/compile/quant_match.h"

#include <cmath>

#include "core/compile/match.h"

namespace halftone {
namespace {

DType integer_type(const Graph& graph, const Node& node, bool quantize) {
  if (const Tensor* zero = constant_of(graph, node.input(2))) return zero->dtype();
  if (!quantize) return graph.value(node.input(0)).dtype;
  const int64_t code = node.int_attr("output_dtype", 0);
  if (code == 0) return DType::kUint8;
  return dtype_from_onnx(static_cast<int32_t>(code)).value_or(DType::kUndefined);
}

}  // namespace

std::optional<QuantParams> quant_params(const Graph& graph, const Node& node) {
  const bool quantize = is_op(node, "QuantizeLinear");
  if (!quantize && !is_op(node, "DequantizeLinear")) return std::nullopt;
  if (node.input(0) == kNoValue || node.output(0) == kNoValue) return std::nullopt;
  const auto scale = float_constant(graph, node.input(1));
  if (!scale || scale->empty()) return std::nullopt;
  for (float s : *scale) {
    if (!(s > 0) || !std::isfinite(s)) return std::nullopt;
  }
  QuantParams params;
  params.dtype = integer_type(graph, node, quantize);
  if (!is_integer(params.dtype)) return std::nullopt;
  params.scale = *scale;
  params.zero_point.assign(scale->size(), 0);
  if (node.input(2) != kNoValue) {
    const auto zero = int_constant(graph, node.input(2));
    if (!zero || zero->size() != scale->size()) return std::nullopt;
    for (size_t i = 0; i < zero->size(); ++i) params.zero_point[i] = static_cast<int32_t>((*zero)[i]);
  }
  if (scale->size() == 1) return params;

  const SymShape& shape = graph.value(node.input(0)).shape;
  params.block_size = node.int_attr("block_size", 0);
  const auto axis = normalize_axis(node.int_attr("axis", 1), shape.has_rank() ? shape.rank() : 0);
  if (!axis) return std::nullopt;
  params.axis = *axis;
  if (params.block_size == 0 && !shape[*axis].same(Dim(static_cast<int64_t>(scale->size())))) return std::nullopt;
  return params;
}

}  // namespace halftone
