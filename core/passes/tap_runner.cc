// One program with taps on exactly the wanted values.
#include "core/passes/tap_runner.h"

#include <algorithm>

#include "core/compile/program.h"

namespace halftone {

Result<TapRunner> TapRunner::create(const Model& model, std::vector<std::string> names, bool integer) {
  const Graph& graph = model.graph;
  const auto contains = [&](const std::vector<ValueId>& ids, const std::string& name) {
    return std::any_of(ids.begin(), ids.end(), [&](ValueId id) { return graph.value(id).name == name; });
  };
  TapRunner runner;
  for (const std::string& name : names) {
    const Source source = contains(graph.inputs, name)    ? Source::kFeed
                          : contains(graph.outputs, name) ? Source::kOutput
                                                          : Source::kTap;
    if (source == Source::kTap) runner.options_.taps.push_back(name);
    runner.sources_.push_back(source);
  }
  runner.names_ = std::move(names);
  CompileOptions options;
  options.integer = integer;
  options.keep = runner.options_.taps;
  HT_ASSIGN(auto program, compile(model, options));
  runner.executor_ = std::make_unique<Executor>(std::move(program));
  return runner;
}

Status TapRunner::run(const Feeds& feeds, const Look& look) {
  HT_ASSIGN(const RunResult result, executor_->run(feeds, options_));
  for (size_t i = 0; i < names_.size(); ++i) {
    const Tensor* tensor = nullptr;
    if (sources_[i] == Source::kOutput) {
      const auto at = std::find_if(result.outputs.begin(), result.outputs.end(),
                                   [&](const auto& output) { return output.first == names_[i]; });
      if (at != result.outputs.end()) tensor = &at->second;
    } else {
      const Feeds& from = sources_[i] == Source::kFeed ? feeds : result.taps;
      const auto at = from.find(names_[i]);
      if (at != from.end()) tensor = &at->second;
    }
    if (tensor == nullptr) {
      return Error{ErrorCode::kInternal, "The run did not hand back a value that a pass looks at", names_[i], ""};
    }
    HT_TRY(look(i, *tensor));
  }
  return ok_status();
}

}  // namespace halftone
