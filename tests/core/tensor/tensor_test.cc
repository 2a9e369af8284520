// Tensor: storage, sharing, and refusing sizes that no file may ask for.
#include "core/tensor/tensor.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

namespace halftone {
namespace {

constexpr int64_t kHuge = int64_t{1} << 40;

TEST(Tensor, AllocationsAreAlignedAndTyped) {
  for (const DTypeInfo& info : all_dtypes()) {
    if (info.bits == 0) continue;
    const Tensor t = Tensor::allocate(info.type, {3, 5}, "t").value();
    EXPECT_TRUE(t.defined());
    EXPECT_EQ(t.size(), 15);
    EXPECT_EQ(t.byte_size(), (15 * info.bits + 7) / 8) << info.name;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(t.bytes()) % 64, 0u);
  }
}

TEST(Tensor, ImpossibleSizesAreErrorsNamingTheTensor) {
  struct Case {
    DType type;
    Dims dims;
    ErrorCode code;
  };
  const Case cases[] = {
      {DType::kFloat, {2, -1}, ErrorCode::kInvalidArgument},
      {DType::kFloat, Dims(33, 1), ErrorCode::kInvalidArgument},
      {DType::kFloat, {kHuge}, ErrorCode::kOutOfMemory},
      {DType::kUint8, {kMaxBytes + 1}, ErrorCode::kOutOfMemory},
      {DType::kDouble, {kMaxBytes / 8, 2}, ErrorCode::kOutOfMemory},
      {DType::kInt2, {kMaxBytes, 2}, ErrorCode::kOutOfMemory},
      {DType::kFloat, {kHuge, kHuge, kHuge}, ErrorCode::kOutOfMemory},
      {DType::kFloat, {0, kHuge, kHuge}, ErrorCode::kOutOfMemory},
      {DType::kFloat, {INT64_MAX, INT64_MAX}, ErrorCode::kOutOfMemory},
      {DType::kString, {int64_t{1} << 30}, ErrorCode::kOutOfMemory},
  };
  for (const Case& c : cases) {
    auto t = Tensor::allocate(c.type, c.dims, "conv1.weight");
    ASSERT_FALSE(t.ok()) << to_string(c.dims);
    EXPECT_EQ(t.error().code, c.code) << t.error().message;
    EXPECT_EQ(t.error().where, "conv1.weight");
    EXPECT_FALSE(t.error().hint.empty());
  }
}

TEST(Tensor, EmptyAndScalarTensorsHaveStorage) {
  const Tensor empty = Tensor::allocate(DType::kFloat, {0, 7}).value();
  EXPECT_EQ(empty.size(), 0);
  EXPECT_NE(empty.bytes(), nullptr);
  EXPECT_TRUE(empty.data<float>().empty());
  const Tensor scalar = Tensor::scalar(2.5f);
  EXPECT_EQ(scalar.rank(), 0);
  EXPECT_EQ(scalar.data<float>()[0], 2.5f);
  EXPECT_FALSE(Tensor().defined());
}

TEST(Tensor, CopiesShareBytes) {
  const Tensor a = Tensor::of<int32_t>({2, 2}, {1, 2, 3, 4});
  const Tensor b = a, c = a.reshaped({4});
  EXPECT_TRUE(b.same_storage(a));
  EXPECT_TRUE(c.same_storage(a));
  EXPECT_EQ(c.dims(), (Dims{4}));
  EXPECT_EQ(c.data<int32_t>()[3], 4);
}

TEST(TensorDeathTest, WritingToSharedBytesIsOurBug) {
  Tensor a = Tensor::of<int32_t>({2}, {1, 2});
  a.mutable_data<int32_t>()[0] = 5;
  const Tensor b = a;
  EXPECT_DEATH_IF_SUPPORTED(a.mutable_bytes(), "");
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(a.data<float>()), "");
  EXPECT_DEATH_IF_SUPPORTED(static_cast<void>(a.reshaped({3})), "");
  EXPECT_EQ(b.data<int32_t>()[0], 5);
}

TEST(Tensor, AdoptsLongStringsWithoutCopyingAndShortOnesToo) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{15}, size_t{16}, size_t{63}, size_t{64}, size_t{4096}}) {
    std::string bytes(size, '\0');
    std::iota(bytes.begin(), bytes.end(), '\0');
    const std::string expected = bytes;
    const char* before = bytes.data();
    const Tensor t = Tensor::adopt(DType::kUint8, {static_cast<int64_t>(size)}, std::move(bytes)).value();
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(t.bytes()), size), expected);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(t.bytes()) % 8, 0u);
    EXPECT_EQ(static_cast<const void*>(t.bytes()) == before, size >= 64);
  }
}

TEST(Tensor, AdoptRefusesAnotherNumberOfBytes) {
  for (const size_t size : {size_t{0}, size_t{7}, size_t{9}}) {
    auto t = Tensor::adopt(DType::kFloat, {2}, std::string(size, 'x'), "w");
    ASSERT_FALSE(t.ok());
    EXPECT_EQ(t.error().code, ErrorCode::kInvalidModel);
    EXPECT_EQ(t.error().where, "w");
  }
  EXPECT_TRUE(Tensor::adopt(DType::kInt4, {3}, "ab").ok());
  EXPECT_FALSE(Tensor::adopt(DType::kInt4, {3}, "a").ok());
}

TEST(Tensor, StringsKeepTheirContents) {
  const Tensor t = Tensor::strings({2}, {"a", std::string("b\0c", 3)});
  EXPECT_EQ(t.dtype(), DType::kString);
  EXPECT_EQ(t.byte_size(), 0);
  EXPECT_EQ(t.string_data()[1].size(), 3u);
  EXPECT_EQ(static_cast<const std::string*>(t.view().data)[0], "a");
  EXPECT_TRUE(t.identical(Tensor::strings({2}, {"a", std::string("b\0c", 3)})));
  EXPECT_FALSE(t.identical(Tensor::strings({2}, {"a", "b"})));
  EXPECT_EQ(Tensor::allocate(DType::kString, {3}).value().string_data().size(), 3u);
}

TEST(Tensor, IdenticalComparesTypeDimsAndBits) {
  const Tensor a = Tensor::of<float>({2}, {0.0f, 1.0f});
  EXPECT_TRUE(a.identical(Tensor::of<float>({2}, {0.0f, 1.0f})));
  EXPECT_FALSE(a.identical(Tensor::of<float>({2}, {-0.0f, 1.0f})));
  EXPECT_FALSE(a.identical(Tensor::of<float>({1, 2}, {0.0f, 1.0f})));
  EXPECT_FALSE(a.identical(Tensor::of<int32_t>({2}, {0, 0x3f800000})));
  EXPECT_TRUE(Tensor().identical(Tensor()));
}

}  // namespace
}  // namespace halftone
