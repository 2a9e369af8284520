// Topological order (Kahn 1962): nodes leave a queue once everything they need has left it. The queue hands out the
// smallest index first, so the given order stays wherever it is valid.
#include <algorithm>
#include <functional>
#include <queue>

#include "core/graph/edit.h"

namespace halftone {
namespace {

// Calls visit(producer, consumer) for every edge between two nodes, repeated edges included.
template <typename Visit>
void for_each_edge(const Graph& graph, const UseMap& uses, Visit&& visit) {
  for (size_t v = 0; v < graph.values.size(); ++v) {
    const int32_t producer = uses.producer(static_cast<ValueId>(v));
    if (producer < 0) continue;
    for (const Use& use : uses.uses(static_cast<ValueId>(v))) {
      if (use.node >= 0) visit(static_cast<size_t>(producer), static_cast<size_t>(use.node));
    }
  }
}

// A node on a cycle: nodes that wait have a producer that waits, so going back from any must come round.
size_t node_on_cycle(const Graph& graph, const UseMap& uses, const std::vector<int32_t>& waiting) {
  std::vector<size_t> before(waiting.size(), 0);
  for_each_edge(graph, uses, [&](size_t producer, size_t consumer) {
    if (waiting[producer] > 0) before[consumer] = producer;
  });
  std::vector<char> seen(waiting.size(), 0);
  auto n = static_cast<size_t>(std::find_if(waiting.begin(), waiting.end(), [](int32_t w) { return w > 0; }) -
                               waiting.begin());
  while (!seen[n]) {
    seen[n] = 1;
    n = before[n];
  }
  return n;
}

}  // namespace

Status sort_topologically(Graph& graph) {
  const UseMap uses(graph);
  const size_t count = graph.nodes.size();
  std::vector<int32_t> waiting(count, 0);
  std::vector<std::vector<int32_t>> followers(count);
  for_each_edge(graph, uses, [&](size_t producer, size_t consumer) {
    followers[producer].push_back(static_cast<int32_t>(consumer));
    ++waiting[consumer];
  });

  std::priority_queue<int32_t, std::vector<int32_t>, std::greater<>> ready;
  for (size_t n = 0; n < count; ++n) {
    if (waiting[n] == 0) ready.push(static_cast<int32_t>(n));
  }
  std::vector<int32_t> order;
  order.reserve(count);
  while (!ready.empty()) {
    const int32_t n = ready.top();
    ready.pop();
    order.push_back(n);
    for (const int32_t f : followers[static_cast<size_t>(n)]) {
      if (--waiting[static_cast<size_t>(f)] == 0) ready.push(f);
    }
  }
  if (order.size() != count) {
    const std::string label = node_label(graph, graph.nodes[node_on_cycle(graph, uses, waiting)]);
    return Error{ErrorCode::kInvalidModel, "The graph has a cycle: node \"" + label + "\" needs its own output.", label,
                 "Export the model again; ONNX graphs must not have cycles."};
  }
  if (std::is_sorted(order.begin(), order.end())) return ok_status();
  std::vector<Node> sorted;
  sorted.reserve(count);
  for (const int32_t n : order) sorted.push_back(std::move(graph.nodes[static_cast<size_t>(n)]));
  graph.nodes = std::move(sorted);
  return ok_status();
}

}  // namespace halftone
