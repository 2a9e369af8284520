// Operators on channels-last tensors (kChannelsLastAttr) against the same node on the transposed ones: the same
// results, in float and in integer mode, and inference that agrees with the run.
#include <gtest/gtest.h>

#include "core/base/rng.h"
#include "core/ops/evaluate.h"
#include "tests/core/ops/integer_case.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor evaluated(const std::string& op, int64_t opset, const Attributes& attributes,
                 const std::vector<Tensor>& inputs) {
  Node node;
  node.op_type = op;
  node.attributes = attributes;
  for (size_t i = 0; i < inputs.size(); ++i) {
    node.inputs.push_back(inputs[i].defined() ? static_cast<ValueId>(i) : kNoValue);
  }
  node.outputs = {static_cast<ValueId>(inputs.size())};
  auto outputs = evaluate_node(*find_op("", op, opset), node, opset, inputs);
  EXPECT_TRUE(outputs.ok()) << op << ": " << (outputs.ok() ? "" : outputs.error().message);
  return outputs.ok() ? (*outputs)[0] : Tensor();
}

// [N, C, spatial...] -> [N, spatial..., C].
Tensor channels_last(const Tensor& x) {
  std::vector<int64_t> perm{0};
  for (int64_t i = 2; i < x.rank(); ++i) perm.push_back(i);
  perm.push_back(1);
  return evaluated("Transpose", 13, {{"perm", ints(perm)}}, {x});
}

Attributes marked(Attributes attributes) {
  attributes[std::string(kChannelsLastAttr)] = integer(1);
  return attributes;
}

Tensor random_tensor(Dims dims) {
  Rng rng(71);
  std::vector<float> values(static_cast<size_t>(*element_count(dims)));
  for (float& v : values) v = rng.uniform(-1, 1);
  return Tensor::of<float>(std::move(dims), std::span<const float>(values));
}

struct LayoutCase {
  std::string op;
  Attributes attributes;
  Dims dims;                   // of input 0, channels first
  std::vector<Tensor> inputs;  // after the first
  double tolerance = 0;
  int64_t opset = 18;
};

const std::vector<LayoutCase>& cases() {
  static const std::vector<LayoutCase> kCases = {
      {"MaxPool",
       {{"kernel_shape", ints({3, 3})}, {"strides", ints({2, 2})}, {"pads", ints({1, 1, 1, 1})}},
       {2, 19, 9, 7}},
      {"MaxPool", {{"kernel_shape", ints({2})}, {"auto_pad", text("SAME_UPPER")}}, {1, 5, 12}},
      {"MaxPool",
       {{"kernel_shape", ints({2, 3, 2})}, {"ceil_mode", integer(1)}, {"strides", ints({2, 2, 1})}},
       {1, 4, 5, 6, 4}},
      {"AveragePool", {{"kernel_shape", ints({3, 2})}, {"pads", ints({1, 0, 2, 1})}}, {2, 6, 8, 5}},
      {"AveragePool",
       {{"kernel_shape", ints({3, 3})}, {"pads", ints({1, 1, 1, 1})}, {"count_include_pad", integer(1)}},
       {1, 33, 6, 6}},
      {"GlobalAveragePool", {}, {2, 20, 5, 3}, {}, 1e-6},
      {"GlobalAveragePool", {}, {1, 3, 2, 3, 4, 5}, {}, 1e-6},
      {"GlobalMaxPool", {}, {2, 17, 3, 5}},
      {"Resize", {}, {1, 5, 4, 6}, {Tensor(), f({4}, {1, 1, 2, 1.5f})}},
      {"Resize", {{"mode", text("linear")}}, {2, 7, 4, 6}, {Tensor(), f({4}, {1, 1, 2.5f, 0.5f})}, 1e-6},
      {"Resize", {{"mode", text("cubic")}}, {1, 3, 5, 4}, {Tensor(), Tensor(), list({1, 3, 8, 9})}, 1e-6},
      {"Resize",
       {{"mode", text("linear")}, {"axes", ints({3, 2})}},
       {1, 4, 5, 3},
       {Tensor(), Tensor(), list({7, 10})},
       1e-6},
      {"Resize",
       {{"mode", text("linear")}, {"coordinate_transformation_mode", text("tf_crop_and_resize")}},
       {1, 2, 6, 8},
       {f({8}, {0, 0, 0.2f, 0.3f, 1, 1, 0.7f, 1.4f}), Tensor(), list({1, 2, 4, 5})},
       1e-6},
      {"Upsample", {{"mode", text("nearest")}}, {1, 18, 3, 2}, {f({4}, {1, 1, 2, 3})}, 0, 9},
  };
  return kCases;
}

TEST(ChannelsLast, FloatMatchesChannelsFirst) {
  for (const LayoutCase& c : cases()) {
    SCOPED_TRACE(c.op + " " + to_string(c.dims));
    const Tensor x = random_tensor(c.dims);
    std::vector<Tensor> inputs{x};
    inputs.insert(inputs.end(), c.inputs.begin(), c.inputs.end());
    const Tensor expected = channels_last(evaluated(c.op, c.opset, c.attributes, inputs));
    inputs[0] = channels_last(x);
    check_op({.name = "channels last",
              .op = c.op,
              .opset = c.opset,
              .attributes = marked(c.attributes),
              .inputs = inputs,
              .expected = {expected},
              .tolerance = c.tolerance});
  }
}

TEST(ChannelsLast, IntegersMatchChannelsFirst) {
  for (const LayoutCase& c : cases()) {
    if (c.op == "Resize" && c.attributes.contains("mode")) continue;  // interpolates in float
    SCOPED_TRACE(c.op + " " + to_string(c.dims));
    for (DType type : {DType::kInt8, DType::kUint8}) {
      const int32_t low = type == DType::kInt8 ? -128 : 0;
      const QuantParams quant = per_tensor(type, 0.05f, low + 100);
      const bool averages = c.op.find("Average") != std::string::npos;
      IntegerCase plain{.op = c.op,
                        .opset = c.opset,
                        .attributes = c.attributes,
                        .inputs = {{random_codes(type, c.dims, 3, low, low + 255), quant}},
                        .output = averages ? per_tensor(DType::kInt8, 0.031f, -7) : quant};
      for (const Tensor& t : c.inputs) plain.inputs.push_back({t, std::nullopt, true});
      IntegerCase last = plain;
      last.attributes = marked(c.attributes);
      last.inputs[0].tensor = channels_last(plain.inputs[0].tensor);
      ASSERT_TRUE(integer_applies(plain));
      ASSERT_TRUE(integer_applies(last));
      EXPECT_EQ(code_distance(run_integer(last), channels_last(run_integer(plain))), 0);
    }
  }
}

}  // namespace
}  // namespace halftone::testing
