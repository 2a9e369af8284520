// Before:     y = Conv(Pad(x), w, b)     or  y = AveragePool(Pad(x))
// After:      y = Conv(x, w, b) {pads += Pad's}
// Conditions: Pad is constant mode by 0, adds (never cuts) and only on spatial axes; nobody else reads its
//             output; the window operator has explicit pads. AveragePool: its window counts padding, or has
//             no padding of its own, and floor rounding; it counts padding afterwards.
// Formula:    both read zeros outside x. On integers zero is the zero point, which Conv pads with.
#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"

namespace halftone {
namespace {

// Pads of the spatial axes as [begins..., ends...]; nullopt where the Pad does not fit the conditions.
std::optional<std::vector<int64_t>> spatial_pads(const Graph& graph, const Node& pad, size_t rank) {
  if (pad.string_attr("mode", "constant") != "constant" || pad.float_attr("value", 0) != 0) return std::nullopt;
  if (pad.input(2) != kNoValue) {
    const Tensor* fill = constant_of(graph, pad.input(2));
    if (fill == nullptr || fill->dtype() != DType::kFloat || fill->size() != 1 || fill->data<float>()[0] != 0) {
      return std::nullopt;
    }
  }
  if (pad.input(3) != kNoValue) return std::nullopt;  // named axes
  const bool by_attribute = pad.has("pads");
  const auto pads = by_attribute ? pad.ints_attr("pads") : int_constant(graph, pad.input(1)).value_or(Dims{});
  if (rank < 3 || pads.size() != 2 * rank) return std::nullopt;
  std::vector<int64_t> spatial;
  for (size_t i = 0; i < pads.size(); ++i) {
    const size_t axis = i % rank;
    if (pads[i] < 0 || (axis < 2 && pads[i] != 0)) return std::nullopt;
    if (axis >= 2) spatial.push_back(pads[i]);
  }
  return spatial;
}

bool is_zero(const std::vector<int64_t>& pads) {
  for (int64_t p : pads) {
    if (p != 0) return false;
  }
  return true;
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  const bool conv = is_op(node, "Conv"), average = is_op(node, "AveragePool");
  if (!conv && !average) return false;
  const Node* pad = producer(context, node.input(0));
  if (pad == nullptr || !is_op(*pad, "Pad") || only_consumer(context, pad->output(0)) != context.node) return false;
  if (is_integer_node(node) != is_integer_node(*pad)) return false;
  const SymShape& shape = graph.value(pad->output(0)).shape;
  if (!shape.has_rank()) return false;
  const auto extra = spatial_pads(graph, *pad, static_cast<size_t>(shape.rank()));
  if (!extra) return false;

  const std::string auto_pad = node.string_attr("auto_pad", "NOTSET");
  if (auto_pad != "NOTSET" && auto_pad != "VALID" && !auto_pad.empty()) return false;
  std::vector<int64_t> pads = auto_pad == "VALID" ? std::vector<int64_t>{} : node.ints_attr("pads");
  if (pads.empty()) pads.assign(extra->size(), 0);
  if (pads.size() != extra->size()) return false;
  if (average) {
    const bool counts = node.int_attr("count_include_pad", 0) != 0;
    if (context.opset < 7 || node.int_attr("ceil_mode", 0) != 0 || (!counts && !is_zero(pads))) return false;
    node.attributes["count_include_pad"] = Attribute(int64_t{1});
  }
  for (size_t i = 0; i < pads.size(); ++i) pads[i] += (*extra)[i];
  node.attributes["pads"] = Attribute(pads);
  node.attributes.erase("auto_pad");
  node.inputs[0] = pad->input(0);
  graph.nodes[static_cast<size_t>(context.uses.producer(pad->output(0)))].removed = true;
  return true;
}

}  // namespace

const RewriteRule kFusePadConv = {"fuse_pad_conv", "Moves zero padding into the convolution or pooling after it.",
                                  apply};

}  // namespace halftone
