// Runs one operator on tensors, outside of any program: for constants in shape inference and folding, and in tests.
#pragma once

#include <span>
#include <vector>

#include "core/ops/op_def.h"
#include "core/tensor/tensor.h"

namespace halftone {

struct EvaluateOptions {
  int64_t max_output_bytes = kMaxBytes;  // a larger output is kOutOfMemory
};

// Float mode. `inputs` are the node's, an undefined Tensor for an omitted one; all count as constants for prepare.
// Returns one tensor per output of the node, undefined for an omitted one. Errors: the operator's own,
// kUnsupportedOperator where `op` has no run, kOutOfMemory.
Result<std::vector<Tensor>> evaluate_node(const OpDef& op, const Node& node, int64_t opset,
                                          std::span<const Tensor> inputs, const EvaluateOptions& options = {});

}  // namespace halftone
