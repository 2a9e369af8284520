// Rewrites: a rule is a name and a function. The function looks at one node and either answers
// "no change" or edits the graph around it. apply_rules runs a set of them to a fixed point.
#pragma once

#include <span>
#include <string_view>

#include "core/graph/edit.h"
#include "core/graph/graph.h"

namespace halftone {

struct RewriteContext {
  Graph& graph;
  const UseMap& uses;  // as of the start of this sweep: true for nodes not touched since
  int64_t opset;       // of ai.onnx
  int32_t node;        // index of the node to look at
  // Graph::outputs from this index on are only observed (taps): they hold a value in place like any output,
  // but a rule may point them to a value that stands for theirs.
  size_t model_outputs = SIZE_MAX;
};

struct RewriteRule {
  std::string_view name;     // "fuse_conv_batchnorm": the name that switches it off
  std::string_view summary;  // one sentence
  // True when it changed the graph. May erase nodes (removed = true), redirect uses, append nodes.
  // A rule that edits other nodes than its own and the node's neighbours must leave uses consistent.
  bool (*apply)(RewriteContext& context);
};

struct RewriteStats {
  std::string_view rule;
  int64_t applications = 0;
};

// Sweeps the rules over the graph until none applies (at most `max_sweeps` sweeps), rebuilding the
// UseMap after each application; sorts and compacts at the end. `model_outputs`: see RewriteContext.
Result<std::vector<RewriteStats>> apply_rules(Graph& graph, int64_t opset, std::span<const RewriteRule* const> rules,
                                              int max_sweeps = 8, size_t model_outputs = SIZE_MAX);

}  // namespace halftone
