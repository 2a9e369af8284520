// Builds the node list anew, in order: each node behind the DequantizeLinear of its constants, each quantized tensor's
// QuantizeLinear and DequantizeLinear behind the node that makes it.
#include "core/passes/quantize/insert.h"

#include <algorithm>
#include <optional>

#include "core/graph/edit.h"
#include "core/graph/subgraphs.h"
#include "core/kernels/move/transpose.h"
#include "core/passes/quantize/classify.h"
#include "core/passes/quantize/linear_nodes.h"
#include "core/passes/quantize/weights.h"

namespace halftone {
namespace {

class Inserter {
 public:
  Inserter(const Model& model, const QuantPlan& plan, const QuantDecisions& decisions, const QuantizeOptions& options)
      : plan_(plan), decisions_(decisions), options_(options) {
    outcome_.model = model;
    seen_.assign(plan.group_of.size(), kNoValue);
    integers_ = seen_;
    group_constants_.resize(plan.groups.size());
  }

  Result<InsertOutcome> run(const ProgressFn& progress) {
    for (const Node& node : graph().nodes) labels_.push_back(node_label(graph(), node));
    fold_activations();
    linear_.emplace(graph(), made_);
    for (ValueId id : graph().inputs) {
      if (plan_.group(id) >= 0) seen_[index(id)] = quantize(id, plan_.group(id), false);
    }
    std::vector<Node> nodes = std::move(graph().nodes);
    graph().nodes.clear();
    const auto total = static_cast<int64_t>(nodes.size());
    for (int64_t n = 0; n < total; ++n) {
      if (progress && !progress("quantize", n, total)) return Error{ErrorCode::kCancelled, "Cancelled", "", ""};
      Node node = std::move(nodes[static_cast<size_t>(n)]);
      if (node.removed) continue;
      HT_TRY(add(std::move(node), static_cast<size_t>(n)));
    }
    graph().nodes = std::move(made_);
    compact(graph());
    return std::move(outcome_);
  }

 private:
  Graph& graph() { return outcome_.model.graph; }
  static size_t index(ValueId id) { return static_cast<size_t>(id); }
  const std::string& name_of(ValueId id) { return graph().value(id).name; }

  // A redundant Relu or Clip goes; the node before it makes its output.
  void fold_activations() {
    for (size_t i = 0; i < plan_.activations.size(); ++i) {
      if (!decisions_.redundant[i]) continue;
      const AttachedActivation& activation = plan_.activations[i];
      Node& clamp = graph().nodes[static_cast<size_t>(activation.node)];
      outcome_.removed_activations.push_back(labels_[static_cast<size_t>(activation.node)]);
      clamp.removed = true;
      std::vector<ValueId>& made = graph().nodes[static_cast<size_t>(activation.producer)].outputs;
      std::replace(made.begin(), made.end(), activation.input, activation.output);
    }
  }

  Status add(Node node, size_t n) {
    const NodePlan& plan = plan_.nodes[n];
    const std::vector<ValueId> inputs = node.inputs;
    for (ValueId& id : node.inputs) {
      if (id == kNoValue || index(id) >= seen_.size() || seen_[index(id)] == kNoValue) continue;
      // A float node may as well read the model's input as it came, and a shape needs no real numbers.
      const bool raw = !plan_.quantized(n) && is_graph_input(id);
      if (!raw) id = node.op_type == "Shape" && node.domain.empty() ? integers_[index(id)] : seen_[index(id)];
    }
    redirect_captures(node);
    if (plan.role == NodeRole::kWeighted) HT_TRY(store_weight(node, n, inputs[0]));
    if (plan.role == NodeRole::kElementwise || plan.role == NodeRole::kMover) HT_TRY(store_operands(node, n));
    std::vector<ValueId> quantized;
    for (ValueId& id : node.outputs) {
      if (id == kNoValue || index(id) >= plan_.group_of.size() || plan_.group(id) < 0) continue;
      quantized.push_back(id);
    }
    made_.push_back(std::move(node));
    const size_t at = made_.size() - 1;
    for (ValueId id : quantized) {
      if (!is_graph_output(id)) {
        seen_[index(id)] = quantize(id, plan_.group(id), carries_codes(made_[at], plan));
        continue;
      }
      const SymShape shape = graph().value(id).shape;
      const ValueId raw = linear_->add_value(linear_->base(id) + "_unquantized", DType::kFloat, shape);
      std::replace(made_[at].outputs.begin(), made_[at].outputs.end(), id, raw);
      quantize_into(raw, id, plan_.group(id), linear_->base(id), carries_codes(made_[at], plan));
    }
    return ok_status();
  }

