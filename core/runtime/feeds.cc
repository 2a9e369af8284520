// Checks what a caller feeds against what the graph declares.
#include "core/runtime/feeds.h"

#include <algorithm>

namespace halftone {
namespace {

Error bad_input(std::string message, std::string_view name, std::string hint = {}) {
  return Error{ErrorCode::kInvalidInput, std::move(message), std::string(name), std::move(hint)};
}

std::string expectation(const Value& value) {
  const std::string type = value.dtype == DType::kUndefined ? "any type" : std::string(dtype_name(value.dtype));
  return type + " " + value.shape.to_string();
}

std::string input_list(const Graph& graph) {
  std::string list;
  for (ValueId id : graph.inputs) {
    list += (list.empty() ? "" : ", ") + graph.value(id).name + ": " + expectation(graph.value(id));
  }
  return list.empty() ? "The model has no inputs." : "The model's inputs are " + list + ".";
}

Status check_names(const Graph& graph, const Feeds& feeds) {
  for (const auto& [name, tensor] : feeds) {
    const auto named = [&, &key = name](ValueId id) { return graph.value(id).name == key; };
    if (std::any_of(graph.inputs.begin(), graph.inputs.end(), named)) continue;
    if (std::any_of(graph.initializer_inputs.begin(), graph.initializer_inputs.end(), named)) {
      return bad_input("Input '" + name + "' has a value in the model, which a run cannot replace.", name,
                       "Leave this input out.");
    }
    return bad_input("The model has no input '" + name + "'.", name, input_list(graph));
  }
  return ok_status();
}

// The first input with a symbolic dim, and the number it has taken there.
struct Binding {
  int64_t dim;
  std::string_view input;
};

Binding binding_of(const Graph& graph, const Feeds& feeds, std::string_view symbol) {
  for (ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    for (int64_t i = 0; value.shape.has_rank() && i < value.shape.rank(); ++i) {
      if (value.shape[i].known() || value.shape[i].symbol != symbol) continue;
      return {feeds.find(value.name)->second.dims()[static_cast<size_t>(i)], value.name};
    }
  }
  return {-1, {}};
}

// All inputs before this one have been checked.
Status check_shape(const Graph& graph, const Feeds& feeds, const Value& value, const Dims& dims) {
  if (!value.shape.accepts(dims)) {
    return bad_input(
        "Input '" + value.name + "' has shape " + to_string(dims) + ", expected " + value.shape.to_string() + ".",
        value.name, "Names and ? stand for any size.");
  }
  for (int64_t i = 0; value.shape.has_rank() && i < value.shape.rank(); ++i) {
    const Dim& dim = value.shape[i];
    if (dim.known() || dim.symbol.empty()) continue;
    const int64_t given = dims[static_cast<size_t>(i)];
    const Binding bound = binding_of(graph, feeds, dim.symbol);
    if (bound.dim == given) continue;
    return bad_input("Input '" + value.name + "' has " + dim.symbol + " = " + std::to_string(given) + ", but input '" +
                         std::string(bound.input) + "' has " + dim.symbol + " = " + std::to_string(bound.dim) + ".",
                     value.name, "Feed the same " + dim.symbol + " everywhere.");
  }
  return ok_status();
}

}  // namespace

Status check_feeds(const Graph& graph, const Feeds& feeds) {
  HT_TRY(check_names(graph, feeds));
  for (ValueId id : graph.inputs) {
    const Value& value = graph.value(id);
    const auto fed = feeds.find(value.name);
    if (fed == feeds.end() || !fed->second.defined()) {
      return bad_input("Input '" + value.name + "' is missing, expected " + expectation(value) + ".", value.name,
                       input_list(graph));
    }
    if (value.dtype != DType::kUndefined && fed->second.dtype() != value.dtype) {
      return bad_input("Input '" + value.name + "' is " + std::string(dtype_name(fed->second.dtype())) + ", expected " +
                           std::string(dtype_name(value.dtype)) + ".",
                       value.name, "Convert the data before the run.");
    }
    HT_TRY(check_shape(graph, feeds, value, fed->second.dims()));
  }
  return ok_status();
}

}  // namespace halftone
