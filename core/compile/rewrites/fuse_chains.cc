// Before:     s = Sigmoid(x), y = Mul(x, s)     (any float functions of one or two elements that feed each other)
// After:      y = halftone.Chain(x) {halftone.links}
// Conditions: float32; nobody else reads what is between; all operands have y's shape, dims known to be the same, or
// are
//             constants of one element or of y's innermost dims (a number per channel, channels innermost).
// Formula:    the same functions in the same order, piece by piece: no bit changes, and what is between is neither
//             written nor read. x * Sigmoid(x) is one function, Swish, with the same bits.
#include <algorithm>
#include <vector>

#include "core/compile/match.h"
#include "core/compile/rewrites/clip_range.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/chain.h"
#include "core/ops/op_def.h"
#include "core/ops/unary_run.h"

namespace halftone {
namespace {

using Links = std::vector<ChainLink>;
using Kind = ChainLink::Kind;

struct UnaryName {
  std::string_view name;
  Unary function;
};
constexpr UnaryName kUnaryNames[] = {{"Abs", Unary::kAbs},
                                     {"Celu", Unary::kCelu},
                                     {"Elu", Unary::kElu},
                                     {"Erf", Unary::kErf},
                                     {"Exp", Unary::kExp},
                                     {"Gelu", Unary::kGelu},
                                     {"HardSigmoid", Unary::kHardSigmoid},
                                     {"HardSwish", Unary::kHardSwish},
                                     {"LeakyRelu", Unary::kLeakyRelu},
                                     {"Log", Unary::kLog},
                                     {"Mish", Unary::kMish},
                                     {"Neg", Unary::kNeg},
                                     {"Reciprocal", Unary::kReciprocal},
                                     {"Relu", Unary::kRelu},
                                     {"Selu", Unary::kSelu},
                                     {"Sigmoid", Unary::kSigmoid},
                                     {"Softplus", Unary::kSoftplus},
                                     {"Softsign", Unary::kSoftsign},
                                     {"Sqrt", Unary::kSqrt},
                                     {"Swish", Unary::kSwish},
                                     {"Tanh", Unary::kTanh}};

struct BinaryName {
  std::string_view name;
  Binary function;
};
constexpr BinaryName kBinaryNames[] = {{"Add", Binary::kAdd}, {"Div", Binary::kDiv}, {"Max", Binary::kMax},
                                       {"Min", Binary::kMin}, {"Mul", Binary::kMul}, {"PRelu", Binary::kPRelu},
                                       {"Sub", Binary::kSub}};

template <typename Names>
auto find_name(const Names& names, const Node& node) {
  return std::find_if(std::begin(names), std::end(names), [&](const auto& known) { return is_op(node, known.name); });
}

ChainLink clip(float low, float high, int a) { return {Kind::kClip, 0, a, a, {low, high}}; }

// A node as links of its own inputs; empty: it is no elementwise function.
Links links_of(const Graph& graph, const Node& node) {
  if (node.removed || is_integer_node(node) || node.outputs.size() != 1) return {};
  if (node.domain == kInternalDomain && node.op_type == kChainOp) return get_chain_links(node).value_or(Links());
  if (is_op(node, "Clip")) {
    const auto range = clip_range(graph, node);
    return range ? Links{clip(range->lo, range->hi, 0)} : Links();
  }
  if (const auto unary = find_name(kUnaryNames, node); unary != std::end(kUnaryNames)) {
    const bool tanh = node.string_attr("approximate", "none") == "tanh";
    const Unary function = tanh ? Unary::kGeluTanh : unary->function;
    return {{Kind::kUnary, static_cast<uint8_t>(function), 0, 0, unary_params(function, node)}};
  }
  const auto binary = find_name(kBinaryNames, node);
  if (binary == std::end(kBinaryNames) || node.inputs.size() != 2 || node.has("axis")) return {};
  Links links = {{Kind::kBinary, static_cast<uint8_t>(binary->function), 0, 1, {}}};
  if (const auto clamp = node.floats_attr(kClampAttr); clamp.size() == 2) {
    links.push_back(clip(clamp[0], clamp[1], ~0));
  }
  return links;
}

// The inputs that are elements: all but the bounds of a Clip.
size_t operand_count(const Node& node) { return is_op(node, "Clip") ? 1 : node.inputs.size(); }

// The number of elements after which a constant operand starts again; 0: it does not fit.
int64_t period_of(const Tensor& constant, const SymShape& shape) {
  const Dims& dims = constant.dims();
  size_t ones = 0;
  while (ones < dims.size() && dims[ones] == 1) ++ones;
  const auto rank = static_cast<int64_t>(dims.size());
  if (rank > shape.rank()) return 0;
  for (auto i = static_cast<int64_t>(ones); i < rank; ++i) {
    const Dim& dim = shape[shape.rank() - rank + i];
    if (!dim.known() || dim.value != dims[static_cast<size_t>(i)]) return 0;
  }
  return constant.size();
}

// What a chain would be made of: links, and the values they begin with.
struct Chain {
  Links links;
  std::vector<ValueId> inputs;

