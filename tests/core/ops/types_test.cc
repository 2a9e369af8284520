// Element types: an operator gives on every type that ONNX lists for it (the newest opset) what it gives on the first
// of them, converted. Values are small whole numbers, so that all types hold them; operators whose results are not
// whole are asked for in float types only, where results may be rounded.
#include <cmath>

#include "core/ops/evaluate.h"
#include "core/tensor/convert.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

using Types = std::vector<DType>;

const Types kFloats = {DType::kFloat, DType::kFloat16, DType::kBFloat16, DType::kDouble};
const Types kInts = {DType::kInt8,  DType::kInt16,  DType::kInt32,  DType::kInt64,
                     DType::kUint8, DType::kUint16, DType::kUint32, DType::kUint64};

Types operator+(const Types& a, const Types& b) {
  Types both(a.size() + b.size());
  std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), both.begin()));
  return both;
}

const Types kWide = {DType::kInt32, DType::kInt64, DType::kUint32,
                     DType::kUint64};  // and float types: "high precision"
const Types kNumbers = kFloats + kInts;
const Types kAll = kNumbers + Types{DType::kBool};

struct TypesCase {
  std::string op;
  int64_t opset;
  Types types;
  std::vector<Tensor> inputs;  // float ones take the type; others are arguments
  Attributes attributes = {};
};

Tensor ramp(Dims dims, int first = 1) {
  Tensor t = counting(std::move(dims));
  for (float& v : t.mutable_data<float>()) v = static_cast<float>(static_cast<int>(v) % 5 + first);
  return t;
}

std::vector<TypesCase> cases() {
  const Tensor a = ramp({2, 3}), b = ramp({2, 3}, 2), zeros_ones = ramp({2, 3}, 0), image = ramp({1, 2, 4, 4});
  std::vector<TypesCase> out;
  const auto one = [&](const std::string& op, const Types& types, std::vector<Tensor> inputs,
                       Attributes attributes = {}, int64_t opset = 21) {
    out.push_back({op, opset, types, std::move(inputs), std::move(attributes)});
  };
  for (const char* op : {"Add", "Mul", "Div"}) one(op, kNumbers, {b, ramp({3})});
  one("Sub", kNumbers, {ramp({2, 3}, 9), a});
  for (const char* op : {"Max", "Min"}) one(op, kNumbers, {a, ramp({3}), b});
  for (const char* op : {"Sum", "Mean"}) one(op, kFloats, {a, b});
  for (const char* op : {"Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal"}) one(op, kNumbers, {a, b});
  one("Equal", {DType::kBool}, {a, zeros_ones});
  one("Mod", kInts, {b, a});
  one("Mod", kNumbers, {b, a}, {{"fmod", integer(1)}});
  one("Pow", kFloats + Types{DType::kInt32, DType::kInt64}, {a, ramp({3})});
  one("PRelu", kFloats + kWide, {a, ramp({3})});
  for (const char* op : {"Abs", "Sign"}) one(op, kNumbers, {a});
  one("Neg", kFloats + Types{DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64}, {a});
  one("Relu", kFloats + Types{DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64}, {a});
  one("Clip", kNumbers, {a, f({}, {2}), f({}, {4})});
  for (const char* op : {"Exp", "Sqrt", "Sigmoid", "Tanh", "Softmax", "Erf", "Floor", "Reciprocal", "Log", "Elu",
                         "Gelu", "HardSwish", "LogSoftmax", "Softplus"}) {
    one(op, kFloats, {a});
  }
  for (const char* op : {"ReduceSum", "ReduceProd", "ReduceMean", "ReduceSumSquare", "ReduceL1"}) {
    one(op, kFloats + kWide, {a, list({1})});
  }
  for (const char* op : {"ReduceMax", "ReduceMin"}) {
    one(op, kFloats + kWide + Types{DType::kInt8, DType::kUint8, DType::kBool}, {a, list({0})});
  }
  for (const char* op : {"ArgMax", "ArgMin"}) one(op, kNumbers, {a}, {{"axis", integer(1)}});
  one("TopK", kNumbers, {a, list({2})});
  one("CumSum", kFloats + kWide, {a, i64({}, {1})});
  one("MatMul", kFloats + kWide, {a, ramp({3, 2})});
  one("Gemm", kFloats + kWide, {a, ramp({3, 2}), ramp({2})});
  one("Einsum", kFloats + kInts, {a, ramp({3, 2})}, {{"equation", text("ij,jk->ik")}});
  one("Conv", kFloats, {image, ramp({2, 2, 2, 2})});
  one("ConvTranspose", kFloats, {image, ramp({2, 2, 2, 2})});
  one("MaxPool", kFloats + Types{DType::kInt8, DType::kUint8}, {image}, {{"kernel_shape", ints({2, 2})}});
  for (const char* op : {"AveragePool", "LpPool"}) one(op, kFloats, {image}, {{"kernel_shape", ints({2, 2})}});
  for (const char* op : {"GlobalAveragePool", "GlobalMaxPool", "MeanVarianceNormalization"}) one(op, kFloats, {image});
  one("BatchNormalization", kFloats, {image, ramp({2}), ramp({2}), ramp({2}), ramp({2})});
  one("InstanceNormalization", kFloats, {image, ramp({2}), ramp({2})});
  one("LayerNormalization", kFloats, {a, ramp({3}), ramp({3})});
  one("Resize", kNumbers, {image, Tensor(), Tensor(), list({1, 2, 8, 6})}, {{"mode", text("linear")}});
  one("Resize", kAll, {image, Tensor(), Tensor(), list({1, 2, 8, 6})});
  // What only moves elements.
  one("Identity", kAll, {a});
  one("Transpose", kAll, {a});
  one("Reshape", kAll, {a, list({3, 2})});
  one("Concat", kAll, {a, b}, {{"axis", integer(0)}});
  one("Slice", kAll, {a, list({1}), list({3}), list({1})});
  one("Gather", kAll, {a, list({1, 0})});
  one("GatherElements", kAll, {a, i64({1, 3}, {1, 0, 1})});
  one("GatherND", kAll, {a, i64({1, 2}, {1, 2})});
  one("ScatterElements", kAll, {a, i64({1, 3}, {1, 0, 1}), ramp({1, 3})});
  one("ScatterElements", kNumbers, {a, i64({1, 3}, {1, 0, 1}), ramp({1, 3})}, {{"reduction", text("add")}});
  one("ScatterND", kAll, {a, i64({1, 1}, {1}), ramp({1, 3})});
  one("Expand", kAll, {ramp({1, 3}), list({2, 3})});
  one("Tile", kAll, {a, list({2, 1})});
  one("Pad", kAll, {a, list({0, 1, 1, 0})});
  one("Where", kAll, {flags({2, 3}, {true, false, true, false, true, true}), a, b});
  one("Split", kAll, {a, list({1, 1})}, {{"axis", integer(0)}});
  one("Unsqueeze", kAll, {a, list({0})});
  one("DepthToSpace", kAll, {ramp({1, 4, 2, 2})}, {{"blocksize", integer(2)}});
  one("NonZero", kAll, {zeros_ones});
  one("Unique", kAll, {a});
  one("Trilu", kAll, {a});
  one("Compress", kAll, {a, flags({2}, {false, true})}, {{"axis", integer(0)}});
  one("ReverseSequence", kAll, {a, list({1, 2, 1})}, {{"time_axis", integer(0)}, {"batch_axis", integer(1)}});
  one("Range", kFloats + Types{DType::kInt16, DType::kInt32, DType::kInt64}, {f({}, {1}), f({}, {9}), f({}, {2})});
  one("IsNaN", kFloats, {a});
  one("IsInf", kFloats, {a});
  for (const char* op : {"BitwiseAnd", "BitwiseOr", "BitwiseXor"}) one(op, kInts, {a, b});
  one("BitShift", {DType::kUint8, DType::kUint16, DType::kUint32, DType::kUint64}, {a, ramp({2, 3}, 0)},
      {{"direction", text("LEFT")}});
  return out;
}

