// Every layer of a quantized model by itself: the layer's own error, where comparing both models layer by layer shows
// what has piled up until there.
//
// Before: ... -> op1 -> u -> Q -> DQ -> op2 -> v -> Q -> DQ -> ...
// After:  u (a new input) -> Q -> DQ -> op2 -> v' -> Q -> DQ -> (a new output), and so for every layer
// Fed with the float model's values, each output is off by the rounding of that layer's inputs, weights and output
// alone. Integers that fill only a part of their type have a Clip before Q, which counts as a part of it.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/graph/edit.h"
#include "core/stats/choose_params.h"

namespace halftone {

// The DequantizeLinear output that stands for `id` once it is quantized; `id` itself where it is not.
ValueId seen_by_consumers(const Graph& graph, const UseMap& uses, ValueId id);

// The reals that the QuantizeLinear behind (or before) `id` can represent; nullopt: it is not quantized per tensor.
std::optional<Range> quantized_reach(const Graph& graph, const UseMap& uses, ValueId id);

struct LayersAlone {
  Model model;                                          // its outputs are the layers'
  std::vector<std::string> inputs;                      // values of the float model to be fed with
  std::unordered_map<std::string, std::string> output;  // by the layer's name: of the model
};

// names: of values that nodes of `model` make, none of them twice.
LayersAlone layers_alone(const Model& model, const std::vector<std::string>& names);

}  // namespace halftone
