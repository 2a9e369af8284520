// Before:     y = Add(MatMul(a, w), c)     (either order)
// After:      y = Gemm(a, w, c)
// Conditions: a and w have rank 2, w and c are float32 constants, c is one number or one per column of w;
//             nobody else reads the product.
// Formula:    a w + c
#include "core/compile/match.h"
#include "core/compile/rewrites/rules.h"
#include "core/ops/op_def.h"

namespace halftone {
namespace {

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  Node& add = graph.nodes[static_cast<size_t>(context.node)];
  if (context.opset < 7 || !is_op(add, "Add") || add.inputs.size() != 2 || !add.attributes.empty()) return false;
  for (size_t side : {size_t{0}, size_t{1}}) {
    const Node* found = producer(context, add.input(side));
    const Tensor* c = constant_of(graph, add.input(1 - side));
    if (found == nullptr || c == nullptr || !is_op(*found, "MatMul") || !found->attributes.empty()) continue;
    if (only_consumer(context, add.input(side)) != context.node) continue;
    const Tensor* w = constant_of(graph, found->input(1));
    const Value& a = graph.value(found->input(0));
    if (w == nullptr || w->dtype() != DType::kFloat || w->rank() != 2 || a.shape.rank() != 2) continue;
    const auto bias = per_channel_constant(*c, 2, 1, w->dims()[1]);
    if (!bias) continue;

    const int32_t product = context.uses.producer(add.input(side));
    const ValueId b =
        graph.add_constant(graph.value(add.output(0)).name + "_bias", Tensor::of<float>({w->dims()[1]}, *bias));
    Node& gemm = graph.nodes[static_cast<size_t>(product)];
    gemm.op_type = "Gemm";
    put_input(gemm, 2, b);
    gemm.outputs[0] = add.outputs[0];
    add.removed = true;
    return true;
  }
  return false;
}

}  // namespace

const RewriteRule kMatmulAddToGemm = {"matmul_add_to_gemm", "Makes a matrix product and the bias after it one Gemm.",
                                      apply};

}  // namespace halftone
