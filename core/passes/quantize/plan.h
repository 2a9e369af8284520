// The plan of static quantization: which nodes, and which tensors share one set of parameters.
//
// Compute nodes (weighted, elementwise, fixed output) give parameters to their float inputs and outputs.
// Movers (MaxPool, Reshape, Concat ...) only carry elements: what they touch forms one group with one scale, and they
// join when something else in the group is quantized. A Relu or Clip behind a compute node is an activation: the range
// is measured behind it, and the clamp at the integers' ends may make it redundant (fold.h).
// Plans nothing about numbers: calibrate.h measures, weights.h encodes, insert.h edits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/graph/graph.h"
#include "core/ops/op_def.h"
#include "core/passes/quantize/options.h"

namespace halftone {

enum class NodeRole : uint8_t {
  kFloat,        // stays as it is; `reason` says why
  kWeighted,     // input 0 x constant weight (+ constant bias)
  kElementwise,  // float inputs and outputs have parameters; constants among the inputs are quantized alike
  kMover,        // its tensors share one group
  kActivation,   // a Relu or Clip attached to the compute node before it
  kClamp,        // any other Relu or Clip between quantized tensors
};

struct NodePlan {
  NodeRole role = NodeRole::kFloat;
  const QuantRule* rule = nullptr;
  std::string reason;
};

// Tensors with one scale and zero point.
struct TensorGroup {
  std::vector<ValueId> members;   // in order of appearance
  std::vector<ValueId> observed;  // those whose values determine the range
  std::optional<Range> fixed;     // known beforehand (Softmax); joined with what is observed
  std::optional<Range> given;     // by the recipe; counts instead of anything else
  std::string observer;
  Grid grid;
};

// `node` clamps `input`, the output of `producer`, to [low, high]; its output is what determines the range.
struct AttachedActivation {
  int32_t node = -1, producer = -1;
  ValueId input = kNoValue, output = kNoValue;
  float low = 0, high = 0;
};

struct QuantPlan {
  std::vector<NodePlan> nodes;    // as graph.nodes
  std::vector<int32_t> group_of;  // by ValueId; -1: stays float
  std::vector<TensorGroup> groups;
  std::vector<AttachedActivation> activations;

  bool quantized(size_t node) const { return nodes[node].role != NodeRole::kFloat; }
  int32_t group(ValueId id) const { return id == kNoValue ? -1 : group_of[static_cast<size_t>(id)]; }
};

// `model`'s shapes are inferred and its nodes in topological order.
QuantPlan plan_quantization(const Model& model, const QuantizeOptions& options);

}  // namespace halftone
