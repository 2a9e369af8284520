// What the integers of a graph mean, value by value, for whoever draws it.
#include <algorithm>

#include "core/compile/match.h"
#include "core/compile/quant_match.h"
#include "core/session/describe.h"

namespace halftone {
namespace {

constexpr size_t kMaxListed = 64;  // parameters shown of a value that has many

template <typename T>
Json list_json(const std::vector<T>& list) {
  Json out = Json::array();
  for (size_t i = 0; i < std::min(list.size(), kMaxListed); ++i) out.push(list[i]);
  return out;
}

Json params_json(const QuantParams& params) {
  Json out = Json::Object{{"scales", list_json(params.scale)},
                          {"zeroPoints", list_json(params.zero_point)},
                          {"count", static_cast<int64_t>(params.scale.size())}};
  if (params.per_tensor()) return out;
  out.set("axis", params.axis);
  if (params.block_size > 0) out.set("blockSize", params.block_size);
  return out;
}

// Scale and zero point at two inputs of an operator that takes them beside its data.
std::optional<QuantParams> params_at(const Graph& graph, const Node& node, size_t scale, int64_t axis) {
  const auto scales = float_constant(graph, node.input(scale));
  const auto zeros = int_constant(graph, node.input(scale + 1));
  if (!scales || scales->empty()) return std::nullopt;
  QuantParams params;
  params.scale = *scales;
  params.zero_point.assign(scales->size(), 0);
  for (size_t i = 0; zeros && i < params.zero_point.size(); ++i) {
    params.zero_point[i] = static_cast<int32_t>((*zeros)[zeros->size() == 1 ? 0 : i]);
  }
  params.axis = scales->size() == 1 ? -1 : axis;
  return params;
}

}  // namespace

std::vector<Json> describe_quant(const Graph& graph) {
  std::vector<Json> found(graph.values.size());
  const auto add = [&](ValueId id, const std::optional<QuantParams>& params) {
    if (id != kNoValue && params) found[static_cast<size_t>(id)] = params_json(*params);
  };
  for (const Node& node : graph.nodes) {
    if (is_op(node, "QuantizeLinear")) add(node.output(0), quant_params(graph, node));
    if (is_op(node, "DequantizeLinear")) add(node.input(0), quant_params(graph, node));
    const bool conv = is_op(node, "QLinearConv");
    if (!conv && !is_op(node, "QLinearMatMul")) continue;
    add(node.input(0), params_at(graph, node, 1, 0));
    add(node.input(3), params_at(graph, node, 4, conv ? 0 : 1));
    add(node.output(0), params_at(graph, node, 6, 0));
  }
  return found;
}

}  // namespace halftone
