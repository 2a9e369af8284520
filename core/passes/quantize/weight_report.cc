// Entries of weights and nodes as JSON.
#include "core/passes/quantize/weight_report.h"

#include <algorithm>

#include "core/base/sort_order.h"
#include "core/passes/quantize/warning.h"
#include "core/stats/distortion.h"

namespace halftone {

WeightReport::WeightReport(const Graph& graph) {
  for (const Node& node : graph.nodes) names_.push_back({node_label(graph, node), node.op_type});
  states_.resize(names_.size());
}

void WeightReport::warn(std::string message, std::string where, std::string hint) {
  warnings_.push(warning(message, where, hint));
}

Json WeightReport::json(std::string_view pass) const {
  int64_t before = 0, after = 0, changed = 0;
  Json weights = Json::array(), nodes = Json::array(), warnings = warnings_;
  for (const WeightRecord& w : weights_) {
    before += w.bytes_before;
    after += w.bytes_after;
    const double per_weight =
        w.elements > 0 ? 8.0 * static_cast<double>(w.bytes_after) / static_cast<double>(w.elements) : 0.0;
    weights.push(Json(Json::Object{{"name", w.name},
                                   {"node", w.nodes},
                                   {"method", w.method},
                                   {"form", w.form},
                                   {"elements", w.elements},
                                   {"bits", w.bits},
                                   {"bits_per_weight", per_weight},
                                   {"bytes_before", w.bytes_before},
                                   {"bytes_after", w.bytes_after},
                                   {"sqnr_db", w.sqnr_db}}));
  }
  std::map<std::string, int64_t> reasons;
  for (size_t n = 0; n < states_.size(); ++n) {
    if (!states_[n].listed) continue;
    const std::string& reason = states_[n].reason;
    const NodeName& name = names_[n];
    Json::Object entry{{"name", name.name}, {"op", name.op}, {"quantized", reason.empty()}};
    if (!reason.empty()) entry.emplace_back("reason", reason);
    nodes.push(Json(std::move(entry)));
    changed += reason.empty() ? 1 : 0;
    if (!reason.empty()) ++reasons[reason];
  }
  if (weights_.empty()) {
    warnings.push(warning("This step changed nothing", pass,
                          reasons.empty() ? "The model has no weights of the kind that it changes."
                                          : with_commonest("Nodes stay as they are because:", reasons)));
  }
  return Json(Json::Object{{"counts", Json(Json::Object{{"quantized_nodes", changed},
                                                        {"float_nodes", static_cast<int64_t>(names_.size()) - changed},
                                                        {"weights", static_cast<int64_t>(weights_.size())},
                                                        {"weight_bytes_before", before},
                                                        {"weight_bytes_after", after}})},
                           {"weights", std::move(weights)},
                           {"nodes", std::move(nodes)},
                           {"warnings", std::move(warnings)}});
}

std::string with_commonest(std::string text, const std::map<std::string, int64_t>& reasons) {
  std::vector<const std::pair<const std::string, int64_t>*> all;
  for (const auto& reason : reasons) all.push_back(&reason);
  const auto commoner = [&](int64_t a, int64_t b) {
    return all[static_cast<size_t>(a)]->second > all[static_cast<size_t>(b)]->second;
  };
  const std::vector<int64_t> order = sorted_order(static_cast<int64_t>(all.size()), commoner);
  for (size_t i = 0; i < std::min<size_t>(3, order.size()); ++i) {
    const auto& [reason, count] = *all[static_cast<size_t>(order[i])];
    text += (i ? "; " : " ") + reason + " (" + std::to_string(count) + ")";
  }
  return text;
}

double weight_sqnr(std::span<const float> before, std::span<const float> now) {
  return distortion(before, now).sqnr_db;
}

}  // namespace halftone
