// The table of element types: codes, names, sizes.
#include "core/tensor/dtype.h"

#include <gtest/gtest.h>

#include <set>

namespace halftone {
namespace {

TEST(DType, TableFollowsOnnxCodesAndNamesAreUnique) {
  std::set<std::string_view> names;
  int32_t code = 0;
  for (const DTypeInfo& info : all_dtypes()) {
    EXPECT_EQ(info.onnx_code, code);
    EXPECT_EQ(static_cast<int32_t>(info.type), code);
    EXPECT_EQ(&dtype_info(info.type), &info);
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    if (code > 0) {
      EXPECT_EQ(dtype_from_onnx(code), info.type);
      EXPECT_EQ(dtype_from_name(info.name), info.type);
    }
    ++code;
  }
  EXPECT_EQ(code, 27);
}

TEST(DType, UnknownCodesAndNamesAreNothing) {
  for (const int32_t code : {0, -1, 27, 1000, INT32_MIN, INT32_MAX}) EXPECT_EQ(dtype_from_onnx(code), std::nullopt);
  for (const char* name : {"", "unknown", "float", "Float32"}) EXPECT_EQ(dtype_from_name(name), std::nullopt);
}

TEST(DType, IntegerRangesFollowFromBits) {
  for (const DTypeInfo& info : all_dtypes()) {
    if (!is_integer(info.type) || info.bits > 32) continue;
    const double span = static_cast<double>(int64_t{1} << info.bits);
    EXPECT_EQ(info.lowest, info.kind == DKind::kSigned ? -span / 2 : 0) << info.name;
    EXPECT_EQ(info.highest, info.lowest + span - 1) << info.name;
  }
}

TEST(DType, PackedBytesRoundUpAndRefuseOverflow) {
  struct Case {
    DType type;
    int64_t n;
    std::optional<int64_t> bytes;
  };
  const Case cases[] = {
      {DType::kFloat, 3, 12},
      {DType::kInt4, 0, 0},
      {DType::kInt4, 1, 1},
      {DType::kUint4, 3, 2},
      {DType::kInt2, 4, 1},
      {DType::kUint2, 5, 2},
      {DType::kFloat4E2M1, 7, 4},
      {DType::kBool, 9, 9},
      {DType::kComplex128, 2, 32},
      {DType::kFloat, -1, std::nullopt},
      {DType::kString, 2, std::nullopt},
      {DType::kUndefined, 2, std::nullopt},
      {DType::kDouble, INT64_MAX / 8, std::nullopt},
  };
  for (const Case& c : cases) EXPECT_EQ(packed_bytes(c.type, c.n), c.bytes) << dtype_name(c.type) << " " << c.n;
}

}  // namespace
}  // namespace halftone
