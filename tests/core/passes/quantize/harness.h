// Runs quantize_static on small models and looks at what came out.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "core/compile/program.h"
#include "core/passes/quantize/quantize_static.h"
#include "tests/core/passes/build.h"
#include "tests/core/passes/run_pass.h"

namespace halftone::testing {

// The pass as a recipe drives it. `keys`: its parameters as JSON members.
inline Result<PassOutcome> apply(const Model& model, const std::string& keys, const std::vector<Feeds>& feeds) {
  return run_pass(quantize_static_pass(), model, keys, feeds);
}

// The Q/DQ pair around a tensor, found from the float value that is quantized.
struct Pair {
  const Node* quantize = nullptr;
  const Node* dequantize = nullptr;
  float scale = 0;
  int32_t zero_point = 0;
};

inline int32_t integer_at(const Tensor& t, size_t i) {
  switch (t.dtype()) {
    case DType::kInt8:
      return t.data<int8_t>()[i];
    case DType::kUint8:
      return t.data<uint8_t>()[i];
    default:
      return t.data<int32_t>()[i];
  }
}

// The pair behind the value `name`, or the pair that ends in it; nullopt: the value is not quantized.
inline std::optional<Pair> pair_of(const Graph& graph, std::string_view name) {
  const ValueId id = graph.find_value(name);
  if (id == kNoValue) return std::nullopt;
  for (const Node& dequantize : graph.nodes) {
    if (dequantize.op_type != "DequantizeLinear") continue;
    const Node* quantize = producer_of(graph, dequantize.inputs[0]);
    if (quantize == nullptr || (quantize->inputs[0] != id && dequantize.outputs[0] != id)) continue;
    const Tensor& scale = graph.value(quantize->inputs[1]).constant;
    const Tensor& zero = graph.value(quantize->inputs[2]).constant;
    return Pair{quantize, &dequantize, scale.data<float>()[0], integer_at(zero, 0)};
  }
  return std::nullopt;
}

// The DequantizeLinear that makes input i of a node; nullptr where that input is not quantized.
inline const Node* dequantized_input(const Graph& graph, const Node& node, size_t i) {
  const Node* from = producer_of(graph, node.input(i));
  return from != nullptr && from->op_type == "DequantizeLinear" ? from : nullptr;
}

inline std::string reason_of(const PassOutcome& outcome, std::string_view node) {
  for (const Json& entry : outcome.report.find("nodes")->as_array()) {
    if (entry.find("name")->as_string() != node) continue;
    const Json* reason = entry.find("reason");
    return reason == nullptr ? "" : reason->as_string();
  }
  return "(no such node)";
}

}  // namespace halftone::testing
