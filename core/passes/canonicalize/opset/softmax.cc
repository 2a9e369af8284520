// Softmax, LogSoftmax and Hardmax before opset 13 see their input as a matrix: the dimensions from `axis` on are one.
// From 13 on they work along one axis. Both agree where at most one of the dimensions from `axis` on is not 1;
// elsewhere the matrix is made for real:
// Before: y = Softmax(x){axis}. After: y = Reshape(Softmax(Flatten(x){axis}){-1}, Shape(x)).
// Reference: ONNX, docs/Changelog.md, Softmax-11, Softmax-13.
#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

// The single axis that does the same as flattening from `axis` on; nullopt: there is none, or it cannot be known.
std::optional<int64_t> equivalent_axis(const SymShape& shape, int64_t axis) {
  if (!shape.has_rank()) return axis == -1 ? std::optional<int64_t>(-1) : std::nullopt;
  const auto first = normalize_axis(axis, shape.rank());
  if (!first) return std::nullopt;
  if (*first == shape.rank() - 1) return -1;
  std::optional<int64_t> only;
  for (int64_t i = *first; i < shape.rank(); ++i) {
    if (shape[i].value == 1) continue;
    if (only) return std::nullopt;
    only = i;
  }
  return only.value_or(*first);
}

Status softmax_to_13(OpsetEdit& edit) {
  const int64_t axis = edit.node().int_attr("axis", 1);
  const ValueId x = edit.node().input(0);
  if (x == kNoValue) return edit.cannot("it has no input.");
  if (const auto same = equivalent_axis(edit.graph().value(x).shape, axis)) {
    edit.node().attributes.insert_or_assign("axis", Attribute(*same));
    return ok_status();
  }
  const ValueId y = edit.node().outputs.at(0);
  const ValueId matrix = edit.add_node("Flatten", "flat", {x}, {{"axis", Attribute(axis)}});
  edit.node().inputs[0] = matrix;
  edit.node().attributes.insert_or_assign("axis", Attribute(int64_t{-1}));
  const ValueId shape = edit.add_node("Shape", "shape", {x});
  const ValueId rows = edit.detach_output("rows");
  edit.add_node_to(y, "Reshape", {rows, shape});
  return ok_status();
}

constexpr OpsetAdapter kAdapters[] = {
    {"Hardmax", 13, softmax_to_13},
    {"LogSoftmax", 13, softmax_to_13},
    {"Softmax", 13, softmax_to_13},
};

}  // namespace

std::span<const OpsetAdapter> softmax_adapters() { return kAdapters; }

}  // namespace halftone
