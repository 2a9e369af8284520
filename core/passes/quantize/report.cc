// The report of quantize_static: numbers a page can draw, reasons a person can read.
#include "core/passes/quantize/report.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/passes/quantize/diagnose.h"
#include "core/passes/quantize/warning.h"

namespace halftone {
namespace {

// Tensors with the same number in `group` share their parameters. What a folded activation read is gone.
Json tensors(const Graph& graph, const QuantPlan& plan, const QuantDecisions& decisions,
             const std::vector<SeenTensor>& seen) {
  std::map<std::string_view, const Observation*> observed;
  for (const SeenTensor& tensor : seen) observed.emplace(tensor.name, &tensor.seen);
  std::set<ValueId> gone;
  for (size_t i = 0; i < plan.activations.size(); ++i) {
    if (decisions.redundant[i]) gone.insert(plan.activations[i].input);
  }
  Json list = Json::array();
  for (size_t g = 0; g < plan.groups.size(); ++g) {
    const QuantParams& params = decisions.groups[g].params;
    for (ValueId id : plan.groups[g].members) {
      if (gone.count(id) > 0) continue;
      Json entry = Json(Json::Object{{"name", graph.value(id).name},
                                     {"group", static_cast<int64_t>(g)},
                                     {"type", dtype_name(params.dtype)},
                                     {"levels", plan.groups[g].grid.levels()},
                                     {"low", decisions.groups[g].range.low},
                                     {"high", decisions.groups[g].range.high},
                                     {"scale", params.scale[0]},
                                     {"zero_point", params.zero_point[0]}});
      const auto at = observed.find(graph.value(id).name);
      if (at != observed.end() && at->second->count() > 0) {
        const Json facts = tensor_facts(*at->second, params, plan.groups[g].grid);
        for (const Json::Member& fact : facts.as_object()) entry.set(fact.first, fact.second);
      }
      list.push(std::move(entry));
    }
  }
  return list;
}

Json weights(const InsertOutcome& outcome) {
  Json list = Json::array();
  for (const StoredWeight& weight : outcome.weights) {
    Json entry = Json(Json::Object{{"name", weight.name},
                                   {"node", weight.node},
                                   {"type", dtype_name(weight.type)},
                                   {"levels", weight.levels},
                                   {"block_size", weight.block_size},
                                   {"elements", weight.elements},
                                   {"axis", weight.axis},
                                   {"scales", weight.scales},
                                   {"scale_low", weight.scale_low},
                                   {"scale_high", weight.scale_high}});
    const Json facts = weight_facts(weight.facts);
    for (const Json::Member& fact : facts.as_object()) entry.set(fact.first, fact.second);
    list.push(std::move(entry));
  }
  return list;
}

Json nodes(const Graph& graph, const QuantPlan& plan) {
  Json list = Json::array();
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    Json::Object entry{
        {"name", node_label(graph, graph.nodes[n])}, {"op", graph.nodes[n].op_type}, {"quantized", plan.quantized(n)}};
    if (!plan.quantized(n)) entry.emplace_back("reason", plan.nodes[n].reason);
    list.push(Json(std::move(entry)));
  }
  return list;
}

Json counts(const QuantPlan& plan, const InsertOutcome& outcome, int64_t calibration) {
  int64_t quantized = 0, tensors = 0;
  for (size_t n = 0; n < plan.nodes.size(); ++n) quantized += plan.quantized(n) ? 1 : 0;
  for (const TensorGroup& group : plan.groups) tensors += static_cast<int64_t>(group.members.size());
  return Json(Json::Object{{"quantized_nodes", quantized},
                           {"float_nodes", static_cast<int64_t>(plan.nodes.size()) - quantized},
                           {"tensors", tensors},
                           {"weights", static_cast<int64_t>(outcome.weights.size())},
                           {"calibration_inputs", calibration}});
}

bool is_input(const Graph& graph, const TensorGroup& group) {
  return std::find(graph.inputs.begin(), graph.inputs.end(), group.members.front()) != graph.inputs.end();
}

// What the entries of a recipe may name.
class Named {
 public:
  Named(const Graph& graph, const QuantPlan& plan, const InsertOutcome& outcome)
      : graph_(graph), plan_(plan), outcome_(outcome) {}

  bool node(const std::string& name, bool by_operator, bool quantized) const {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (quantized && !plan_.quantized(n)) continue;
      const Node& node = graph_.nodes[n];
      if (name == (by_operator ? node.op_type : node_label(graph_, node))) return true;
    }
    return false;
  }
  bool weight(const std::string& name) const {
    for (const StoredWeight& weight : outcome_.weights) {
      if (weight.name == name || weight.node == name) return true;
    }
    return false;
  }
  // A tensor with parameters, a constant that is quantized like one, or a node that makes one.
  bool activation(const std::string& name) const {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Node& node = graph_.nodes[n];
      for (ValueId id : node.inputs) {
        if (id == kNoValue || graph_.value(id).name != name) continue;
        const bool operand = plan_.nodes[n].role == NodeRole::kElementwise && graph_.value(id).is_constant();
        if (operand || plan_.group(id) >= 0) return true;
      }
      for (ValueId id : node.outputs) {
        if (plan_.group(id) >= 0 && (graph_.value(id).name == name || node_label(graph_, node) == name)) return true;
      }
    }
    return false;
  }

 private:
  const Graph& graph_;
  const QuantPlan& plan_;
  const InsertOutcome& outcome_;
};

