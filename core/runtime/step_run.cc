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

// Type, rank and dims of each input.
template <typename Put>
void StepRun::for_each_size(Put&& put) const {
  for (ValueId id : node_.inputs) {
    if (id == kNoValue) continue;
    const View& view = buffers_.view(id);
    put(static_cast<int64_t>(view.dtype));
    put(view.rank());
    for (int64_t dim : view.dims) put(dim);
  }
}

std::unique_ptr<Memo>& StepRun::memos() {
  if (checked_) return memo_.first;
  checked_ = true;
  size_t at = 0;
  bool same = true;
  for_each_size([&](int64_t v) {
    same = same && at < memo_.sizes.size() && memo_.sizes[at] == v;
    ++at;
  });
  if (same && at == memo_.sizes.size()) return memo_.first;
  memo_.first.reset();
  memo_.sizes.clear();
  for_each_size([&](int64_t v) { memo_.sizes.push_back(v); });
  return memo_.first;
}

Result<std::vector<Tensor>> StepRun::run_subgraph(std::string_view attribute, std::span<const Tensor> inputs) {
  bodies_.resize(step_.bodies.size());
  for (size_t i = 0; i < step_.bodies.size(); ++i) {
    const StepBody& body = step_.bodies[i];
    if (body.attribute != attribute) continue;
    if (body.error) return *body.error;
    if (!bodies_[i]) bodies_[i] = std::make_unique<Executor>(body.program);
    std::vector<View> captures;
    for (ValueId id : body.captures) captures.push_back(buffers_.view(id));
    return bodies_[i]->run_body(inputs, captures);
  }
  return Error{ErrorCode::kInvalidModel, "The node has no graph '" + std::string(attribute) + "'.", "", ""};
}

Status StepRun::give_output(size_t i, Tensor tensor) {
  HT_CHECK(wants_output(i));
  buffers_.feed(node_.outputs[i], tensor);
  return ok_status();
}

const QuantParams* StepRun::quant(ValueId id) const {
  if (!step_.integer || id == kNoValue) return nullptr;
  const auto& params = program_.graph.value(id).quant;
  return params ? &*params : nullptr;
}

}  // namespace halftone
