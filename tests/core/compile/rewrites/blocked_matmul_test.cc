// Products with weights of few bits: the cases of fuse_blocked_matmul, and what becomes of the weights in a whole
// program.
#include "core/ops/op_def.h"
#include "tests/core/compile/rewrites/case.h"

namespace halftone::testing {
namespace {

// "w" = DequantizeLinear of a random weight of type `type`, with a zero point unless `middle`.
Make blocked(Make make, DType type, const Dims& dims, const Dims& scale, Attributes attributes, bool middle = false) {
  Tensor codes = *Tensor::allocate(type, dims), zero = *Tensor::allocate(type, scale);
  Rng rng(11);
  for (int64_t i = 0; i < codes.byte_size(); ++i) codes.mutable_bytes()[i] = static_cast<uint8_t>(rng.below(256));
  for (int64_t i = 0; i < zero.byte_size(); ++i) zero.mutable_bytes()[i] = middle ? 0 : uint8_t(rng.below(256));
  make.constant("w_q", codes).constant("w_zero", zero).floats("w_scale", scale, 0.01f, 0.1f);
  return make.node("DequantizeLinear", {"w_q", "w_scale", "w_zero"}, {"w"}, std::move(attributes));
}

Attributes by_block(int64_t axis, int64_t size) { return {{"axis", Attribute(axis)}, {"block_size", Attribute(size)}}; }

}  // namespace

std::vector<RewriteCase> blocked_cases() {
  const std::string rule = "fuse_blocked_matmul";
  const auto x = [] { return Make(21).input("x", {Dim("n"), 3, 40}); };
  const auto matrix = [] { return Make(21).input("x", {Dim("n"), 40}); };
  const auto product = [](Make make) { return make.node("MatMul", {"x", "w"}, {"y"}).output("y"); };
  const std::string before = "DequantizeLinear MatMul", after = "MatMulNBits";
  const float rounding = 1e-5f;
  return {
      {"Int4", rule, product(blocked(x(), DType::kInt4, {40, 7}, {3, 7}, by_block(0, 16))), before, after, rounding},
      {"Int4WithoutZeroPoint", rule, product(blocked(x(), DType::kInt4, {40, 7}, {3, 7}, by_block(0, 16), true)),
       before, after, rounding},
      {"Uint4", rule, product(blocked(x(), DType::kUint4, {40, 7}, {2, 7}, by_block(0, 32))), before, after, rounding},
      {"Int8", rule, product(blocked(x(), DType::kInt8, {40, 7}, {2, 7}, by_block(0, 32))), before, after, rounding},
      {"Uint2PerColumn", rule, product(blocked(x(), DType::kUint2, {40, 7}, {7}, attr("axis", int64_t{1}))), before,
       after, rounding},
      {"Int4PerTensor", rule, product(blocked(x(), DType::kInt4, {40, 7}, {}, {})), before, after, rounding},
      {"Int8PerColumnStays", rule, product(blocked(x(), DType::kInt8, {40, 7}, {7}, attr("axis", int64_t{1}))), before,
       before},
      {"BlocksOfTwelveStay", rule, product(blocked(x(), DType::kInt4, {40, 7}, {4, 7}, by_block(0, 12))), before,
       before},
      {"BlocksAlongColumnsStay", rule, product(blocked(x(), DType::kInt4, {40, 32}, {40, 2}, by_block(1, 16))), before,
       before},
      {"Transposed", rule,
       blocked(x(), DType::kInt4, {7, 40}, {7, 3}, by_block(1, 16))
           .node("Transpose", {"w"}, {"t"})
           .node("MatMul", {"x", "t"}, {"y"})
           .output("y"),
       "DequantizeLinear Transpose MatMul", after, rounding},
      {"Gemm", rule,
       blocked(matrix(), DType::kInt4, {7, 40}, {7, 3}, by_block(1, 16))
           .floats("c", {7})
           .node("Gemm", {"x", "w", "c"}, {"y"}, attr("transB", int64_t{1}))
           .output("y"),
       "DequantizeLinear Gemm", after, rounding},
      {"GemmWithClamp", rule,
       blocked(matrix(), DType::kUint4, {40, 7}, {3, 7}, by_block(0, 16))
           .node("Gemm", {"x", "w"}, {"y"}, attr(std::string(kClampAttr), std::vector<float>{-0.5f, 0.5f}))
           .output("y"),
       "DequantizeLinear Gemm", after, rounding},
      {"GemmOfTransposedStays", rule,
       blocked(Make(21).input("x", {40, Dim("n")}), DType::kInt4, {40, 7}, {3, 7}, by_block(0, 16))
           .node("Gemm", {"x", "w"}, {"y"}, attr("transA", int64_t{1}))
           .output("y"),
       "DequantizeLinear Gemm", "DequantizeLinear Gemm"},
  };
}

TEST(BlockedMatmul, WeightsOfFewBitsNeverBecomeFloat) {
  const Model model = blocked(Make(21).input("x", {Dim("n"), 40}), DType::kInt4, {40, 7}, {3, 7}, by_block(0, 16))
                          .node("MatMul", {"x", "w"}, {"p"})
                          .node("Relu", {"p"}, {"y"})
                          .output("y");
  const auto program = compiled(model);
  ASSERT_TRUE(program);
  EXPECT_EQ(ops(*program), "MatMulNBits");
  for (const Value& value : program->graph.values) {
    if (!value.is_constant()) continue;
    EXPECT_NE(value.constant.size(), 40 * 7) << value.name;
  }
}

}  // namespace halftone::testing
