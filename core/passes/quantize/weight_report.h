// The report of passes that store weights in another way: one entry per weight (what it was, what it is, how far it
// is from what it was), one per node that stayed as it was with the reason, and a warning where nothing changed at all.
// {"counts": {...}, "weights": [{name, node, method, form, elements, bits, bits_per_weight, bytes_before, bytes_after,
// sqnr_db, sqnr?, dead?, channels?}], "nodes": [{name, op, quantized, reason?}], "warnings": [{message, where, hint}]}
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/graph/graph.h"
#include "core/passes/quantize/weights.h"

namespace halftone {

struct WeightRecord {
  std::string name, nodes;   // the weight; the labels of the nodes that read it
  std::string method, form;  // how its numbers were chosen, what stands in the file
  int64_t elements = 0, bits = 0, bytes_before = 0, bytes_after = 0;
  WeightFacts facts = {};
};

class WeightReport {
 public:
  // Nodes of `graph` (before the pass): all start as neither.
  explicit WeightReport(const Graph& graph) { restart(graph); }
  void restart(const Graph& graph);
  void quantized(size_t node) { states_[node] = {true, {}}; }
  void skipped(size_t node, std::string reason) { states_[node] = {true, std::move(reason)}; }
  void weight(const WeightRecord& record);
  void warn(std::string_view message, std::string_view where, std::string_view hint);
  // A recipe that names operators serves models without them too: that nothing changes then is no warning.
  void may_be_idle() { may_be_idle_ = true; }
  // `pass`: where the warning points when no weight changed.
  Json json(std::string_view pass) const;

 private:
  struct NodeState {
    bool listed = false;
    std::string reason;  // empty: quantized
  };
  struct NodeName {
    std::string name, op;
  };
  std::vector<NodeName> names_;
  std::vector<NodeState> states_;  // by node
  Json weights_ = Json::array();
  int64_t bytes_before_ = 0, bytes_after_ = 0;
  Json warnings_ = Json::array();
  bool may_be_idle_ = false;
};

// `text`, then "; "-joined reasons with how many gave each, the commonest three first.
std::string with_commonest(std::string text, const std::map<std::string, int64_t>& reasons);

// What became of each channel of a weight: `elements` neighbours are one.
WeightFacts facts_by_row(std::span<const float> before, std::span<const float> now, int64_t elements);

}  // namespace halftone
