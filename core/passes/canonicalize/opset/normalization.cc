// BatchNormalization lost `consumed_inputs` (6), `is_test` (7), `spatial` (9) and two of its training outputs (14);
// Dropout lost `is_test` (7). GroupNormalization takes scale and bias per channel instead of per group (21). Everything
// here is inference: nodes come out in inference mode. Reference: ONNX, docs/Changelog.md, BatchNormalization-7, -9,
// -14, Dropout-7, GroupNormalization-18, -21.
#include <cstring>

#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

Status drop_is_test(OpsetEdit& edit) {
  edit.node().attributes.erase("is_test");
  return ok_status();
}

Status batchnorm_to_9(OpsetEdit& edit) {
  if (edit.node().int_attr("spatial", 1) != 1) {
    return edit.cannot("spatial = 0 (statistics for every element) has no successor.");
  }
  edit.node().attributes.erase("spatial");
  return ok_status();
}

Status batchnorm_to_14(OpsetEdit& edit) {
  for (size_t i = 1; i < edit.node().outputs.size(); ++i) {
    if (edit.is_used(edit.node().outputs[i])) return edit.cannot("its training outputs are used.");
  }
  edit.node().outputs.resize(1);
  return ok_status();
}

// Every element of a 1-D constant `times` times in a row.
Result<Tensor> repeat_each(const Tensor& tensor, int64_t times) {
  HT_ASSIGN(Tensor out, Tensor::allocate(tensor.dtype(), {tensor.size() * times}));
  const size_t width = static_cast<size_t>(tensor.byte_size() / tensor.size());
  uint8_t* to = out.mutable_bytes();
  for (int64_t i = 0; i < tensor.size(); ++i) {
    for (int64_t k = 0; k < times; ++k, to += width) {
      std::memcpy(to, tensor.bytes() + static_cast<size_t>(i) * width, width);
    }
  }
  return out;
}

Status groupnorm_to_21(OpsetEdit& edit) {
  const ValueId x = edit.node().input(0);
  const int64_t groups = edit.node().int_attr("num_groups", 0);
  const bool ranked = edit.rank(x).value_or(0) >= 2;
  const int64_t channels = ranked ? edit.graph().value(x).shape[1].value : -1;
  for (const size_t slot : {size_t{1}, size_t{2}}) {
    const Tensor known = edit.constant(edit.node().input(slot));
    if (!known.defined() || groups < 1 || known.size() != groups || channels < 1 || channels % groups != 0) {
      return edit.cannot("its scale, bias or number of channels is not known.");
    }
    HT_ASSIGN(Tensor per_channel, repeat_each(known, channels / groups));
    edit.set_input(slot, edit.add_constant(slot == 1 ? "scale" : "bias", std::move(per_channel)));
  }
  return ok_status();
}

constexpr OpsetAdapter kAdapters[] = {
    {"BatchNormalization", 7, drop_is_test},     {"BatchNormalization", 9, batchnorm_to_9},
    {"BatchNormalization", 14, batchnorm_to_14}, {"Dropout", 7, drop_is_test},
    {"GroupNormalization", 21, groupnorm_to_21},
};

}  // namespace

std::span<const OpsetAdapter> normalization_adapters() { return kAdapters; }

}  // namespace halftone