// Warns of what the recipe names in vain: what simplification folded into something else, or what has no integers.
void warn_of_unmatched(const Named& named, const QuantizeOptions& options, Json& list) {
  const struct {
    const char* list;
    const std::vector<std::string>& names;
    bool by_operator, quantized;
  } selections[] = {{"nodes", options.nodes, false, true},
                    {"exclude_nodes", options.exclude_nodes, false, false},
                    {"op_types", options.op_types, true, true},
                    {"exclude_op_types", options.exclude_op_types, true, false}};
  for (const auto& one : selections) {
    for (const std::string& name : one.names) {
      if (!named.node(name, one.by_operator, one.quantized)) list.push(unmatched_warning(one.list, name));
    }
  }
  for (const Override& one : options.overrides) {
    const bool weight = named.weight(one.where);
    if (one.of_weight() && !weight) list.push(unmatched_warning("overrides (weights)", one.where));
    if ((one.of_activation() || (one.range && !weight)) && !named.activation(one.where)) {
      list.push(unmatched_warning("overrides (activations)", one.where));
    }
  }
}

Json warnings(const Graph& graph, const QuantPlan& plan, const QuantDecisions& decisions, const InsertOutcome& outcome,
              const QuantizeOptions& options, const std::vector<SeenTensor>& seen) {
  Json list = Json::array();
  warn_of_unmatched({graph, plan, outcome}, options, list);
  for (const SeenTensor& tensor : seen) {
    if (tensor.seen.non_finite() == 0) continue;
    list.push(warning(
        std::to_string(tensor.seen.non_finite()) + " values of this tensor were NaN or infinite and were left out",
        tensor.name, "Check the calibration data and its preprocessing."));
  }
  for (size_t g = 0; g < plan.groups.size(); ++g) {
    if (plan.groups[g].members.empty()) continue;
    const GroupDecision& measured = decisions.groups[g];
    const std::string& name = graph.value(plan.groups[g].members.front()).name;
    if (plan.groups[g].predicted && is_input(graph, plan.groups[g])) {
      list.push(
          warning("Nothing tells this input's range: values of mean 0 and deviation 1 were assumed", name,
                  "Give it by hand: \"overrides\": [{\"where\": \"" + name + "\", \"low\": ..., \"high\": ...}]."));
    }
    if (plan.groups[g].given || plan.groups[g].predicted) continue;
    if (measured.seen.count() == 0 && !plan.groups[g].fixed) {
      list.push(warning("No value of this tensor was seen: its range is a guess", name,
                        "Calibrate with inputs that reach this part of the model."));
    } else if (measured.range.low == measured.range.high) {
      list.push(warning("Every value of this tensor was zero: its range is a guess", name,
                        "Calibrate with more varied inputs."));
    }
  }
  for (const StoredWeight& weight : outcome.weights) {
    if (weight.widened == 0) continue;
    list.push(warning(std::to_string(weight.widened) + " of " + std::to_string(weight.scales) +
                          " weight scales were widened so that the bias fits 32 bits",
                      weight.node, "Its weights are tiny beside its bias: exclude the node if accuracy suffers."));
  }
  return list;
}

}  // namespace

Json quantize_report(const PreparedModel& prepared, const QuantPlan& plan, const QuantDecisions& decisions,
                     const InsertOutcome& outcome, const QuantizeOptions& options, const std::vector<SeenTensor>& seen,
                     int64_t calibration) {
  const Graph& graph = prepared.model.graph;
  Json simplified = Json::array();
  for (const RewriteStats& stats : prepared.simplified) {
    if (stats.applications == 0) continue;
    simplified.push(Json(Json::Object{{"rule", stats.rule}, {"applications", stats.applications}}));
  }
  Json removed = Json::array();
  for (const std::string& label : outcome.removed_activations) removed.push(label);
  return Json(Json::Object{{"opset_before", prepared.opset_before},
                           {"opset_after", prepared.opset_after},
                           {"counts", counts(plan, outcome, calibration)},
                           {"tensors", tensors(graph, plan, decisions, seen)},
                           {"weights", weights(outcome)},
                           {"nodes", nodes(graph, plan)},
                           {"removed_activations", std::move(removed)},
                           {"simplified", std::move(simplified)},
                           {"warnings", warnings(graph, plan, decisions, outcome, options, seen)}});
}

}  // namespace halftone
