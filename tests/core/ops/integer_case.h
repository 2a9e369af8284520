// An operator in integer mode as a value: integers with their parameters in, integers out. run_integer() asks the row
// whether it applies, prepares and runs it; simulate() gives what dequantize, float operator, quantize would.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/ops/op_def.h"
#include "core/tensor/tensor.h"

namespace halftone::testing {

struct IntegerInput {
  Tensor tensor;
  std::optional<QuantParams> quant;  // absent: a plain argument (float bias, bounds ...)
  bool constant = false;
};

struct IntegerCase {
  std::string op;
  int64_t opset = 17;
  Attributes attributes;
  std::vector<IntegerInput> inputs;
  QuantParams output;
};

// Whether the row takes the case.
bool integer_applies(const IntegerCase& c);

// Fails the test and returns an undefined tensor where something goes wrong.
Tensor run_integer(const IntegerCase& c);
Tensor simulate(const IntegerCase& c);

// Parameters of one tensor, or of several along `axis`.
QuantParams per_tensor(DType type, float scale, int32_t zero);
QuantParams per_axis(DType type, std::vector<float> scale, int64_t axis);

// Codes drawn uniformly from [low, high] of an 8-bit type.
Tensor random_codes(DType type, Dims dims, uint64_t seed, int32_t low, int32_t high);

// Largest difference between the codes of two tensors of the same type and dims; 999 where those differ.
int64_t code_distance(const Tensor& a, const Tensor& b);

}  // namespace halftone::testing
