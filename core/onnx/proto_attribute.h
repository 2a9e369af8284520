// AttributeProto -> Attribute, every kind: numbers, strings, tensors, graphs, lists of them; references to a
// function's attributes and kinds we do not know are carried as they are. Source: onnx.proto, AttributeProto.
#pragma once

#include <string_view>

#include "core/onnx/reader.h"
#include "onnx.pb.h"

namespace halftone {

// Subgraphs inside subgraphs: protobuf itself stops at 100 nested messages, three to a subgraph.
inline constexpr int kMaxGraphDepth = 30;

// Takes the attribute apart. `depth` is that of the graph around it, `node` what errors call the node.
// Errors: kInvalidModel, and those of take_tensor().
Result<Attribute> take_attribute(onnx::AttributeProto& proto, const ReadOptions& options, int depth,
                                 std::string_view node);

// Calls `visit(const Graph&)` for every graph the attribute holds.
template <typename Visit>
void for_each_graph(const Attribute& attribute, Visit&& visit) {
  if (const auto* one = std::get_if<GraphPtr>(&attribute.value)) visit(**one);
  if (const auto* many = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
    for (const GraphPtr& graph : *many) visit(*graph);
  }
}

}  // namespace halftone
