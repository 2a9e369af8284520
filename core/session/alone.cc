// Cuts the graph behind every layer's value.
#include "core/session/alone.h"

#include <algorithm>

#include "core/graph/names.h"

namespace halftone {
namespace {

const Node* reader_of(const Graph& graph, const UseMap& uses, ValueId id, std::string_view op) {
  for (const Use& use : uses.uses(id)) {
    if (use.node < 0 || use.input != 0) continue;
    const Node& node = graph.nodes[static_cast<size_t>(use.node)];
    if (node.op_type == op && node.domain.empty()) return &node;
  }
  return nullptr;
}

// The QuantizeLinear that reads `id`, where a DequantizeLinear reads that one.
const Node* quantizer(const Graph& graph, const UseMap& uses, ValueId id, const Node** dequantizer) {
  const Node* quantize = reader_of(graph, uses, id, "QuantizeLinear");
  if (quantize == nullptr) return nullptr;
  *dequantizer = reader_of(graph, uses, quantize->outputs[0], "DequantizeLinear");
  return *dequantizer == nullptr ? nullptr : quantize;
}

}  // namespace

ValueId seen_by_consumers(const Graph& graph, const UseMap& uses, ValueId id) {
  const Node* dequantize = nullptr;
  return quantizer(graph, uses, id, &dequantize) == nullptr ? id : dequantize->outputs[0];
}

std::optional<Range> quantized_reach(const Graph& graph, const UseMap& uses, ValueId id) {
  const Node* quantize = reader_of(graph, uses, id, "QuantizeLinear");
  const int32_t maker = uses.producer(id);
  if (quantize == nullptr && maker >= 0 && graph.nodes[static_cast<size_t>(maker)].op_type == "DequantizeLinear") {
    quantize = &graph.nodes[static_cast<size_t>(maker)];
  }
  if (quantize == nullptr) return std::nullopt;
  const Tensor& scale = graph.value(quantize->inputs[1]).constant;
  const Tensor zero = quantize->input(2) == kNoValue ? Tensor() : graph.value(quantize->inputs[2]).constant;
  if (!scale.defined() || scale.size() != 1 || scale.dtype() != DType::kFloat || !zero.defined()) return std::nullopt;
  const auto code = to_ints(zero);
  if (!code.ok()) return std::nullopt;
  const DTypeInfo& type = dtype_info(zero.dtype());
  const double s = scale.data<float>()[0], z = static_cast<double>((*code)[0]);
  return Range{static_cast<float>((static_cast<double>(type.lowest) - z) * s),
               static_cast<float>((static_cast<double>(type.highest) - z) * s)};
}

LayersAlone layers_alone(const Model& model, const std::vector<std::string>& names) {
  LayersAlone alone{model, names, {}};
  Graph& graph = alone.model.graph;
  const UseMap uses(model.graph);
  NameIndex index(graph);
  graph.outputs.clear();
  for (const std::string& name : names) {
    const ValueId id = index.find_value(name);
    const Value before = graph.value(id);
    const ValueId made = index.add_value(name + "_alone", before.dtype, before.shape);
    std::vector<ValueId>& outputs = graph.nodes[static_cast<size_t>(uses.producer(id))].outputs;
    std::replace(outputs.begin(), outputs.end(), id, made);
    graph.inputs.push_back(id);
    ValueId seen = made;
    const Node* dequantize = nullptr;
    if (const Node* quantize = quantizer(model.graph, uses, id, &dequantize)) {
      for (const Node* one : {quantize, dequantize}) {
        Node copy = *one;
        copy.name = index.take_node_name(one->name);
        const Value& result = model.graph.value(one->outputs[0]);
        copy.inputs[0] = seen;
        seen = index.add_value(result.name, result.dtype, result.shape);
        copy.outputs[0] = seen;
        graph.nodes.push_back(std::move(copy));
      }
    }
    graph.outputs.push_back(seen);
    alone.output.emplace(name, graph.value(seen).name);
  }
  return alone;
}

}  // namespace halftone
