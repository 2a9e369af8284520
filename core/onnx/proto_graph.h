// GraphProto, NodeProto, FunctionProto -> Graph, Node, Function. Values have names in a file and numbers in a Graph:
// GraphBuilder keeps the table. It takes nodes and initializers one at a time, so that a caller who streams a file
// never holds the whole GraphProto. Source: ONNX, docs/IR.md (name scoping, optional inputs, functions).
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/onnx/proto_tensor.h"
#include "core/onnx/reader.h"
#include "onnx.pb.h"

namespace halftone {

class GraphBuilder {
 public:
  // depth 0: a model's graph or a function's body; more: a subgraph, which may read names from outside.
  // `options` must outlive the builder.
  GraphBuilder(const ReadOptions& options, int depth) : options_(options), depth_(depth) {}

  // Each takes its proto apart. Errors: kInvalidModel, and those of take_tensor().
  Status add_node(onnx::NodeProto proto);
  Status add_initializer(onnx::TensorProto& proto, const RawRange& raw = {});
  // The nodes and initializers still in `rest`, then inputs, outputs and everything else of the graph.
  // The graph comes back sorted.
  Result<Graph> finish(onnx::GraphProto& rest);

 private:
  enum Origin : uint8_t { kNowhere, kNodeOutput, kInput, kInitializer };

  Result<ValueId> mention(const std::string& name);
  Status define(ValueId id, Origin origin);
  Status add_attributes(onnx::NodeProto& proto, Node& node);
  Status add_inputs(onnx::GraphProto& rest);
  Status add_value_infos(onnx::GraphProto& rest);
  Status add_outputs(onnx::GraphProto& rest);
  Status resolve_names();
  Status resolve(ValueId id, const std::string& reader);
  void list(ValueId id);
  void renumber();

  const ReadOptions& options_;
  int depth_;
  Graph graph_;
  std::unordered_map<std::string, ValueId> ids_;
  std::vector<Origin> origins_;                 // by ValueId
  std::vector<ValueId> initializers_;           // in the file's order
  std::vector<std::vector<ValueId>> captures_;  // by node: what its subgraphs read from this graph
  std::vector<ValueId> order_;                  // values in the order in which the file lists them ...
  std::vector<bool> listed_;                    // ... and which of them are there already
};

Result<Function> take_function(onnx::FunctionProto& proto, const ReadOptions& options);

// opset_import entries by domain ("ai.onnx" is read as ""); of two for one domain the higher counts.
std::map<std::string, int64_t, std::less<>> read_opset_imports(
    const google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto>& protos);

}  // namespace halftone
