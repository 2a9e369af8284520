// Before:     q, s, z = DynamicQuantizeLinear(x);  p = ConvInteger(q, w, z, zw) or MatMulInteger(...);
//             y = Mul(Cast(p), Mul(s, sw))
// After:      p = Conv(x, w - zw) or MatMul(x, w - zw), in float; s is 1
// Conditions: the integers are read by such products only, whose other factor is constant (or comes from a
//             DynamicQuantizeLinear as well), and which are read by Casts to float.
// Formula:    s * ((q - z) * w) is what x * w is, but for the rounding of q.
#include <algorithm>

#include "core/compile/match.h"
#include "core/passes/dequantize/rules.h"

namespace halftone {
namespace {

bool is_integer_product(const Node& node) { return is_op(node, "ConvInteger") || is_op(node, "MatMulInteger"); }

bool from_dynamic(const RewriteContext& context, ValueId id) {
  const Node* from = producer(context, id);
  return from != nullptr && is_op(*from, "DynamicQuantizeLinear");
}

// Only Casts to float read the sums.
bool only_cast(const RewriteContext& context, const Node& product) {
  const auto uses = context.uses.uses(product.outputs[0]);
  return !uses.empty() && std::all_of(uses.begin(), uses.end(), [&](const Use& use) {
    if (use.node < 0) return false;
    const Node& user = context.graph.nodes[static_cast<size_t>(use.node)];
    return is_op(user, "Cast") && user.int_attr("to", 0) == static_cast<int64_t>(DType::kFloat);
  });
}

bool can_be_float(const RewriteContext& context, const Node& product) {
  const Graph& graph = context.graph;
  for (size_t i : {0u, 1u}) {
    const ValueId factor = product.input(i), zero = product.input(i + 2);
    if (from_dynamic(context, factor)) continue;
    if (constant_of(graph, factor) == nullptr) return false;
    if (zero != kNoValue && constant_of(graph, zero) == nullptr) return false;
  }
  return only_cast(context, product);
}

// w - zero as float. A zero point per filter or per column lies along that axis.
ValueId centred(Graph& graph, ValueId weight, ValueId zero, bool conv) {
  const auto values = int_constant(graph, weight), offsets = int_constant(graph, zero);
  const Dims dims = graph.value(weight).constant.dims();
  std::vector<float> out(values->begin(), values->end());
  const size_t channels = offsets ? offsets->size() : 0;
  const size_t inner = conv && channels > 1 ? out.size() / channels : 1;
  for (size_t i = 0; i < out.size() && channels > 0; ++i) {
    out[i] -= static_cast<float>((*offsets)[i / inner % channels]);
  }
  return graph.add_constant(graph.value(weight).name + "_float", Tensor::of<float>(dims, out));
}

// The real value behind a factor of the product.
ValueId real_factor(const RewriteContext& context, const Node& product, size_t i, bool conv) {
  if (from_dynamic(context, product.inputs[i])) return producer(context, product.inputs[i])->inputs[0];
  return centred(context.graph, product.inputs[i], product.input(i + 2), conv);
}

// All products that read the integers of this DynamicQuantizeLinear; empty where something else does.
std::vector<int32_t> products_of(const RewriteContext& context, const Node& dynamic) {
  std::vector<int32_t> products;
  for (size_t output : {size_t{0}, size_t{2}}) {
    if (dynamic.output(output) == kNoValue) continue;
    for (const Use& use : context.uses.uses(dynamic.outputs[output])) {
      if (use.node < 0) return {};
      const Node& user = context.graph.nodes[static_cast<size_t>(use.node)];
      const bool factor = output == 0 ? use.input < 2 : use.input >= 2;
      if (!is_integer_product(user) || !factor || !can_be_float(context, user)) return {};
      if (std::find(products.begin(), products.end(), use.node) == products.end()) products.push_back(use.node);
    }
  }
  return products;
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  const Node dynamic = graph.nodes[static_cast<size_t>(context.node)];
  if (!is_op(dynamic, "DynamicQuantizeLinear")) return false;
  const auto products = products_of(context, dynamic);
  if (products.empty()) return false;
  for (int32_t index : products) {
    const Node product = graph.nodes[static_cast<size_t>(index)];
    const bool conv = is_op(product, "ConvInteger");
    std::vector<ValueId> factors = {real_factor(context, product, 0, conv), real_factor(context, product, 1, conv)};
    // The other factor's scale becomes 1 with its own node, which has nothing else to do then either.
    Node& node = graph.nodes[static_cast<size_t>(index)];
    node.op_type = conv ? "Conv" : "MatMul";
    node.inputs = std::move(factors);
    Value& sums = graph.value(node.outputs[0]);
    sums.dtype = DType::kFloat;
    for (size_t i : {0u, 1u}) {
      const Node* other = producer(context, product.inputs[i]);
      if (other == nullptr || !is_op(*other, "DynamicQuantizeLinear") || other->output(1) == kNoValue) continue;
      const ValueId one = graph.add_constant("unit_scale", Tensor::scalar<float>(1));
      replace_uses(graph, other->outputs[1], one);
    }
  }
  return true;
}

}  // namespace

const RewriteRule kDropDynamic = {"drop_dynamic",
                                  "Products of activations that were quantized on the fly become float.", apply};

}  // namespace halftone
