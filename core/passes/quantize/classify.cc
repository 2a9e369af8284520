// Roles of single nodes. Every "no" carries a reason in plain words: it ends up in the report.
#include "core/passes/quantize/classify.h"

#include <algorithm>
#include <cmath>

#include "core/compile/rewrites/clip_range.h"

namespace halftone {
namespace {

bool listed(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

// A chain of reshapes longer than this is not followed: it comes from a file.
constexpr int kMaxChain = 32;

bool all_finite(const Tensor& tensor) {
  const auto values = tensor.data<float>();
  const bool all = std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  tensor.let_go();
  return all;
}

class Classifier {
 public:
  Classifier(const Model& model, const UseMap& uses, const QuantizeOptions& options)
      : model_(model), graph_(model.graph), uses_(uses), options_(options) {}

  NodePlan classify(const Node& node) const {
    NodePlan plan = by_rule(node);
    if (plan.role == NodeRole::kFloat) return plan;
    if (std::string why = left_out(graph_, node, options_); !why.empty()) return stay(std::move(why));
    // An attached activation belongs to the node before it: plan.cc asks about the other ones.
    if (plan.role != NodeRole::kClamp && !selected(graph_, node, options_)) return stay(std::string(kNotSelected));
    if (touches_quantized(node)) return stay("it touches tensors that are quantized already");
    return plan;
  }

 private:
  static NodePlan stay(std::string reason) { return {NodeRole::kFloat, nullptr, std::move(reason)}; }

  NodePlan by_rule(const Node& node) const {
    if (clip_range(graph_, node)) return clamp(node);
    const OpDef* op = find_op(node.domain, node.op_type, model_.opset(node.domain));
    if (op == nullptr) return stay("the operator is not known here");
    const QuantRule& rule = op->quant;
    if (rule.kind == QuantKind::kNone) return stay("the operator has no integer form");
    if (rule.applies != nullptr && !rule.applies(graph_, node)) {
      return stay("these attributes or inputs have no integer form");
    }
    // Around an operator that runs in float anyway, quantization costs accuracy and wins nothing; weights shrink.
    const bool idle = rule.kind == QuantKind::kElementwise || rule.kind == QuantKind::kFixedOutput;
    if (idle && op->run_int8 == nullptr && !asked_for(node)) return stay("it has no integer kernel to gain from");
    NodePlan plan;
    switch (rule.kind) {
      case QuantKind::kWeighted:
        plan = rule.open_weight && !has_constant_weight(node, rule) ? elementwise(node) : weighted(node, rule);
        break;
      case QuantKind::kPassThrough:
        plan = mover(node);
        break;
      case QuantKind::kElementwise:
        plan = rule.share_inputs ? concat(node) : elementwise(node);
        break;
      case QuantKind::kFixedOutput:
        plan = fixed_output(node);
        break;
      case QuantKind::kNone:
        break;
    }
    plan.rule = plan.role == NodeRole::kFloat ? nullptr : &rule;
    return plan;
  }

  bool asked_for(const Node& node) const {
    return listed(options_.op_types, node.op_type) || listed(options_.nodes, node_label(graph_, node));
  }

  // The reason why this tensor cannot be quantized; empty when it can.
  std::string not_float(ValueId id) const {
    const DType dtype = graph_.value(id).dtype;
    if (dtype == DType::kFloat) return {};
    if (dtype == DType::kUndefined) return "the type of \"" + graph_.value(id).name + "\" is not known";
    return "it works on " + std::string(dtype_name(dtype)) + ", not on float32";
  }

  std::string check_outputs(const Node& node) const {
    if (node.output(0) == kNoValue) return "it has no output";
    for (ValueId id : node.outputs) {
      if (id == kNoValue) continue;
      // A second output of another type (MaxPool's indices) is in the way only when somebody wants it.
      if (id != node.output(0) && uses_.uses(id).empty()) continue;
      if (std::string why = not_float(id); !why.empty()) return why;
    }
    return {};
  }

  NodePlan clamp(const Node& node) const {
    if (graph_.value(node.input(0)).is_constant()) return stay("its input is a constant");
    if (std::string why = check_outputs(node); !why.empty()) return stay(std::move(why));
    return {NodeRole::kClamp, nullptr, {}};
  }

  bool has_constant_weight(const Node& node, const QuantRule& rule) const {
    const ValueId w = node.input(static_cast<size_t>(rule.weight_input));
    return w == kNoValue || graph_.value(w).is_constant();
  }

  NodePlan weighted(const Node& node, const QuantRule& rule) const {
    const ValueId x = node.input(0), w = node.input(static_cast<size_t>(rule.weight_input));
    if (x == kNoValue || w == kNoValue) return stay("an input is missing");
    const ValueId b = rule.bias_input < 0 ? kNoValue : node.input(static_cast<size_t>(rule.bias_input));
    if (!graph_.value(w).is_constant()) return stay("its weight \"" + graph_.value(w).name + "\" is not a constant");
    if (graph_.value(x).is_constant()) return stay("its input is a constant");
    for (ValueId id : {x, w}) {
      if (std::string why = not_float(id); !why.empty()) return stay(std::move(why));
    }
    if (std::string why = check_outputs(node); !why.empty()) return stay(std::move(why));
    const Tensor& weight = graph_.value(w).constant;
    if (weight.rank() < 2 || weight.size() == 0) return stay("its weight is not a matrix");
    if (!all_finite(weight)) return stay("its weight holds NaN or infinity");
    if (b != kNoValue) {
      if (std::string why =
              check_bias(graph_.value(b), weight.dims()[static_cast<size_t>(weight_axis(rule, node, weight))],
                         node.int_attr("group", 1));
          !why.empty()) {
        return stay(std::move(why));
      }
    }
    return {NodeRole::kWeighted, nullptr, {}};
  }

  // A bias is one number per output channel, perhaps with leading ones, or one number for all.
  static std::string check_bias(const Value& bias, int64_t channels, int64_t groups) {
    if (!bias.is_constant()) return "its bias \"" + bias.name + "\" is not a constant";
    if (bias.constant.dtype() != DType::kFloat) return "its bias is not float32";
    const Dims& dims = bias.constant.dims();
    const int64_t size = bias.constant.size(), last = dims.empty() ? 1 : dims.back();
    // ConvTranspose's weight axis counts the channels of one group.
    const bool per_channel = size == last && (size == channels || size == channels * groups);
    if (!per_channel && size != 1) return "its bias is not one number per channel";
    if (!all_finite(bias.constant)) return "its bias holds NaN or infinity";
    return {};
  }

  NodePlan elementwise(const Node& node) const {
    bool any_activation = false;
    for (ValueId id : node.inputs) {
      if (id == kNoValue) continue;
      if (std::string why = not_float(id); !why.empty()) return stay(std::move(why));
      const Value& value = graph_.value(id);
      if (!value.is_constant()) {
        any_activation = true;
      } else if (value.constant.size() == 0 || !all_finite(value.constant)) {
        return stay("its constant \"" + value.name + "\" is empty or holds NaN or infinity");
      }
    }
    if (!any_activation) return stay("its inputs are constants");
    if (std::string why = check_outputs(node); !why.empty()) return stay(std::move(why));
    return {NodeRole::kElementwise, nullptr, {}};
  }

  NodePlan concat(const Node& node) const {
    NodePlan plan = elementwise(node);
    if (plan.role == NodeRole::kElementwise) plan.role = NodeRole::kMover;
    return plan;
  }

  NodePlan mover(const Node& node) const {
    const ValueId x = node.input(0);
    if (x == kNoValue) return stay("it has no input");
    if (graph_.value(x).is_constant()) return stay("its input is a constant");
    if (std::string why = not_float(x); !why.empty()) return stay(std::move(why));
    if (std::string why = check_outputs(node); !why.empty()) return stay(std::move(why));
    return {NodeRole::kMover, nullptr, {}};
  }

  // Steps of 1/255 would make close scores equal, and the last operator saves next to nothing.
  NodePlan fixed_output(const Node& node) const {
    if (!asked_for(node) && only_feeds_outputs(node.output(0), kMaxChain)) {
      return stay("it makes the model's output: as integers, close scores would become equal");
    }
    return elementwise(node);
  }

  bool only_feeds_outputs(ValueId id, int chain) const {
    if (id == kNoValue || chain == 0) return false;
    const auto& uses = uses_.uses(id);
    return !uses.empty() && std::all_of(uses.begin(), uses.end(), [&](const Use& use) {
      if (use.node < 0) return true;
      const Node& node = graph_.nodes[static_cast<size_t>(use.node)];
      const OpDef* op = find_op(node.domain, node.op_type, model_.opset(node.domain));
      return op != nullptr && op->quant.kind == QuantKind::kPassThrough &&
             only_feeds_outputs(node.output(0), chain - 1);
    });
  }

  bool touches_quantized(const Node& node) const {
    for (ValueId id : node.inputs) {
      if (id == kNoValue || uses_.producer(id) < 0) continue;
      if (graph_.nodes[static_cast<size_t>(uses_.producer(id))].op_type == "DequantizeLinear") return true;
    }
    for (ValueId id : node.outputs) {
      if (id == kNoValue) continue;
      for (const Use& use : uses_.uses(id)) {
        if (use.node >= 0 && graph_.nodes[static_cast<size_t>(use.node)].op_type == "QuantizeLinear") return true;
      }
    }
    return false;
  }

  const Model& model_;
  const Graph& graph_;
  const UseMap& uses_;
  const QuantizeOptions& options_;
};

}  // namespace

int64_t weight_axis(const QuantRule& rule, const Node& node, const Tensor& weight) {
  const int64_t axis = rule.channel_axis != nullptr ? rule.channel_axis(node) : rule.weight_channel_axis;
  const auto normalized = normalize_axis(axis, weight.rank());
  HT_CHECK(normalized.has_value());
  return *normalized;
}

std::vector<NodePlan> classify_nodes(const Model& model, const UseMap& uses, const QuantizeOptions& options) {
  const Classifier classifier(model, uses, options);
  std::vector<NodePlan> plans;
  plans.reserve(model.graph.nodes.size());
  for (const Node& node : model.graph.nodes) plans.push_back(classifier.classify(node));
  return plans;
}

}  // namespace halftone
