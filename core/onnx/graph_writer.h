// Graph, Node, Attribute, Function -> wire format. What the reader carried without understanding goes back to where it
// was. Source: onnx.proto.
#pragma once

#include "core/graph/graph.h"
#include "core/onnx/wire_writer.h"

namespace halftone {

// `ir_version` decides whether initializers are listed as inputs too (before 4 they must be).
void write_graph(const Graph& graph, int64_t ir_version, WireWriter& out);
void write_function(const Function& function, int64_t ir_version, WireWriter& out);
void write_opset_imports(const std::map<std::string, int64_t, std::less<>>& imports, int field, WireWriter& out);

// What no file can hold: integers with QuantParams, "halftone." attributes. Errors: kInternal.
Status check_writable(const Graph& graph);

}  // namespace halftone
