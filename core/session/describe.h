// What a model looks like from outside: ModelSummary and ModelGraph of web/src/engine/types.ts as Json.
// Reads the graph only; running is the session's.
#pragma once

#include <vector>

#include "core/base/json.h"
#include "core/graph/graph.h"

namespace halftone {

// Shapes must be inferred. Symbolic dims count as 1 in macs; unknown shapes give nothing to them.
Json summarize(const Model& model, int64_t bytes);
Json describe_graph(const Model& model);

// ValueSummary: {name, type, shape}; shape null without a rank, a dim a number, a symbol or null.
Json value_json(const Value& value);
// By value {scales, zeroPoints, count, axis?, blockSize?}, null without them: of values whose integers have a meaning
// that the graph states by constants; the first 64 parameters of many.
std::vector<Json> describe_quant(const Graph& graph);
// Whether nodes quantize or compute on quantized values (Q/DQ, QLinear*, *Integer, MatMulNBits).
bool is_quantized(const Graph& graph);

}  // namespace halftone
