// Entries of weights and nodes as JSON.
#include "core/passes/quantize/weight_report.h"

#include <algorithm>
#include <cmath>

#include "core/base/sort_order.h"
#include "core/passes/quantize/diagnose.h"
#include "core/passes/quantize/selection.h"
#include "core/passes/quantize/warning.h"

namespace halftone {

void WeightReport::restart(const Graph& graph) {
  names_.clear();
  for (const Node& node : graph.nodes) names_.push_back({node_label(graph, node), node.op_type});
  states_.assign(names_.size(), {});
}

void WeightReport::warn(std::string_view message, std::string_view where, std::string_view hint) {
  warnings_.push(warning(message, where, hint));
}

void WeightReport::weight(const WeightRecord& w) {
  bytes_before_ += w.bytes_before;
  bytes_after_ += w.bytes_after;
  const double per_weight =
      w.elements > 0 ? 8.0 * static_cast<double>(w.bytes_after) / static_cast<double>(w.elements) : 0.0;
  Json entry = w.facts.low.empty() ? Json::object() : weight_facts(w.facts);
  const std::pair<const char*, const std::string*> texts[] = {
      {"name", &w.name}, {"node", &w.nodes}, {"method", &w.method}, {"form", &w.form}};
  for (const auto& [key, text] : texts) entry.set(key, *text);
  const std::pair<const char*, double> numbers[] = {{"elements", w.elements},
                                                    {"bits", w.bits},
                                                    {"bits_per_weight", per_weight},
                                                    {"bytes_before", w.bytes_before},
                                                    {"bytes_after", w.bytes_after},
                                                    {"sqnr_db", w.facts.sqnr_db}};
  for (const auto& [key, number] : numbers) entry.set(key, number);
  weights_.push(std::move(entry));
}

Json WeightReport::json(std::string_view pass) const {
  int64_t changed = 0;
  Json nodes = Json::array(), warnings = warnings_;
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
  const bool none_named = reasons.empty() || (reasons.size() == 1 && reasons.begin()->first == kNotSelected);
  if (weights_.as_array().empty() && !(may_be_idle_ && none_named)) {
    warnings.push(warning("This step changed nothing", pass,
                          reasons.empty() ? "The model has no weights of the kind that it changes."
                                          : with_commonest("Nodes stay as they are because:", reasons)));
  }
  return Json(Json::Object{{"counts", Json(Json::Object{{"quantized_nodes", changed},
                                                        {"float_nodes", static_cast<int64_t>(names_.size()) - changed},
                                                        {"weights", static_cast<int64_t>(weights_.as_array().size())},
                                                        {"weight_bytes_before", bytes_before_},
                                                        {"weight_bytes_after", bytes_after_}})},
                           {"weights", weights_},
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

WeightFacts facts_by_row(std::span<const float> before, std::span<const float> now, int64_t elements) {
  const auto decibel = [](double of, double to) { return to == 0 ? INFINITY : 10 * std::log10(of / to); };
  WeightFacts facts;
  double all = 0, lost = 0;
  for (size_t i = 0; i < before.size();) {
    double signal = 0, noise = 0;
    float low = 0, high = 0;
    for (const size_t end = i + static_cast<size_t>(elements); i < end; ++i) {
      const double v = before[i], e = v - now[i];
      signal += v * v;
      noise += e * e;
      low = std::min(low, before[i]);
      high = std::max(high, before[i]);
    }
    facts.low.push_back(low);
    facts.high.push_back(high);
    facts.channel_sqnr_db.push_back(static_cast<float>(decibel(signal, noise)));
    all += signal;
    lost += noise;
  }
  facts.sqnr_db = decibel(all, lost);
  return facts;
}

}  // namespace halftone
