// Runs the float program with taps on exactly the planned tensors.
#include "core/passes/quantize/calibrate.h"

#include <algorithm>

#include "core/compile/program.h"

namespace halftone {

Result<Calibrator> Calibrator::create(const Model& model, const QuantPlan& plan) {
  const Graph& graph = model.graph;
  const auto contains = [](const std::vector<ValueId>& ids, ValueId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  Calibrator calibrator;
  for (size_t g = 0; g < plan.groups.size(); ++g) {
    for (ValueId id : plan.groups[g].observed) {
      const Source source = contains(graph.inputs, id)    ? Source::kFeed
                            : contains(graph.outputs, id) ? Source::kOutput
                                                          : Source::kTap;
      if (source == Source::kTap) calibrator.run_options_.taps.push_back(graph.value(id).name);
      calibrator.tensors_.push_back({graph.value(id).name, g, {}});
      calibrator.sources_.push_back(source);
    }
  }
  CompileOptions options;
  options.integer = false;
  options.keep = calibrator.run_options_.taps;
  HT_ASSIGN(auto program, compile(model, options));
  calibrator.executor_ = std::make_unique<Executor>(std::move(program));
  return calibrator;
}

Status Calibrator::observe(const Feeds& feeds) {
  HT_ASSIGN(RunResult result, executor_->run(feeds, run_options_));
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const Tensor* tensor = nullptr;
    if (sources_[i] == Source::kOutput) {
      const auto at = std::find_if(result.outputs.begin(), result.outputs.end(),
                                   [&](const auto& output) { return output.first == tensors_[i].name; });
      if (at != result.outputs.end()) tensor = &at->second;
    } else {
      const Feeds& from = sources_[i] == Source::kFeed ? feeds : result.taps;
      const auto at = from.find(tensors_[i].name);
      if (at != from.end()) tensor = &at->second;
    }
    if (tensor == nullptr || tensor->dtype() != DType::kFloat) {
      return Error{ErrorCode::kInternal, "The float run did not hand back a planned tensor as float32",
                   tensors_[i].name, ""};
    }
    tensors_[i].seen.update(tensor->data<float>());
  }
  return ok_status();
}

}  // namespace halftone