  // Graphs inside of a node read what a float node reads: a second reader of the real numbers would keep a runtime from
  // fusing the quantization with the node before it.
  void redirect_captures(Node& node) {
    const auto captured = captured_names(node);
    for (const std::string& name : std::vector<std::string>(captured.begin(), captured.end())) {
      const ValueId id = graph().find_value(name);
      if (id == kNoValue || index(id) >= seen_.size() || seen_[index(id)] == kNoValue || is_graph_input(id)) continue;
      rename_capture(node, name, name_of(seen_[index(id)]));
    }
  }

  bool is_graph_input(ValueId id) {
    return std::find(graph().inputs.begin(), graph().inputs.end(), id) != graph().inputs.end();
  }
  bool is_graph_output(ValueId id) {
    return std::find(graph().outputs.begin(), graph().outputs.end(), id) != graph().outputs.end();
  }

  // Whether what a node makes is made of codes already: elements of quantized tensors, moved. A Pad adds its own.
  static bool carries_codes(const Node& node, const NodePlan& plan) {
    return plan.role == NodeRole::kMover && node.op_type != "Pad";
  }

  // The value that consumers of the quantized `id` read.
  ValueId quantize(ValueId id, int32_t group, bool codes) {
    const SymShape shape = graph().value(id).shape;
    const ValueId result = linear_->add_value(linear_->base(id) + "_dequantized", DType::kFloat, shape);
    integers_[index(id)] = quantize_into(id, result, group, linear_->base(id), codes);
    return result;
  }

  // `to` = `from` through integers; returns those. `codes`: the reals in `from` stand for codes of the grid already.
  ValueId quantize_into(ValueId from, ValueId to, int32_t group, const std::string& base, bool codes) {
    const QuantParams& params = decisions_.groups[static_cast<size_t>(group)].params;
    const Grid& grid = plan_.groups[static_cast<size_t>(group)].grid;
    ScaleAndZero& shared = group_constants_[static_cast<size_t>(group)];
    if (shared.scale == kNoValue) shared = linear_->add_params(base, params, {});
    if (needs_clip(grid) && !codes) from = linear_->clip(base, from, covered(params, grid));
    const SymShape shape = graph().value(from).shape;
    const ValueId integers = linear_->add_value(base + "_quantized", params.dtype, shape);
    linear_->add_node("QuantizeLinear", base, from, shared, params, integers);
    linear_->add_node("DequantizeLinear", base, integers, shared, params, to);
    return integers;
  }

  Status store_weight(Node& node, size_t n, ValueId input) {
    const NodePlan& plan = plan_.nodes[n];
    const auto w = static_cast<size_t>(plan.rule->weight_input);
    const ValueId weight_id = node.inputs[w];
    const ValueId bias_id =
        plan.rule->bias_input < 0 ? kNoValue : node.input(static_cast<size_t>(plan.rule->bias_input));
    Tensor weight = graph().value(weight_id).constant;
    const Tensor bias = bias_id == kNoValue ? Tensor() : graph().value(bias_id).constant;
    WeightSpec spec = weight_spec(graph(), node, labels_[n], *plan.rule, weight_id, options_);
    const int64_t axis = spec.axis;
    const bool turned = hides_blocks(node, spec);
    if (turned) {
      HT_ASSIGN(weight, turn(weight, spec));
    }
    const float input_scale = decisions_.groups[static_cast<size_t>(plan_.group(input))].params.scale[0];
    HT_ASSIGN(EncodedWeight encoded, encode_weight(weight, bias, input_scale, spec));

    const auto [low, high] = std::minmax_element(encoded.params.scale.begin(), encoded.params.scale.end());
    outcome_.weights.push_back({name_of(weight_id), labels_[n], weight.size(), axis,
                                static_cast<int64_t>(encoded.params.scale.size()), encoded.widened, *low, *high,
                                bias.defined(), encoded.params.dtype, spec.grid.levels(), spec.block_size,
                                std::move(encoded.facts)});
    ValueId stored = linear_->find_stored(weight_id, encoded.params);
    if (stored == kNoValue) stored = linear_->store(weight_id, std::move(encoded.weight), encoded.params, turned);
    node.inputs[w] = stored;
    if (!encoded.bias.defined()) return ok_status();
    stored = linear_->find_stored(bias_id, encoded.bias_params);
    if (stored == kNoValue) stored = linear_->store(bias_id, std::move(encoded.bias), encoded.bias_params);
    node.inputs[static_cast<size_t>(plan.rule->bias_input)] = stored;
    return ok_status();
  }

