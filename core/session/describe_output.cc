// What kind of thing an output is: by its shape, by the node that makes it, by what the inputs are.
#include <algorithm>
#include <bit>

#include "core/session/describe_values.h"

namespace halftone {
namespace {

bool is_op(const Node* node, std::string_view op) { return node != nullptr && node->op_type == op; }

// Sums to one: Softmax, or exp(x) / sum(exp(x)) spelled out.
bool is_softmax(const IoWalk& walk, const Node* node) {
  if (is_op(node, "Softmax") || is_op(node, "QLinearSoftmax")) return true;
  return is_op(node, "Div") && is_op(walk.maker(node->input(0)), "Exp");
}

std::string_view scores_of(const IoWalk& walk, const Node* node) {
  if (is_softmax(walk, node)) return "softmax";
  if (is_op(node, "Sigmoid") || is_op(node, "QLinearSigmoid") || is_op(node, "HardSigmoid")) return "sigmoid";
  if (is_op(node, "LogSoftmax")) return "logSoftmax";
  return "logits";
}

bool is_normalized(const IoWalk& walk, const Node* node) {
  if (is_op(node, "LpNormalization")) return true;
  if (!is_op(node, "Div")) return false;
  const Node* length = walk.maker(node->input(1));
  for (std::string_view op : {"ReduceL2", "Sqrt", "Clip", "Max", "Expand"}) {
    if (is_op(length, op)) return true;
  }
  return false;
}

bool names_boxes(const Value& value) { return mentions(value.name, {"box", "loc"}); }

// [N, boxes, k] of a network that looks at pictures: corners, or corners and scores in one.
bool is_boxes(const Value& value) {
  const SymShape& shape = value.shape;
  const Dim &count = shape[1], &width = shape[2];
  if (names_boxes(value)) return true;
  return width.known() && (width.value == 4 || (width.value >= 5 && count.known() && count.value > 2 * width.value));
}

bool same_sizes(const SymShape& a, const SymShape& b) {
  return a.has_rank() && b.has_rank() && a.concrete().has_value() && a.concrete() == b.concrete();
}

// A filter of what comes in, not a list of classes.
bool like_first_input(const Graph& graph, const SymShape& shape) {
  return !graph.inputs.empty() && same_sizes(graph.value(graph.inputs[0]).shape, shape);
}

}  // namespace

bool names_state(std::string_view name) {
  if (mentions(name, {"past", "present", "cache"})) return true;
  // What an encoder has made is data, whatever it is called.
  return mentions(name, {"hidden", "state"}) && !mentions(name, {"stateful", "encoder"});
}

bool is_carried_on(const Graph& graph, const std::vector<ValueId>& own, const std::vector<ValueId>& other, ValueId id) {
  if (own.size() < 2 || other.size() < 2 || id == own[0]) return false;
  return std::any_of(other.begin() + 1, other.end(), [&](ValueId candidate) {
    return same_sizes(graph.value(id).shape, graph.value(candidate).shape);
  });
}

Json describe_output(const IoWalk& walk, const Graph& graph, ValueId id, const ModelFacts& facts) {
  const Value& value = graph.value(id);
  const SymShape& shape = value.shape;
  const Node* maker = walk.maker(id);
  Json out = Json::Object{{"name", value.name}};
  const auto is = [&](std::string_view kind, std::string_view reason) {
    out.set("kind", kind);
    out.set("reason", reason);
    return out;
  };
  const auto classes = [&](int64_t count, std::string_view reason) {
    is("classes", reason);
    out.set("classes", count);
    out.set("scores", scores_of(walk, maker));
    return out;
  };
  if (names_state(value.name) || is_carried_on(graph, graph.outputs, graph.inputs, id)) return is("state", "name");
  if (!shape.has_rank() || !is_float(value.dtype)) return is("unknown", "shape");
  const bool per_place = facts.image_input && shape.rank() == 3 && is_free_or(shape[1], 32);
  if (const int64_t count = per_place ? 0 : class_count(shape); count > 0) {
    if (like_first_input(graph, shape)) return is("unknown", "likeInput");
    if (is_softmax(walk, maker)) return classes(count, "softmax");
    if (mentions(value.name, {"embed", "feature", "pooler"})) return is("embedding", "name");
    if (is_normalized(walk, maker)) return is("embedding", "normalized");
    const bool power = count >= 64 && std::has_single_bit(static_cast<uint64_t>(count));
    if (power && !is_op(maker, "Sigmoid")) return is("embedding", "size");
    return classes(count, "shape");
  }
  const bool picture = shape.rank() == 4 && facts.image_input;
  const auto channels = [](const Dim& d) { return d.known() && (d.value == 1 || d.value == 3); };
  const auto place = [](const Dim& d) { return is_free_or(d, 8); };
  if (picture && ((channels(shape[1]) && place(shape[2]) && place(shape[3])) ||
                  (channels(shape[3]) && place(shape[1]) && place(shape[2])))) {
    return is("image", "shape");
  }
  if (per_place) {
    if (is_boxes(value) && (scores_of(walk, maker) == "logits" || names_boxes(value))) return is("boxes", "shape");
    is("box_scores", "shape");
    out.set("scores", scores_of(walk, maker));
    return out;
  }
  if (shape.rank() == 3 && !facts.image_input && (facts.token_input || is_free_or(shape[1], 2))) {
    return is("sequence", "shape");
  }
  return is("unknown", "shape");
}

int64_t class_count(const SymShape& shape) {
  if (!shape.has_rank() || shape.rank() == 0) return 0;
  int64_t count = shape.rank() == 1 && shape[0].known() ? shape[0].value : 1;
  for (int64_t i = 1; i < shape.rank(); ++i) {
    if (!shape[i].known()) return 0;
    if (shape[i].value == 1) continue;
    if (count != 1) return 0;
    count = shape[i].value;
  }
  return count > 1 || shape.rank() == 2 ? count : 0;
}

}  // namespace halftone
