// The walk over a graph's nodes: each operator's infer sees what is known of its inputs; small constants are computed
// on the way by running the operator, and contents of shape tensors are carried symbolically.
#include "core/ops/shape_inference.h"

#include <optional>
#include <utility>
#include <vector>

#include "core/graph/subgraphs.h"
#include "core/ops/evaluate.h"
#include "core/ops/infer_util.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

// Computed constants beyond this are data, not shapes: running operators is the runtime's job.
constexpr int64_t kMaxConstantElements = 4096;
constexpr int64_t kMaxContents = 64;

// What is known beyond dtype and shape, by value id.
struct Knowledge {
  std::vector<Tensor> constants;  // computed ones; initializers stay in the graph
  std::vector<std::optional<std::vector<Dim>>> contents;
};

class NodeContext final : public InferContext {
 public:
  NodeContext(const Graph& graph, const Node& node, const Model& model, const InferOptions& options,
              const Knowledge& known)
      : outputs(node.outputs.size()),
        graph_(graph),
        node_(node),
        model_(model),
        options_(options),
        opset_(model.opset(node.domain)),
        integer_(node.has(kIntegerAttr)),
        known_(known) {}

  const Node& node() const override { return node_; }
  int64_t opset() const override { return opset_; }
  bool has_input(size_t i) const override { return node_.input(i) != kNoValue; }
  size_t input_count() const override { return node_.inputs.size(); }
  DType dtype(size_t i) const override {
    if (!has_input(i)) return DType::kUndefined;
    // Operators are written for float: a lowered node takes integers in its place (kIntegerAttr).
    return integer_ && value(i).quant ? DType::kFloat : value(i).dtype;
  }
  const SymShape& shape(size_t i) const override { return has_input(i) ? value(i).shape : absent_; }

  const Tensor* constant(size_t i) const override {
    if (!has_input(i)) return nullptr;
    if (value(i).is_constant()) return &value(i).constant;
    const Tensor& computed = known_.constants[static_cast<size_t>(node_.input(i))];
    return computed.defined() ? &computed : nullptr;
  }

  std::optional<std::vector<Dim>> shape_contents(size_t i) const override {
    if (!has_input(i)) return std::nullopt;
    if (const auto& contents = known_.contents[static_cast<size_t>(node_.input(i))]) return contents;
    const Tensor* tensor = constant(i);
    if (tensor == nullptr || tensor->rank() > 1 || tensor->size() > kMaxContents) return std::nullopt;
    auto ints = int_elements(*tensor);
    if (!ints.ok()) return std::nullopt;
    std::vector<Dim> out;
    for (int64_t v : *ints) out.push_back(content_dim(v));
    return out;
  }

  Result<std::vector<Typed>> infer_subgraph(std::string_view attribute, std::span<const Typed> inputs) override {
    const GraphPtr inner = node_.graph_attr(attribute);
    if (!inner) return invalid_model("attribute " + std::string(attribute) + " must be a graph");
    if (inner->inputs.size() != inputs.size()) {
      return invalid_model("the graph " + std::string(attribute) + " has " + std::to_string(inner->inputs.size()) +
                           " inputs, expected " + std::to_string(inputs.size()));
    }
    Graph body = close_graph(*inner, graph_).graph;
    for (size_t i = 0; i < inputs.size(); ++i) {
      Value& input = body.value(inner->inputs[i]);
      if (inputs[i].dtype != DType::kUndefined) input.dtype = inputs[i].dtype;
      input.shape = inputs[i].shape;
    }
    // What a file declares of a body's outputs need not hold for every pass of a loop.
    for (ValueId id : body.outputs) {
      if (!body.value(id).is_constant()) body.value(id).shape = SymShape();
    }
    InferOptions options;
    options.allow_unknown_ops = options_.allow_unknown_ops;
    std::vector<Typed> result;
    // A branch for other sizes need not fit these: it is wrong only where it runs.
    if (!infer_shapes(body, model_, options).ok()) return result;
    for (ValueId id : body.outputs) result.push_back({body.value(id).dtype, body.value(id).shape});
    return result;
  }

