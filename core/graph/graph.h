// The model as plain values: Model -> Graph -> Node, Value, Attribute. A Graph is a value: copying it
// shares the weights' bytes, no pass mutates a model that someone else holds.
// Edges are ValueIds, indices into Graph::values. Values are never removed by an edit (ids stay
// stable); compact() drops what nothing uses. Wire format: core/onnx. What operators mean: core/ops.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/quant_params.h"
#include "core/tensor/shape.h"
#include "core/tensor/tensor.h"

namespace halftone {

struct Graph;

using ValueId = int32_t;
inline constexpr ValueId kNoValue = -1;  // an omitted optional input or output

// Bytes of the file that we carry without understanding them (unknown protobuf fields, serialized).
using Opaque = std::string;

// Where an operator attribute holds a graph (If, Loop, Scan), it is shared like weights are.
using GraphPtr = std::shared_ptr<const Graph>;

// One attribute. monostate: a kind that we carry opaquely (`opaque` holds the whole AttributeProto).
struct Attribute {
  using Payload =
      std::variant<std::monostate, int64_t, float, std::string, Tensor, GraphPtr, std::vector<int64_t>,
                   std::vector<float>, std::vector<std::string>, std::vector<Tensor>, std::vector<GraphPtr>>;
  Payload value;
  std::string ref_name;  // inside a local function: the function's attribute this one stands for
  std::string doc;
  Opaque opaque;

  Attribute() = default;
  Attribute(Payload v) : value(std::move(v)) {}
};

using Attributes = std::map<std::string, Attribute, std::less<>>;

struct Value {
  std::string name;
  DType dtype = DType::kUndefined;
  SymShape shape;
  Tensor constant;                   // defined: an initializer
  std::optional<QuantParams> quant;  // set by compile's integer lowering only: what the integers mean
  // Set by compile only: names of float values that lowering replaced by this one (for taps by name).
  std::vector<std::string> stands_for;
  // The same of channels-first values that this channels-last one replaced.
  std::vector<std::string> stands_for_first;
  std::string doc;
  Opaque type_opaque;             // sequence, optional, map ... types: the serialized TypeProto
  Opaque opaque;                  // unknown fields of ValueInfoProto
  Opaque tensor_opaque;           // fields of the initializer's TensorProto that we do not model
  bool declared = false;          // the file listed it under value_info
  bool from_outer_scope = false;  // subgraphs: captured by name from an enclosing graph

  bool is_constant() const { return constant.defined(); }
};

struct Node {
  std::string name;
  std::string op_type;
  std::string domain;  // "" is ai.onnx ("ai.onnx" is read as "")
  std::vector<ValueId> inputs, outputs;
  Attributes attributes;
  std::string doc;
  std::string overload;
  Opaque opaque;
  bool removed = false;  // set by erase(), swept by compact()

  ValueId input(size_t i) const { return i < inputs.size() ? inputs[i] : kNoValue; }
  ValueId output(size_t i) const { return i < outputs.size() ? outputs[i] : kNoValue; }

  bool has(std::string_view key) const { return attributes.find(key) != attributes.end(); }
  // The attribute as that type; `fallback` when absent or of another type (schema checks refuse those).
  int64_t int_attr(std::string_view key, int64_t fallback) const;
  float float_attr(std::string_view key, float fallback) const;
  std::string string_attr(std::string_view key, std::string_view fallback) const;
  const std::vector<int64_t>& ints_attr(std::string_view key) const;  // empty when absent
  const std::vector<float>& floats_attr(std::string_view key) const;  // the same
  const Tensor* tensor_attr(std::string_view key) const;
  GraphPtr graph_attr(std::string_view key) const;
};

// `where` of errors: the node's name, or "Conv -> output" for a node without one.
struct Graph {
  std::string name, doc;
  std::vector<Value> values;
  std::vector<Node> nodes;  // any order in a file; topological after sort_topologically()
  std::vector<ValueId> inputs, outputs;
  // Initializers that the file also lists as inputs (IR < 4): they are in `inputs`' order in the file
  // but not in `inputs`; the writer puts them back.
  std::vector<ValueId> initializer_inputs;
  Opaque opaque;  // sparse initializers, quantization annotations, metadata, unknown fields

  Value& value(ValueId id) { return values[static_cast<size_t>(id)]; }
  const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }

  ValueId find_value(std::string_view name) const;  // linear; kNoValue if absent
  // A new value with a unique name made from `base` ("base", "base_1", ...). Linear: see names.h for many.
  ValueId add_value(std::string_view base, DType dtype = DType::kUndefined, SymShape shape = {});
  ValueId add_constant(std::string_view base, Tensor tensor);
  // A unique node name made from `base`.
  std::string unique_node_name(std::string_view base) const;
};

// A model-local function (ONNX IR 8+). Kept, written back, and inlined by canonicalize.
struct Function {
  std::string name, domain, doc, overload;
  std::vector<std::string> attributes;
  Attributes attribute_defaults;
  std::map<std::string, int64_t, std::less<>> opset_imports;
  Graph body;  // inputs and outputs are the function's, by position
  Opaque opaque;
};

struct Model {
  int64_t ir_version = 8;
  std::map<std::string, int64_t, std::less<>> opset_imports;  // domain -> version; "" is ai.onnx
  std::string producer_name, producer_version, domain, doc;
  int64_t model_version = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
  Graph graph;
  std::vector<Function> functions;
  Opaque opaque;

  int64_t opset(std::string_view domain = "") const;  // 0 where not imported
};

// Text for error messages and tests: the node's name, else "<op_type> -> <first output>".
std::string node_label(const Graph& graph, const Node& node);

}  // namespace halftone
