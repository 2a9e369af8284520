// The report of quantize_static: numbers a page can draw, reasons a person can read.
#include "core/passes/quantize/report.h"

#include <set>

namespace halftone {
namespace {

Json warning(std::string message, std::string where, std::string hint) {
  return Json(Json::Object{{"message", std::move(message)}, {"where", std::move(where)}, {"hint", std::move(hint)}});
}

// Tensors with the same number in `group` share their parameters. What a folded activation read is gone.
Json tensors(const Graph& graph, const QuantPlan& plan, const QuantDecisions& decisions) {
  std::set<ValueId> gone;
  for (size_t i = 0; i < plan.activations.size(); ++i) {
    if (decisions.redundant[i]) gone.insert(plan.activations[i].input);
  }
  Json list = Json::array();
  for (size_t g = 0; g < plan.groups.size(); ++g) {
    const QuantParams& params = decisions.groups[g].params;
    for (ValueId id : plan.groups[g].members) {
      if (gone.count(id) > 0) continue;
      list.push(Json(Json::Object{{"name", graph.value(id).name},
                                  {"group", static_cast<int64_t>(g)},
                                  {"type", dtype_name(params.dtype)},
                                  {"low", decisions.groups[g].range.low},
                                  {"high", decisions.groups[g].range.high},
                                  {"scale", params.scale[0]},
                                  {"zero_point", params.zero_point[0]}}));
    }
  }
  return list;
}

Json weights(const InsertOutcome& outcome) {
  Json list = Json::array();
  for (const StoredWeight& weight : outcome.weights) {
    list.push(Json(Json::Object{{"name", weight.name},
                                {"node", weight.node},
                                {"elements", weight.elements},
                                {"axis", weight.axis},
                                {"scales", weight.scales},
                                {"scale_low", weight.scale_low},
                                {"scale_high", weight.scale_high}}));
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

Json warnings(const Graph& graph, const QuantPlan& plan, const QuantDecisions& decisions, const InsertOutcome& outcome,
              const std::vector<SeenTensor>& seen) {
  Json list = Json::array();
  for (const SeenTensor& tensor : seen) {
    if (tensor.seen.non_finite() == 0) continue;
    list.push(warning(
        std::to_string(tensor.seen.non_finite()) + " values of this tensor were NaN or infinite and were left out",
        tensor.name, "Check the calibration data and its preprocessing."));
  }
  for (size_t g = 0; g < plan.groups.size(); ++g) {
    if (plan.groups[g].members.empty()) continue;
    const GroupDecision& measured = decisions.groups[g];
    if (plan.groups[g].given) continue;
    const std::string& name = graph.value(plan.groups[g].members.front()).name;
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
                     const InsertOutcome& outcome, const std::vector<SeenTensor>& seen, int64_t calibration) {
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
                           {"tensors", tensors(graph, plan, decisions)},
                           {"weights", weights(outcome)},
                           {"nodes", nodes(graph, plan)},
                           {"removed_activations", std::move(removed)},
                           {"simplified", std::move(simplified)},
                           {"warnings", warnings(graph, plan, decisions, outcome, seen)}});
}

}  // namespace halftone
