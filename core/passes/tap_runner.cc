// A program that makes the wanted values and has no other outputs.
#include "core/passes/tap_runner.h"

#include <algorithm>

#include "core/compile/program.h"
#include "core/graph/edit.h"

namespace halftone {

Result<TapRunner> TapRunner::create(const Model& model, std::vector<std::string> names) {
  TapRunner runner;
  Model part = model;
  Graph& graph = part.graph;
  graph.outputs.clear();
  for (size_t i = 0; i < names.size(); ++i) {
    const ValueId id = graph.find_value(names[i]);
    if (id == kNoValue) return Error{ErrorCode::kInternal, "A pass looks at a value that is not there", names[i], ""};
    const bool fed = std::find(graph.inputs.begin(), graph.inputs.end(), id) != graph.inputs.end();
    (fed ? runner.fed_index_ : runner.made_index_).push_back(i);
    (fed ? runner.fed_ : runner.made_).push_back(std::move(names[i]));
  }
  if (runner.made_.empty()) return runner;
  CompileOptions options;
  options.integer = false;
  options.keep = runner.made_;
  HT_ASSIGN(auto program, compile(part, options));
  runner.executor_ = std::make_unique<Executor>(std::move(program));
  return runner;
}

Status TapRunner::run(const Feeds& feeds, const TapFn& look) {
  for (size_t i = 0; i < fed_.size(); ++i) {
    const auto feed = feeds.find(fed_[i]);
    if (feed == feeds.end()) {
      return Error{ErrorCode::kInvalidInput, "The calibration data leaves out this input", fed_[i],
                   "Feed every input."};
    }
    HT_TRY(look(fed_index_[i], feed->second.view(), false));
  }
  if (executor_ == nullptr) return ok_status();
  RunOptions options;
  options.taps = made_;
  options.outputs = false;
  options.look = [&](size_t tap, const View& value, bool channels_last) {
    return look(made_index_[tap], value, channels_last);
  };
  HT_TRY(executor_->run(feeds, options));
  return ok_status();
}

}  // namespace halftone
