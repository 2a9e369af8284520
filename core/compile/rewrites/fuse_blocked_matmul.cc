// Before:     y = MatMul(a, DequantizeLinear(w_q, s, z))   or  y = Gemm(a, DequantizeLinear(w_q, s, z), c)
// After:      y = com.microsoft.MatMulNBits(a, codes, scales, zero points, , c)
// Conditions: w_q is a constant matrix of 2, 4 or 8 bits; its parameters go by blocks along k of 16, 32, 64 ..., or
//             (below 8 bits) by column or for all of it; a Transpose may stand between; Gemm has alpha = beta = 1, no
//             transA and at most one addend per column. Runs after integer lowering, before what is left is
//             dequantized.
// Formula:    the same product; the weight keeps its bits instead of becoming float: w = (code - zero) * scale, with
//             code = q + 2^(bits - 1) for signed q.
#include <bit>

#include "core/compile/match.h"
#include "core/compile/quant_match.h"
#include "core/compile/rewrites/rules.h"
#include "core/kernels/quant/quantize.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

struct BlockedWeight {
  const Tensor* codes;  // [k][n], or [n][k] where `columns_first`
  QuantParams params;
  bool columns_first;
  int64_t k, n, block, blocks;
  int bits;
  int32_t offset;  // code = q + offset

  // Where parameter (column, block) stands among params.scale.
  size_t parameter(int64_t column, int64_t b) const {
    if (params.per_tensor()) return 0;
    if (params.block_size == 0) return static_cast<size_t>(column);
    return static_cast<size_t>(columns_first ? column * blocks + b : b * n + column);
  }
  int64_t element(int64_t column, int64_t i) const { return columns_first ? column * k + i : i * n + column; }
};

bool parameters_fit(BlockedWeight& w) {
  const QuantParams& p = w.params;
  const int64_t k_axis = w.columns_first ? 1 : 0;
  w.block = p.block_size;
  if (p.per_tensor() || p.block_size == 0) {
    if (!p.per_tensor() && p.axis == k_axis) return false;
    w.block = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(std::max<int64_t>(w.k, 16))));
    return w.bits < 8;
  }
  if (p.axis != k_axis || p.block_size < 16 || !std::has_single_bit(static_cast<uint64_t>(p.block_size))) return false;
  return static_cast<int64_t>(p.scale.size()) == (w.k + w.block - 1) / w.block * w.n;
}

// The weight behind input 1 of a product.
std::optional<BlockedWeight> blocked_weight(const RewriteContext& context, const Node& product) {
  const Node* from = producer(context, product.input(1));
  bool columns_first = is_op(product, "Gemm") && product.int_attr("transB", 0) != 0;
  if (from != nullptr && is_op(*from, "Transpose")) {
    columns_first = !columns_first;
    const auto perm = from->ints_attr("perm");
    if (!perm.empty() && perm != std::vector<int64_t>{1, 0}) return std::nullopt;
    from = producer(context, from->input(0));
  }
  if (from == nullptr || !is_op(*from, "DequantizeLinear")) return std::nullopt;
  const Tensor* codes = constant_of(context.graph, from->input(0));
  if (codes == nullptr || codes->rank() != 2 || codes->size() == 0 || !is_integer(codes->dtype())) return std::nullopt;
  auto params = quant_params(context.graph, *from);
  const DTypeInfo& info = dtype_info(codes->dtype());
  if (!params || params->dtype != codes->dtype() || info.bits > 8) return std::nullopt;
  const int64_t rows = codes->dims()[0], columns = codes->dims()[1];
  BlockedWeight w{.codes = codes,
                  .params = *std::move(params),
                  .columns_first = columns_first,
                  .k = columns_first ? columns : rows,
                  .n = columns_first ? rows : columns,
                  .block = 0,
                  .blocks = 0,
                  .bits = info.bits,
                  .offset = info.kind == DKind::kSigned ? 1 << (info.bits - 1) : 0};
  if (!parameters_fit(w)) return std::nullopt;
  w.blocks = (w.k + w.block - 1) / w.block;
  return w;
}

struct NBitsConstants {
  Tensor codes, scales, zero;  // as MatMulNBits takes them; zero undefined: all are 2^(bits - 1)
};

