// One program whose outputs are exactly the wanted values.
#include "core/passes/tap_runner.h"

#include <algorithm>

#include "core/compile/program.h"
#include "core/graph/edit.h"

namespace halftone {

Result<TapRunner> TapRunner::create(const Model& model, std::vector<std::string> names, bool integer) {
  TapRunner runner;
  Model part = model;
  Graph& graph = part.graph;
  graph.outputs.clear();
  for (const std::string& name : names) {
    const ValueId id = graph.find_value(name);
    if (id == kNoValue) return Error{ErrorCode::kInternal, "A pass looks at a value that is not there", name, ""};
    const bool fed = std::find(graph.inputs.begin(), graph.inputs.end(), id) != graph.inputs.end();
    runner.outputs_.push_back(fed ? -1 : static_cast<int64_t>(graph.outputs.size()));
    if (!fed) graph.outputs.push_back(id);
  }
  runner.names_ = std::move(names);
  if (graph.outputs.empty()) return runner;
  compact(graph);
  CompileOptions options;
  options.integer = integer;
  HT_ASSIGN(auto program, compile(part, options));
  runner.executor_ = std::make_unique<Executor>(std::move(program));
  return runner;
}

Status TapRunner::run(const Feeds& feeds, const Look& look) {
  RunResult result;
  if (executor_ != nullptr) {
    HT_ASSIGN(result, executor_->run(feeds));
  }
  for (size_t i = 0; i < names_.size(); ++i) {
    if (outputs_[i] >= 0) {
      HT_TRY(look(i, result.outputs[static_cast<size_t>(outputs_[i])].second));
      continue;
    }
    const auto fed = feeds.find(names_[i]);
    if (fed == feeds.end()) {
      return Error{ErrorCode::kInvalidInput, "The calibration data leaves out this input", names_[i],
                   "Feed every input."};
    }
    HT_TRY(look(i, fed->second));
  }
  return ok_status();
}

}  // namespace halftone