  void set_output(size_t i, DType dtype, SymShape shape) override {
    if (i < outputs.size()) outputs[i] = {dtype, std::move(shape), std::nullopt};
  }
  void set_output_contents(size_t i, std::vector<Dim> contents) override {
    if (i < outputs.size() && contents.size() <= kMaxContents) outputs[i].contents = std::move(contents);
  }

  // What the operator's infer has said.
  struct Output {
    DType dtype = DType::kUndefined;
    SymShape shape;
    std::optional<std::vector<Dim>> contents;
  };
  std::vector<Output> outputs;

 private:
  const Value& value(size_t i) const { return graph_.value(node_.input(i)); }

  const Graph& graph_;
  const Node& node_;
  const Model& model_;
  const InferOptions& options_;
  int64_t opset_;
  bool integer_;
  const Knowledge& known_;
  SymShape absent_;
};

Status check_arity(const OpDef& op, const Node& node) {
  auto check = [&](std::string_view what, size_t count, int low, int high) -> Status {
    if (static_cast<int>(count) >= low && (high < 0 || static_cast<int>(count) <= high)) return ok_status();
    return invalid_model(node.op_type + " has " + std::to_string(count) + " " + std::string(what) + ", expected " +
                         std::to_string(low) +
                         (high == low ? ""
                          : high < 0  ? " or more"
                                      : " to " + std::to_string(high)));
  };
  HT_TRY(check("inputs", node.inputs.size(), op.schema.min_inputs, op.schema.max_inputs));
  HT_TRY(check("outputs", node.outputs.size(), op.schema.min_outputs, op.schema.max_outputs));
  for (int i = 0; i < op.schema.min_inputs; ++i) {
    if (node.input(static_cast<size_t>(i)) == kNoValue) {
      return invalid_model("input " + std::to_string(i) + " of " + node.op_type + " is required");
    }
  }
  return ok_status();
}

// Takes what infer said into the graph; a declared shape that contradicts it is the model's mistake.
Status store_outputs(Graph& graph, const Node& node, NodeContext& ctx, Knowledge& known) {
  for (size_t i = 0; i < ctx.outputs.size(); ++i) {
    if (node.outputs[i] == kNoValue) continue;
    auto& out = ctx.outputs[i];
    Value& value = graph.value(node.outputs[i]);
    if (value.quant && node.has(kIntegerAttr)) out.dtype = value.dtype;
    if (out.dtype != DType::kUndefined && value.dtype != DType::kUndefined && out.dtype != value.dtype) {
      return invalid_model("output '" + value.name + "' is declared as " + std::string(dtype_name(value.dtype)) +
                           " but is " + std::string(dtype_name(out.dtype)));
    }
    if (out.dtype != DType::kUndefined) value.dtype = out.dtype;
    SymShape shape = std::move(out.shape);
    if (Status merged = shape.refine(value.shape); !merged.ok()) {
      return invalid_model("output '" + value.name + "' is declared as " + value.shape.to_string() + " but is " +
                           shape.to_string());
    }
    value.shape = std::move(shape);
    known.contents[static_cast<size_t>(node.outputs[i])] = std::move(out.contents);
  }
  return ok_status();
}

// Shape contents that are all numbers are a constant.
void contents_to_constant(const Value& value, size_t id, Knowledge& known) {
  const auto& contents = known.contents[id];
  if (!contents || known.constants[id].defined()) return;
  if (value.dtype != DType::kInt64 && value.dtype != DType::kInt32) return;
  auto dims = value.shape.concrete();
  if (!dims || element_count(*dims) != static_cast<int64_t>(contents->size())) return;
  std::vector<int64_t> ints;
  for (const Dim& dim : *contents) {
    auto literal = content_literal(dim);
    if (!literal) return;
    ints.push_back(*literal);
  }
  if (value.dtype == DType::kInt64) {
    known.constants[id] = Tensor::of<int64_t>(*dims, std::span<const int64_t>(ints));
  } else {
    std::vector<int32_t> narrow;
    for (int64_t v : ints) narrow.push_back(static_cast<int32_t>(v));
    known.constants[id] = Tensor::of<int32_t>(*dims, std::span<const int32_t>(narrow));
  }
}

