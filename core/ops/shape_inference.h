// Shape inference over a whole graph: walks nodes in topological order, calls each operator's infer,
// and carries constants computed from shapes symbolically.
#pragma once

#include <map>
#include <string>

#include "core/graph/graph.h"

namespace halftone {

struct InferOptions {
  // Concrete dims of graph inputs by name, where the caller has them (a feed); overrides the model's.
  std::map<std::string, Dims, std::less<>> input_dims;
  // True: an operator without a row leaves its outputs unknown instead of failing.
  bool allow_unknown_ops = true;
};

// Fills dtype and shape of every value it can. Errors: kInvalidModel where shapes contradict
// (`where` = the node), kInvalidInput where input_dims contradict the declared input.
Status infer_shapes(Model& model, const InferOptions& options = {});
// The same over a graph alone (subgraphs, compiled graphs).
Status infer_shapes(Graph& graph, const Model& model, const InferOptions& options = {});

}  // namespace halftone
