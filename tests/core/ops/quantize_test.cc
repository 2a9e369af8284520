// QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear: types, axes, blocks, errors.
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

Tensor u8(Dims dims, std::initializer_list<uint8_t> v) { return Tensor::of<uint8_t>(std::move(dims), v); }
Tensor s8(Dims dims, std::initializer_list<int8_t> v) { return Tensor::of<int8_t>(std::move(dims), v); }
Tensor s16(Dims dims, std::initializer_list<int16_t> v) { return Tensor::of<int16_t>(std::move(dims), v); }
Tensor s32(Dims dims, std::initializer_list<int32_t> v) { return Tensor::of<int32_t>(std::move(dims), v); }
Tensor packed(DType type, Dims dims, std::string bytes) {
  return Tensor::adopt(type, std::move(dims), std::move(bytes)).value();
}

const std::vector<OpCase>& quantize_cases() {
  static const std::vector<OpCase> kCases = {
      {"TiesToEven",
       "QuantizeLinear",
       10,
       {},
       {f({6}, {-0.25f, 0.25f, 0.75f, 1.25f, 1e9f, -1e9f}), f({}, {0.5f}), u8({}, {10})},
       {u8({6}, {10, 10, 12, 12, 255, 0})}},
      {"DefaultsToUint8", "QuantizeLinear", 13, {}, {f({2}, {-1, 3}), f({}, {1})}, {u8({2}, {0, 3})}},
      {"OutputType",
       "QuantizeLinear",
       21,
       {{"output_dtype", integer(3)}},
       {f({2}, {-1, 3}), f({}, {1})},
       {s8({2}, {-1, 3})}},
      {"PerAxis",
       "QuantizeLinear",
       13,
       {{"axis", integer(0)}},
       {f({2, 2}, {1, 2, 1, 2}), f({2}, {1, 0.5f}), s8({2}, {0, -10})},
       {s8({2, 2}, {1, 2, -8, -6})}},
      {"NegativeAxis",
       "QuantizeLinear",
       13,
       {{"axis", integer(-1)}},
       {f({2, 2}, {1, 2, 1, 2}), f({2}, {1, 0.5f})},
       {u8({2, 2}, {1, 4, 1, 4})}},
      {"BlocksAlongRows",
       "QuantizeLinear",
       21,
       {{"axis", integer(1)}, {"block_size", integer(2)}},
       {f({2, 3}, {1, 2, 3, 4, 5, 6}), f({2, 2}, {1, 0.5f, 0.25f, 2})},
       {u8({2, 3}, {1, 2, 6, 16, 20, 3})}},
      {"BlocksAlongColumns",
       "QuantizeLinear",
       21,
       {{"axis", integer(0)}, {"block_size", integer(2)}},
       {f({3, 2}, {1, 2, 3, 4, 5, 6}), f({2, 2}, {1, 0.5f, 0.25f, 2})},
       {u8({3, 2}, {1, 4, 3, 8, 20, 3})}},
      {"Int16",
       "QuantizeLinear",
       21,
       {},
       {f({3}, {1e6f, -1e6f, 7}), f({}, {1}), s16({}, {-3})},
       {s16({3}, {32767, -32768, 4})}},
      {"Int4",
       "QuantizeLinear",
       21,
       {},
       {f({3}, {-20, 3, 20}), f({}, {1}), packed(DType::kInt4, {}, std::string(1, '\x01'))},
       {packed(DType::kInt4, {3}, "\x48\x07")}},
      {"FromInt32", "QuantizeLinear", 13, {}, {s32({2}, {8, -8}), f({}, {2}), s8({}, {1})}, {s8({2}, {5, -3})}},
      {"PerTensor",
       "DequantizeLinear",
       10,
       {},
       {u8({3}, {0, 128, 255}), f({}, {2}), u8({}, {128})},
       {f({3}, {-256, 0, 254})}},
      {"PerAxis",
       "DequantizeLinear",
       13,
       {{"axis", integer(1)}},
       {s8({1, 2, 2}, {1, 2, 3, 4}), f({2}, {1, 10}), s8({2}, {0, 1})},
       {f({1, 2, 2}, {1, 2, 20, 30})}},
      {"Blocked",
       "DequantizeLinear",
       21,
       {{"axis", integer(0)}, {"block_size", integer(2)}},
       {s8({3, 2}, {1, 2, 3, 4, 5, 6}), f({2, 2}, {1, 10, 100, 1000})},
       {f({3, 2}, {1, 20, 3, 40, 500, 6000})}},
      {"Int32",
       "DequantizeLinear",
       10,
       {},
       {s32({2}, {INT32_MAX, INT32_MIN}), f({}, {0.5f})},
       {f({2}, {0x1p30f, -0x1p30f})}},
      {"Uint4",
       "DequantizeLinear",
       21,
       {},
       {packed(DType::kUint4, {3}, "\xf1\x08"), f({}, {2}), packed(DType::kUint4, {}, "\x01")},
       {f({3}, {0, 28, 14})}},
      {"Range",
       "DynamicQuantizeLinear",
       11,
       {},
       {f({3}, {-1, 0, 4.1f})},
       {u8({3}, {0, 50, 255}), f({}, {0.02f}), u8({}, {50})}},
      {"AllZero", "DynamicQuantizeLinear", 11, {}, {f({2}, {0, 0})}, {u8({2}, {0, 0}), f({}, {1}), u8({}, {0})}},
      {"PositiveHoldsZero",
       "DynamicQuantizeLinear",
       11,
       {},
       {f({2}, {25.5f, 12.7f})},
       {u8({2}, {255, 127}), f({}, {0.1f}), u8({}, {0})}},
  };
  return kCases;
}

