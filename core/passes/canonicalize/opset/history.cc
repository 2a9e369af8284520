// When the operators of ai.onnx changed: every version after an operator's first, up to kMaxOpset.
// A change that has an adapter is rewritten; one in kBreaking has none and stops the conversion; all others leave older
// nodes valid (more types, new optional attributes or inputs with defaults that mean what was meant before).
// Operators that are not listed never changed. Source: ONNX, docs/Changelog.md.
#include <algorithm>
#include <array>

#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {
namespace {

struct OpHistory {
  std::string_view op;
  std::array<uint8_t, 10> changes;  // zeros behind the last
};

// clang-format off
constexpr OpHistory kHistory[] = {
    {"Abs", {6, 13}},
    {"Acos", {22}},
    {"Acosh", {22}},
    {"Add", {6, 7, 13, 14}},
    {"And", {7}},
    {"ArgMax", {11, 12, 13}},
    {"ArgMin", {11, 12, 13}},
    {"Asin", {22}},
    {"Asinh", {22}},
    {"Atan", {22}},
    {"Atanh", {22}},
    {"Attention", {24}},
    {"AveragePool", {7, 10, 11, 19, 22}},
    {"BatchNormalization", {6, 7, 9, 14, 15}},
    {"Bernoulli", {22}},
    {"Cast", {6, 9, 13, 19, 21, 23, 24, 25}},
    {"CastLike", {19, 21, 23, 24, 25}},
    {"Ceil", {6, 13}},
    {"Clip", {6, 11, 12, 13}},
    {"Compress", {11}},
    {"Concat", {4, 11, 13}},
    {"Constant", {9, 11, 12, 13, 19, 21, 23, 24, 25}},
    {"ConstantOfShape", {20, 21, 23, 24, 25}},
    {"Conv", {11, 22}},
    {"ConvTranspose", {11, 22}},
    {"Cos", {22}},
    {"Cosh", {22}},
    {"CumSum", {14}},
    {"DFT", {20}},
    {"DeformConv", {22}},
    {"DepthToSpace", {11, 13}},
    {"DequantizeLinear", {13, 19, 21, 23, 24, 25}},
    {"Det", {22}},
    {"Div", {6, 7, 13, 14}},
    {"Dropout", {6, 7, 10, 12, 13, 22}},
    {"Elu", {6, 22}},
    {"Equal", {7, 11, 13, 19}},
    {"Erf", {13}},
    {"Exp", {6, 13}},
    {"Expand", {13}},
    {"EyeLike", {22}},
    {"Flatten", {9, 11, 13, 21, 23, 24, 25}},
    {"Floor", {6, 13}},
    {"GRU", {3, 7, 14, 22}},
    {"Gather", {11, 13}},
    {"GatherElements", {13}},
    {"GatherND", {12, 13}},
    {"Gemm", {6, 7, 9, 11, 13}},
    {"GlobalAveragePool", {22}},
    {"GlobalLpPool", {2, 22}},
    {"GlobalMaxPool", {22}},
    {"Greater", {7, 9, 13}},
    {"GreaterOrEqual", {16}},
    {"GridSample", {20, 22}},
    {"GroupNormalization", {21}},
    {"HardSigmoid", {6, 22}},
    {"HardSwish", {22}},
    {"Hardmax", {11, 13}},
    {"Identity", {13, 14, 16, 19, 21, 23, 24, 25}},
    {"If", {11, 13, 16, 19, 21, 23, 24, 25}},
    {"InstanceNormalization", {6, 22}},
    {"IsInf", {20}},
    {"IsNaN", {13, 20}},
    {"LRN", {13}},
    {"LSTM", {7, 14, 22}},
    {"LeakyRelu", {6, 16}},
    {"Less", {7, 9, 13}},
    {"LessOrEqual", {16}},
    {"Log", {6, 13}},
    {"LogSoftmax", {11, 13}},
    {"Loop", {11, 13, 16, 19, 21, 23, 24, 25}},
    {"LpNormalization", {22}},
    {"LpPool", {2, 11, 18, 22}},
    {"MatMul", {9, 13}},
    {"Max", {6, 8, 12, 13}},
    {"MaxPool", {8, 10, 11, 12, 22}},
    {"MaxRoiPool", {22}},
    {"MaxUnpool", {11, 22}},
    {"Mean", {6, 8, 13}},
    {"MeanVarianceNormalization", {13}},
    {"Min", {6, 8, 12, 13}},
    {"Mish", {22}},
    {"Mod", {13}},
    {"Mul", {6, 7, 13, 14}},
    {"Multinomial", {22}},
    {"Neg", {6, 13}},
    {"NegativeLogLikelihoodLoss", {13, 22}},
    {"NonMaxSuppression", {11}},
    {"NonZero", {13}},
    {"OneHot", {11}},
    {"OptionalGetElement", {18}},
    {"OptionalHasElement", {18}},
    {"Or", {7}},
    {"PRelu", {6, 7, 9, 16}},
    {"Pad", {2, 11, 13, 18, 19, 21, 23, 24, 25}},
    {"Pow", {7, 12, 13, 15}},
    {"QLinearMatMul", {21}},
    {"QuantizeLinear", {13, 19, 21, 23, 24, 25}},
    {"RNN", {7, 14, 22}},
    {"RandomNormal", {22}},
    {"RandomNormalLike", {22}},
    {"RandomUniform", {22}},
    {"RandomUniformLike", {22}},
    {"Reciprocal", {6, 13}},
    {"ReduceL1", {11, 13, 18}},
    {"ReduceL2", {11, 13, 18}},
    {"ReduceLogSum", {11, 13, 18}},
    {"ReduceLogSumExp", {11, 13, 18}},
    {"ReduceMax", {11, 12, 13, 18, 20}},
    {"ReduceMean", {11, 13, 18}},
    {"ReduceMin", {11, 12, 13, 18, 20}},
    {"ReduceProd", {11, 13, 18}},
    {"ReduceSum", {11, 13}},
    {"ReduceSumSquare", {11, 13, 18}},
    {"Relu", {6, 13, 14}},
    {"Reshape", {5, 13, 14, 19, 21, 23, 24, 25}},
    {"Resize", {11, 13, 18, 19}},
    {"RoiAlign", {16, 22}},
    {"Round", {22}},
    {"Scan", {9, 11, 16, 19, 21, 23, 24, 25}},
    {"Scatter", {11}},
    {"ScatterElements", {13, 16, 18}},
    {"ScatterND", {13, 16, 18}},
    {"Selu", {6, 22}},
    {"Shape", {13, 15, 19, 21, 23, 24, 25}},
    {"Sigmoid", {6, 13}},
    {"Sign", {13}},
    {"Sin", {22}},
    {"Sinh", {22}},
    {"Size", {13, 19, 21, 23, 24, 25}},
    {"Slice", {10, 11, 13}},
    {"Softmax", {11, 13}},
    {"SoftmaxCrossEntropyLoss", {13}},
    {"Softplus", {22}},
    {"Softsign", {22}},
    {"SpaceToDepth", {13}},
    {"Split", {2, 11, 13, 18}},
    {"SplitToSequence", {24}},
    {"Sqrt", {6, 13}},
    {"Squeeze", {11, 13, 21, 23, 24, 25}},
    {"Sub", {6, 7, 13, 14}},
    {"Sum", {6, 8, 13}},
    {"Tan", {22}},
    {"Tanh", {6, 13}},
    {"ThresholdedRelu", {22}},
    {"Tile", {6, 13}},
    {"TopK", {10, 11, 24}},
    {"Transpose", {13, 21, 23, 24, 25}},
    {"Unsqueeze", {11, 13, 21, 23, 24, 25}},
    {"Upsample", {7, 9, 10}},
    {"Where", {16}},
    {"Xor", {7}},
};
// clang-format on

struct Change {
  std::string_view op;
  int64_t to;
};

// Scan lost its batch dimension and its optional sequence_lens input.
constexpr Change kBreaking[] = {{"Scan", 9}};

const OpHistory* find_history(std::string_view op) {
  const auto at = std::lower_bound(std::begin(kHistory), std::end(kHistory), op,
                                   [](const OpHistory& row, std::string_view name) { return row.op < name; });
  return at != std::end(kHistory) && at->op == op ? at : nullptr;
}

}  // namespace

bool changed_at(std::string_view op, int64_t to) {
  const OpHistory* row = find_history(op);
  return row != nullptr && std::find(row->changes.begin(), row->changes.end(), to) != row->changes.end();
}

bool carries_over(std::string_view op, int64_t to) {
  if (find_adapter(op, to) != nullptr) return false;
  return std::none_of(std::begin(kBreaking), std::end(kBreaking),
                      [&](const Change& change) { return change.op == op && change.to == to; });
}

}  // namespace halftone
