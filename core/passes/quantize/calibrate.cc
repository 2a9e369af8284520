// Runs the float program with taps on exactly the planned tensors.
#include "core/passes/quantize/calibrate.h"

#include "core/compile/program.h"

namespace halftone {

Result<Calibrator> Calibrator::create(const Model& model, const QuantPlan& plan) {
  Calibrator calibrator;
  for (size_t g = 0; g < plan.groups.size(); ++g) {
    for (ValueId id : plan.groups[g].observed) {
      calibrator.tensors_.push_back({model.graph.value(id).name, g, {}});
      calibrator.taps_.push_back(model.graph.value(id).name);
    }
  }
  CompileOptions options;
  options.integer = false;
  options.keep = calibrator.taps_;
  HT_ASSIGN(auto program, compile(model, options));
  calibrator.executor_ = std::make_unique<Executor>(std::move(program));
  return calibrator;
}

Status Calibrator::observe(const Feeds& feeds) {
  RunOptions options;
  options.taps = taps_;
  options.outputs = false;
  // An observation does not mind in which order the elements come.
  options.look = [&](size_t tap, const View& value, bool) -> Status {
    SeenTensor& tensor = tensors_[tap];
    if (value.dtype != DType::kFloat) {
      return Error{ErrorCode::kInternal, "The float run did not make a planned tensor as float32", tensor.name, ""};
    }
    tensor.seen.update({value.as<float>(), static_cast<size_t>(value.size())});
    return ok_status();
  };
  HT_TRY(executor_->run(feeds, options));
  return ok_status();
}

}  // namespace halftone
