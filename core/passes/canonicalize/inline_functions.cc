// Inlining of model-local functions; the contract is in inline_functions.h.
#include "core/passes/canonicalize/inline_functions.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "core/graph/edit.h"
#include "core/passes/canonicalize/raise_opset.h"

namespace halftone {
namespace {

// Functions that call functions can multiply: a file of a few hundred bytes must not fill the memory.
constexpr size_t kMaxNodes = 100'000;
constexpr size_t kMaxNameBytes = size_t{64} << 20;
constexpr int kMaxCallDepth = 64;

using Names = std::map<std::string, std::string, std::less<>>;

// Calls visit(GraphPtr&) for every subgraph of the node.
template <typename Visit>
void for_each_subgraph(Node& node, Visit&& visit) {
  for (auto& [key, attribute] : node.attributes) {
    if (auto* one = std::get_if<GraphPtr>(&attribute.value)) visit(*one);
    if (auto* many = std::get_if<std::vector<GraphPtr>>(&attribute.value)) {
      for (GraphPtr& graph : *many) visit(graph);
    }
  }
}

// Attributes that stand for one of the function's get the call's value, or the default, or go.
void bind_attributes(Node& node, const Node& call, const Attributes& defaults) {
  for (auto at = node.attributes.begin(); at != node.attributes.end();) {
    const std::string ref = at->second.ref_name;
    const auto given = call.attributes.find(ref), fallback = defaults.find(ref);
    if (ref.empty()) {
      ++at;
    } else if (given != call.attributes.end()) {
      (at++)->second = given->second;
    } else if (fallback != defaults.end()) {
      (at++)->second = fallback->second;
    } else {
      at = node.attributes.erase(at);
    }
  }
}

// A copy of a subgraph of the body, its attributes bound, its captures renamed as `outer` says, its own values
// prefixed.
GraphPtr bind_subgraph(const Graph& graph, const Node& call, const Attributes& defaults, const std::string& prefix,
                       Names outer) {
  auto copy = std::make_shared<Graph>(graph);
  for (Value& value : copy->values) {
    const auto known = outer.find(value.name);
    if (value.from_outer_scope && known != outer.end()) {
      value.name = known->second;
    } else if (!value.from_outer_scope) {
      const std::string fresh = prefix + value.name;
      outer[value.name] = fresh;
      value.name = fresh;
    }
  }
  for (Node& node : copy->nodes) {
    // Before the attributes: a graph that the call hands in speaks of the caller's names already.
    for_each_subgraph(node, [&](GraphPtr& inner) { inner = bind_subgraph(*inner, call, defaults, prefix, outer); });
    bind_attributes(node, call, defaults);
  }
  return copy;
}

// The names of one graph, so that a new one is found without looking at all values for each.
class Taken {
 public:
  explicit Taken(const Graph& graph) {
    for (const Value& value : graph.values) names_.insert(value.name);
    for (const Node& node : graph.nodes) names_.insert(node.name);
  }
  std::string unique(const std::string& base) {
    std::string name = base;
    for (int i = 1; !names_.insert(name).second; ++i) name = base + "_" + std::to_string(i);
    return name;
  }

 private:
  std::unordered_set<std::string> names_;
};

std::string key_of(std::string_view domain, std::string_view name, std::string_view overload) {
  std::string key(domain);
  key.append(1, '\0').append(name).append(1, '\0').append(overload);
  return key;
}

class Inliner {
 public:
  explicit Inliner(const std::vector<Function>& functions) {
    for (const Function& f : functions) functions_.emplace(key_of(f.domain, f.name, f.overload), &f);
  }

  // Replaces every call in the graph and its subgraphs.
  Status run(Graph& graph, int depth = 0) {
    Taken taken(graph);
    const size_t count = graph.nodes.size();
    for (size_t i = 0; i < count; ++i) {
      if (const Function* function = find(graph.nodes[i])) {
        HT_TRY(replace(graph, i, *function, taken, depth));
      } else {
        HT_TRY(run_subgraphs(graph.nodes[i], depth));
      }
    }
    std::erase_if(graph.nodes, [](const Node& node) { return node.removed; });
    return sort_topologically(graph);
  }

 private:
  const Function* find(const Node& node) const {
    const auto at = functions_.find(key_of(node.domain, node.op_type, node.overload));
    return at == functions_.end() ? nullptr : at->second;
  }

  Status run_subgraphs(Node& node, int depth) {
    Status status;
    for_each_subgraph(node, [&](GraphPtr& shared) {
      if (!status.ok()) return;
      auto copy = std::make_shared<Graph>(*shared);
      status = run(*copy, depth);
      shared = std::move(copy);
    });
    return status;
  }

  Error bad(const Graph& graph, const Node& call, std::string why) const {
    return {ErrorCode::kInvalidModel, "The function " + call.domain + "::" + call.op_type + " " + std::move(why),
            node_label(graph, call), "Export the model again, without local functions if that is possible."};
  }

  Status check_call(const Graph& graph, const Node& call, const Function& function, const std::string& prefix,
                    int depth);
  Status replace(Graph& graph, size_t index, const Function& function, Taken& taken, int depth);

