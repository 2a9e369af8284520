// Real float16, bfloat16 and float64 models out of float32 ones, for tests.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "core/graph/graph.h"
#include "core/tensor/convert.h"

namespace halftone::testing {

// Turns a float32 model, and its feeds, into one of another float type: constants, graph inputs and outputs, Cast
// targets. Resize's scales stay, which ONNX has in float32 only.
class Retype {
 public:
  explicit Retype(DType to) : to_(to) {}

  void tensor(Tensor& tensor) {
    if (to_ == DType::kFloat || tensor.dtype() != DType::kFloat) return;
    tensor = *convert(tensor, to_);
    any_ = true;
  }

  void graph(Graph& graph) {
    std::set<std::string> stays;
    for (const Node& node : graph.nodes) {
      if (node.op_type != "Resize") continue;
      for (ValueId id : node.inputs) {
        if (id != kNoValue && id != node.inputs[0]) stays.insert(graph.value(id).name);
      }
    }
    for (Value& value : graph.values) {
      if (value.is_constant() && !stays.count(value.name)) tensor(value.constant);
      if (value.dtype == DType::kFloat && !stays.count(value.name)) value.dtype = to_;
    }
    for (Node& node : graph.nodes) {
      spell_out(node);
      for (auto& [key, attribute] : node.attributes) this->attribute(key, attribute);
    }
  }

  bool any() const { return any_; }

 private:
  // Constant's value_float, which is float32 by its name, as a tensor.
  static void spell_out(Node& node) {
    const auto found = node.attributes.find("value_float");
    if (found == node.attributes.end()) return;
    const float value = node.float_attr("value_float", 0);
    node.attributes.erase(found);
    node.attributes["value"] = Attribute(Tensor::scalar<float>(value));
  }

  void attribute(const std::string& key, Attribute& attribute) {
    if (auto* one = std::get_if<Tensor>(&attribute.value)) {
      tensor(*one);
    } else if (auto* number = std::get_if<int64_t>(&attribute.value)) {
      const bool names_type = key == "to" || key == "dtype" || key == "output_datatype";
      if (names_type && *number == static_cast<int64_t>(DType::kFloat)) *number = static_cast<int64_t>(to_);
    } else if (auto* nested = std::get_if<GraphPtr>(&attribute.value); nested && *nested) {
      auto copy = std::make_shared<Graph>(**nested);
      graph(*copy);
      *nested = std::move(copy);
    }
  }

  DType to_;
  bool any_ = false;
};

}  // namespace halftone::testing
