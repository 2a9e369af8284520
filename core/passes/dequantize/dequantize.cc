// The pass: the model's own forms first, then the rules of this folder, then what they left to tidy up.
#include "core/passes/dequantize/dequantize.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/compile/resolve_constants.h"
#include "core/compile/rewrites/rules.h"
#include "core/graph/edit.h"
#include "core/ops/shape_inference.h"
#include "core/passes/canonicalize/expand_contrib.h"
#include "core/passes/canonicalize/inline_functions.h"
#include "core/passes/dequantize/rules.h"
#include "core/passes/rewrite_model.h"

namespace halftone {
namespace {

bool is_quantized(const Node& node) {
  for (std::string_view op : {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulNBits",
                              "ConvInteger", "MatMulInteger", "DynamicQuantizeMatMul", "MatMulIntegerToFloat"}) {
    if (node.op_type == op) return true;
  }
  return node.op_type.starts_with("QLinear") || node.op_type == "QGemm";
}

constexpr const RewriteRule* kProducts[] = {&kSpellOutProducts};
constexpr const RewriteRule* kValues[] = {&kDequantizeWeights, &kLiftDequantize, &kDropRounding, &kDropDynamic};
constexpr const RewriteRule* kTidy[] = {&kDropIdentity, &kFoldConstants};

class Dequantize final : public PassRun {
 public:
  explicit Dequantize(Model model) : model_(std::move(model)) {}

  Result<PassOutcome> finish(const ProgressFn&) override {
    HT_TRY(stage(kProducts));
    HT_TRY(stage(kValues));
    HT_TRY(stage(kTidy));
    Json left = Json::array();
    for (const Node& node : model_.graph.nodes) {
      if (is_quantized(node)) left.push(node_label(model_.graph, node));
    }
    Json report(Json::Object{{"weights", applications("dequantize_weights")},
                             {"activations", applications("drop_rounding")},
                             {"dynamicProducts", applications("drop_dynamic")},
                             {"left", std::move(left)},
                             {"warnings", Json::array()}});
    return PassOutcome{std::move(model_), std::move(report)};
  }

 private:
  Status stage(std::span<const RewriteRule* const> rules) {
    HT_ASSIGN(const auto done, rewrite_model(model_, rules));
    stats_.insert(stats_.end(), done.begin(), done.end());
    return infer_shapes(model_);
  }

  int64_t applications(std::string_view rule) const {
    const auto found = std::find_if(stats_.begin(), stats_.end(), [&](const auto& s) { return s.rule == rule; });
    return found == stats_.end() ? 0 : found->applications;
  }

  Model model_;
  std::vector<RewriteStats> stats_;
};

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params&, const PassContext&) {
  if (std::none_of(model.graph.nodes.begin(), model.graph.nodes.end(), is_quantized)) {
    return Error{ErrorCode::kInvalidArgument, "Nothing in this model is quantized", "dequantize",
                 "Leave this step out: the model is in float already."};
  }
  Model prepared = model;
  if (!model.functions.empty()) {
    HT_ASSIGN(prepared, inline_functions(model));
  }
  HT_ASSIGN(prepared, expand_contrib(prepared));
  resolve_constants(prepared.graph);
  compact(prepared.graph);
  HT_TRY(infer_shapes(prepared));
  return std::unique_ptr<PassRun>(std::make_unique<Dequantize>(std::move(prepared)));
}

}  // namespace

const PassDef& dequantize_pass() {
  static const PassDef kPass = {
      .name = "dequantize",
      .summary =
          "Brings a quantized model back to float: weights become the numbers they stand for, activations are no "
          "longer rounded.",
      .params = {},
      .needs = {},
      .begin = begin,
  };
  return kPass;
}

}  // namespace halftone
