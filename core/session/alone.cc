// Cuts the graph behind every layer's value.
#include "core/session/alone.h"

#include <algorithm>

#include "core/compile/rewrites/clip_range.h"
#include "core/graph/names.h"

namespace halftone {
namespace {

// Integers narrower than their type have a Clip before QuantizeLinear (core/passes/quantize/insert.cc). The name of
// what it makes tells it from a Clip of the model's own.
bool simulates(const Graph& graph, const Node& node) {
  return node.op_type != "Clip" || graph.value(node.outputs[0]).name.find("_clipped") != std::string::npos;
}

const Node* reader_of(const Graph& graph, const UseMap& uses, ValueId id, std::string_view op) {
  for (const Use& use : uses.uses(id)) {
    if (use.node < 0 || use.input != 0) continue;
    const Node& node = graph.nodes[static_cast<size_t>(use.node)];
    if (node.op_type == op && node.domain.empty() && simulates(graph, node)) return &node;
  }
  return nullptr;
}

const Node* maker_of(const Graph& graph, const UseMap& uses, ValueId id, std::string_view op) {
  const int32_t n = id == kNoValue ? -1 : uses.producer(id);
  if (n < 0) return nullptr;
  const Node& node = graph.nodes[static_cast<size_t>(n)];
  return node.op_type == op && node.domain.empty() && simulates(graph, node) ? &node : nullptr;
}

// The nodes that quantize `id`: [Clip ->] QuantizeLinear -> DequantizeLinear, the last two null where they are missing.
struct Quantizer {
  const Node *clip = nullptr, *quantize = nullptr, *dequantize = nullptr;
};

Quantizer quantizer(const Graph& graph, const UseMap& uses, ValueId id) {
  Quantizer found;
  found.clip = reader_of(graph, uses, id, "Clip");
  found.quantize = reader_of(graph, uses, found.clip == nullptr ? id : found.clip->outputs[0], "QuantizeLinear");
  if (found.quantize != nullptr) {
    found.dequantize = reader_of(graph, uses, found.quantize->outputs[0], "DequantizeLinear");
  }
  return found;
}

// Where integers that fill only a part of their type end: at a Clip before a QuantizeLinear of this scale. Those that
// are only moved share the scale of what was clipped.
const Node* clip_of(const Graph& graph, const UseMap& uses, ValueId scale) {
  for (const Use& use : uses.uses(scale)) {
    if (use.node < 0) continue;
    const Node* clip = maker_of(graph, uses, graph.nodes[static_cast<size_t>(use.node)].inputs[0], "Clip");
    if (clip != nullptr) return clip;
  }
  return nullptr;
}

}  // namespace

ValueId seen_by_consumers(const Graph& graph, const UseMap& uses, ValueId id) {
  const Node* dequantize = quantizer(graph, uses, id).dequantize;
  return dequantize == nullptr ? id : dequantize->outputs[0];
}

std::optional<Range> quantized_reach(const Graph& graph, const UseMap& uses, ValueId id) {
  const Node* quantize = quantizer(graph, uses, id).quantize;
  if (quantize == nullptr) quantize = maker_of(graph, uses, id, "DequantizeLinear");
  if (quantize == nullptr) return std::nullopt;
  if (const Node* clip = clip_of(graph, uses, quantize->inputs[1])) {
    const auto bounds = clip_range(graph, *clip);
    return bounds ? std::optional(Range{bounds->lo, bounds->hi}) : std::nullopt;
  }
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
    const Quantizer behind = quantizer(model.graph, uses, id);
    if (behind.dequantize != nullptr) {
      for (const Node* one : {behind.clip, behind.quantize, behind.dequantize}) {
        if (one == nullptr) continue;
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
