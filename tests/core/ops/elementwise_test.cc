// Functions of one and of two elements: every function against a plain formula in double, for each type it takes, with
// and without broadcasting.
#include <cmath>
#include <functional>

#include "core/base/rng.h"
#include "core/ops/op_def.h"
#include "core/tensor/convert.h"
#include "tests/core/ops/op_case.h"

namespace halftone::testing {
namespace {

using Unary = std::function<double(double)>;

struct UnaryCase {
  std::string op;
  Unary exact;
  double low = -4, high = 4;
  Attributes attributes = {};
  int64_t opset = 20;
};

void PrintTo(const UnaryCase& c, std::ostream* out) { *out << c.op; }

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::log1p(std::exp(x)); }

std::vector<UnaryCase> unary_cases() {
  return {
      {"Abs", [](double x) { return std::abs(x); }},
      {"Acos", [](double x) { return std::acos(x); }, -1, 1},
      {"Acosh", [](double x) { return std::acosh(x); }, 1, 9},
      {"Asin", [](double x) { return std::asin(x); }, -1, 1},
      {"Asinh", [](double x) { return std::asinh(x); }},
      {"Atan", [](double x) { return std::atan(x); }},
      {"Atanh", [](double x) { return std::atanh(x); }, -0.99, 0.99},
      {"Ceil", [](double x) { return std::ceil(x); }},
      {"Celu", [](double x) { return x > 0 ? x : 2 * std::expm1(x / 2); }, -4, 4, {{"alpha", real(2)}}},
      {"Clip", [](double x) { return std::clamp(x, -1.0, 2.0); }, -4, 4, {{"min", real(-1)}, {"max", real(2)}}, 6},
      {"Cos", [](double x) { return std::cos(x); }},
      {"Cosh", [](double x) { return std::cosh(x); }},
      {"Elu", [](double x) { return x > 0 ? x : std::expm1(x); }},
      {"Erf", [](double x) { return std::erf(x); }},
      {"Exp", [](double x) { return std::exp(x); }},
      {"Floor", [](double x) { return std::floor(x); }},
      {"Gelu", [](double x) { return x * 0.5 * (1 + std::erf(x / std::sqrt(2.0))); }},
      {"Gelu",
       [](double x) { return x * 0.5 * (1 + std::tanh(std::sqrt(2 / 3.14159265358979) * (x + 0.044715 * x * x * x))); },
       -4,
       4,
       {{"approximate", text("tanh")}}},
      {"HardSigmoid", [](double x) { return std::clamp(x * 0.2 + 0.5, 0.0, 1.0); }},
      {"HardSwish", [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }},
      {"LeakyRelu", [](double x) { return x < 0 ? 0.25 * x : x; }, -4, 4, {{"alpha", real(0.25f)}}},
      {"Log", [](double x) { return std::log(x); }, 0.01, 9},
      {"Mish", [](double x) { return x * std::tanh(softplus(x)); }},
      {"Neg", [](double x) { return -x; }},
      {"Reciprocal", [](double x) { return 1 / x; }, 0.1, 4},
      {"Relu", [](double x) { return std::max(x, 0.0); }},
      {"Round", [](double x) { return std::nearbyint(x); }},
      {"Selu", [](double x) { return 1.05070102 * (x > 0 ? x : 1.67326319 * std::expm1(x)); }},
      {"Shrink",
       [](double x) { return x < -1  ? x + 0.5
                             : x > 1 ? x - 0.5
                                     : 0; },
       -4,
       4,
       {{"lambd", real(1)}, {"bias", real(0.5f)}}},
      {"Sigmoid", sigmoid},
      {"Sign", [](double x) { return (x > 0) - (x < 0); }},
      {"Sin", [](double x) { return std::sin(x); }},
      {"Sinh", [](double x) { return std::sinh(x); }},
      {"Softplus", softplus},
      {"Softsign", [](double x) { return x / (1 + std::abs(x)); }},
      {"Sqrt", [](double x) { return std::sqrt(x); }, 0, 9},
      {"Swish", [](double x) { return x * sigmoid(x); }, -4, 4, {}, 24},
      {"Tan", [](double x) { return std::tan(x); }, -1.5, 1.5},
      {"Tanh", [](double x) { return std::tanh(x); }},
      {"ThresholdedRelu", [](double x) { return x > 1 ? x : 0; }},
  };
}

class UnaryOp : public ::testing::TestWithParam<UnaryCase> {};

// float16 has steps near 0.25: functions that jump are asked away from their jumps.
TEST_P(UnaryOp, MatchesItsFormula) {
  const UnaryCase& c = GetParam();
  constexpr int64_t kCount = 37;  // not a multiple of any lane width
  for (const auto& [type, tolerance] :
       {std::pair{DType::kFloat, 1e-5}, {DType::kDouble, 1e-6}, {DType::kFloat16, 4e-3}}) {
    SCOPED_TRACE(dtype_name(type));
    Tensor x = *Tensor::allocate(DType::kDouble, {kCount});
    Rng rng(5);
    for (double& v : x.mutable_data<double>()) {
      v = c.low + (c.high - c.low) * (std::floor(static_cast<double>(rng.uniform()) * 256) + 0.37) / 257;
    }
    x = *convert(x, type);
    OpCase check{"", c.op, c.opset, c.attributes, {x}, {}, tolerance};
    const Tensor exact = *convert(x, DType::kDouble);
    Tensor want = *Tensor::allocate(DType::kDouble, {kCount});
    for (size_t i = 0; i < kCount; ++i) want.mutable_data<double>()[i] = c.exact(exact.data<double>()[i]);
    check.expected = {*convert(want, type)};
    check_op(check);
  }
}

INSTANTIATE_TEST_SUITE_P(All, UnaryOp, ::testing::ValuesIn(unary_cases()),
                         [](const auto& info) { return info.param.op + "_" + std::to_string(info.index); });

struct BinaryCase {
  std::string op;
  std::function<double(double, double)> exact;
  std::vector<DType> types;
  Attributes attributes = {};
};

void PrintTo(const BinaryCase& c, std::ostream* out) { *out << c.op; }

const std::vector<DType> kNumbers = {DType::kFloat, DType::kDouble, DType::kInt8,   DType::kInt16,  DType::kInt32,
                                     DType::kInt64, DType::kUint8,  DType::kUint16, DType::kUint32, DType::kUint64};
const std::vector<DType> kIntegers(kNumbers.begin() + 2, kNumbers.end());
const std::vector<DType> kBools = {DType::kBool};

double floor_mod(double a, double b) { return a - std::floor(a / b) * b; }

std::vector<BinaryCase> binary_cases() {
  const auto bits = [](auto f) {
    return [f](double a, double b) { return static_cast<double>(f(static_cast<int64_t>(a), static_cast<int64_t>(b))); };
  };
  return {
      {"Add", [](double a, double b) { return a + b; }, kNumbers},
      {"Sub", [](double a, double b) { return a - b; }, {DType::kFloat, DType::kDouble, DType::kInt8, DType::kInt64}},
      {"Mul", [](double a, double b) { return a * b; }, kNumbers},
      {"Div", [](double a, double b) { return std::trunc(a / b); }, kIntegers},
      {"Div", [](double a, double b) { return a / b; }, {DType::kFloat, DType::kDouble}},
      {"Max", [](double a, double b) { return std::max(a, b); }, kNumbers},
      {"Min", [](double a, double b) { return std::min(a, b); }, kNumbers},
      {"Mod", floor_mod, kIntegers},
      {"Mod", [](double a, double b) { return std::fmod(a, b); }, {DType::kFloat}, {{"fmod", integer(1)}}},
      {"Pow", [](double a, double b) { return std::pow(a, b); }, {DType::kFloat, DType::kDouble, DType::kInt32}},
      {"PRelu", [](double a, double b) { return a < 0 ? a * b : a; }, {DType::kFloat, DType::kInt32}},
      {"BitwiseAnd", bits([](int64_t a, int64_t b) { return a & b; }), kIntegers},
      {"BitwiseOr", bits([](int64_t a, int64_t b) { return a | b; }), kIntegers},
      {"BitwiseXor", bits([](int64_t a, int64_t b) { return a ^ b; }), kIntegers},
      {"BitShift", bits([](int64_t a, int64_t b) { return a << b; }), {DType::kUint32}, {{"direction", text("LEFT")}}},
      {"BitShift", bits([](int64_t a, int64_t b) { return a >> b; }), {DType::kUint8}, {{"direction", text("RIGHT")}}},
      {"And", [](double a, double b) { return a * b; }, kBools},
      {"Or", [](double a, double b) { return std::max(a, b); }, kBools},
      {"Xor", [](double a, double b) { return a != b; }, kBools},
      {"Equal", [](double a, double b) { return a == b; }, kNumbers},
      {"Less", [](double a, double b) { return a < b; }, kNumbers},
      {"LessOrEqual", [](double a, double b) { return a <= b; }, kNumbers},
      {"Greater", [](double a, double b) { return a > b; }, kNumbers},
      {"GreaterOrEqual", [](double a, double b) { return a >= b; }, kNumbers},
  };
}

// Shapes that exercise every kind of plan: dense, one scalar, rows, columns, both sides broadcast, nothing.
const std::pair<Dims, Dims> kShapes[] = {
    {{3, 5}, {3, 5}},    {{3, 5}, {}},           {{}, {7}},        {{2, 3, 4}, {4}},
    {{2, 3, 4}, {3, 1}}, {{2, 1, 4}, {1, 3, 1}}, {{4}, {2, 3, 1}}, {{0, 3}, {1}},
};

double at_broadcast(const Tensor& t, const Dims& out, int64_t flat) {
  int64_t at = 0, step = 1;
  for (int64_t k = static_cast<int64_t>(out.size()) - 1, j = t.rank() - 1; j >= 0; --k, --j) {
    const int64_t index = flat % out[static_cast<size_t>(k)], n = t.dims()[static_cast<size_t>(j)];
    flat /= out[static_cast<size_t>(k)];
    at += (n == 1 ? 0 : index) * step;
    step *= n;
  }
  return element_as_double(t.dtype(), t.bytes(), at);
}

Tensor small_numbers(DType type, const Dims& dims, uint64_t seed, bool not_zero) {
  Rng rng(seed);
  Tensor t = *Tensor::allocate(DType::kDouble, dims);
  const bool is_signed = dtype_info(type).kind != DKind::kUnsigned && type != DType::kBool;
  for (double& v : t.mutable_data<double>()) {
    v = type == DType::kBool ? rng.below(2) : static_cast<double>(rng.below(6)) - (is_signed ? 3 : 0);
    if (not_zero && v == 0) v = 2;
  }
  return *convert(t, type);
}

class BinaryOp : public ::testing::TestWithParam<BinaryCase> {};

TEST_P(BinaryOp, MatchesItsFormulaUnderBroadcasting) {
  const BinaryCase& c = GetParam();
  const bool slope = c.op == "PRelu";                                          // broadcasts one way only
  const bool comparison = c.op[0] == 'E' || c.op[0] == 'L' || c.op[0] == 'G';  // Equal, Less ..., Greater ...
  for (DType type : c.types) {
    for (const auto& [a_dims, b_dims] : kShapes) {
      const Dims out = *broadcast_dims(a_dims, b_dims);
      if (slope && out != a_dims) continue;
      SCOPED_TRACE(std::string(dtype_name(type)) + " " + to_string(a_dims) + " " + to_string(b_dims));
      const bool divides = c.op == "Div" || c.op == "Mod";
      const Tensor a = small_numbers(type, a_dims, 1, c.op == "Pow"), b = small_numbers(type, b_dims, 2, divides);
      Tensor want = *Tensor::allocate(DType::kDouble, out);
      for (int64_t i = 0; i < want.size(); ++i) {
        want.mutable_data<double>()[static_cast<size_t>(i)] = c.exact(at_broadcast(a, out, i), at_broadcast(b, out, i));
      }
      check_op({"", c.op, 20, c.attributes, {a, b}, {*convert(want, comparison ? DType::kBool : type)}, 1e-5});
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, BinaryOp, ::testing::ValuesIn(binary_cases()),
                         [](const auto& info) { return info.param.op + "_" + std::to_string(info.index); });

const std::vector<OpCase>& literal_cases() {
  const float inf = INFINITY, nan = NAN;
  static const std::vector<OpCase> kCases = {
      {"AxisPlacesTheSecond",
       "Add",
       6,
       {{"broadcast", integer(1)}, {"axis", integer(0)}},
       {counting({2, 2}), f({2}, {10, 20})},
       {f({2, 2}, {10, 11, 22, 23})}},
      {"WrapsAround",
       "Add",
       14,
       {},
       {Tensor::of<int8_t>({1}, {127}), Tensor::of<int8_t>({1}, {1})},
       {Tensor::of<int8_t>({1}, {-128})}},
      {"ByZeroIsZero", "Div", 14, {}, {i64({2}, {7, INT64_MIN}), i64({2}, {0, -1})}, {i64({2}, {0, INT64_MIN})}},
      {"LowestStays", "Abs", 13, {}, {Tensor::of<int32_t>({1}, {INT32_MIN})}, {Tensor::of<int32_t>({1}, {INT32_MIN})}},
      {"ClampIsApplied",
       "Add",
       14,
       {{std::string(kClampAttr), Attribute(std::vector<float>{0, 6})}},
       {f({3}, {-9, 1, 9}), f({}, {1})},
       {f({3}, {0, 2, 6})}},
      {"Three", "Sum", 13, {}, {f({2}, {1, 2}), f({}, {10}), f({1}, {100})}, {f({2}, {111, 112})}},
      {"One", "Max", 13, {}, {counting({2})}, {counting({2})}},
      {"Three", "Mean", 13, {}, {f({2}, {1, 2}), f({}, {3}), f({1}, {8})}, {f({2}, {4, 13.0f / 3})}},
      {"NanWins", "Min", 13, {}, {f({3}, {nan, 1, 2}), f({3}, {1, nan, 3})}, {f({3}, {nan, nan, 2})}},
      {"BothBounds", "Clip", 13, {}, {counting({4}), f({}, {1}), f({}, {2})}, {f({4}, {1, 1, 2, 2})}},
      {"OnlyHigh", "Clip", 13, {}, {counting({3}), Tensor(), f({}, {1})}, {f({3}, {0, 1, 1})}},
      {"Integers", "Clip", 13, {}, {i64({3}, {-5, 0, 5}), i64({}, {-1}), Tensor()}, {i64({3}, {-1, 0, 5})}},
      {"Flips", "Not", 13, {}, {flags({2}, {true, false})}, {flags({2}, {false, true})}},
      {"Strings",
       "Equal",
       19,
       {},
       {Tensor::strings({2}, {"a", "b"}), Tensor::strings({1}, {"b"})},
       {flags({2}, {false, true})}},
      {"Both", "IsInf", 13, {}, {f({3}, {inf, -inf, nan})}, {flags({3}, {true, true, false})}},
      {"OneSide", "IsInf", 13, {{"detect_negative", integer(0)}}, {f({2}, {inf, -inf})}, {flags({2}, {true, false})}},
      {"FindsNan", "IsNaN", 13, {}, {f({2}, {nan, inf})}, {flags({2}, {true, false})}},
      {"Broadcasts",
       "Where",
       13,
       {},
       {flags({2, 1}, {true, false}), f({2}, {1, 2}), f({}, {9})},
       {f({2, 2}, {1, 2, 9, 9})}},
      {"Truncates", "Cast", 13, {{"to", integer(7)}}, {f({3}, {-1.9f, 1.9f, 300})}, {i64({3}, {-1, 1, 300})}},
      {"ToText",
       "Cast",
       13,
       {{"to", integer(8)}},
       {f({3}, {0.1f, inf, 2})},
       {Tensor::strings({3}, {"0.1", "INF", "2"})}},
      {"FromText",
       "Cast",
       13,
       {{"to", integer(1)}},
       {Tensor::strings({3}, {" 1.5", "-1e2", "-inf"})},
       {f({3}, {1.5f, -100, -inf})}},
      {"TakesTheType", "CastLike", 15, {}, {f({1}, {2.5f}), i64({}, {0})}, {i64({1}, {2})}},
      {"KeepsBits", "BitCast", 26, {{"to", integer(6)}}, {f({1}, {1})}, {Tensor::of<int32_t>({1}, {0x3f800000})}},
  };
  return kCases;
}

class Elementwise : public ::testing::TestWithParam<OpCase> {};
TEST_P(Elementwise, MatchesExpectation) { check_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, Elementwise, ::testing::ValuesIn(literal_cases()), case_name<OpCase>);

const std::vector<BadCase>& bad_cases() {
  static const std::vector<BadCase> kCases = {
      {"NoBroadcast", "Add", 14, {}, {counting({2}), counting({3})}, "do not broadcast"},
      {"TypesDiffer", "Add", 14, {}, {counting({1}), i64({1}, {1})}, "do not combine"},
      {"OfStrings", "Exp", 13, {}, {Tensor::strings({1}, {"x"})}, "string", ErrorCode::kUnsupportedOperator},
      {"FloatWithoutFmod", "Mod", 13, {}, {counting({1}), counting({1})}, "fmod"},
      {"NoDirection", "BitShift", 11, {}, {Tensor::of<uint8_t>({1}, {1}), Tensor::of<uint8_t>({1}, {1})}, "direction"},
      {"SlopeTooWide", "PRelu", 16, {}, {counting({1}), counting({3})}, "does not broadcast to x"},
      {"BoundIsAList", "Clip", 13, {}, {counting({2}), f({2}, {0, 1})}, "one element"},
      {"ConditionNotBool", "Where", 13, {}, {counting({1}), counting({1}), counting({1})}, "needs a bool"},
      {"NotANumber", "Cast", 13, {{"to", integer(1)}}, {Tensor::strings({1}, {"cat"})}, "'cat' is not a number"},
      {"NoSuchType", "Cast", 13, {{"to", integer(99)}}, {counting({1})}, "not known", ErrorCode::kUnsupportedOperator},
      {"OtherSize", "BitCast", 26, {{"to", integer(7)}}, {counting({1})}, "different size"},
      {"UnknownApproximation", "Gelu", 20, {{"approximate", text("fast")}}, {counting({1})}, "approximate"},
  };
  return kCases;
}

class ElementwiseRefuses : public ::testing::TestWithParam<BadCase> {};
TEST_P(ElementwiseRefuses, WithItsReason) { check_bad_op(GetParam()); }
INSTANTIATE_TEST_SUITE_P(Table, ElementwiseRefuses, ::testing::ValuesIn(bad_cases()), case_name<BadCase>);

}  // namespace
}  // namespace halftone::testing
