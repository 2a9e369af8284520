// See the header.
#include "core/session/io_walk.h"

#include <algorithm>
#include <cctype>

#include "core/tensor/convert.h"

namespace halftone {
namespace {

constexpr int kMaxDepth = 16;
constexpr int64_t kMaxElements = 4096;

bool one_of(std::string_view op, std::initializer_list<std::string_view> ops) {
  return std::find(ops.begin(), ops.end(), op) != ops.end();
}

bool passes_on(const Node& node) {
  return one_of(node.op_type, {"Identity", "Cast", "Transpose", "Pad", "Reshape", "Squeeze", "Unsqueeze", "Flatten",
                               "Dropout", "Slice", "DequantizeLinear", "QuantizeLinear"});
}

}  // namespace

bool mentions(std::string_view text, std::initializer_list<std::string_view> words) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

void IoWalk::collect(ValueId id, int depth, std::vector<const Node*>& found) const {
  for (const Use& use : uses_.uses(id)) {
    if (use.node < 0) continue;
    const Node& node = graph_.nodes[static_cast<size_t>(use.node)];
    const bool quantizes = node.op_type == "QuantizeLinear" && depth == 0;  // its range is news
    if (use.input == 0 && passes_on(node) && !quantizes && depth < kMaxDepth && node.output(0) != kNoValue) {
      collect(node.outputs[0], depth + 1, found);
    } else if (node.op_type != "Shape") {
      found.push_back(&node);
    }
  }
}

std::vector<const Node*> IoWalk::readers(ValueId id) const {
  std::vector<const Node*> found;
  collect(id, 0, found);
  return found;
}

const Node* IoWalk::producer(ValueId id) const {
  const int32_t index = id == kNoValue ? -1 : uses_.producer(id);
  return index < 0 ? nullptr : &graph_.nodes[static_cast<size_t>(index)];
}

const Node* IoWalk::maker(ValueId id) const {
  const Node* node = producer(id);
  for (int depth = 0; node != nullptr && passes_on(*node) && depth < kMaxDepth; ++depth)
    node = producer(node->input(0));
  return node;
}

std::vector<double> IoWalk::constant(const Node& node, size_t input) const {
  const ValueId id = node.input(input);
  const Tensor* tensor = id == kNoValue ? nullptr : &graph_.value(id).constant;
  if (const Node* from = producer(id); from != nullptr && from->op_type == "Constant") {
    tensor = from->tensor_attr("value");
    if (tensor == nullptr && from->has("value_float")) return {from->float_attr("value_float", 0)};
  }
  if (tensor == nullptr || !tensor->defined() || !is_convertible(tensor->dtype())) return {};
  const int64_t count = std::min(tensor->size(), kMaxElements);
  std::vector<double> out(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    out[static_cast<size_t>(i)] = element_as_double(tensor->dtype(), tensor->bytes(), i);
  }
  return out;
}

bool IoWalk::is_int8(const Node& node, size_t input) const {
  const ValueId id = node.input(input);
  return id != kNoValue && graph_.value(id).dtype == DType::kInt8;
}

std::optional<int64_t> IoWalk::weight_rank(const Node& node) const {
  if (!one_of(node.op_type, {"Conv", "ConvTranspose", "Gemm", "MatMul", "FusedConv", "QLinearConv", "LSTM", "GRU"})) {
    return std::nullopt;
  }
  const ValueId weight = node.input(node.op_type == "QLinearConv" ? 3 : 1);
  if (weight == kNoValue) return std::nullopt;
  const Value& value = graph_.value(weight);
  if (value.is_constant()) return value.constant.rank();
  return value.shape.has_rank() ? std::optional(value.shape.rank()) : std::nullopt;
}

}  // namespace halftone
