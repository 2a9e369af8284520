// Runs a Program on feeds. Buffers are reused by lifetime; results are owned by the caller.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/compile/program.h"
#include "core/tensor/tensor.h"

namespace halftone {

using Feeds = std::map<std::string, Tensor, std::less<>>;

struct NodeTime {
  std::string node;  // node_label
  std::string op_type;
  bool integer = false;
  double ms = 0;
};

// Called with the index of a tap and its value as soon as there is one. The view is gone when it returns.
// channels_last: the program holds the model's [N, C, spatial...] as [N, spatial..., C].
using TapFn = std::function<Status(size_t tap, const View& value, bool channels_last)>;

struct RunOptions {
  std::vector<std::string> taps;  // extra values by name to hand back (must survive compilation: CompileOptions::keep)
  bool profile = false;
  TapFn look;           // takes the taps instead of RunResult: no copies are made
  bool outputs = true;  // false: only the taps are wanted, and the run ends with the last of them
};

struct RunResult {
  std::vector<std::pair<std::string, Tensor>> outputs;  // the graph's outputs in order
  Feeds taps;
  std::vector<NodeTime> profile;
  double ms = 0;  // wall time of the run without compilation; set by Session::run
};

class Executor {
 public:
  explicit Executor(std::shared_ptr<const Program> program);
  ~Executor();
  // Errors: kInvalidInput (missing or extra input, wrong type or shape; `where` = the input's name),
  // kInvalidModel (a shape that only shows at run time), kOutOfMemory.
  Result<RunResult> run(const Feeds& feeds, const RunOptions& options = {});
  // For the graph inside of a node: its inputs by position, then the values that it takes from around the node.
  // Errors: kInvalidModel where their number or types do not fit, and those of run().
  Result<std::vector<Tensor>> run_body(std::span<const Tensor> inputs, std::span<const View> captures);
  const Program& program() const { return *program_; }
  // Bytes of intermediate buffers held between runs.
  int64_t arena_bytes() const;

 private:
  struct Impl;
  std::shared_ptr<const Program> program_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace halftone
