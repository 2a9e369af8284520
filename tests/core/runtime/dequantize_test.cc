// Integers back to reals: per tensor, per channel, types, and what does not fit.
#include "core/runtime/dequantize.h"

#include <gtest/gtest.h>

namespace halftone {
namespace {

TEST(Dequantize, PerTensor) {
  const QuantParams params{DType::kUint8, {0.5f}, {128}};
  const auto real = dequantize(Tensor::of<uint8_t>({3}, {0, 128, 255}).view(), params);
  ASSERT_TRUE(real.ok());
  EXPECT_TRUE(real->identical(Tensor::of<float>({3}, {-64.0f, 0.0f, 63.5f})));
}

TEST(Dequantize, PerChannelOfAMiddleAxis) {
  const QuantParams params{DType::kInt8, {1.0f, 0.5f}, {0, 2}, 1};
  const auto real = dequantize(Tensor::of<int8_t>({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}).view(), params);
  ASSERT_TRUE(real.ok());
  EXPECT_TRUE(real->identical(Tensor::of<float>({2, 2, 2}, {1, 2, 0.5f, 1, 5, 6, 2.5f, 3})));
}

TEST(Dequantize, WhatDoesNotFitIsRefused) {
  const Tensor q = Tensor::of<int8_t>({2, 2}, {1, 2, 3, 4});
  EXPECT_FALSE(dequantize(q.view(), QuantParams{DType::kInt8, {1, 1}, {0, 0}, 2}).ok());
  EXPECT_FALSE(dequantize(q.view(), QuantParams{DType::kInt8, {1}, {0}, 1}).ok());
  EXPECT_FALSE(dequantize(Tensor::scalar<float>(1).view(), QuantParams{DType::kInt8, {1}, {0}}).ok());
}

}  // namespace
}  // namespace halftone
