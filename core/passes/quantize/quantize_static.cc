// The steps of static quantization in order: prepare, plan, calibrate, decide, insert, report. Each is its own file.
#include "core/passes/quantize/quantize_static.h"

#include <algorithm>
#include <map>

#include "core/passes/quantize/calibrate.h"
#include "core/passes/quantize/decide.h"
#include "core/passes/quantize/insert.h"
#include "core/passes/quantize/plan.h"
#include "core/passes/quantize/prepare.h"
#include "core/passes/quantize/report.h"
#include "core/passes/quantize/weight_report.h"

namespace halftone {
namespace {

bool needs_data(const QuantPlan& plan) { return std::any_of(plan.groups.begin(), plan.groups.end(), wants_data); }

}  // namespace

void predict_groups(const PreparedModel& prepared, double deviations, QuantPlan& plan) {
  const auto asks = [](const TensorGroup& group) { return group.observer == kBatchNorm; };
  if (std::none_of(plan.groups.begin(), plan.groups.end(), asks)) return;
  std::vector<std::optional<Range>> given(prepared.model.graph.values.size());
  for (const TensorGroup& group : plan.groups) {
    for (ValueId id : group.observed) given[static_cast<size_t>(id)] = group.given;
  }
  const auto ranges = predict_ranges(prepared.model.graph, prepared.norms, given, deviations);
  for (TensorGroup& group : plan.groups) {
    if (!asks(group) || group.given) continue;
    group.observer = "minmax";
    for (ValueId id : group.observed) {
      const std::optional<Range>& one = ranges[static_cast<size_t>(id)];
      if (!one) continue;
      const Range before = group.predicted.value_or(Range());
      group.predicted = Range{std::min(before.low, one->low), std::max(before.high, one->high)};
    }
  }
}

namespace {

class QuantizeStatic final : public PassRun {
 public:
  QuantizeStatic(QuantizeOptions options, PreparedModel prepared, QuantPlan plan, Calibrator calibrator)
      : options_(std::move(options)),
        prepared_(std::move(prepared)),
        plan_(std::move(plan)),
        calibrator_(std::move(calibrator)) {}

  int sweeps() const override { return needs_data(plan_) ? 1 : 0; }

  Status observe(int, const Feeds& feeds) override {
    HT_TRY(calibrator_.observe(feeds));
    ++seen_;
    return ok_status();
  }

  Result<PassOutcome> finish(const ProgressFn& progress) override {
    const QuantDecisions decisions = decide(plan_, calibrator_.tensors(), options_.observing);
    HT_ASSIGN(InsertOutcome inserted, insert_quantization(prepared_.model, plan_, decisions, options_, progress));
    Json report = quantize_report(prepared_, plan_, decisions, inserted, options_, calibrator_.tensors(), seen_);
    return PassOutcome{std::move(inserted.model), std::move(report)};
  }

 private:
  QuantizeOptions options_;
  PreparedModel prepared_;
  QuantPlan plan_;
  Calibrator calibrator_;
  int64_t seen_ = 0;
};

// A recipe that would change nothing is refused, with the commonest reasons why.
Status check_not_empty(const Graph& graph, const QuantPlan& plan) {
  std::map<std::string, int64_t> reasons;
  for (size_t n = 0; n < plan.nodes.size(); ++n) {
    if (plan.quantized(n)) return ok_status();
    ++reasons[plan.nodes[n].reason];
  }
  const auto is_linear = [](const Node& node) {
    return node.op_type == "QuantizeLinear" || node.op_type == "DequantizeLinear";
  };
  const auto first = std::find_if(graph.nodes.begin(), graph.nodes.end(), is_linear);
  if (first != graph.nodes.end()) {
    return Error{ErrorCode::kInvalidArgument, "The model is quantized already", node_label(graph, *first),
                 "Start from the float model: one step decides about all of its nodes."};
  }
  std::string hint = with_commonest(reasons.empty() ? "The model has no nodes." : "Nodes stay float because:", reasons);
  return Error{ErrorCode::kInvalidArgument, "Nothing in this model can be quantized under these parameters",
               "quantize_static", std::move(hint)};
}

Result<std::unique_ptr<PassRun>> begin(const Model& model, const Params& params, const PassContext& context) {
  HT_ASSIGN(QuantizeOptions options, read_quantize_options(params, model));
  HT_ASSIGN(PreparedModel prepared, prepare_to_quantize(model, options, context.norms));
  QuantPlan plan = plan_quantization(prepared.model, options);
  HT_TRY(check_not_empty(prepared.model.graph, plan));
  predict_groups(prepared, options.deviations, plan);
  HT_ASSIGN(Calibrator calibrator, Calibrator::create(prepared.model, plan));
  return std::unique_ptr<PassRun>(std::make_unique<QuantizeStatic>(std::move(options), std::move(prepared),
                                                                   std::move(plan), std::move(calibrator)));
}

}  // namespace

const PassDef& quantize_static_pass() {
  static const PassDef def = {
      "quantize_static",
      "Turns weights and activations into integers, with ranges measured on calibration data.",
      quantize_static_params(),
      {.calibration = true, .unless_param = "activation_observer", .unless_choice = kBatchNorm},
      begin,
  };
  return def;
}

}  // namespace halftone