// Runs the node where all of its inputs are small constants.
Status compute_constant(const Graph& graph, const Node& node, const OpDef& op, const NodeContext& ctx,
                        Knowledge& known) {
  if (op.run == nullptr || node.has(kIntegerAttr) || (node.inputs.empty() && node.op_type != "Constant"))
    return ok_status();
  std::vector<Tensor> inputs(node.inputs.size());
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (!ctx.has_input(i)) continue;
    const Tensor* constant = ctx.constant(i);
    if (constant == nullptr || constant->size() > kMaxConstantElements) return ok_status();
    inputs[i] = *constant;
  }
  EvaluateOptions options;
  options.max_output_bytes = kMaxConstantElements * 8;
  auto outputs = evaluate_node(op, node, ctx.opset(), inputs, options);
  if (!outputs.ok()) {
    if (outputs.error().code == ErrorCode::kInvalidModel) return std::move(outputs).error();
    return ok_status();  // too large or not supported: nothing is known then
  }
  for (size_t i = 0; i < outputs->size(); ++i) {
    const ValueId id = node.outputs[i];
    if (id == kNoValue || !(*outputs)[i].defined() || graph.value(id).dtype != (*outputs)[i].dtype()) continue;
    known.constants[static_cast<size_t>(id)] = std::move((*outputs)[i]);
  }
  return ok_status();
}

Status infer_node(Graph& graph, const Node& node, const Model& model, const InferOptions& options, Knowledge& known) {
  const int64_t opset = model.opset(node.domain);
  const OpDef* op = find_op(node.domain, node.op_type, opset);
  if (op == nullptr || op->infer == nullptr) {
    if (op != nullptr || options.allow_unknown_ops) return ok_status();
    return unsupported("no operator " + (node.domain.empty() ? "" : node.domain + ".") + node.op_type + " at opset " +
                       std::to_string(opset));
  }
  HT_TRY(check_arity(*op, node));
  NodeContext ctx(graph, node, model, options, known);
  HT_TRY(op->infer(ctx));
  HT_TRY(store_outputs(graph, node, ctx, known));
  HT_TRY(compute_constant(graph, node, *op, ctx, known));
  for (ValueId id : node.outputs) {
    if (id == kNoValue) continue;
    Value& value = graph.value(id);
    contents_to_constant(value, static_cast<size_t>(id), known);
    const Tensor& constant = known.constants[static_cast<size_t>(id)];
    if (constant.defined()) HT_TRY(value.shape.refine(SymShape::of(constant.dims())));
  }
  return ok_status();
}

Status set_inputs(Graph& graph, const InferOptions& options) {
  for (ValueId id : graph.inputs) {
    Value& value = graph.value(id);
    auto given = options.input_dims.find(value.name);
    if (given == options.input_dims.end()) continue;
    if (!value.shape.accepts(given->second)) {
      return Error{ErrorCode::kInvalidInput,
                   "shape " + to_string(given->second) + " does not fit the declared " + value.shape.to_string(),
                   value.name, "feed this input in its declared shape"};
    }
    value.shape = SymShape::of(given->second);
  }
  for (Value& value : graph.values) {
    if (!value.is_constant()) continue;
    value.dtype = value.constant.dtype();
    value.shape = SymShape::of(value.constant.dims());
  }
  return ok_status();
}

}  // namespace

Status infer_shapes(Graph& graph, const Model& model, const InferOptions& options) {
  HT_TRY(set_inputs(graph, options));
  Knowledge known{std::vector<Tensor>(graph.values.size()),
                  std::vector<std::optional<std::vector<Dim>>>(graph.values.size())};
  for (const Node& node : graph.nodes) {
    if (node.removed) continue;
    Status status = infer_node(graph, node, model, options, known);
    if (status.ok()) continue;
    Error error = std::move(status).error();
    if (error.where.empty()) error.where = node_label(graph, node);
    return error;
  }
  return ok_status();
}

Status infer_shapes(Model& model, const InferOptions& options) {
  // The graph is inferred apart from the model that answers for opsets; weights are shared, so the copy is cheap.
  Graph graph = model.graph;
  HT_TRY(infer_shapes(graph, model, options));
  model.graph = std::move(graph);
  return ok_status();
}

}  // namespace halftone
