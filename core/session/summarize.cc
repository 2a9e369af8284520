// ModelSummary: counts over a model. Parameters are the elements of float constants and of integer constants
// that a DequantizeLinear or a quantized operator reads as data (scales and zero points are not parameters).
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/sort_order.h"
#include "core/ops/node_macs.h"
#include "core/ops/op_def.h"
#include "core/session/describe.h"
#include "core/session/describe_io.h"

namespace halftone {
namespace {

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }
bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

bool is_quantizing(const Node& node) {
  const std::string& op = node.op_type;
  return op == "QuantizeLinear" || op == "DequantizeLinear" || op == "DynamicQuantizeLinear" || op == "MatMulNBits" ||
         starts_with(op, "QLinear") || ends_with(op, "Integer");
}

// Whether the constant at this input is data of the network rather than a scale, zero point or shape.
bool is_parameter(const Node& node, size_t input, DType dtype) {
  const std::string& op = node.op_type;
  if (op == "QuantizeLinear" || op == "DequantizeLinear") return input == 0;
  if (starts_with(op, "QLinear")) {
    const bool conv = op == "QLinearConv";
    return input == 0 || input == 3 || (conv && input == 8);
  }
  if (ends_with(op, "Integer")) return input < 2;
  if (op == "MatMulNBits") return input == 1;
  return is_float(dtype);
}

int64_t count_parameters(const Graph& graph) {
  std::set<ValueId> seen;
  int64_t total = 0;
  for (const Node& node : graph.nodes) {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id == kNoValue || !graph.value(id).is_constant()) continue;
      const Tensor& constant = graph.value(id).constant;
      if (is_parameter(node, i, constant.dtype()) && seen.insert(id).second) total += constant.size();
    }
    for (const auto& [key, attribute] : node.attributes) {
      if (const auto* tensor = std::get_if<Tensor>(&attribute.value); tensor && is_float(tensor->dtype())) {
        total += tensor->size();
      } else if (const auto* nested = std::get_if<GraphPtr>(&attribute.value); nested && *nested) {
        total += count_parameters(**nested);
      }
    }
  }
  return total;
}

struct OpUse {
  int64_t count = 0;
  bool supported = true;
  Json::Array nodes;
};
using OpUses = std::map<std::pair<std::string, std::string>, OpUse>;  // (domain, op)

void count_operators(const Model& model, const Graph& graph, OpUses& uses) {
  for (const Node& node : graph.nodes) {
    OpUse& use = uses[{node.domain, node.op_type}];
    ++use.count;
    const OpDef* op = find_op(node.domain, node.op_type, model.opset(node.domain));
    if (op == nullptr || op->run == nullptr) {
      use.supported = false;
      use.nodes.push_back(node_label(graph, node));
    }
    for (const auto& [key, attribute] : node.attributes) {
      if (const auto* nested = std::get_if<GraphPtr>(&attribute.value); nested && *nested) {
        count_operators(model, **nested, uses);
      }
    }
  }
}

Json shape_json(const SymShape& shape) {
  if (!shape.has_rank()) return nullptr;
  Json::Array dims;
  for (const Dim& dim : shape.dims()) {
    if (dim.known()) {
      dims.push_back(dim.value);
    } else if (!dim.symbol.empty()) {
      dims.push_back(dim.symbol);
    } else {
      dims.emplace_back();
    }
  }
  return dims;
}

Json values_json(const Graph& graph, const std::vector<ValueId>& ids) {
  Json::Array list;
  for (ValueId id : ids) list.push_back(value_json(graph.value(id)));
  return list;
}

}  // namespace

Json value_json(const Value& value) {
  const DType dtype = value.dtype == DType::kUndefined ? value.constant.dtype() : value.dtype;
  const bool from_constant = value.is_constant() && !value.shape.has_rank();
  return Json::Object{{"name", value.name},
                      {"type", dtype == DType::kUndefined ? Json("unknown") : Json(dtype_name(dtype))},
                      {"shape", shape_json(from_constant ? SymShape::of(value.constant.dims()) : value.shape)}};
}

bool is_quantized(const Graph& graph) { return std::any_of(graph.nodes.begin(), graph.nodes.end(), is_quantizing); }

Json summarize(const Model& model, int64_t bytes) {
  const Graph& graph = model.graph;
  OpUses uses;
  count_operators(model, graph, uses);
  std::vector<std::pair<std::pair<std::string, std::string>, OpUse>> counted(uses.begin(), uses.end());
  const auto more = [&](int64_t a, int64_t b) {
    return counted[static_cast<size_t>(a)].second.count > counted[static_cast<size_t>(b)].second.count;
  };
  Json::Array operators, unsupported;
  for (const int64_t i : sorted_order(static_cast<int64_t>(counted.size()), more)) {
    auto& [key, use] = counted[static_cast<size_t>(i)];
    const auto& [domain, op] = key;
    operators.push_back(
        Json::Object{{"op", op}, {"domain", domain}, {"count", use.count}, {"supported", use.supported}});
    if (!use.supported) {
      unsupported.push_back(Json::Object{{"op", op}, {"domain", domain}, {"nodes", std::move(use.nodes)}});
    }
  }
  int64_t macs = 0;
  for (const Node& node : graph.nodes) macs += node_macs(model, graph, node);
  std::string producer = model.producer_name;
  if (!model.producer_version.empty()) producer += (producer.empty() ? "" : " ") + model.producer_version;
  return Json::Object{{"inputs", values_json(graph, graph.inputs)},
                      {"outputs", values_json(graph, graph.outputs)},
                      {"nodes", static_cast<int64_t>(graph.nodes.size())},
                      {"parameters", count_parameters(graph)},
                      {"macs", macs},
                      {"bytes", bytes},
                      {"opset", model.opset()},
                      {"irVersion", model.ir_version},
                      {"producer", std::move(producer)},
                      {"quantized", is_quantized(graph)},
                      {"operators", std::move(operators)},
                      {"unsupported", std::move(unsupported)},
                      {"io", describe_io(model)}};
}

}  // namespace halftone
