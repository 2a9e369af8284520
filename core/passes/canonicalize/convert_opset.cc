// The pass around raise_opset(); the contract is in convert_opset.h.
#include "core/passes/canonicalize/convert_opset.h"

#include "core/passes/canonicalize/raise_opset.h"

namespace halftone {
namespace {

class ConvertOpset final : public PassRun {
 public:
  ConvertOpset(Model model, int64_t target) : model_(std::move(model)), target_(target) {}

  Result<PassOutcome> finish(const ProgressFn&) override {
    HT_ASSIGN(Model raised, raise_opset(model_, target_));
    Json report(Json::Object{{"from", Json(model_.opset())},
                             {"to", Json(raised.opset())},
                             {"irVersion", Json(raised.ir_version)},
                             {"nodesBefore", Json(static_cast<int64_t>(model_.graph.nodes.size()))},
                             {"nodesAfter", Json(static_cast<int64_t>(raised.graph.nodes.size()))}});
    return PassOutcome{std::move(raised), std::move(report)};
  }

 private:
  Model model_;
  int64_t target_;
};

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext&) {
  return std::unique_ptr<PassRun>(std::make_unique<ConvertOpset>(model, params.integer("target")));
}

constexpr ParamSpec kParams[] = {{
    .name = "target",
    .kind = ParamKind::kInt,
    .label = "Operator set",
    .help = "The version of ONNX's operators that the model is to use. A model that is newer already stays as it is. "
            "Weights quantized per channel need 13.",
    .fallback = "13",
    .low = 7,
    .high = kMaxOpset,
}};

}  // namespace

const PassDef& convert_opset_pass() {
  static const PassDef kPass = {
      .name = "convert_opset",
      .summary = "Rewrites the model for a newer version of ONNX's operators, without changing what it computes.",
      .params = kParams,
      .needs = {},
      .begin = begin,
  };
  return kPass;
}

}  // namespace halftone
