// Small graphs for tests, written by name: Build().input("x").constant("w", t).node("Conv", {"x", "w"},
// {"y"}).output("y").
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "core/graph/graph.h"

namespace halftone::testing_graphs {

class Build {
 public:
  explicit Build(std::string name = "g") { graph_.name = std::move(name); }

  Build& input(const std::string& name) { return graph_.inputs.push_back(id(name)), *this; }
  Build& output(const std::string& name) { return graph_.outputs.push_back(id(name)), *this; }
  Build& constant(const std::string& name, Tensor tensor) {
    graph_.value(id(name)).constant = std::move(tensor);
    return *this;
  }
  Build& captured(const std::string& name) {
    graph_.value(id(name)).from_outer_scope = true;
    return *this;
  }
  // "" is an absent input or output. The node is called like its first output.
  Build& node(const std::string& op, std::initializer_list<std::string> in, std::initializer_list<std::string> out,
              Attributes attributes = {}) {
    Node node;
    node.op_type = op;
    node.name = out.size() > 0 ? "make_" + *out.begin() : op;
    node.attributes = std::move(attributes);
    for (const std::string& name : in) node.inputs.push_back(name.empty() ? kNoValue : id(name));
    for (const std::string& name : out) node.outputs.push_back(name.empty() ? kNoValue : id(name));
    graph_.nodes.push_back(std::move(node));
    return *this;
  }

  Graph graph() const { return graph_; }
  GraphPtr shared() const { return std::make_shared<const Graph>(graph_); }

 private:
  ValueId id(const std::string& name) {
    const ValueId found = graph_.find_value(name);
    if (found != kNoValue) return found;
    graph_.values.emplace_back().name = name;
    return static_cast<ValueId>(graph_.values.size() - 1);
  }

  Graph graph_;
};

inline Attributes body(GraphPtr graph) { return {{"body", Attribute(std::move(graph))}}; }

}  // namespace halftone::testing_graphs
