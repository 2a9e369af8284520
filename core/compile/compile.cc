// compile(): copies the graph, applies the rewrites stage by stage with verification after each, and links
// what remains into steps (steps.cc).
#include <algorithm>
#include <set>

#include "core/compile/layout.h"
#include "core/compile/program.h"
#include "core/compile/resolve_constants.h"
#include "core/compile/rewrites/rules.h"
#include "core/compile/steps.h"
#include "core/ops/shape_inference.h"

namespace halftone {
namespace {

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Status check_disabled(const CompileOptions& options) {
  for (const std::string& name : options.disabled) {
    if (find_rewrite(name) != nullptr) continue;
    std::string known;
    for (const RewriteRule* rule : compile_rewrites()) known += (known.empty() ? "" : ", ") + std::string(rule->name);
    return Error{ErrorCode::kInvalidArgument, "There is no rewrite of this name.", name, "Rewrites: " + known + "."};
  }
  return ok_status();
}

// Taps hold their values in place as further graph outputs while rules run.
Status observe(Graph& graph, const CompileOptions& options) {
  std::map<std::string_view, ValueId> by_name;
  for (size_t i = 0; i < graph.values.size(); ++i) by_name.emplace(graph.values[i].name, static_cast<ValueId>(i));
  for (const std::string& name : options.keep) {
    const auto found = by_name.find(name);
    if (found == by_name.end()) {
      return Error{ErrorCode::kInvalidArgument, "The graph has no value of this name to keep.", name,
                   "Name values of the model's main graph."};
    }
    graph.outputs.push_back(found->second);
  }
  return ok_status();
}

// Runs one stage and adds what it did to `stats`.
Status run_stage(Graph& graph, int64_t opset, const RewriteStage& stage, const CompileOptions& options,
                 size_t model_outputs, std::vector<RewriteStats>& stats) {
  std::vector<const RewriteRule*> rules;
  for (const RewriteRule* rule : stage.rules) {
    if (!contains(options.disabled, rule->name)) rules.push_back(rule);
  }
  constexpr int kMaxSweeps = 64;  // chains shrink by one link a sweep at worst
  HT_ASSIGN(const auto done, apply_rules(graph, opset, rules, kMaxSweeps, model_outputs));
  for (const RewriteStats& one : done) {
    auto same = std::find_if(stats.begin(), stats.end(), [&](const RewriteStats& s) { return s.rule == one.rule; });
    if (same == stats.end()) {
      stats.push_back(one);
    } else {
      same->applications += one.applications;
    }
  }
  return verify(graph, ErrorCode::kInternal);
}

// Taps that a transpose to channels-first makes for nobody else's sake become the value before it: whoever looks at
// them can do without, and who wants a copy gets it transposed. By tap: whether it is channels-last.
std::vector<bool> before_transposes(Graph& graph, size_t model_outputs) {
  const UseMap uses(graph);
  std::vector<bool> channels_last(graph.outputs.size() - model_outputs, false);
  for (size_t i = model_outputs; i < graph.outputs.size(); ++i) {
    const ValueId id = graph.outputs[i];
    const int32_t producer = uses.producer(id);
    if (producer < 0) continue;
    const Node& node = graph.nodes[static_cast<size_t>(producer)];
    const SymShape& shape = graph.value(id).shape;
    if (!is_op(node, "Transpose") || !shape.has_rank() || shape.rank() < 3) continue;
    const bool taps_only = std::all_of(uses.uses(id).begin(), uses.uses(id).end(), [&](const Use& use) {
      return use.node < 0 && static_cast<size_t>(use.input) >= model_outputs;
    });
    if (!taps_only || node.ints_attr("perm") != to_channels_first(shape.rank())) continue;
    channels_last[i - model_outputs] = true;
    graph.outputs[i] = node.inputs[0];
    if (!graph.value(node.inputs[0]).quant) graph.value(node.inputs[0]).quant = graph.value(id).quant;
  }
  compact(graph);
  return channels_last;
}

// Names that rewrites took over, and the taps; then the taps stop being outputs.
void settle_names(Program& program, const std::map<std::string, DType, std::less<>>& types,
                  const CompileOptions& options, size_t model_outputs) {
  Graph& graph = program.graph;
  const std::vector<bool> channels_last = before_transposes(graph, model_outputs);
  const auto alias = [&](const std::string& name, ValueId id, bool last = false) {
    const Value& value = graph.value(id);
    const auto type = types.find(name);
    const bool was_float = type == types.end() || is_float(type->second);
    program.aliases.emplace(name, Alias{id, value.quant.has_value() && is_integer(value.dtype) && was_float, last});
  };
  for (size_t i = model_outputs; i < graph.outputs.size(); ++i)
    alias(options.keep[i - model_outputs], graph.outputs[i], channels_last[i - model_outputs]);
  graph.outputs.resize(model_outputs);
  for (size_t i = 0; i < graph.values.size(); ++i) {
    for (const std::string& name : graph.values[i].stands_for) alias(name, static_cast<ValueId>(i));
    for (const std::string& name : graph.values[i].stands_for_first) alias(name, static_cast<ValueId>(i), true);
  }
  for (const Value& value : graph.values) {
    const auto own = program.aliases.find(value.name);
    if (own != program.aliases.end() && &graph.value(own->second.value) != &value) program.aliases.erase(own);
  }
}

}  // namespace

int64_t Program::opset(std::string_view domain) const {
  const auto found = opset_imports.find(domain);
  return found == opset_imports.end() ? 0 : found->second;
}

Alias Program::find(std::string_view name) const {
  const auto alias = aliases.find(name);
  return alias == aliases.end() ? Alias{graph.find_value(name)} : alias->second;
}

Result<std::shared_ptr<const Program>> compile(const Model& model, const CompileOptions& options) {
  HT_TRY(check_disabled(options));
  auto program = std::make_shared<Program>();
  program->graph = model.graph;
  program->opset_imports = model.opset_imports;
  Graph& graph = program->graph;
  for (ValueId id : graph.outputs) program->output_names.push_back(graph.value(id).name);
  const size_t model_outputs = graph.outputs.size();
  HT_TRY(observe(graph, options));
  resolve_constants(graph);
  HT_TRY(sort_topologically(graph));
  compact(graph);  // rules may count on it that what they see is used
  HT_TRY(infer_shapes(graph, model));
  std::map<std::string, DType, std::less<>> types;
  for (const Value& value : graph.values) types.emplace(value.name, value.dtype);

  const int64_t opset = model.opset();
  for (const RewriteStage& stage : rewrite_stages()) {
    if (stage.integer && !options.integer) continue;
    HT_TRY(run_stage(graph, opset, stage, options, model_outputs, program->rewrites));
    HT_TRY(infer_shapes(graph, model));
  }
  settle_names(*program, types, options, model_outputs);
  HT_TRY(link_steps(*program, options));
  return std::shared_ptr<const Program>(std::move(program));
}

}  // namespace halftone
