// One of ONNX's backend test cases: a folder with model.onnx and recorded inputs and outputs. Runs it through reader,
// compiler and executor, and says what came of it.
#pragma once

#include <filesystem>
#include <string>

namespace halftone::testing {

enum class Verdict { kPassed, kFailed, kUnsupported };

struct CaseResult {
  Verdict verdict = Verdict::kFailed;
  std::string op;      // the operator of a model of one node, else "(several)"
  std::string reason;  // why it failed or is not supported
};

// Tolerances: relative 1e-3, absolute 1e-5; for float16 and bfloat16 both 1e-2.
CaseResult run_backend_case(const std::filesystem::path& folder);

}  // namespace halftone::testing
