// One of ONNX's backend test cases: a folder with model.onnx and recorded inputs and outputs. Runs it through reader,
// compiler and executor, and says what came of it.
#pragma once

#include <filesystem>
#include <string>

#include "core/tensor/dtype.h"

namespace halftone::testing {

enum class Verdict { kPassed, kFailed, kUnsupported };

struct CaseResult {
  Verdict verdict = Verdict::kFailed;
  std::string op;        // the operator of a model of one node, else "(several)"
  std::string reason;    // why it failed or is not supported
  bool retyped = false;  // there was something to turn into another type
};

// Tolerances: relative 1e-3, absolute 1e-5; for float16 and bfloat16 both 1e-2. With another type for `floats` the
// model is turned into one of that type (graph inputs and outputs, constants, Cast targets), as are the recorded
// tensors; float16 and bfloat16 then get both 5e-2, since their inputs were rounded as well.
CaseResult run_backend_case(const std::filesystem::path& folder, DType floats = DType::kFloat);

}  // namespace halftone::testing
