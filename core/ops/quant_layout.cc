// Layout of quantization parameters over a tensor; see the header.
#include "core/ops/quant_layout.h"

#include <string>

#include "core/ops/infer_util.h"

namespace halftone {
namespace {

Error misfit(std::span<const int64_t> x, std::span<const int64_t> scale) {
  return invalid_model("scale " + to_string(scale) + " does not fit the tensor " + to_string(x));
}

Result<QuantLayout> blocked_layout(QuantLayout l, std::span<const int64_t> x, std::span<const int64_t> scale,
                                   int64_t axis) {
  if (scale.size() != x.size()) return misfit(x, scale);
  for (size_t i = 0; i < x.size(); ++i) {
    if (static_cast<int64_t>(i) == axis) continue;
    if (scale[i] != x[i]) return misfit(x, scale);
  }
  l.kind = QuantLayout::kBlocked;
  l.blocks = scale[static_cast<size_t>(axis)];
  if (l.blocks != (l.axis + l.block - 1) / l.block) return misfit(x, scale);
  return l;
}

}  // namespace

Result<QuantLayout> quant_layout(const Node& node, std::span<const int64_t> x, std::span<const int64_t> scale) {
  QuantLayout l;
  const auto count = element_count(x), scales = element_count(scale);
  if (!count || !scales) return misfit(x, scale);
  const int64_t block = node.int_attr("block_size", 0);
  if (scales == 1 && scale.size() <= 1 && block == 0) {
    l.inner = *count;
    return l;
  }
  const auto axis = normalize_axis(node.int_attr("axis", 1), static_cast<int64_t>(x.size()));
  if (!axis) return invalid_model("attribute axis is outside the tensor " + to_string(x));
  l.axis = x[static_cast<size_t>(*axis)];
  for (size_t i = 0; i < x.size(); ++i) {
    if (static_cast<int64_t>(i) < *axis) l.outer *= x[i];
    if (static_cast<int64_t>(i) > *axis) l.inner *= x[i];
  }
  if (block < 0) return invalid_model("attribute block_size is " + std::to_string(block));
  if (block > 0) {
    l.block = block < l.axis ? block : (l.axis > 0 ? l.axis : 1);
    return blocked_layout(l, x, scale, *axis);
  }
  if (scale.size() != 1 || scale[0] != l.axis) return misfit(x, scale);
  l.kind = QuantLayout::kAxis;
  return l;
}

}  // namespace halftone
