// What a model looks like from outside: ModelSummary and ModelGraph of web/src/engine/types.ts as Json.
// Reads the graph only; running is the session's.
#pragma once

#include "core/base/json.h"
#include "core/graph/graph.h"

namespace halftone {

// Shapes must be inferred. Symbolic dims count as 1 in macs; unknown shapes give nothing to them.
Json summarize(const Model& model, int64_t bytes);
Json describe_graph(const Model& model);

// ValueSummary: {name, type, shape}; shape null without a rank, a dim a number, a symbol or null.
Json value_json(const Value& value);
// Whether nodes quantize or compute on quantized values (Q/DQ, QLinear*, *Integer, MatMulNBits).
bool is_quantized(const Graph& graph);

}  // namespace halftone
