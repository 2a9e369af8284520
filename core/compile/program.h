// Program: a Graph made ready to run: steps in order, each with its operator row, mode and state.
// Compilation keeps meaning: constant folding, fusion, integer lowering of DQ -> op -> Q clusters.
// Every rewrite can be switched off by name, and tests compare on with off.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/graph/rewrite.h"
#include "core/ops/op_def.h"

namespace halftone {

struct CompileOptions {
  std::vector<std::string> disabled;  // names of rewrites to leave out (see compile_rewrites())
  bool integer = true;                // lower Q/DQ clusters to integer kernels
  std::vector<std::string> keep;      // values by name that must stay observable (taps); they block
                                      // fusions that would remove them
};

struct Program;

// A graph inside of a node (If, Loop, Scan), compiled.
struct StepBody {
  std::string attribute;
  std::shared_ptr<const Program> program;
  std::vector<ValueId> captures;  // values of the graph around it for the program's last inputs
  // Instead of a program: why it cannot run, for whoever gets there. A branch for other sizes need not fit these.
  std::optional<Error> error;
};

struct Step {
  const OpDef* op = nullptr;
  int32_t node = -1;     // index into Program::graph.nodes
  bool integer = false;  // runs op->run_int8
  std::unique_ptr<OpState> state;
  std::vector<StepBody> bodies;
  std::vector<ValueId> release;  // values whose last use is this step (buffer reuse)
};

struct Alias {
  ValueId value = kNoValue;
  // The name means real numbers, the value holds integers (Value::quant): the executor dequantizes a tap.
  bool dequantize = false;
  // The name means a channels-first tensor, the value is channels-last: the executor transposes a tap.
  bool channels_last = false;
};

struct Program {
  Graph graph;  // rewritten: what the steps run; value names are the model's where they survive
  std::map<std::string, int64_t, std::less<>> opset_imports;
  std::vector<Step> steps;
  // Constants that only states of steps hold, in forms of their own (Tensor::keep_as): no run reads their bytes.
  std::vector<ValueId> packed;
  std::vector<RewriteStats> rewrites;
  // What graph.outputs are called, by position: a rewrite may let an output be another value of the graph.
  std::vector<std::string> output_names;
  // Names of values that lowering or a rewrite replaced -> the value that stands for them.
  std::map<std::string, Alias, std::less<>> aliases;

  int64_t opset(std::string_view domain) const;
  // The value with this name, or the one standing for it; value = kNoValue: no such name survived.
  Alias find(std::string_view name) const;
};

// Names and summaries of all rewrites, in the order they run.
std::vector<const RewriteRule*> compile_rewrites();

// One rewrite by name, for passes that use it on its own; nullptr: no such rewrite.
const RewriteRule* find_rewrite(std::string_view name);

// Errors: kUnsupportedOperator naming all operators without a kernel and the first node of each;
// kInvalidModel from shape inference; kInvalidArgument for a name in `keep` or `disabled` that does not exist.
Result<std::shared_ptr<const Program>> compile(const Model& model, const CompileOptions& options = {});

}  // namespace halftone
