// Small models for the passes' tests, written down as a list of nodes.
#pragma once

#include <string>
#include <vector>

#include "core/base/rng.h"
#include "core/graph/edit.h"
#include "core/graph/graph.h"
#include "core/ops/shape_inference.h"

namespace halftone::testing {

class Build {
 public:
  explicit Build(int64_t opset = 13, int64_t ir_version = 8) {
    model_.opset_imports[""] = opset;
    model_.ir_version = ir_version;
    model_.graph.name = "test";
  }

  Build& input(const std::string& name, const Dims& dims, DType dtype = DType::kFloat) {
    const ValueId id = model_.graph.add_value(name, dtype, SymShape::of(dims));
    model_.graph.inputs.push_back(id);
    return *this;
  }
  Build& constant(const std::string& name, Tensor tensor) {
    model_.graph.add_constant(name, std::move(tensor));
    return *this;
  }
  // Values start * 1, start * 2 ... alternating in sign: nothing is symmetric or equal by accident.
  Build& weights(const std::string& name, const Dims& dims, float step = 0.01f) {
    std::vector<float> values(static_cast<size_t>(*element_count(dims)));
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = step * static_cast<float>(i % 97 + 1) * (i % 3 == 1 ? -1.0f : 1.0f);
    }
    return constant(name, Tensor::of<float>(dims, values));
  }
  // The node's name is its first output's with "node_" before it.
  Build& node(const std::string& op_type, const std::vector<std::string>& inputs,
              const std::vector<std::string>& outputs, Attributes attributes = {}) {
    Node node;
    node.op_type = op_type;
    node.name = "node_" + outputs.front();
    for (const std::string& name : inputs) node.inputs.push_back(name.empty() ? kNoValue : value(name));
    for (const std::string& name : outputs) node.outputs.push_back(value(name));
    node.attributes = std::move(attributes);
    model_.graph.nodes.push_back(std::move(node));
    return *this;
  }
  Build& output(const std::string& name) {
    model_.graph.outputs.push_back(value(name));
    return *this;
  }
  // CHECKs that the model is valid.
  Model done() {
    HT_CHECK(sort_topologically(model_.graph).ok());
    HT_CHECK(infer_shapes(model_).ok());
    HT_CHECK(verify(model_.graph, ErrorCode::kInvalidModel).ok());
    return std::move(model_);
  }
  // The model as it stands, unchecked.
  Model take() { return std::move(model_); }

 private:
  ValueId value(const std::string& name) {
    const ValueId id = model_.graph.find_value(name);
    return id != kNoValue ? id : model_.graph.add_value(name);
  }
  Model model_;
};

inline const Node* node_of(const Graph& graph, std::string_view name) {
  for (const Node& node : graph.nodes) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

inline const Node* producer_of(const Graph& graph, ValueId id) {
  for (const Node& node : graph.nodes) {
    for (ValueId output : node.outputs) {
      if (output == id) return &node;
    }
  }
  return nullptr;
}

inline int64_t count_op(const Graph& graph, std::string_view op_type) {
  int64_t n = 0;
  for (const Node& node : graph.nodes) n += node.op_type == op_type ? 1 : 0;
  return n;
}

// A feed of `values` repeated over the dims.
inline Tensor filled(const Dims& dims, const std::vector<float>& values) {
  std::vector<float> all(static_cast<size_t>(*element_count(dims)));
  for (size_t i = 0; i < all.size(); ++i) all[i] = values[i % values.size()];
  return Tensor::of<float>(dims, all);
}

inline Tensor random_tensor(const Dims& dims, uint64_t seed, float low = -1, float high = 1) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(*element_count(dims)));
  for (float& v : values) v = rng.uniform(low, high);
  return Tensor::of<float>(dims, values);
}

inline Tensor normal_tensor(const Dims& dims, uint64_t seed, float deviation = 1) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(*element_count(dims)));
  for (float& v : values) v = deviation * rng.normal();
  return Tensor::of<float>(dims, values);
}

}  // namespace halftone::testing
