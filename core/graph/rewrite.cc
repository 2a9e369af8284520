// Running rewrite rules to a fixed point.
#include "core/graph/rewrite.h"

#include <optional>

namespace halftone {
namespace {

// One rule over all nodes; the UseMap is built again only after something changed.
int64_t sweep(Graph& graph, int64_t opset, const RewriteRule& rule, size_t model_outputs) {
  int64_t applications = 0;
  std::optional<UseMap> uses;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (graph.nodes[n].removed) continue;
    if (!uses) uses.emplace(graph);
    RewriteContext context{graph, *uses, opset, static_cast<int32_t>(n), model_outputs};
    if (rule.apply(context)) {
      ++applications;
      uses.reset();
    }
  }
  return applications;
}

}  // namespace

Result<std::vector<RewriteStats>> apply_rules(Graph& graph, int64_t opset, std::span<const RewriteRule* const> rules,
                                              int max_sweeps, size_t model_outputs) {
  std::vector<RewriteStats> stats;
  for (const RewriteRule* rule : rules) stats.push_back({rule->name, 0});
  for (int i = 0; i < max_sweeps; ++i) {
    int64_t applied = 0;
    for (size_t r = 0; r < rules.size(); ++r) {
      const int64_t now = sweep(graph, opset, *rules[r], model_outputs);
      stats[r].applications += now;
      applied += now;
    }
    if (applied == 0) break;
    HT_TRY(sort_topologically(graph));
  }
  compact(graph);
  HT_TRY(sort_topologically(graph));
  return stats;
}

}  // namespace halftone
