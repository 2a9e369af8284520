// Other attributes that became inputs: bounds of Clip (11), pads of Pad (2, 11), Slice's ranges (10), TopK's k (10),
// Dropout's ratio (12), Tile's repeats (6), DFT's axis (20).
// Reference: ONNX, docs/Changelog.md, Clip-11, Pad-2, Pad-11, Slice-10, TopK-10, Dropout-12, Tile-6, DFT-20.
#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

// A float attribute becomes a scalar input of the first input's type; an absent one stays absent.
void float_to_input(OpsetEdit& edit, std::string_view key, size_t slot) {
  const auto at = edit.node().attributes.find(key);
  if (at == edit.node().attributes.end()) return;
  const float value = edit.node().float_attr(key, 0);
  edit.node().attributes.erase(at);
  edit.set_input(slot, edit.add_number(key, value, edit.dtype(edit.node().input(0))));
}

Status clip_to_11(OpsetEdit& edit) {
  float_to_input(edit, "min", 1);
  float_to_input(edit, "max", 2);
  return ok_status();
}

Status pad_to_2(OpsetEdit& edit) {
  auto old = edit.node().attributes.extract("paddings");
  if (old.empty()) return ok_status();
  old.key() = "pads";
  edit.node().attributes.insert(std::move(old));
  return ok_status();
}

Status pad_to_11(OpsetEdit& edit) {
  edit.ints_to_input("pads", 1);
  float_to_input(edit, "value", 2);
  return ok_status();
}

Status slice_to_10(OpsetEdit& edit) {
  edit.ints_to_input("starts", 1);
  edit.ints_to_input("ends", 2);
  edit.ints_to_input("axes", 3);
  return ok_status();
}

Status topk_to_10(OpsetEdit& edit) {
  const int64_t k[] = {edit.node().int_attr("k", 0)};
  edit.node().attributes.erase("k");
  edit.set_input(1, edit.add_ints("k", k));
  return ok_status();
}

// The mask became bool. Nobody reads it in inference as a rule: then it goes; else a Cast keeps the old type for its
// readers.
Status dropout_to_10(OpsetEdit& edit) {
  const ValueId mask = edit.node().output(1);
  if (mask == kNoValue) return ok_status();
  edit.node().outputs.resize(1);
  if (!edit.is_used(mask)) return ok_status();
  DType old = edit.dtype(mask);
  if (old == DType::kUndefined) old = DType::kFloat;
  const ValueId bools = edit.graph().add_value(edit.graph().value(mask).name + "_bool", DType::kBool);
  edit.node().outputs.push_back(bools);
  edit.add_node_to(mask, "Cast", {bools}, {{"to", Attribute(int64_t{dtype_info(old).onnx_code})}});
  return ok_status();
}

// Without its input training_mode, Dropout goes on passing its input through.
Status dropout_to_12(OpsetEdit& edit) {
  float_to_input(edit, "ratio", 1);
  return ok_status();
}

// Tile-1 repeats one axis `tiles` times, Tile-6 has a count for every axis.
Status tile_to_6(OpsetEdit& edit) {
  const Tensor tiles = edit.constant(edit.node().input(1));
  const Tensor axis = edit.constant(edit.node().input(2));
  const auto rank = edit.rank(edit.node().input(0));
  if (edit.node().inputs.size() < 3) return ok_status();
  if (!tiles.defined() || !axis.defined() || tiles.size() != 1 || axis.size() != 1 || !rank) {
    return edit.cannot("the number of tiles, their axis or the rank of the input is not known.");
  }
  HT_ASSIGN(const std::vector<int64_t> count, to_ints(tiles));
  HT_ASSIGN(const std::vector<int64_t> where, to_ints(axis));
  std::vector<int64_t> repeats(static_cast<size_t>(*rank), 1);
  if (where[0] < 0 || where[0] >= *rank) return edit.cannot("its axis is outside the input's rank.");
  repeats[static_cast<size_t>(where[0])] = count[0];
  edit.node().inputs.resize(1);
  edit.set_input(1, edit.add_ints("repeats", repeats));
  return ok_status();
}

// The default moves from axis 1 to -2, so the axis is always said.
Status dft_to_20(OpsetEdit& edit) {
  const int64_t axis = edit.node().int_attr("axis", 1);
  edit.node().attributes.erase("axis");
  edit.set_input(2, edit.add_constant("axis", Tensor::scalar<int64_t>(axis)));
  return ok_status();
}

constexpr OpsetAdapter kAdapters[] = {
    {"Clip", 11, clip_to_11},       {"DFT", 20, dft_to_20}, {"Dropout", 10, dropout_to_10},
    {"Dropout", 12, dropout_to_12}, {"Pad", 2, pad_to_2},   {"Pad", 11, pad_to_11},
    {"Slice", 10, slice_to_10},     {"Tile", 6, tile_to_6}, {"TopK", 10, topk_to_10},
};

}  // namespace

std::span<const OpsetAdapter> input_adapters() { return kAdapters; }

}  // namespace halftone
