// Where values live decides where a block may end.
#include "core/passes/reconstruct/blocks.h"

#include <algorithm>
#include <unordered_map>

#include "core/graph/edit.h"

namespace halftone {
namespace {

constexpr int64_t kLongest = 4;  // times the layers wanted: then a block ends wherever it may

class Cutter {
 public:
  Cutter(const Graph& graph, const QuantPlan& plan, int64_t layers)
      : graph_(graph), plan_(plan), layers_(layers), uses_(graph) {
    last_.assign(graph.values.size(), -1);
    for (size_t id = 0; id < graph.values.size(); ++id) {
      for (const Use& use : uses_.uses(static_cast<ValueId>(id))) {
        last_[id] = std::max(last_[id], static_cast<int64_t>(use.node));
      }
    }
    whole_.assign(graph.nodes.size(), false);
    for (const AttachedActivation& one : plan.activations) {
      for (int32_t n = one.producer; n < one.node; ++n) whole_[static_cast<size_t>(n)] = true;
    }
  }

  std::vector<Block> run() {
    std::vector<ValueId> alive;
    for (ValueId id : graph_.inputs) alive.push_back(id);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      open_.nodes.push_back(n);
      open_.layers += plan_.nodes[n].role == NodeRole::kWeighted;
      for (ValueId id : graph_.nodes[n].outputs) {
        if (id != kNoValue) alive.push_back(id);
      }
      std::erase_if(alive, [&](ValueId id) { return last(id) <= static_cast<int64_t>(n); });
      const bool enough = open_.layers >= layers_ && (alive.size() <= 1 || open_.layers >= kLongest * layers_);
      if (enough && !whole_[n]) close(n);
    }
    // What is left without a layer belongs to the last one's block.
    if (open_.layers == 0 && !open_.nodes.empty() && !blocks_.empty()) {
      Block last = std::move(blocks_.back());
      blocks_.pop_back();
      last.nodes.insert(last.nodes.end(), open_.nodes.begin(), open_.nodes.end());
      open_ = {std::move(last.nodes), {}, {}, last.layers};
    }
    if (!open_.nodes.empty()) close(graph_.nodes.size() - 1);
    return std::move(blocks_);
  }

 private:
  int64_t last(ValueId id) const { return last_[static_cast<size_t>(id)]; }

  void close(size_t end) {
    const auto first = static_cast<int32_t>(open_.nodes.front());
    std::vector<bool> known(graph_.values.size(), false);
    const auto take = [&](ValueId id) {
      if (id == kNoValue || known[static_cast<size_t>(id)] || graph_.value(id).is_constant()) return;
      known[static_cast<size_t>(id)] = true;
      if (uses_.producer(id) < first) open_.inputs.push_back(id);
    };
    for (size_t n : open_.nodes) {
      for (ValueId id : graph_.nodes[n].inputs) take(id);
      for (ValueId id : graph_.nodes[n].outputs) {
        if (id == kNoValue) continue;
        if (last(id) > static_cast<int64_t>(end) || uses_.is_graph_output(id)) open_.outputs.push_back(id);
      }
    }
    // What graphs inside of nodes read.
    for (size_t id = 0; id < graph_.values.size(); ++id) {
      for (const Use& use : uses_.uses(static_cast<ValueId>(id))) {
        if (use.input < 0 && use.node >= first && use.node <= static_cast<int32_t>(end)) take(static_cast<ValueId>(id));
      }
    }
    blocks_.push_back(std::move(open_));
    open_ = {};
  }

  const Graph& graph_;
  const QuantPlan& plan_;
  const int64_t layers_;
  const UseMap uses_;
  std::vector<int64_t> last_;  // by value: the last node that reads it
  std::vector<bool> whole_;    // by node: no block ends behind it
  Block open_;
  std::vector<Block> blocks_;
};

}  // namespace

std::vector<Block> cut_into_blocks(const Graph& graph, const QuantPlan& plan, int64_t layers) {
  return Cutter(graph, plan, layers).run();
}

Model block_model(const Model& model, const Block& block) {
  Model part = model;
  part.graph.nodes.clear();
  for (size_t n : block.nodes) part.graph.nodes.push_back(model.graph.nodes[n]);
  part.graph.inputs = block.inputs;
  part.graph.outputs = block.outputs;
  return part;
}

QuantPlan block_plan(const QuantPlan& plan, const Block& block) {
  QuantPlan part;
  part.group_of = plan.group_of;
  part.groups = plan.groups;
  std::unordered_map<int32_t, int32_t> place;
  for (size_t n : block.nodes) {
    place.emplace(static_cast<int32_t>(n), static_cast<int32_t>(part.nodes.size()));
    part.nodes.push_back(plan.nodes[n]);
  }
  for (AttachedActivation one : plan.activations) {
    const auto node = place.find(one.node), producer = place.find(one.producer);
    if (node == place.end() || producer == place.end()) continue;
    one.node = node->second;
    one.producer = producer->second;
    part.activations.push_back(one);
  }
  return part;
}

}  // namespace halftone
