// RunContext of the executor.
#include "core/runtime/step_run.h"

namespace halftone {

const View& StepRun::input(size_t i) const {
  HT_CHECK(has_input(i) && buffers_.has(node_.inputs[i]));
  return buffers_.view(node_.inputs[i]);
}

Result<MutView> StepRun::output(size_t i, DType dtype, std::span<const int64_t> dims) {
  HT_CHECK(wants_output(i));
  return buffers_.make(node_.outputs[i], dtype, dims);
}

Status StepRun::output_alias(size_t i, size_t j, std::span<const int64_t> dims) {
  HT_CHECK(wants_output(i) && has_input(j));
  return buffers_.make_view(node_.outputs[i], node_.inputs[j], dims);
}

const QuantParams* StepRun::quant(ValueId id) const {
  if (!step_.integer || id == kNoValue) return nullptr;
  const auto& params = program_.graph.value(id).quant;
  return params ? &*params : nullptr;
}

}  // namespace halftone
