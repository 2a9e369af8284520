// Conversion between element types: every pair against plain C++ arithmetic, packing, and what Cast leaves undefined.
#include "core/tensor/convert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/rng.h"

namespace halftone {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<DType> numeric_types() {
  std::vector<DType> types;
  for (const DTypeInfo& info : all_dtypes()) {
    if (is_convertible(info.type)) types.push_back(info.type);
  }
  return types;
}

std::vector<uint8_t> bytes_of(const Tensor& t) { return {t.bytes(), t.bytes() + t.byte_size()}; }

// Every type holds 0 and 1 (e8m0: powers of two only), so those survive any pair, at sizes around packing and blocks.
TEST(Convert, EveryPairKeepsSmallNumbers) {
  for (const DType from : numeric_types()) {
    for (const DType to : numeric_types()) {
      for (const int64_t n : {0, 1, 3, 8, 511, 512, 1027}) {
        std::vector<float> values(static_cast<size_t>(n));
        for (size_t i = 0; i < values.size(); ++i) {
          values[i] = from == DType::kFloat8E8M0 || to == DType::kFloat8E8M0 ? 1.0f : static_cast<float>(i * 7 % 5 % 2);
        }
        const Tensor source = convert(Tensor::of<float>({n}, values), from).value();
        const Tensor target = convert(source, to).value();
        EXPECT_EQ(target.dtype(), to);
        EXPECT_EQ(target.dims(), (Dims{n}));
        EXPECT_EQ(to_floats(target).value(), values) << dtype_name(from) << " -> " << dtype_name(to) << " " << n;
      }
    }
  }
}

TEST(Convert, IntegersDropHighBits) {
  Rng rng(3);
  std::vector<int64_t> values(257);
  for (int64_t& v : values) v = static_cast<int64_t>(rng.next());
  const Tensor source = Tensor::of<int64_t>({257}, values);
  for (const DType to : numeric_types()) {
    if (!is_integer(to) || to == DType::kUint64) continue;
    const auto got = to_ints(convert(source, to).value()).value();
    const int unused = 64 - dtype_info(to).bits;
    for (size_t i = 0; i < values.size(); ++i) {
      const uint64_t high = static_cast<uint64_t>(values[i]) << unused;
      const int64_t expected = dtype_info(to).kind == DKind::kSigned ? static_cast<int64_t>(high) >> unused
                                                                     : static_cast<int64_t>(high >> unused);
      ASSERT_EQ(got[i], expected) << dtype_name(to);
    }
  }
}

TEST(Convert, FloatsTruncateTowardZero) {
  struct Case {
    DType to;
    std::vector<float> in;
    std::vector<int64_t> out;
  };
  const Case cases[] = {
      {DType::kInt8, {1.9f, -1.9f, 127.9f, -128.9f, 0.5f, kNan}, {1, -1, 127, -128, 0, 0}},
      {DType::kUint8, {255.9f, 300.0f, -1.0f}, {255, 44, 255}},
      {DType::kInt32,
       {2e9f, 3e9f, -3e9f, kInf, -kInf, kNan},
       {2000000000, INT32_MAX, INT32_MIN, INT32_MAX, INT32_MIN, 0}},
      {DType::kUint32, {4e9f, 5e9f, -1.0f}, {4000000000, UINT32_MAX, 0}},
      {DType::kInt64, {1e18f, 1e19f, -1e19f, kNan}, {999999984306749440, INT64_MAX, INT64_MIN, 0}},
      {DType::kInt4, {-9.0f, -8.0f, 7.9f, 8.0f, 15.0f}, {7, -8, 7, -8, -1}},  // as ONNX's own cases have it
      {DType::kUint4, {-1.0f, 15.9f, 16.0f}, {15, 15, 0}},
      {DType::kInt2, {-3.0f, -2.0f, 1.5f, 2.0f}, {1, -2, 1, -2}},
      {DType::kBool, {0.0f, -0.0f, 0.25f, kNan, kInf}, {0, 0, 1, 1, 1}},
  };
  for (const Case& c : cases) {
    const Tensor in = Tensor::of<float>({static_cast<int64_t>(c.in.size())}, c.in);
    EXPECT_EQ(to_ints(convert(in, c.to).value()).value(), c.out) << dtype_name(c.to);
  }
  const Tensor big =
      convert(Tensor::of<double>({4}, {1.8446744073709550e19, 1e20, -5.0, 1e19}), DType::kUint64).value();
  const auto u = big.data<uint64_t>();
  EXPECT_EQ(u[0], 18446744073709549568u);
  EXPECT_EQ(u[1], UINT64_MAX);
  EXPECT_EQ(u[2], 0u);
  EXPECT_EQ(u[3], 10000000000000000000u);
}

TEST(Convert, IntegersRoundOnceToFloats) {
  // Through double this would land on the middle between two floats, and then on the wrong one.
  const int64_t tricky = (int64_t{1} << 60) + (int64_t{1} << 36) + 1;
  const Tensor t = convert(Tensor::of<int64_t>({1}, {tricky}), DType::kFloat).value();
  EXPECT_EQ(t.data<float>()[0], static_cast<float>(tricky));
  const Tensor u = convert(Tensor::of<uint64_t>({1}, {UINT64_MAX}), DType::kFloat).value();
  EXPECT_EQ(u.data<float>()[0], 0x1p64f);
  EXPECT_EQ(to_floats(convert(Tensor::of<int32_t>({1}, {1 << 20}), DType::kFloat16).value()).value()[0], kInf);
}

TEST(Convert, FourBitElementsStartInTheLowBits) {
  EXPECT_EQ(bytes_of(convert(Tensor::of<int32_t>({3}, {1, -2, 3}), DType::kInt4).value()),
            (std::vector<uint8_t>{0xe1, 0x03}));
  EXPECT_EQ(bytes_of(convert(Tensor::of<int32_t>({5}, {1, -2, 0, -1, 1}), DType::kInt2).value()),
            (std::vector<uint8_t>{0xc9, 0x01}));
  EXPECT_EQ(bytes_of(convert(Tensor::of<float>({3}, {0.5f, -6.0f, 1.0f}), DType::kFloat4E2M1).value()),
            (std::vector<uint8_t>{0xf1, 0x02}));
}

TEST(Convert, Float8FollowsTheSaturateAttribute) {
  // The values and bytes of ONNX's own Cast cases.
  const Tensor in = Tensor::of<float>({6}, {1e6f, 1e-7f, kNan, kInf, -kInf, -1e-7f});
  struct Case {
    DType type;
    std::vector<uint8_t> saturated, open;
  };
  const Case cases[] = {
      {DType::kFloat8E4M3FN, {0x7e, 0x00, 0x7f, 0x7e, 0xfe, 0x80}, {0x7f, 0x00, 0x7f, 0x7f, 0xff, 0x80}},
      {DType::kFloat8E4M3FNUZ, {0x7f, 0x00, 0x80, 0x7f, 0xff, 0x00}, {0x80, 0x00, 0x80, 0x80, 0x80, 0x00}},
      {DType::kFloat8E5M2, {0x7b, 0x00, 0x7e, 0x7b, 0xfb, 0x80}, {0x7c, 0x00, 0x7e, 0x7c, 0xfc, 0x80}},
      {DType::kFloat8E5M2FNUZ, {0x7f, 0x00, 0x80, 0x7f, 0xff, 0x00}, {0x80, 0x00, 0x80, 0x80, 0x80, 0x00}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(bytes_of(convert(in, c.type, true).value()), c.saturated) << dtype_name(c.type);
    EXPECT_EQ(bytes_of(convert(in, c.type, false).value()), c.open) << dtype_name(c.type);
  }
}

TEST(Convert, TheSameTypeSharesItsBytes) {
  const Tensor t = Tensor::of<float>({2}, {1, 2});
  EXPECT_TRUE(convert(t, DType::kFloat).value().same_storage(t));
}

TEST(Convert, StringsAndComplexNumbersAreRefused) {
  const Tensor strings = Tensor::strings({1}, {"1"});
  const Tensor complex = Tensor::allocate(DType::kComplex64, {1}).value();
  for (const Tensor& t : {strings, complex}) {
    for (auto code : {convert(t, DType::kFloat).error().code, to_floats(t).error().code, to_ints(t).error().code,
                      convert(t, t.dtype()).error().code}) {
      EXPECT_EQ(code, ErrorCode::kInvalidArgument);
    }
  }
  EXPECT_FALSE(convert(Tensor::scalar(1.0f), DType::kString).ok());
  EXPECT_FALSE(convert(Tensor::scalar(1.0f), DType::kUndefined).ok());
}

TEST(Convert, SourcesNeedNoAlignment) {
  const float values[] = {1.5f, -2.0f, 3.0f};
  std::vector<uint8_t> shifted(sizeof values + 1);
  std::memcpy(shifted.data() + 1, values, sizeof values);
  std::vector<uint8_t> out(3 * 2 + 1);
  ASSERT_TRUE(convert_elements(DType::kFloat, shifted.data() + 1, DType::kFloat16, out.data() + 1, 3).ok());
  EXPECT_EQ(element_as_double(DType::kFloat16, out.data() + 1, 2), 3.0);
  EXPECT_EQ(element_as_double(DType::kFloat, shifted.data() + 1, 1), -2.0);
}

}  // namespace
}  // namespace halftone