Result<NBitsConstants> nbits_constants(const BlockedWeight& w) {
  NBitsConstants out;
  const int64_t column_bytes = w.blocks * w.block * w.bits / 8, zero_bytes = (w.blocks * w.bits + 7) / 8;
  HT_ASSIGN(out.codes, Tensor::allocate(DType::kUint8, {w.n, w.blocks, w.block * w.bits / 8}, "blocked weight"));
  HT_ASSIGN(out.scales, Tensor::allocate(DType::kFloat, {w.n, w.blocks}, "blocked weight"));
  HT_ASSIGN(out.zero, Tensor::allocate(DType::kUint8, {w.n, zero_bytes}, "blocked weight"));
  std::fill_n(out.codes.mutable_bytes(), out.codes.byte_size(), uint8_t{0});
  std::fill_n(out.zero.mutable_bytes(), out.zero.byte_size(), uint8_t{0});
  bool middle = true;
  for (int64_t column = 0; column < w.n; ++column) {
    for (int64_t i = 0; i < w.k; ++i) {
      const int32_t q = packed_get(w.codes->bytes(), w.element(column, i), w.bits, w.offset != 0);
      packed_set(out.codes.mutable_bytes() + column * column_bytes, i, w.bits, q + w.offset);
    }
    for (int64_t b = 0; b < w.blocks; ++b) {
      const size_t p = w.parameter(column, b);
      const int32_t zero = w.params.zero_point[p] + w.offset;
      out.scales.mutable_data<float>()[static_cast<size_t>(column * w.blocks + b)] = w.params.scale[p];
      packed_set(out.zero.mutable_bytes() + column * zero_bytes, b, w.bits, zero);
      middle = middle && zero == 1 << (w.bits - 1);
    }
  }
  if (middle) out.zero = Tensor();
  return out;
}

// The addend of a Gemm as one number per column: empty where there is none, nullopt where it is something else.
std::optional<std::vector<float>> addend(const Graph& graph, const Node& product, int64_t n) {
  if (product.input(2) == kNoValue) return std::vector<float>();
  const Tensor* c = constant_of(graph, product.input(2));
  return c == nullptr ? std::nullopt : per_channel_constant(*c, 2, 1, n);
}

bool plain_product(const Graph& graph, const Node& node) {
  const ValueId a = node.input(0);
  if (is_integer_node(node) || a == kNoValue || graph.value(a).dtype != DType::kFloat) return false;
  if (is_op(node, "MatMul")) return true;
  return is_op(node, "Gemm") && node.int_attr("transA", 0) == 0 && node.float_attr("alpha", 1) == 1 &&
         node.float_attr("beta", 1) == 1;
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  if (!plain_product(graph, graph.nodes[static_cast<size_t>(context.node)])) return false;
  const Node& before = graph.nodes[static_cast<size_t>(context.node)];
  const auto weight = blocked_weight(context, before);
  if (!weight) return false;
  const auto bias = addend(graph, before, weight->n);
  auto constants = nbits_constants(*weight);
  if (!bias || !constants.ok()) return false;

  const std::string base = graph.value(before.input(1)).name;
  std::vector<ValueId> inputs = {before.input(0),
                                 graph.add_constant(base + "_codes", constants->codes),
                                 graph.add_constant(base + "_scales", constants->scales),
                                 kNoValue,
                                 kNoValue,
                                 kNoValue};
  if (constants->zero.defined()) inputs[3] = graph.add_constant(base + "_zero_points", constants->zero);
  if (!bias->empty()) inputs[5] = graph.add_constant(base + "_bias", Tensor::of<float>({weight->n}, *bias));

  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  node.op_type = "MatMulNBits";
  node.domain = "com.microsoft";
  node.inputs = std::move(inputs);
  Attributes attributes = {{"K", Attribute(weight->k)},
                           {"N", Attribute(weight->n)},
                           {"bits", Attribute(int64_t{weight->bits})},
                           {"block_size", Attribute(weight->block)}};
  if (const auto clamp = node.attributes.find(kClampAttr); clamp != node.attributes.end()) attributes.insert(*clamp);
  node.attributes = std::move(attributes);
  return true;
}

}  // namespace

const RewriteRule kFuseBlockedMatmul = {
    "fuse_blocked_matmul", "Multiplies with weights of few bits as they are, instead of dequantizing them.", apply};

}  // namespace halftone