Result<std::vector<Tensor>> ran_in(const TypesCase& c, DType type) {
  const OpDef* op = find_op("", c.op, c.opset);
  Node node;
  node.name = "tested";
  node.op_type = c.op;
  node.attributes = c.attributes;
  node.outputs = {0};
  if (c.op == "TopK" || c.op == "Split") node.outputs.push_back(1);
  std::vector<Tensor> inputs = c.inputs;
  for (Tensor& t : inputs) {
    if (t.defined() && t.dtype() == DType::kFloat) t = *convert(t, type);
  }
  return evaluate_node(*op, node, c.opset, inputs);
}

class ElementTypes : public ::testing::TestWithParam<TypesCase> {};

TEST_P(ElementTypes, GiveTheSameNumbers) {
  const TypesCase& c = GetParam();
  ASSERT_NE(find_op("", c.op, c.opset), nullptr);
  for (DType type : c.types) {
    SCOPED_TRACE(dtype_name(type));
    // What bool makes of the numbers is another question: it is its own reference.
    const auto want = ran_in(c, type == DType::kBool ? DType::kUint8 : c.types.front()), got = ran_in(c, type);
    ASSERT_TRUE(want.ok()) << want.error().message;
    EXPECT_TRUE(got.ok()) << got.error().message;
    if (!got.ok() || type == DType::kBool) continue;
    for (size_t i = 0; i < want->size(); ++i) {
      const Tensor &w = (*want)[i], &g = (*got)[i];
      if (w.dtype() == c.types.front()) {
        EXPECT_EQ(dtype_name(g.dtype()), dtype_name(type));
      }
      ASSERT_EQ(g.dims(), w.dims());
      for (int64_t k = 0; k < w.size(); ++k) {
        const double expected = element_as_double(w.dtype(), w.bytes(), k);
        const double in_type = is_float(type) ? expected : std::trunc(expected + (expected < 0 ? -1e-3 : 1e-3));
        EXPECT_NEAR(element_as_double(g.dtype(), g.bytes(), k), in_type,
                    is_float(type) ? 1e-2 * (1 + std::abs(in_type)) : 0)
            << "element " << k;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Table, ElementTypes, ::testing::ValuesIn(cases()), [](const auto& info) {
  return std::string(info.param.op).append("_").append(std::to_string(info.index));
});

}  // namespace
}  // namespace halftone::testing
