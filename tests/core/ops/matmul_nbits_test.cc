// MatMulNBits: forms of its inputs against the dequantized product, inference, and what it refuses.
#include <functional>

#include "core/kernels/quant/quantize.h"
#include "core/ops/evaluate.h"
#include "core/tensor/convert.h"
#include "tests/core/kernels/random.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

const OpDef& nbits() { return *find_op("com.microsoft", "MatMulNBits", 1); }

Tensor floats(Dims dims, uint64_t seed, float low = -1, float high = 1) {
  Rng rng(seed);
  const auto values = random_floats(rng, *element_count(dims), low, high);
  return Tensor::of<float>(std::move(dims), std::span<const float>(values));
}
Tensor bytes(Dims dims, uint64_t seed) {
  Rng rng(seed);
  const auto values = random_ints<uint8_t>(rng, *element_count(dims), 0, 255);
  return Tensor::of<uint8_t>(std::move(dims), std::span<const uint8_t>(values));
}
Tensor as_type(const Tensor& t, DType type) {
  Tensor out = *Tensor::allocate(type, t.dims());
  HT_CHECK(convert_elements(t.dtype(), t.bytes(), type, out.mutable_bytes(), t.size()).ok());
  return out;
}

constexpr int64_t kN = 9, kK = 40, kBlock = 16, kBlocks = 3;

struct Call {
  int64_t bits = 4, accuracy = 0;
  std::vector<Tensor> inputs;
  Node node() const {
    Node node;
    node.op_type = "MatMulNBits";
    node.domain = "com.microsoft";
    node.attributes = {{"N", integer(kN)},
                       {"K", integer(kK)},
                       {"bits", integer(bits)},
                       {"block_size", integer(kBlock)},
                       {"accuracy_level", integer(accuracy)}};
    for (size_t i = 0; i < inputs.size(); ++i) node.inputs.push_back(inputs[i].defined() ? ValueId(i) : kNoValue);
    node.outputs = {99};
    return node;
  }
};

Call call(int64_t bits, Dims a = {2, 3, kK}) {
  return {bits, 0, {floats(std::move(a), 1), bytes({kN, kBlocks, kBlock * bits / 8}, 2), floats({kN * kBlocks}, 3)}};
}

double zero_of(const Call& c, int64_t n, int64_t b) {
  if (c.inputs.size() <= 3 || !c.inputs[3].defined()) return static_cast<double>(1 << (c.bits - 1));
  const Tensor& zero = c.inputs[3];
  if (zero.dtype() != DType::kUint8) return element_as_double(zero.dtype(), zero.bytes(), n * kBlocks + b);
  const int64_t row = (kBlocks * c.bits + 7) / 8;
  return packed_get(zero.bytes() + n * row, b, static_cast<int>(c.bits), false);
}

double expected(const Call& c, int64_t m, int64_t n) {
  double sum = c.inputs.size() > 5 ? element_as_double(c.inputs[5].dtype(), c.inputs[5].bytes(), n) : 0;
  for (int64_t k = 0; k < kK; ++k) {
    const int64_t b = k / kBlock;
    const double code = packed_get(c.inputs[1].bytes(), n * kBlocks * kBlock + k, static_cast<int>(c.bits), false);
    const double scale = element_as_double(c.inputs[2].dtype(), c.inputs[2].bytes(), n * kBlocks + b);
    sum += element_as_double(c.inputs[0].dtype(), c.inputs[0].bytes(), m * kK + k) * (code - zero_of(c, n, b)) * scale;
  }
  return sum;
}

// `tolerance` is relative to the largest value.
void expect_call(const Call& c, double tolerance) {
  const auto out = evaluate_node(nbits(), c.node(), 1, c.inputs);
  ASSERT_TRUE(out.ok()) << out.error().message;
  const Tensor& y = out->front();
  ASSERT_EQ(y.dtype(), c.inputs[0].dtype());
  Dims dims = c.inputs[0].dims();
  dims.back() = kN;
  ASSERT_EQ(y.dims(), dims);
  double largest = 0, worst = 0;
  for (int64_t i = 0; i < y.size(); ++i) {
    const double want = expected(c, i / kN, i % kN);
    largest = std::max(largest, std::abs(want));
    worst = std::max(worst, std::abs(want - element_as_double(y.dtype(), y.bytes(), i)));
  }
  EXPECT_LE(worst, tolerance * largest);
}

TEST(MatMulNBits, GivesTheDequantizedProduct) {
  for (int64_t bits : {2, 4, 8}) {
    for (const Dims& a : {Dims{2, 3, kK}, Dims{1, kK}, Dims{kK}}) {
      SCOPED_TRACE(::testing::Message() << bits << " bits, " << to_string(a));
      Call c = call(bits, a);
      expect_call(c, 1e-5);
      c.inputs[2] = c.inputs[2].reshaped({kN, kBlocks});
      c.inputs.push_back(bytes({kN, (kBlocks * bits + 7) / 8}, 4));
      expect_call(c, 1e-5);
      c.inputs[3] = floats({kN, kBlocks}, 5, 0, 4);
      c.inputs.resize(5);
      c.inputs.push_back(floats({kN}, 6));
      expect_call(c, 1e-5);
      c.accuracy = 4;
      expect_call(c, 0.02);  // int8 activations
    }
  }
}

TEST(MatMulNBits, TakesHalfFloats) {
  Call c = call(4);
  c.inputs.push_back(floats({kN, kBlocks}, 5, 0, 15));
  for (size_t i : {0, 2, 3}) c.inputs[i] = as_type(c.inputs[i], DType::kFloat16);
  expect_call(c, 2e-3);
}

TEST(MatMulNBits, TakesGroupsInOrder) {
  Call c = call(4);
  std::vector<int32_t> order(kK);
  for (int64_t i = 0; i < kK; ++i) order[static_cast<size_t>(i)] = static_cast<int32_t>(i / kBlock);
  c.inputs.resize(4);
  c.inputs.push_back(Tensor::of<int32_t>({kK}, std::span<const int32_t>(order)));
  expect_call(c, 1e-5);
}

TEST(MatMulNBits, NamesWhatItRefuses) {
  const struct {
    const char* message;
    std::function<void(Call&)> spoil;
  } kBad[] = {
      {"3 bits", [](Call& c) { c.bits = 3; }},
      {"does not end in K",
       [](Call& c) {
         c.inputs[0] = floats({2, kK + 1}, 1);
       }},
      {"expected uint8",
       [](Call& c) {
         c.inputs[1] = bytes({kN, kBlocks, 7}, 1);
       }},
      {"scales are", [](Call& c) { c.inputs[2] = floats({kN}, 1); }},
      {"zero points", [](Call& c) { c.inputs.push_back(bytes({kN}, 1)); }},
      {"g_idx",
       [](Call& c) {
         c.inputs.resize(4);
         c.inputs.push_back(Tensor::of<int32_t>({kK}, std::span<const int32_t>(std::vector<int32_t>(kK, 1))));
       }},
  };
  for (const auto& bad : kBad) {
    Call c = call(4);
    bad.spoil(c);
    const auto out = evaluate_node(nbits(), c.node(), 1, c.inputs);
    ASSERT_FALSE(out.ok()) << bad.message;
    EXPECT_NE(out.error().message.find(bad.message), std::string::npos) << out.error().message;
  }
}

}  // namespace
}  // namespace halftone::testing