  std::unordered_map<std::string, const Function*> functions_;
  size_t nodes_ = 0, name_bytes_ = 0;
};

// The body's values in `graph`: arguments and results are the call's, all others new ones.
std::vector<ValueId> map_values(Graph& graph, const Node& call, const Graph& body, const std::string& prefix,
                                Taken& taken) {
  std::vector<ValueId> map(body.values.size(), kNoValue);
  std::vector<bool> known(body.values.size(), false);
  auto put = [&](ValueId from, ValueId to) {
    map[static_cast<size_t>(from)] = to;
    known[static_cast<size_t>(from)] = true;
  };
  for (size_t i = 0; i < body.inputs.size(); ++i) put(body.inputs[i], call.input(i));
  for (size_t i = 0; i < body.outputs.size(); ++i) {
    const bool fresh = !known[static_cast<size_t>(body.outputs[i])];
    if (fresh && call.output(i) != kNoValue) put(body.outputs[i], call.output(i));
  }
  for (ValueId id = 0; id < static_cast<ValueId>(body.values.size()); ++id) {
    const Value& value = body.value(id);
    if (known[static_cast<size_t>(id)]) continue;
    put(id, static_cast<ValueId>(graph.values.size()));
    Value& fresh = graph.values.emplace_back();
    fresh.name = taken.unique(prefix + value.name);
    fresh.dtype = value.dtype;
    fresh.shape = value.shape;
  }
  return map;
}

Status Inliner::check_call(const Graph& graph, const Node& call, const Function& function, const std::string& prefix,
                           int depth) {
  const Graph& body = function.body;
  if (depth >= kMaxCallDepth) return bad(graph, call, "calls itself.");
  nodes_ += body.nodes.size();
  name_bytes_ += prefix.size() * (body.nodes.size() + body.values.size());
  for (const Node& node : body.nodes) name_bytes_ += node.name.size() + node.op_type.size();
  for (const Value& value : body.values) name_bytes_ += value.name.size();
  if (nodes_ > kMaxNodes || name_bytes_ > kMaxNameBytes) {
    return bad(graph, call, "makes the graph larger than " + std::to_string(kMaxNodes) + " nodes.");
  }
  if (call.inputs.size() > body.inputs.size() || call.outputs.size() > body.outputs.size()) {
    return bad(graph, call, "is called with more inputs or outputs than it has.");
  }
  return ok_status();
}

Status Inliner::replace(Graph& graph, size_t index, const Function& function, Taken& taken, int depth) {
  const Node call = graph.nodes[index];
  graph.nodes[index].removed = true;
  const Graph& body = function.body;
  const bool named = !call.name.empty() || call.output(0) == kNoValue;
  const std::string prefix = (named ? call.name : graph.value(call.output(0)).name) + "/";
  HT_TRY(check_call(graph, call, function, prefix, depth));
  const std::vector<ValueId> map = map_values(graph, call, body, prefix, taken);
  auto mapped = [&](ValueId id) { return id == kNoValue ? kNoValue : map[static_cast<size_t>(id)]; };

  Names names;
  for (ValueId id = 0; id < static_cast<ValueId>(body.values.size()); ++id) {
    if (mapped(id) != kNoValue) names[body.value(id).name] = graph.value(mapped(id)).name;
  }
  for (const Node& original : body.nodes) {
    Node node = original;
    node.name = taken.unique(prefix + (node.name.empty() ? node.op_type : node.name));
    node.doc.clear();
    for (ValueId& id : node.inputs) id = mapped(id);
    for (ValueId& id : node.outputs) id = mapped(id);
    for_each_subgraph(node, [&](GraphPtr& inner) {
      inner = bind_subgraph(*inner, call, function.attribute_defaults, prefix, names);
    });
    bind_attributes(node, call, function.attribute_defaults);
    const Function* nested = find(node);
    graph.nodes.push_back(std::move(node));
    const size_t last = graph.nodes.size() - 1;
    HT_TRY(nested ? replace(graph, last, *nested, taken, depth + 1) : run_subgraphs(graph.nodes[last], depth + 1));
  }
  for (size_t i = 0; i < body.outputs.size(); ++i) {
    const ValueId wanted = call.output(i), made = mapped(body.outputs[i]);
    if (wanted == kNoValue || wanted == made) continue;
    Node copy;  // an output that is an input, or the same value twice
    copy.op_type = "Identity";
    copy.name = taken.unique(prefix + "Identity");
    copy.inputs = {made};
    copy.outputs = {wanted};
    graph.nodes.push_back(std::move(copy));
  }
  return ok_status();
}

}  // namespace

Result<Model> inline_functions(const Model& model) {
  if (model.functions.empty()) return model;
  int64_t opset = model.opset();
  for (const Function& function : model.functions) {
    const auto import = function.opset_imports.find("");
    if (import != function.opset_imports.end()) opset = std::max(opset, import->second);
  }
  HT_ASSIGN(Model flat, raise_opset(model, opset));
  for (const Function& function : flat.functions) {
    for (const auto& [domain, version] : function.opset_imports) flat.opset_imports.emplace(domain, version);
  }
  HT_TRY(Inliner(flat.functions).run(flat.graph));
  flat.functions.clear();
  HT_TRY(verify(flat.graph, ErrorCode::kInvalidModel));
  return flat;
}

}  // namespace halftone
