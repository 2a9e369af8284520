// Roles of nodes in their neighbourhood, and groups of tensors by union-find.
#include "core/passes/quantize/plan.h"

#include <algorithm>
#include <numeric>

#include "core/compile/rewrites/clip_range.h"
#include "core/graph/edit.h"
#include "core/passes/quantize/classify.h"

namespace halftone {
namespace {

bool is_compute(NodeRole role) { return role == NodeRole::kWeighted || role == NodeRole::kElementwise; }

// Sets of values that share parameters.
class Sets {
 public:
  explicit Sets(size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0); }
  ValueId find(ValueId id) {
    while (parent_[static_cast<size_t>(id)] != id) {
      ValueId& up = parent_[static_cast<size_t>(id)];
      up = parent_[static_cast<size_t>(up)];
      id = up;
    }
    return id;
  }
  // The smaller id leads, so that the outcome does not depend on the order of unions.
  void join(ValueId a, ValueId b) {
    a = find(a);
    b = find(b);
    parent_[static_cast<size_t>(std::max(a, b))] = std::min(a, b);
  }

 private:
  std::vector<ValueId> parent_;
};

class Planner {
 public:
  Planner(const Model& model, const QuantizeOptions& options)
      : graph_(model.graph),
        options_(options),
        uses_(graph_),
        sets_(graph_.values.size()),
        active_(graph_.values.size(), false) {
    plan_.nodes = classify_nodes(model, uses_, options);
  }

  QuantPlan run() {
    if (options_.skip_islands) turn_down_islands();
    attach_activations();
    join_shared();
    activate();
    turn_down_idle();
    make_groups();
    return std::move(plan_);
  }

 private:
  const NodePlan& role_of(size_t n) const { return plan_.nodes[n]; }

  // The node's tensors that would have parameters, constants left out.
  std::vector<ValueId> tensors(size_t n) const {
    const Node& node = graph_.nodes[n];
    std::vector<ValueId> list;
    const bool all_inputs = role_of(n).role == NodeRole::kElementwise ||
                            (role_of(n).role == NodeRole::kMover && role_of(n).rule->share_inputs);
    for (size_t i = 0; i < node.inputs.size() && (all_inputs || i == 0); ++i) add_float(list, node.inputs[i]);
    for (ValueId id : node.outputs) {
      if (id == node.output(0) || (id != kNoValue && !uses_.uses(id).empty())) add_float(list, id);
    }
    return list;
  }

  void add_float(std::vector<ValueId>& list, ValueId id) const {
    if (id == kNoValue || graph_.value(id).is_constant() || graph_.value(id).dtype != DType::kFloat) return;
    list.push_back(id);
  }

  // A product of integers is what quantization is for.
  bool is_product(size_t n) const {
    const NodePlan& plan = role_of(n);
    return plan.role == NodeRole::kWeighted ||
           (plan.role == NodeRole::kElementwise && plan.rule->kind == QuantKind::kWeighted);
  }

  // Elementwise nodes from which no product is reached over quantized nodes stay float.
  void turn_down_islands() {
    std::vector<bool> useful(graph_.nodes.size(), false);
    for (size_t n = graph_.nodes.size(); n-- > 0;) {
      for (ValueId id : graph_.nodes[n].outputs) {
        for (const Use& use : id == kNoValue ? std::span<const Use>() : uses_.uses(id)) {
          if (use.node < 0) continue;
          const auto reader = static_cast<size_t>(use.node);
          if (is_product(reader) || (plan_.quantized(reader) && useful[reader])) useful[n] = true;
        }
      }
      if (role_of(n).role != NodeRole::kElementwise || is_product(n) || useful[n]) continue;
      plan_.nodes[n] = {NodeRole::kFloat, nullptr, "no integer product reads its result"};
    }
  }

