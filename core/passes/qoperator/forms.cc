// The table; see the header.
#include "core/passes/qoperator/forms.h"

namespace halftone {
namespace {

constexpr std::string_view kMs = "com.microsoft";

constexpr QForm kForms[] = {
    {"Conv", "QLinearConv", "", QOrder::kBiasLast},
    {"MatMul", "QLinearMatMul", "", QOrder::kInputsFirst},
    {"Gemm", "QGemm", kMs, QOrder::kBiasBefore},
    {"Add", "QLinearAdd", kMs, QOrder::kInputsFirst},
    {"Mul", "QLinearMul", kMs, QOrder::kInputsFirst},
    {"Sigmoid", "QLinearSigmoid", kMs, QOrder::kInputsFirst},
    {"LeakyRelu", "QLinearLeakyRelu", kMs, QOrder::kInputsFirst},
    {"Softmax", "QLinearSoftmax", kMs, QOrder::kInputsFirst},
    {"AveragePool", "QLinearAveragePool", kMs, QOrder::kInputsFirst},
    {"GlobalAveragePool", "QLinearGlobalAveragePool", kMs, QOrder::kInputsFirst},
    {"Concat", "QLinearConcat", kMs, QOrder::kOutputFirst},
    {"MaxPool", "", "", QOrder::kMoves},
    {"Reshape", "", "", QOrder::kMoves},
    {"Transpose", "", "", QOrder::kMoves},
    {"Flatten", "", "", QOrder::kMoves},
    {"Squeeze", "", "", QOrder::kMoves},
    {"Unsqueeze", "", "", QOrder::kMoves},
    {"Slice", "", "", QOrder::kMoves},
    {"Gather", "", "", QOrder::kMoves},
};

}  // namespace

const QForm* find_qform(std::string_view op) {
  for (const QForm& form : kForms) {
    if (form.op == op) return &form;
  }
  return nullptr;
}

}  // namespace halftone
