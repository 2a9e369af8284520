#include "core/passes/weight_only/weight_params.h"

#include <utility>

#include "core/ops/shape_inference.h"
#include "core/passes/canonicalize/raise_opset.h"
#include "core/passes/quantize/prepare.h"

namespace halftone {

Granularity read_granularity(const Params& params) {
  const std::string& scales = params.choice("scales");
  if (scales == "block") return Granularity::kBlock;
  return scales == "channel" ? Granularity::kChannel : Granularity::kTensor;
}

Result<Model> prepare_weights(const Model& model, int64_t opset) {
  HT_ASSIGN(PreparedModel prepared, prepare_to_quantize(model, QuantizeOptions()));
  if (prepared.model.opset() >= opset) return std::move(prepared.model);
  HT_ASSIGN(Model raised, raise_opset(prepared.model, opset));
  HT_TRY(infer_shapes(raised));
  return raised;
}

}  // namespace halftone
