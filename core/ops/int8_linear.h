// What Conv, Gemm and MatMul need in integer mode, from their constants: weights in dot units, bias in the
// accumulator's scale s_x * s_w with the zero point folded in, multipliers (s_x * s_w) / s_y, and the output's range.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/kernels/dot/operands.h"
#include "core/kernels/quant/requantize.h"
#include "core/ops/op_def.h"

namespace halftone {

// Where the output channels of a weight are: the tensor is [channels][k] or [k][channels].
enum class WeightOrder { kChannelsFirst, kChannelsLast };

struct Int8Linear final : OpState {
  ActivationForm form;
  WeightUnits weights;
  std::vector<float> multiplier;  // per channel, filled up as the kernel's bias
  RequantRange range;
  bool signed_output = false;
  bool bounded = false;  // no sum leaves 2^22 once multiplied (kernels/quant/requantize_simd.h)
  int64_t channels = 0, k = 0;
};

// Parameters of one 8-bit tensor, or of none other: per tensor and of type int8 or uint8.
bool is_int8_per_tensor(const QuantParams* q);

// The output's integers: saturation of its type and the node's fused clamp.
RequantRange requant_range(const QuantParams& output, const Node& node);

// A form whose folded bias is the sum of each channel's weights: no flip, a zero point of -1.
inline ActivationForm column_sums(DotKind kind) { return {kind, kind == DotKind::kSdot, -1}; }

// Weights minus zero points, as [channels][k]. nullopt: not integers of at most 8 bits, parameters neither per tensor
// nor per output channel.
std::optional<std::vector<int16_t>> centered_weights(const Tensor& weight, const QuantParams& quant, WeightOrder order,
                                                     int64_t channels, int64_t k);

// Whether run_int8 can take the node: 8-bit per-tensor input 0 and output 0, constant weight (input 1) and bias (input
// 2, if any), sums that fit 32 bits.
bool int8_linear_applies(const PrepareContext& ctx, WeightOrder order);

// The node's constants: weights minus zero points as [channels][k], bias in units of `scale`, scale = s_x * s_w per
// channel. nullopt where int8_linear_applies says no.
struct LinearConstants {
  int64_t channels = 0, k = 0;
  std::vector<int16_t> weights;
  std::vector<int32_t> bias;  // empty: none
  std::vector<float> scale;
};
std::optional<LinearConstants> linear_constants(const PrepareContext& ctx, WeightOrder order);

// Everything but packed weights; one multiplier per channel.
std::unique_ptr<Int8Linear> start_int8_linear(const PrepareContext& ctx, const LinearConstants& constants, DotKind dot);

// Tells `ctx` that the state holds 8-bit weights, an input, as `packed`: `centered` gives them back less their zero
// points (one, or one per channel), as centered_weights does.
void keep_int8_weights(PrepareContext& ctx, size_t input, WeightOrder order, std::vector<int32_t> zero,
                       const Tensor& packed, std::function<std::vector<int16_t>(const Tensor& packed)> centered);

// For Gemm and MatMul: weights as panels. Call only where int8_linear_applies. Errors: kOutOfMemory.
Result<std::unique_ptr<OpState>> prepare_int8_linear(PrepareContext& ctx, WeightOrder order);

// Runs the product of `rows` rows of activations at x with the state's panels into y [rows][channels].
Status int8_product(RunContext& ctx, const uint8_t* x, int64_t rows, uint8_t* y);

}  // namespace halftone
