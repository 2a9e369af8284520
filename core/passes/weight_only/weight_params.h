// What the passes for weights alone share of their parameters: how much of a weight has a scale of its own.
#pragma once

#include <array>
#include <functional>
#include <string_view>
#include <vector>

#include "core/graph/graph.h"
#include "core/passes/pass_def.h"
#include "core/passes/weight_only/group_codes.h"

namespace halftone {

inline constexpr std::array<std::string_view, 3> kScaleGroups = {"channel", "block", "tensor"};

// `fallback` as JSON text, `help` of the pass.
constexpr ParamSpec scales_spec(std::string_view fallback, std::string_view help) {
  return {.name = "scales",
          .kind = ParamKind::kChoice,
          .label = "One scale for each",
          .help = help,
          .fallback = fallback,
          .choices = kScaleGroups};
}

constexpr ParamSpec block_size_spec(std::string_view fallback, std::string_view help) {
  return {.name = "block_size",
          .kind = ParamKind::kInt,
          .label = "Block size",
          .help = help,
          .fallback = fallback,
          .low = 16,
          .high = 256};
}

// What the parameter "scales" says.
Granularity read_granularity(const Params& params);

// Weights of a prepared model, which is raised to the opset that storing them takes, `opset_of` each. Errors: as
// raise_opset().
Result<std::vector<WeightOf>> find_weights(Model& model, const NodeSelection& selection, WeightReport& report,
                                           const std::function<int64_t(const WeightOf&)>& opset_of);

// The model ready to be quantized, in `opset` at least. Errors: as prepare_to_quantize() and raise_opset().
Result<Model> prepare_weights(const Model& model, int64_t opset);

}  // namespace halftone