class Quantize : public ::testing::TestWithParam<OpCase> {};
TEST_P(Quantize, GivesExpected) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, Quantize, ::testing::ValuesIn(quantize_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"ScaleTooLong",
       "QuantizeLinear",
       13,
       {},
       {f({2, 2}, {1, 2, 3, 4}), f({3}, {1, 1, 1})},
       "does not fit the tensor"},
      {"AxisOutside", "QuantizeLinear", 13, {{"axis", integer(2)}}, {f({2, 2}, {1, 2, 3, 4}), f({2}, {1, 1})}, "axis"},
      {"ZeroPointShape", "QuantizeLinear", 13, {}, {f({2}, {1, 2}), f({}, {1}), u8({2}, {0, 0})}, "zero point"},
      {"ZeroPointType", "DequantizeLinear", 13, {}, {u8({2}, {1, 2}), f({}, {1}), s8({}, {0})}, "zero point"},
      {"BlocksTooFew",
       "DequantizeLinear",
       21,
       {{"axis", integer(0)}, {"block_size", integer(2)}},
       {s8({3, 1}, {1, 2, 3}), f({1, 1}, {1})},
       "does not fit the tensor"},
      {"BlockNegative",
       "DequantizeLinear",
       21,
       {{"axis", integer(0)}, {"block_size", integer(-2)}},
       {s8({3, 1}, {1, 2, 3}), f({2, 1}, {1, 1})},
       "block_size is -2"},
      {"OutputTypeUnknown",
       "QuantizeLinear",
       21,
       {{"output_dtype", integer(99)}},
       {f({1}, {1}), f({}, {1})},
       "output_dtype"},
      {"ToFloat",
       "QuantizeLinear",
       21,
       {{"output_dtype", integer(1)}},
       {f({1}, {1}), f({}, {1})},
       "QuantizeLinear to",
       ErrorCode::kUnsupportedOperator},
  };
  return kCases;
}

class QuantizeRefuses : public ::testing::TestWithParam<BadCase> {};
TEST_P(QuantizeRefuses, WithItsReason) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, QuantizeRefuses, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
