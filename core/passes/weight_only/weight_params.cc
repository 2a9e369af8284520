#include "core/passes/weight_only/weight_params.h"

#include <algorithm>
#include <utility>

#include "core/ops/shape_inference.h"
#include "core/passes/canonicalize/raise_opset.h"
#include "core/passes/quantize/prepare.h"

namespace halftone {
namespace {

Status raise(Model& model, int64_t opset) {
  if (model.opset() >= opset) return ok_status();
  HT_ASSIGN(model, raise_opset(model, opset));
  return infer_shapes(model);
}

}  // namespace

Granularity read_granularity(const Params& params) {
  const std::string& scales = params.choice("scales");
  if (scales == "block") return Granularity::kBlock;
  return scales == "channel" ? Granularity::kChannel : Granularity::kTensor;
}

Result<Model> prepare_weights(const Model& model, int64_t opset) {
  HT_ASSIGN(PreparedModel prepared, prepare_to_quantize(model, QuantizeOptions()));
  HT_TRY(raise(prepared.model, opset));
  return std::move(prepared.model);
}

Result<std::vector<WeightOf>> find_weights(Model& model, const NodeSelection& selection, WeightReport& report,
                                           const std::function<int64_t(const WeightOf&)>& opset_of) {
  std::vector<WeightOf> weights = weights_of(model.graph, selection, report);
  int64_t opset = 0;
  for (const WeightOf& weight : weights) opset = std::max(opset, opset_of(weight));
  if (opset <= model.opset()) return weights;
  HT_TRY(raise(model, opset));
  report.restart(model.graph);  // which may have more nodes now
  return weights_of(model.graph, selection, report);
}

}  // namespace halftone
