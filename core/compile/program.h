// Program: a Graph made ready to run: steps in order, each with its operator row, mode and state.
// Compilation keeps meaning: constant folding, fusion, integer lowering of DQ -> op -> Q clusters.
// Every rewrite can be switched off by name, and tests compare on with off.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/graph/rewrite.h"
#include "core/ops/op_def.h"

namespace halftone {

struct CompileOptions {
  std::vector<std::string> disabled;         // names of rewrites to leave out (see compile_rewrites())
  bool integer = true;                       // lower Q/DQ clusters to integer kernels
  std::vector<std::string> keep;             // values by name that must stay observable (taps); they block
                                             // fusions that would remove them
};

struct Step {
  const OpDef* op = nullptr;
  int32_t node = -1;      // index into Program::graph.nodes
  bool integer = false;   // runs op->run_int8
  std::unique_ptr<OpState> state;
  std::vector<ValueId> release;  // values whose last use is this step (buffer reuse)
};

struct Program {
  Graph graph;                 // rewritten: what the steps run; value names are the model's where they survive
  std::map<std::string, int64_t, std::less<>> opset_imports;
  std::vector<Step> steps;
  std::vector<RewriteStats> rewrites;

  int64_t opset(std::string_view domain) const;
};

// Names and summaries of all rewrites, in the order they run.
std::vector<const RewriteRule*> compile_rewrites();

// Errors: kUnsupportedOperator naming all operators without a kernel and the first node of each;
// kInvalidModel from shape inference.
Result<std::shared_ptr<const Program>> compile(const Model& model, const CompileOptions& options = {});

}  // namespace halftone
