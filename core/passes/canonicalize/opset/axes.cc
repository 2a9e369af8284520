// Lists of integers that were attributes and became inputs: axes of Squeeze, Unsqueeze and ReduceSum (13) and of the
// other reductions (18), sizes of Split (13), the shape of Reshape (5). Reference: ONNX, docs/Changelog.md, Squeeze-13,
// Unsqueeze-13, ReduceSum-13, ReduceMean-18, Split-13, Split-18, Reshape-5.
#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

Status axes_to_input(OpsetEdit& edit) {
  edit.ints_to_input("axes", 1);
  return ok_status();
}

Status split_1_to_2(OpsetEdit& edit) {
  const ValueId sizes = edit.node().input(1);
  if (sizes == kNoValue) return ok_status();
  const Tensor known = edit.constant(sizes);
  if (!known.defined()) return edit.cannot("its sizes are computed while it runs.");
  HT_ASSIGN(std::vector<int64_t> values, to_ints(known));
  edit.node().inputs.resize(1);
  edit.node().attributes.insert_or_assign("split", Attribute(std::move(values)));
  return ok_status();
}

Status split_to_13(OpsetEdit& edit) {
  edit.ints_to_input("split", 1);
  return ok_status();
}

// Without sizes the number of equal parts is said, no longer counted from the outputs.
Status split_to_18(OpsetEdit& edit) {
  Node& node = edit.node();
  if (node.input(1) == kNoValue && !node.has("num_outputs")) {
    node.attributes.emplace("num_outputs", Attribute(static_cast<int64_t>(node.outputs.size())));
  }
  return ok_status();
}

Status reshape_to_5(OpsetEdit& edit) {
  edit.node().attributes.erase("consumed_inputs");
  edit.ints_to_input("shape", 1);
  return ok_status();
}

constexpr OpsetAdapter kAdapters[] = {
    {"Reshape", 5, reshape_to_5},
    {"Split", 2, split_1_to_2},
    {"Split", 13, split_to_13},
    {"Split", 18, split_to_18},
    {"Squeeze", 13, axes_to_input},
    {"Unsqueeze", 13, axes_to_input},
    {"ReduceSum", 13, axes_to_input},
    {"ReduceL1", 18, axes_to_input},
    {"ReduceL2", 18, axes_to_input},
    {"ReduceLogSum", 18, axes_to_input},
    {"ReduceLogSumExp", 18, axes_to_input},
    {"ReduceMax", 18, axes_to_input},
    {"ReduceMean", 18, axes_to_input},
    {"ReduceMin", 18, axes_to_input},
    {"ReduceProd", 18, axes_to_input},
    {"ReduceSumSquare", 18, axes_to_input},
};

}  // namespace

std::span<const OpsetAdapter> axes_adapters() { return kAdapters; }

}  // namespace halftone
