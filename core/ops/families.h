// The operator families: each file of core/ops ends in its table of rows, handed out by one function here.
// registry.cc lists these functions; a new family is one file, one line here and one line there.
#pragma once

#include <span>

#include "core/ops/op_def.h"

namespace halftone {

std::span<const OpDef> activation_ops();
std::span<const OpDef> arg_ops();
std::span<const OpDef> attention_contrib_ops();
std::span<const OpDef> attention_ops();
std::span<const OpDef> batch_norm_ops();
std::span<const OpDef> binary_ops();
std::span<const OpDef> cast_ops();
std::span<const OpDef> compare_ops();
std::span<const OpDef> constant_ops();
std::span<const OpDef> contrib_ops();
std::span<const OpDef> control_flow_ops();
std::span<const OpDef> conv_ops();
std::span<const OpDef> conv_transpose_ops();
std::span<const OpDef> deform_conv_ops();
std::span<const OpDef> detection_ops();
std::span<const OpDef> einsum_ops();
std::span<const OpDef> gather_ops();
std::span<const OpDef> gemm_ops();
std::span<const OpDef> grid_sample_ops();
std::span<const OpDef> group_attention_ops();
std::span<const OpDef> join_ops();
std::span<const OpDef> layer_norm_ops();
std::span<const OpDef> layout_ops();
std::span<const OpDef> legacy_ops();
std::span<const OpDef> loss_ops();
std::span<const OpDef> matmul_ops();
std::span<const OpDef> matmul_dynamic_ops();
std::span<const OpDef> matmul_nbits_ops();
std::span<const OpDef> pad_ops();
std::span<const OpDef> pool_ops();
std::span<const OpDef> pool_rare_ops();
std::span<const OpDef> quantize_ops();
std::span<const OpDef> random_ops();
std::span<const OpDef> rare_math_ops();
std::span<const OpDef> reduce_ops();
std::span<const OpDef> reshape_ops();
std::span<const OpDef> resize_ops();
std::span<const OpDef> rnn_ops();
std::span<const OpDef> rotary_ops();
std::span<const OpDef> scatter_ops();
std::span<const OpDef> select_ops();
std::span<const OpDef> shape_ops();
std::span<const OpDef> signal_ops();
std::span<const OpDef> slice_ops();
std::span<const OpDef> softmax_ops();
std::span<const OpDef> table_ops();
std::span<const OpDef> chain_ops();
std::span<const OpDef> tile_ops();
std::span<const OpDef> unary_ops();

}  // namespace halftone