  int input(ValueId id) {
    const auto known = std::find(inputs.begin(), inputs.end(), id);
    if (known != inputs.end()) return static_cast<int>(known - inputs.begin());
    inputs.push_back(id);
    return static_cast<int>(inputs.size()) - 1;
  }
  // Adds a node's links; `between`, if it is an operand, is the chain's last result so far.
  void add(const Node& node, const Links& own, ValueId between) {
    const int before = static_cast<int>(links.size());
    const auto operand = [&](int i) {
      if (i < 0) return ~(~i + before);
      const ValueId id = node.inputs[static_cast<size_t>(i)];
      return id == between ? ~(before - 1) : input(id);
    };
    for (ChainLink link : own) {
      const int a = link.a, b = link.b;
      link.a = operand(a);
      link.b = operand(link.kind == Kind::kBinary ? b : a);
      links.push_back(link);
    }
  }
};

// The first input gives the chain its shape, so it is no constant.
void put_first(Chain& chain, size_t first) {
  const auto swapped = [&](int i) { return i == 0 ? static_cast<int>(first) : i == static_cast<int>(first) ? 0 : i; };
  for (ChainLink& link : chain.links) {
    link.a = swapped(link.a);
    link.b = swapped(link.b);
  }
  std::swap(chain.inputs[0], chain.inputs[first]);
}

bool is_unary(const ChainLink& link, Unary function) {
  return link.kind == Kind::kUnary && link.function == static_cast<uint8_t>(function);
}

// x * Sigmoid(x) in links i and i + 1 becomes one link, where nothing else reads the sigmoid.
void fuse_swish(Links& links) {
  for (int i = 0; i + 1 < static_cast<int>(links.size()); ++i) {
    ChainLink &sigmoid = links[static_cast<size_t>(i)], &mul = links[static_cast<size_t>(i) + 1];
    if (!is_unary(sigmoid, Unary::kSigmoid) || mul.kind != Kind::kBinary) continue;
    const bool product = mul.function == static_cast<uint8_t>(Binary::kMul) && mul.a != mul.b &&
                         std::max(mul.a, mul.b) == std::max(sigmoid.a, ~i) &&
                         std::min(mul.a, mul.b) == std::min(sigmoid.a, ~i);
    const bool read_later = std::any_of(links.begin() + i + 2, links.end(),
                                        [&](const ChainLink& later) { return later.a == ~i || later.b == ~i; });
    if (!product || read_later) continue;
    mul = {Kind::kUnary, static_cast<uint8_t>(Unary::kSwish), sigmoid.a, sigmoid.a, {1, 0}};
    links.erase(links.begin() + i);
    for (ChainLink& link : links) {
      link.a = link.a < ~i ? link.a + 1 : link.a;
      link.b = link.b < ~i ? link.b + 1 : link.b;
    }
  }
}

// Whether all operands fit `shape`; brings one that has it to the front.
bool settle_inputs(const Graph& graph, const SymShape& shape, Chain& chain) {
  std::vector<int64_t> periods;
  size_t first = chain.inputs.size();
  for (size_t i = 0; i < chain.inputs.size(); ++i) {
    const Value& value = graph.value(chain.inputs[i]);
    if (value.dtype != DType::kFloat) return false;
    if (!value.is_constant()) {
      if (!same_shape(value.shape, shape)) return false;
      first = std::min(first, i);
      continue;
    }
    const int64_t period = period_of(value.constant, shape);
    if (period == 0 || period > kChainPiece) return false;
    periods.push_back(period);
  }
  if (first == chain.inputs.size() || chain_piece(periods) == 0) return false;
  put_first(chain, first);
  return true;
}

// All uses of the value are operands of this node.
bool feeds_only(const RewriteContext& context, ValueId id) {
  const auto uses = context.uses.uses(id);
  const auto operands = operand_count(context.graph.nodes[static_cast<size_t>(context.node)]);
  return std::all_of(uses.begin(), uses.end(), [&](const Use& use) {
    return use.node == context.node && use.input >= 0 && static_cast<size_t>(use.input) < operands;
  });
}

std::optional<Chain> joined(const RewriteContext& context, const Node& node, const Links& own, ValueId between) {
  const Graph& graph = context.graph;
  const Node* before = producer(context, between);
  if (before == nullptr || !feeds_only(context, between)) return std::nullopt;
  const SymShape& shape = graph.value(node.outputs[0]).shape;
  const Value& value = graph.value(between);
  if (!shape.has_rank() || value.dtype != DType::kFloat || !same_shape(value.shape, shape)) return std::nullopt;
  const Links first = links_of(graph, *before);
  if (first.empty()) return std::nullopt;
  Chain chain;
  chain.add(*before, first, kNoValue);
  chain.add(node, own, between);
  fuse_swish(chain.links);
  if (!settle_inputs(graph, shape, chain) || chain.inputs.size() > kMaxChainInputs) return std::nullopt;
  if (!chain_steps(chain.links, chain.inputs.size())) return std::nullopt;
  return chain;
}

bool apply(RewriteContext& context) {
  Node& node = context.graph.nodes[static_cast<size_t>(context.node)];
  const Links own = links_of(context.graph, node);
  if (own.empty()) return false;
  for (size_t i = 0; i < operand_count(node); ++i) {
    const auto chain = joined(context, node, own, node.inputs[i]);
    if (!chain) continue;
    context.graph.nodes[static_cast<size_t>(context.uses.producer(node.inputs[i]))].removed = true;
    node.inputs = chain->inputs;
    put_chain_links(node, chain->links);
    return true;
  }
  return false;
}

}  // namespace

const RewriteRule kFuseChains = {"fuse_chains", "Makes one step of float operators that work element by element.",
                                 apply};

}  // namespace halftone
