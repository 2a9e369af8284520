// QuantParams: how integers stand for reals. Formula: real = scale * (q - zero_point),
// q = saturate(round_half_even(real / scale) + zero_point) (ONNX QuantizeLinear).
// One scale: per tensor. Several: one per index of `axis` (per channel), or per block of
// `block_size` along `axis` (opset 21).
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor/dtype.h"

namespace halftone {

struct QuantParams {
  DType dtype = DType::kUndefined;  // type of the integers
  std::vector<float> scale;
  std::vector<int32_t> zero_point;  // as many as scales
  int64_t axis = -1;                // -1: per tensor
  int64_t block_size = 0;           // 0: not blocked

  bool per_tensor() const { return axis < 0; }
  bool operator==(const QuantParams&) const = default;
};

}  // namespace halftone
