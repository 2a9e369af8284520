// Outputs first, by shape: what the inputs want hangs on what comes out.
#include "core/session/describe_io.h"

#include <utility>

#include "core/session/describe_values.h"

namespace halftone {

Json describe_io(const Model& model) {
  const Graph& graph = model.graph;
  const IoWalk walk(graph);
  ModelFacts facts;
  facts.producer = model.producer_name;
  for (ValueId id : graph.inputs) {
    const std::string kind = describe_input(walk, graph, id, facts).find("kind")->as_string();
    facts.image_input |= kind == "image";
    facts.token_input |= kind == "tokens";
  }
  if (graph.outputs.size() == 1) facts.classes = class_count(graph.value(graph.outputs[0]).shape);
  Json::Array inputs, outputs;
  for (ValueId id : graph.outputs) {
    outputs.push_back(describe_output(walk, graph, id, facts));
    const std::string kind = outputs.back().find("kind")->as_string();
    facts.has_boxes |= kind == "boxes";
    facts.has_image_output |= kind == "image";
  }
  for (ValueId id : graph.inputs) inputs.push_back(describe_input(walk, graph, id, facts));
  return Json::Object{{"inputs", std::move(inputs)}, {"outputs", std::move(outputs)}};
}

}  // namespace halftone