  void attach_activations() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (role_of(n).role != NodeRole::kClamp) continue;
      const Node& node = graph_.nodes[n];
      const ValueId input = node.input(0);
      const int32_t before = uses_.producer(input);
      if (before < 0 || !uses_.single_use(input) || !is_compute(role_of(static_cast<size_t>(before)).role)) {
        if (!selected(graph_, node, options_)) plan_.nodes[n] = {NodeRole::kFloat, nullptr, std::string(kNotSelected)};
        continue;
      }
      const ClipRange bounds = *clip_range(graph_, node);
      plan_.nodes[n].role = NodeRole::kActivation;
      plan_.activations.push_back({static_cast<int32_t>(n), before, input, node.output(0), bounds.lo, bounds.hi});
    }
  }

  void join_shared() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const NodeRole role = role_of(n).role;
      if (role != NodeRole::kMover && role != NodeRole::kActivation) continue;
      const std::vector<ValueId> list = tensors(n);
      for (ValueId id : list) sets_.join(list.front(), id);
    }
  }

  bool is_active(ValueId id) { return active_[static_cast<size_t>(sets_.find(id))]; }
  void set_active(ValueId id) { active_[static_cast<size_t>(sets_.find(id))] = true; }

  // Compute nodes give their tensors parameters; a free clamp passes that on from its input to its output, which
  // may set movers behind it going. Nodes are in order, but a group may reach backwards: repeat until it settles.
  void activate() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!is_compute(role_of(n).role)) continue;
      for (ValueId id : tensors(n)) set_active(id);
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t n = 0; n < graph_.nodes.size(); ++n) {
        if (role_of(n).role != NodeRole::kClamp) continue;
        const Node& node = graph_.nodes[n];
        if (!is_active(node.input(0)) || is_active(node.output(0))) continue;
        set_active(node.output(0));
        changed = true;
      }
    }
  }

  void turn_down_idle() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const NodeRole role = role_of(n).role;
      if (role != NodeRole::kMover && role != NodeRole::kClamp) continue;
      // All of a mover's tensors are one group; a clamp follows its input.
      if (is_active(role == NodeRole::kMover ? graph_.nodes[n].output(0) : graph_.nodes[n].input(0))) continue;
      plan_.nodes[n] = {NodeRole::kFloat, nullptr, "nothing next to it is quantized"};
    }
  }

  int32_t group_for(ValueId id) {
    const auto root = static_cast<size_t>(sets_.find(id));
    if (root_group_[root] < 0) {
      root_group_[root] = static_cast<int32_t>(plan_.groups.size());
      plan_.groups.emplace_back();
    }
    return root_group_[root];
  }

  void make_groups() {
    root_group_.assign(graph_.values.size(), -1);
    plan_.group_of.assign(graph_.values.size(), -1);
    derived_.assign(graph_.values.size(), false);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (plan_.quantized(n)) mark_derived(n);
    }
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!plan_.quantized(n)) continue;
      for (ValueId id : tensors(n)) {
        if (plan_.group_of[static_cast<size_t>(id)] >= 0) continue;
        const int32_t g = group_for(id);
        plan_.group_of[static_cast<size_t>(id)] = g;
        plan_.groups[static_cast<size_t>(g)].members.push_back(id);
        if (!derived_[static_cast<size_t>(id)]) plan_.groups[static_cast<size_t>(g)].observed.push_back(id);
      }
      if (role_of(n).role == NodeRole::kElementwise && role_of(n).rule->kind == QuantKind::kFixedOutput) {
        const int32_t g = plan_.group(graph_.nodes[n].output(0));
        const Range known{role_of(n).rule->fixed_low, role_of(n).rule->fixed_high};
        std::optional<Range>& fixed = plan_.groups[static_cast<size_t>(g)].fixed;
        fixed = fixed ? Range{std::min(fixed->low, known.low), std::max(fixed->high, known.high)} : known;
      }
    }
    for (TensorGroup& group : plan_.groups) choose_scheme(group);
  }

  void choose_scheme(TensorGroup& group) const {
    std::vector<std::string> names;
    for (ValueId id : group.members) {
      names.push_back(graph_.value(id).name);
      const int32_t maker = uses_.producer(id);
      if (maker >= 0) names.push_back(node_label(graph_, graph_.nodes[static_cast<size_t>(maker)]));
    }
    const ActivationScheme scheme = activation_scheme(options_.activation, options_.overrides, names);
    group.grid = make_grid(scheme.grid);
    group.observer = scheme.observer;
    group.given = given_range(options_.overrides, names);
  }

  // Tensors whose values another member of their group shows already: no need to watch them.
  void mark_derived(size_t n) {
    const Node& node = graph_.nodes[n];
    const NodePlan& plan = role_of(n);
    const auto mark = [&](ValueId id) {
      if (id != kNoValue) derived_[static_cast<size_t>(id)] = true;
    };
    if (plan.role == NodeRole::kActivation) mark(node.input(0));
    if (plan.role == NodeRole::kElementwise && plan.rule->kind == QuantKind::kFixedOutput) mark(node.output(0));
    if (plan.role != NodeRole::kMover) return;
    if (plan.rule->share_inputs) {
      for (ValueId id : node.inputs) mark(id);
    } else if (node.op_type != "Pad") {  // a Pad adds a value of its own
      for (ValueId id : node.outputs) mark(id);
    }
  }

  const Graph& graph_;
  const QuantizeOptions& options_;
  const UseMap uses_;
  Sets sets_;
  std::vector<bool> active_;  // by set leader
  std::vector<int32_t> root_group_;
  std::vector<bool> derived_;
  QuantPlan plan_;
};

}  // namespace

bool wants_data(const TensorGroup& group) { return !group.given && !group.predicted && !group.observed.empty(); }

QuantPlan plan_quantization(const Model& model, const QuantizeOptions& options) {
  return Planner(model, options).run();
}

}  // namespace halftone
