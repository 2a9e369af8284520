// Every node that has an integer form becomes it; the quantizations around it are dropped.
#include "core/passes/qoperator/qoperator.h"

#include <algorithm>
#include <utility>

#include "core/compile/match.h"
#include "core/compile/resolve_constants.h"
#include "core/compile/rewrites/rules.h"
#include "core/graph/edit.h"
#include "core/ops/shape_inference.h"
#include "core/passes/qoperator/clip_integers.h"
#include "core/passes/qoperator/cluster.h"
#include "core/passes/rewrite_model.h"

namespace halftone {
namespace {

// Integer operators want their zero points: zeros of the integers' type, as many as there are scales.
ValueId zero_of(Graph& graph, const QTriple& triple) {
  if (triple.zero != kNoValue) return triple.zero;
  const Tensor& scale = graph.value(triple.scale).constant;
  Tensor zeros = *Tensor::allocate(triple.params.dtype, scale.dims());
  std::fill_n(zeros.mutable_bytes(), static_cast<size_t>(zeros.byte_size()), uint8_t{0});
  return graph.add_constant(graph.value(triple.scale).name + "_zero", std::move(zeros));
}

std::vector<ValueId> inputs_of(Graph& graph, const QForm& form, const QCluster& cluster) {
  std::vector<ValueId> list;
  const auto put_output = [&] {
    list.push_back(cluster.output.scale);
    list.push_back(zero_of(graph, cluster.output));
  };
  if (form.order == QOrder::kOutputFirst) put_output();
  for (const QTriple& triple : cluster.inputs) {
    list.push_back(triple.integers);
    list.push_back(triple.scale);
    list.push_back(zero_of(graph, triple));
  }
  if (form.order == QOrder::kBiasBefore) list.push_back(cluster.bias);
  if (form.order != QOrder::kOutputFirst) put_output();
  if (form.order == QOrder::kBiasLast && cluster.bias != kNoValue) list.push_back(cluster.bias);
  return list;
}

bool apply(RewriteContext& context) {
  Graph& graph = context.graph;
  const Node before = graph.nodes[static_cast<size_t>(context.node)];
  const QForm* form = before.removed || !before.domain.empty() ? nullptr : find_qform(before.op_type);
  const auto cluster = form == nullptr ? std::nullopt : find_cluster(context, before, *form);
  if (!cluster) return false;
  const ValueId output = cluster->output.integers;
  std::vector<ValueId> inputs = before.inputs;
  if (form->order == QOrder::kMoves) {
    inputs[0] = cluster->inputs[0].integers;
  } else {
    inputs = inputs_of(graph, *form, *cluster);
  }
  for (int32_t index : cluster->quantizers) {
    Node& quantize = graph.nodes[static_cast<size_t>(index)];
    quantize.removed = true;
    if (quantize.outputs[0] != output) take_over(graph, quantize.outputs[0], output);
  }
  Node& node = graph.nodes[static_cast<size_t>(context.node)];
  node.inputs = std::move(inputs);
  node.outputs = {output};
  if (form->order == QOrder::kMoves) return true;
  node.op_type = std::string(form->target);
  node.domain = std::string(form->domain);
  if (form->target == "QGemm") node.attributes.erase("beta");
  if (form->target == "QLinearSoftmax") node.attributes["opset"] = Attribute(context.opset);
  return true;
}

const RewriteRule kToIntegerOperator = {
    "to_integer_operator", "An operator between dequantization and quantization becomes one on integers.", apply};

constexpr const RewriteRule* kRules[] = {&kDropClipBeforeQuantize, &kClipIntegers, &kToIntegerOperator};

}  // namespace

Result<Model> to_qoperator(const Model& model) {
  Model out = model;
  resolve_constants(out.graph);
  compact(out.graph);
  HT_TRY(infer_shapes(out));
  HT_ASSIGN(const auto stats, rewrite_model(out, kRules));
  if (stats.back().applications == 0) {
    return Error{ErrorCode::kInvalidArgument, "No operator of this model has a form on integers", "qoperator",
                 "Quantize the model with 8 bits first, or export it as \"qdq\"."};
  }
  out.opset_imports["com.microsoft"] = 1;
  HT_TRY(verify(out.graph, ErrorCode::kInternal));
  return out;
}

}  // namespace halftone
