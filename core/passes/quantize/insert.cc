// Builds the node list anew, in order: each node behind the DequantizeLinear of its constants, each quantized tensor's
// QuantizeLinear and DequantizeLinear behind the node that makes it.
#include "core/passes/quantize/insert.h"

#include <algorithm>
#include <optional>

#include "core/graph/edit.h"
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
    fold_activations();
    linear_.emplace(graph(), made_);
    for (ValueId id : graph().inputs) {
      if (plan_.group(id) >= 0) seen_[index(id)] = quantize(id, plan_.group(id));
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
      outcome_.removed_activations.push_back(node_label(graph(), clamp));
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
    if (plan.role == NodeRole::kWeighted) HT_TRY(store_weight(node, plan, inputs[0]));
    if (plan.role == NodeRole::kElementwise || plan.role == NodeRole::kMover) HT_TRY(store_operands(node, plan));
    std::vector<ValueId> quantized;
    for (ValueId& id : node.outputs) {
      if (id == kNoValue || index(id) >= plan_.group_of.size() || plan_.group(id) < 0) continue;
      quantized.push_back(id);
    }
    made_.push_back(std::move(node));
    const size_t at = made_.size() - 1;
    for (ValueId id : quantized) {
      if (!is_graph_output(id)) {
        seen_[index(id)] = quantize(id, plan_.group(id));
        continue;
      }
      const SymShape shape = graph().value(id).shape;
      const ValueId raw = linear_->add_value(linear_->base(id) + "_unquantized", DType::kFloat, shape);
      std::replace(made_[at].outputs.begin(), made_[at].outputs.end(), id, raw);
      quantize_into(raw, id, plan_.group(id), linear_->base(id));
    }
    return ok_status();
  }

  bool is_graph_input(ValueId id) {
    return std::find(graph().inputs.begin(), graph().inputs.end(), id) != graph().inputs.end();
  }
  bool is_graph_output(ValueId id) {
    return std::find(graph().outputs.begin(), graph().outputs.end(), id) != graph().outputs.end();
  }

  // The value that consumers of the quantized `id` read.
  ValueId quantize(ValueId id, int32_t group) {
    const SymShape shape = graph().value(id).shape;
    const ValueId result = linear_->add_value(linear_->base(id) + "_dequantized", DType::kFloat, shape);
    integers_[index(id)] = quantize_into(id, result, group, linear_->base(id));
    return result;
  }

  // `to` = `from` through integers; returns those.
  ValueId quantize_into(ValueId from, ValueId to, int32_t group, const std::string& base) {
    const QuantParams& params = decisions_.params[static_cast<size_t>(group)];
    ScaleAndZero& shared = group_constants_[static_cast<size_t>(group)];
    if (shared.scale == kNoValue) shared = linear_->add_params(base, params);
    const SymShape shape = graph().value(from).shape;
    const ValueId integers = linear_->add_value(base + "_quantized", params.dtype, shape);
    linear_->add_node("QuantizeLinear", base, from, shared, -1, integers);
    linear_->add_node("DequantizeLinear", base, integers, shared, -1, to);
    return integers;
  }

  Status store_weight(Node& node, const NodePlan& plan, ValueId input) {
    const auto w = static_cast<size_t>(plan.rule->weight_input);
    const ValueId weight_id = node.inputs[w];
    const ValueId bias_id =
        plan.rule->bias_input < 0 ? kNoValue : node.input(static_cast<size_t>(plan.rule->bias_input));
    const Tensor weight = graph().value(weight_id).constant;
    const Tensor bias = bias_id == kNoValue ? Tensor() : graph().value(bias_id).constant;
    const int64_t axis = weight_axis(*plan.rule, node, weight);
    WeightSpec spec{options_.weight_type, options_.weight_symmetric, options_.reduce_range,
                    options_.per_channel ? axis : -1};
    spec.channels = weight.dims()[static_cast<size_t>(axis)];
    if (node.op_type == "ConvTranspose") spec.channels *= std::max<int64_t>(1, node.int_attr("group", 1));
    const float input_scale = decisions_.params[static_cast<size_t>(plan_.group(input))].scale[0];
    HT_ASSIGN(EncodedWeight encoded, encode_weight(weight, bias, input_scale, spec));

    const auto [low, high] = std::minmax_element(encoded.params.scale.begin(), encoded.params.scale.end());
    outcome_.weights.push_back({name_of(weight_id), node_label(graph(), node), weight.size(), spec.axis,
                                static_cast<int64_t>(encoded.params.scale.size()), encoded.widened, *low, *high,
                                bias.defined()});
    ValueId stored = linear_->find_stored(weight_id, encoded.params);
    if (stored == kNoValue) stored = linear_->store(weight_id, std::move(encoded.weight), encoded.params);
    node.inputs[w] = stored;
    if (bias_id == kNoValue) return ok_status();
    stored = linear_->find_stored(bias_id, encoded.bias_params);
    if (stored == kNoValue) stored = linear_->store(bias_id, std::move(encoded.bias), encoded.bias_params);
    node.inputs[static_cast<size_t>(plan.rule->bias_input)] = stored;
    return ok_status();
  }

  // Constants among the inputs of an elementwise node or a Concat are quantized as activations are.
  Status store_operands(Node& node, const NodePlan& plan) {
    if (plan.role == NodeRole::kMover && !plan.rule->share_inputs) return ok_status();
    for (ValueId& id : node.inputs) {
      if (id == kNoValue || !graph().value(id).is_constant()) continue;
      const Tensor constant = graph().value(id).constant;
      QuantParams params;
      if (plan.role == NodeRole::kMover) {
        params = decisions_.params[static_cast<size_t>(plan_.group(node.outputs[0]))];
      } else {
        Range range;
        for (float v : constant.data<float>()) {
          range.low = std::min(range.low, v);
          range.high = std::max(range.high, v);
        }
        params = choose_params(range, options_.activation_type, options_.activation_symmetric);
      }
      ValueId stored = linear_->find_stored(id, params);
      if (stored == kNoValue) {
        HT_ASSIGN(Tensor integers, quantize_tensor(constant, params));
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
  std::vector<Node> made_;
  std::vector<ValueId> seen_;      // by old id: what consumers read instead
  std::vector<ValueId> integers_;  // by old id: the integers it became
  std::vector<ScaleAndZero> group_constants_;
  std::optional<LinearNodes> linear_;  // made while the graph still has its nodes: it is built anew without them
};

}  // namespace

Result<InsertOutcome> insert_quantization(const Model& model, const QuantPlan& plan, const QuantDecisions& decisions,
                                          const QuantizeOptions& options, const ProgressFn& progress) {
  return Inserter(model, plan, decisions, options).run(progress);
}

}  // namespace halftone
