// Runs the float program with taps on exactly the planned tensors, one observer per group of tensors.
#include "core/passes/quantize/calibrate.h"

#include <algorithm>

#include "core/compile/program.h"

namespace halftone {

Result<Calibrator> Calibrator::create(const Model& model, const QuantPlan& plan, std::string_view observer) {
  const Graph& graph = model.graph;
  const auto contains = [](const std::vector<ValueId>& ids, ValueId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  Calibrator calibrator;
  for (size_t g = 0; g < plan.groups.size(); ++g) {
    HT_ASSIGN(auto one, make_observer(observer));
    calibrator.observers_.push_back(std::move(one));
    calibrator.fixed_.push_back(plan.groups[g].fixed);
    for (ValueId id : plan.groups[g].observed) {
      const Source source = contains(graph.inputs, id)    ? Source::kFeed
                            : contains(graph.outputs, id) ? Source::kOutput
                                                          : Source::kTap;
      if (source == Source::kTap) calibrator.run_options_.taps.push_back(graph.value(id).name);
      calibrator.watches_.push_back({graph.value(id).name, g, source});
    }
  }
  CompileOptions options;
  options.integer = false;
  options.keep = calibrator.run_options_.taps;
  HT_ASSIGN(auto program, compile(model, options));
  calibrator.executor_ = std::make_unique<Executor>(std::move(program));
  return calibrator;
}

Status Calibrator::show(Watch& watch, const Tensor& tensor) {
  if (tensor.dtype() != DType::kFloat) {
    return Error{ErrorCode::kInternal, "A tensor planned as float32 came out as another type", watch.name, ""};
  }
  Observer& observer = *observers_[watch.group];
  const uint64_t before = observer.non_finite();
  observer.update(tensor.data<float>());
  watch.non_finite += observer.non_finite() - before;
  return ok_status();
}

Status Calibrator::observe(const Feeds& feeds) {
  HT_ASSIGN(RunResult result, executor_->run(feeds, run_options_));
  for (Watch& watch : watches_) {
    const Tensor* tensor = nullptr;
    if (watch.source == Source::kOutput) {
      const auto at = std::find_if(result.outputs.begin(), result.outputs.end(),
                                   [&](const auto& output) { return output.first == watch.name; });
      if (at != result.outputs.end()) tensor = &at->second;
    } else {
      const Feeds& from = watch.source == Source::kFeed ? feeds : result.taps;
      const auto at = from.find(watch.name);
      if (at != from.end()) tensor = &at->second;
    }
    if (tensor == nullptr) {
      return Error{ErrorCode::kInternal, "The float run did not hand back a planned tensor", watch.name, ""};
    }
    HT_TRY(show(watch, *tensor));
  }
  return ok_status();
}

std::vector<MeasuredGroup> Calibrator::measured() const {
  std::vector<MeasuredGroup> list;
  for (size_t g = 0; g < observers_.size(); ++g) {
    MeasuredGroup one{observers_[g]->compute(), observers_[g]->count()};
    if (fixed_[g]) {
      one.range.low = std::min(one.range.low, fixed_[g]->low);
      one.range.high = std::max(one.range.high, fixed_[g]->high);
    }
    list.push_back(one);
  }
  return list;
}

std::vector<NonFinite> Calibrator::non_finite() const {
  std::vector<NonFinite> list;
  for (const Watch& watch : watches_) {
    if (watch.non_finite > 0) list.push_back({watch.name, watch.non_finite});
  }
  return list;
}

}  // namespace halftone
