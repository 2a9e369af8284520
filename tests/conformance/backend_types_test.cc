// ONNX's operator cases retold in other float types: what an operator gives on float32 it gives on float16, bfloat16
// and float64 as well, as ONNX's type constraints say of nearly all of them. Lists what stays behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "tests/conformance/backend_case.h"

namespace halftone::testing {
namespace {

struct TypeCase {
  const char* name;
  DType type;
  int passed;                     // at least
  std::set<std::string> rounded;  // cases whose result hangs on an input's last bits
};

const std::set<std::string> kHalfRounded = {
    "test_dynamicquantizelinear_expanded",
    "test_dynamicquantizelinear_max_adjusted_expanded",
    "test_dynamicquantizelinear_min_adjusted_expanded",
    "test_logsoftmax_large_number",
    "test_logsoftmax_large_number_expanded",
    "test_logsoftmax_large_number_expanded_ver18",
    "test_nonmaxsuppression_iou_threshold_boundary",
    "test_quantizelinear_e5m2",
    "test_quantizelinear_int16",
    "test_softmax_large_number",
    "test_softmax_large_number_expanded",
    "test_softmax_large_number_expanded_ver18",
    "test_stft_with_window",
    "test_tan",
    // Casts name float64 as their target beside the type that is tested.
    "test_cast_FLOAT_to_DOUBLE",
    "test_castlike_FLOAT_to_DOUBLE",
    "test_castlike_FLOAT_to_DOUBLE_expanded",
};

class BackendTypes : public ::testing::TestWithParam<TypeCase> {};

TEST_P(BackendTypes, CasesAgreeInThisTypeToo) {
  const char* shared = std::getenv("HALFTONE_SHARED");
  const auto root = std::filesystem::path(shared == nullptr ? "" : shared) / "onnx-backend" / "node";
  if (shared == nullptr || !std::filesystem::exists(root)) {
    GTEST_SKIP() << "HALFTONE_SHARED names no folder with onnx-backend: ONNX's operator cases are left out";
  }
  const TypeCase& c = GetParam();
  int passed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    const std::string name = entry.path().filename().string();
    const CaseResult result = run_backend_case(entry.path(), c.type);
    if (!result.retyped) continue;
    // Operators whose type has a default (ConstantOfShape) still give float32, which then meets the other type.
    if (result.reason.starts_with("invalid_model")) continue;
    passed += result.verdict == Verdict::kPassed;
    if (result.verdict == Verdict::kFailed && c.rounded.count(name) == 0)
      ADD_FAILURE() << name << ": " << result.reason;
    const bool has_kernel = result.reason.find("no kernel here") == std::string::npos;
    if (result.verdict == Verdict::kUnsupported && has_kernel) {
      std::printf("%s: %s\n", name.c_str(), result.reason.c_str());
    }
  }
  std::printf("%d cases pass in %s\n", passed, c.name);
  EXPECT_GE(passed, c.passed) << "fewer cases pass than before";
}

INSTANTIATE_TEST_SUITE_P(Onnx, BackendTypes,
                         ::testing::Values(TypeCase{"float16", DType::kFloat16, 1271, kHalfRounded},
                                           TypeCase{"bfloat16", DType::kBFloat16, 1264, kHalfRounded},
                                           TypeCase{"float64", DType::kDouble, 1190, {}}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace halftone::testing
