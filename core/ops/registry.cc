// The list of operator families and the lookup over it.
#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/ops/families.h"

namespace halftone {

std::span<const std::span<const OpDef>> all_ops() {
  static const std::array kFamilies = {
      activation_ops(),
      arg_ops(),
      attention_contrib_ops(),
      attention_ops(),
      batch_norm_ops(),
      binary_ops(),
      cast_ops(),
      compare_ops(),
      constant_ops(),
      contrib_ops(),
      control_flow_ops(),
      conv_ops(),
      conv_transpose_ops(),
      deform_conv_ops(),
      detection_ops(),
      einsum_ops(),
      gather_ops(),
      gemm_ops(),
      grid_sample_ops(),
      group_attention_ops(),
      join_ops(),
      layer_norm_ops(),
      layout_ops(),
      legacy_ops(),
      loss_ops(),
      matmul_ops(),
      matmul_dynamic_ops(),
      matmul_nbits_ops(),
      pad_ops(),
      pool_ops(),
      pool_rare_ops(),
      quantize_ops(),
      random_ops(),
      rare_math_ops(),
      reduce_ops(),
      reshape_ops(),
      resize_ops(),
      rnn_ops(),
      rotary_ops(),
      scatter_ops(),
      select_ops(),
      shape_ops(),
      signal_ops(),
      slice_ops(),
      softmax_ops(),
      table_ops(),
      chain_ops(),
      tile_ops(),
      unary_ops(),
  };
  return kFamilies;
}

const OpDef* find_op(std::string_view domain, std::string_view name, int64_t opset) {
  using Index = std::unordered_map<std::string_view, std::vector<const OpDef*>>;
  static const Index kIndex = [] {
    Index index;
    for (auto family : all_ops()) {
      for (const OpDef& op : family) index[op.name].push_back(&op);
    }
    return index;
  }();
  if (domain == "ai.onnx") domain = "";
  auto it = kIndex.find(name);
  if (it == kIndex.end()) return nullptr;
  for (const OpDef* op : it->second) {
    if (op->domain == domain && op->since <= opset && opset <= op->until) return op;
  }
  return nullptr;
}

}  // namespace halftone
