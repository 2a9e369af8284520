// One operator case as a value: attributes, inputs, expected outputs. Checking it runs the operator's row and asks of
// every case, whatever it is about, that inference agrees with the run: with all inputs known, with inputs as graph
// inputs of known sizes, and with symbols in place of all sizes.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/ops/op_def.h"
#include "core/tensor/tensor.h"

namespace halftone::testing {

struct OpCase {
  std::string name;
  std::string op;  // of another domain than ai.onnx: "com.microsoft.Gelu"
  int64_t opset = 17;
  Attributes attributes;
  std::vector<Tensor> inputs;    // undefined: omitted
  std::vector<Tensor> expected;  // undefined: the output is omitted
  double tolerance = 1e-6;       // absolute and relative, for float outputs
};

// So that a failing parameterized test prints the case's name and not its bytes.
inline void PrintTo(const OpCase& c, std::ostream* out) { *out << c.op << "-" << c.opset << " " << c.name; }

void check_op(const OpCase& c);

// An operator with wrong arguments: the error's code and a piece of its message.
struct BadCase {
  std::string name;
  std::string op;
  int64_t opset = 17;
  Attributes attributes;
  std::vector<Tensor> inputs;
  std::string message;
  ErrorCode code = ErrorCode::kInvalidModel;
};
inline void PrintTo(const BadCase& c, std::ostream* out) { *out << c.op << "-" << c.opset << " " << c.name; }

void check_bad_op(const BadCase& c);

// --- literals -------------------------------------------------------------------------------------
inline Attribute ints(std::vector<int64_t> v) { return Attribute(std::move(v)); }
inline Attribute integer(int64_t v) { return Attribute(v); }
inline Attribute real(float v) { return Attribute(v); }
inline Attribute text(std::string v) { return Attribute(std::move(v)); }
inline Tensor f(Dims dims, std::initializer_list<float> v) { return Tensor::of<float>(std::move(dims), v); }
inline Tensor i64(Dims dims, std::initializer_list<int64_t> v) { return Tensor::of<int64_t>(std::move(dims), v); }
inline Tensor list(std::initializer_list<int64_t> v) {
  return Tensor::of<int64_t>({static_cast<int64_t>(v.size())}, v);
}
inline Tensor flags(Dims dims, std::initializer_list<bool> v) { return Tensor::of<bool>(std::move(dims), v); }
// 0, 1, 2, ... as float.
Tensor counting(Dims dims);

// Names of parameterized tests: letters and digits of "<op><opset>_<name>".
template <typename Case>
std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  std::string out = info.param.op + std::to_string(info.param.opset) + "_" + info.param.name;
  for (char& c : out) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return out;
}

}  // namespace halftone::testing
