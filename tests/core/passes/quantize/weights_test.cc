#include "core/passes/quantize/weights.h"

#include <gtest/gtest.h>

#include <cfloat>
#include <cmath>

#include "tests/core/passes/build.h"

namespace halftone {
namespace {

using testing::normal_tensor;

int32_t element(const Tensor& t, size_t i) {
  return t.dtype() == DType::kInt8 ? t.data<int8_t>()[i] : t.data<uint8_t>()[i];
}

WeightSpec spec_of(DType dtype, bool symmetric, bool reduce, int64_t axis, int64_t channels) {
  WeightSpec spec;
  spec.grid = make_grid(
      {.bits = reduce ? 7 : 8, .is_signed = dtype == DType::kInt8, .symmetric = symmetric, .restricted = symmetric});
  spec.axis = axis;
  spec.channels = channels;
  return spec;
}

// Every weight comes back within half a step, under every choice.
TEST(EncodeWeight, DequantizedIsWithinHalfAStep) {
  const Dims dims = {5, 3, 2, 2};
  const Tensor weight = normal_tensor(dims, 1);
  for (DType dtype : {DType::kInt8, DType::kUint8}) {
    for (bool symmetric : {true, false}) {
      for (bool reduce : {true, false}) {
        for (int64_t axis : {-1, 0, 1}) {
          const auto encoded = encode_weight(weight, Tensor(), 0.1f, spec_of(dtype, symmetric, reduce, axis, 1));
          ASSERT_TRUE(encoded.ok());
          EXPECT_EQ(encoded->params.axis, axis);
          ASSERT_EQ(encoded->params.scale.size(), axis < 0 ? 1u : static_cast<size_t>(dims[axis]));
          EXPECT_EQ(encoded->weight.dtype(), dtype);
          for (size_t i = 0; i < 60; ++i) {
            const size_t c = axis < 0 ? 0 : axis == 0 ? i / 12 : i / 4 % 3;
            const float scale = encoded->params.scale[c];
            const float real = scale * static_cast<float>(element(encoded->weight, i) - encoded->params.zero_point[c]);
            EXPECT_NEAR(real, weight.data<float>()[i], scale * 0.5001f) << i;
          }
        }
      }
    }
  }
}

TEST(EncodeWeight, SymmetricInt8LeavesMinus128Out) {
  const Tensor weight = Tensor::of<float>({1, 4}, {-1.0f, 1.0f, 0.5f, 0.0f});
  const auto encoded = encode_weight(weight, Tensor(), 1, spec_of(DType::kInt8, true, false, 0, 1));
  ASSERT_TRUE(encoded.ok());
  EXPECT_FLOAT_EQ(encoded->params.scale[0], 1.0f / 127);
  EXPECT_EQ(encoded->params.zero_point[0], 0);
  EXPECT_EQ(element(encoded->weight, 0), -127);
  EXPECT_EQ(element(encoded->weight, 1), 127);
  EXPECT_EQ(element(encoded->weight, 3), 0);
}

TEST(EncodeWeight, ReducedRangeUsesSevenBits) {
  const Tensor weight = normal_tensor({4, 16}, 2);
  const auto encoded = encode_weight(weight, Tensor(), 1, spec_of(DType::kInt8, true, true, -1, 1));
  ASSERT_TRUE(encoded.ok());
  int32_t largest = 0;
  for (size_t i = 0; i < 64; ++i) largest = std::max(largest, std::abs(element(encoded->weight, i)));
  EXPECT_EQ(largest, 63);
}

TEST(EncodeWeight, BiasHasTheScaleOfTheProducts) {
  const Tensor weight = normal_tensor({3, 8}, 3);
  const Tensor bias = Tensor::of<float>({3}, {0.25f, -1.5f, 100.0f});
  const float input_scale = 0.02f;
  const auto encoded = encode_weight(weight, bias, input_scale, spec_of(DType::kInt8, true, false, 0, 3));
  ASSERT_TRUE(encoded.ok());
  ASSERT_EQ(encoded->bias.dims(), (Dims{3}));
  EXPECT_EQ(encoded->bias_params.axis, 0);
  for (size_t c = 0; c < 3; ++c) {
    EXPECT_EQ(encoded->bias_params.scale[c], input_scale * encoded->params.scale[c]);
    EXPECT_EQ(encoded->bias_params.zero_point[c], 0);
    const double real = static_cast<double>(encoded->bias_params.scale[c]) * encoded->bias.data<int32_t>()[c];
    EXPECT_NEAR(real, bias.data<float>()[c], encoded->bias_params.scale[c]);
  }
  EXPECT_EQ(encoded->widened, 0);
}

TEST(EncodeWeight, OneBiasForAllIsSpreadOverTheChannels) {
  const Tensor weight = normal_tensor({8, 3}, 4);
  const Tensor bias = Tensor::of<float>({1, 1}, {0.5f});
  for (int64_t axis : {-1, 1}) {
    const auto encoded = encode_weight(weight, bias, 0.1f, spec_of(DType::kInt8, true, false, axis, 3));
    ASSERT_TRUE(encoded.ok());
    ASSERT_EQ(encoded->bias.dims(), (Dims{3}));
    for (size_t c = 0; c < 3; ++c) {
      const float scale = encoded->bias_params.scale[axis < 0 ? 0 : c];
      EXPECT_NEAR(scale * static_cast<float>(encoded->bias.data<int32_t>()[c]), 0.5f, scale);
    }
  }
}

// Grouped ConvTranspose: the weight's axis counts one group's channels, the bias all of them.
TEST(EncodeWeight, BiasOfGroupsRepeatsTheScales) {
  const Tensor weight = normal_tensor({4, 2, 3, 3}, 5);
  const Tensor bias = Tensor::of<float>({4}, {1, 2, 3, 4});
  const auto encoded = encode_weight(weight, bias, 0.1f, spec_of(DType::kInt8, true, false, 1, 4));
  ASSERT_TRUE(encoded.ok());
  ASSERT_EQ(encoded->params.scale.size(), 2u);
  ASSERT_EQ(encoded->bias_params.scale.size(), 4u);
  for (size_t c = 0; c < 4; ++c) {
    EXPECT_EQ(encoded->bias_params.scale[c], 0.1f * encoded->params.scale[c % 2]);
    EXPECT_NEAR(encoded->bias_params.scale[c] * static_cast<float>(encoded->bias.data<int32_t>()[c]),
                bias.data<float>()[c], encoded->bias_params.scale[c]);
  }
}

TEST(EncodeWeight, ScaleWidensWhereTheBiasWouldOverflow) {
  const Tensor weight = Tensor::of<float>({2, 2}, {1e-9f, -1e-9f, 1.0f, -0.5f});
  const Tensor bias = Tensor::of<float>({2}, {1000.0f, 1.0f});
  const auto encoded = encode_weight(weight, bias, 0.001f, spec_of(DType::kInt8, true, false, 0, 2));
  ASSERT_TRUE(encoded.ok());
  EXPECT_EQ(encoded->widened, 1);
  const int32_t stored = encoded->bias.data<int32_t>()[0];
  EXPECT_LE(std::abs(static_cast<double>(stored)), kBiasLimit);
  EXPECT_NEAR(static_cast<double>(encoded->bias_params.scale[0]) * stored, 1000.0, 0.01);
  EXPECT_FLOAT_EQ(encoded->params.scale[1], 1.0f / 127);
  EXPECT_NEAR(static_cast<double>(encoded->bias_params.scale[1]) * encoded->bias.data<int32_t>()[1], 1.0, 1e-4);
}

TEST(EncodeWeight, DeadChannelsKeepTheirBias) {
  const Tensor weight = Tensor::of<float>({3, 2}, {0, 0, 1.0f, -2.0f, 0, 0});
  const Tensor bias = Tensor::of<float>({3}, {0.75f, 0.1f, 0});
  const auto encoded = encode_weight(weight, bias, 0.05f, spec_of(DType::kInt8, true, false, 0, 3));
  ASSERT_TRUE(encoded.ok());
  EXPECT_NEAR(encoded->bias_params.scale[0] * static_cast<float>(encoded->bias.data<int32_t>()[0]), 0.75f, 1e-3f);
  for (float scale : encoded->params.scale) EXPECT_GE(scale, FLT_MIN);
  for (size_t i : {0u, 1u, 4u, 5u}) EXPECT_EQ(element(encoded->weight, i), 0);
}

TEST(EncodeWeight, AllZerosAndTinyNumbersGiveSaneScales) {
  for (float w : {0.0f, 1e-44f, 1e-30f, 3e38f}) {
    for (float b : {0.0f, 1e-44f, 1.0f, 3e38f}) {
      for (float input_scale : {1e-30f, 1.0f, 1e30f}) {
        const Tensor weight = Tensor::of<float>({2, 1}, {w, -w});
        const Tensor bias = Tensor::of<float>({2}, {b, -b});
        const auto encoded = encode_weight(weight, bias, input_scale, spec_of(DType::kInt8, true, false, 0, 2));
        ASSERT_TRUE(encoded.ok());
        for (float scale : encoded->params.scale)
          EXPECT_TRUE(std::isnormal(scale)) << w << " " << b << " " << input_scale;
        for (int32_t q : encoded->bias.data<int32_t>()) EXPECT_LE(std::abs(static_cast<double>(q)), kBiasLimit);
      }
    }
  }
}

TEST(QuantizeValue, RoundsHalfToEvenAndSaturates) {
  const QuantParams params{DType::kUint8, {0.5f}, {10}, -1, 0};
  const struct {
    float value;
    int32_t q;
  } cases[] = {{0, 10},    {0.25f, 10},   {0.75f, 12},  {-0.25f, 10},    {-5, 0},
               {-5.5f, 0}, {122.5f, 255}, {1e30f, 255}, {INFINITY, 255}, {-INFINITY, 0}};
  for (const auto& c : cases) EXPECT_EQ(quantize_value(c.value, params), c.q) << c.value;
}

}  // namespace
}  // namespace halftone