  // onnxruntime makes a QLinearMatMul of a MatMul between 8-bit tensors, which fails on blocks: a Transpose behind the
  // weight keeps it from that (and goes when our own compiler takes the weight).
  static bool hides_blocks(const Node& node, const WeightSpec& spec) {
    return spec.block_size > 0 && node.op_type == "MatMul" && dtype_info(spec.grid.dtype).bits == 8;
  }

  // The weight with its last two axes exchanged; `spec` is about that one then.
  static Result<Tensor> turn(const Tensor& weight, WeightSpec& spec) {
    Dims dims = weight.dims();
    std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
    HT_ASSIGN(Tensor turned, Tensor::allocate(DType::kFloat, dims));
    const int64_t n = dims[dims.size() - 2], k = dims.back();
    const auto* from = reinterpret_cast<const uint32_t*>(weight.bytes());
    auto* to = reinterpret_cast<uint32_t*>(turned.mutable_bytes());
    for (int64_t at = 0; at < weight.size(); at += n * k) transpose_matrix(to + at, k, from + at, n, n, k);
    weight.let_go();
    std::swap(spec.axis, spec.channel_axis);
    return turned;
  }

  // Constants among the inputs of an elementwise node or a Concat are quantized as activations are.
  Status store_operands(Node& node, size_t n) {
    const NodePlan& plan = plan_.nodes[n];
    if (plan.role == NodeRole::kMover && !plan.rule->share_inputs) return ok_status();
    for (ValueId& id : node.inputs) {
      if (id == kNoValue || !graph().value(id).is_constant()) continue;
      const Tensor constant = graph().value(id).constant;
      QuantParams params;
      Grid grid;
      if (plan.role == NodeRole::kMover) {
        const auto g = static_cast<size_t>(plan_.group(node.outputs[0]));
        params = decisions_.groups[g].params;
        grid = plan_.groups[g].grid;
      } else {
        Range range;
        for (float v : constant.data<float>()) {
          range.low = std::min(range.low, v);
          range.high = std::max(range.high, v);
        }
        const std::string names[] = {labels_[n], name_of(id)};
        grid = make_grid(activation_scheme(options_.activation, options_.overrides, names).grid);
        params = choose_params(range, grid);
      }
      ValueId stored = linear_->find_stored(id, params);
      if (stored == kNoValue) {
        HT_ASSIGN(Tensor integers, quantize_tensor(constant, params, grid));
        stored = linear_->store(id, std::move(integers), params);
      }
      id = stored;
    }
    return ok_status();
  }

  const QuantPlan& plan_;
  const QuantDecisions& decisions_;
  const QuantizeOptions& options_;
  InsertOutcome outcome_;
  std::vector<std::string> labels_;  // as the exceptions know the nodes: folding renames outputs, and with them labels
  std::vector<Node> made_;
  std::vector<ValueId> seen_;      // by old id: what consumers read instead
  std::vector<ValueId> integers_;  // by old id: the integers it became
  std::vector<ScaleAndZero> group_constants_;
  std::optional<LinearNodes> linear_;  // made while the graph still has its nodes: it is built anew without them
};

}  // namespace

WeightSpec weight_spec(const Graph& graph, const Node& node, std::string_view label, const QuantRule& rule, ValueId id,
                       const QuantizeOptions& options) {
  const Tensor& weight = graph.value(id).constant;
  const std::string& name = graph.value(id).name;
  const WeightScheme scheme = weight_scheme(options.weight, options.overrides, label, name);
  const int64_t axis = weight_axis(rule, node, weight);
  WeightSpec spec;
  spec.grid = make_grid(scheme.grid);
  spec.axis = scheme.per_channel ? axis : -1;
  // Blocks run along the axis that products are summed over: the one beside the channels'.
  if (scheme.block_size > 0) spec.axis = axis == 0 ? 1 : axis - 1;
  spec.block_size = scheme.block_size;
  spec.channel_axis = axis;
  spec.channels = weight.dims()[static_cast<size_t>(axis)];
  if (node.op_type == "ConvTranspose") spec.channels *= std::max<int64_t>(1, node.int_attr("group", 1));
  spec.observer = scheme.observer;
  spec.observing = options.observing;
  spec.rounding = scheme.rounding;
  spec.seed = scheme.seed;
  spec.range = scheme.range;
  const std::string names[] = {name};
  spec.clip = given_range(options.overrides, names);
  return spec;
}

Result<InsertOutcome> insert_quantization(const Model& model, const QuantPlan& plan, const QuantDecisions& decisions,
                                          const QuantizeOptions& options, const ProgressFn& progress) {
  return Inserter(model, plan, decisions, options).run(progress);
}

}  // namespace halftone
