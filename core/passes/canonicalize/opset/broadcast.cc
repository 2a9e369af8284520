// Before opset 7 binary operators broadcast only when told so, the second input aligned to the first from `axis` on.
// From 7 on they follow NumPy, aligned at the end: the second input gets trailing dimensions of 1 where that differs.
// Before: c = Add(a, b){broadcast=1, axis=k}. After: c = Add(a, Reshape(b, [dims of b, 1, ..., 1])).
// PRelu's slope of one number per channel becomes [C, 1, ...] likewise; Gemm only loses the attribute.
// Reference: ONNX, docs/Changelog.md, Add-6, Add-7, PRelu-6, PRelu-7, Gemm-7.
#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

// `id` with `count` dimensions of 1 behind its own: another constant, or a node that does it.
Result<ValueId> with_trailing_ones(OpsetEdit& edit, ValueId id, int64_t count) {
  const Tensor known = edit.constant(id);
  if (known.defined()) {
    Dims dims = known.dims();
    dims.resize(dims.size() + static_cast<size_t>(count), 1);
    return edit.add_constant("aligned", known.reshaped(std::move(dims)));
  }
  const auto rank = edit.rank(id);
  if (!rank) return edit.cannot("the rank of its second input is not known.");
  std::vector<int64_t> axes;
  for (int64_t i = 0; i < count; ++i) axes.push_back(*rank + i);
  return edit.add_node("Unsqueeze", "aligned", {id}, {{"axes", Attribute(std::move(axes))}});
}

Status binary_to_7(OpsetEdit& edit) {
  const bool broadcast = edit.node().int_attr("broadcast", 0) != 0;
  const bool has_axis = edit.node().has("axis");
  const int64_t axis = edit.node().int_attr("axis", 0);
  edit.node().attributes.erase("broadcast");
  edit.node().attributes.erase("axis");
  if (!broadcast || !has_axis) return ok_status();
  const auto a = edit.rank(edit.node().input(0));
  const auto b = edit.rank(edit.node().input(1));
  if (!a || !b) return edit.cannot("the ranks of its inputs are not known.");
  const int64_t missing = *a - (axis < 0 ? axis + *a : axis) - *b;
  if (missing < 0) return edit.cannot("its axis does not fit the ranks of its inputs.");
  if (missing == 0 || *b == 0) return ok_status();
  HT_ASSIGN(const ValueId aligned, with_trailing_ones(edit, edit.node().input(1), missing));
  edit.set_input(1, aligned);
  return ok_status();
}

Status prelu_to_7(OpsetEdit& edit) {
  const auto x = edit.rank(edit.node().input(0));
  const auto slope = edit.dims(edit.node().input(1));
  if (!slope || !x) return edit.cannot("the shapes of its inputs are not known.");
  if (slope->size() != 1 || slope->front() == 1 || *x <= 2) return ok_status();
  HT_ASSIGN(const ValueId aligned, with_trailing_ones(edit, edit.node().input(1), *x - 2));
  edit.set_input(1, aligned);
  return ok_status();
}

Status gemm_to_7(OpsetEdit& edit) {
  edit.node().attributes.erase("broadcast");
  return ok_status();
}

constexpr OpsetAdapter kAdapters[] = {
    {"Add", 7, binary_to_7}, {"And", 7, binary_to_7},     {"Div", 7, binary_to_7},  {"Equal", 7, binary_to_7},
    {"Gemm", 7, gemm_to_7},  {"Greater", 7, binary_to_7}, {"Less", 7, binary_to_7}, {"Mul", 7, binary_to_7},
    {"Or", 7, binary_to_7},  {"PRelu", 7, prelu_to_7},    {"Pow", 7, binary_to_7},  {"Sub", 7, binary_to_7},
    {"Xor", 7, binary_to_7},
};

}  // namespace

std::span<const OpsetAdapter> broadcast_adapters() { return kAdapters; }

}  // namespace halftone
