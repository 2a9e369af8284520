// A model of its own for each trial.
#include "core/passes/reconstruct/block_trials.h"

#include <algorithm>

#include "core/compile/program.h"
#include "core/graph/edit.h"
#include "core/passes/quantize/decide.h"
#include "core/passes/quantize/insert.h"

namespace halftone {
namespace {

double squared_error(const Tensor& wanted, const Tensor& made, double& energy) {
  const auto a = wanted.data<float>(), b = made.data<float>();
  double sum = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const double d = static_cast<double>(a[i]) - b[i];
    sum += d * d;
    energy += static_cast<double>(a[i]) * a[i];
  }
  return sum;
}

}  // namespace

Result<BlockTrials> BlockTrials::create(const Model& model, const Block& block, const KeptValues& reference,
                                        const KeptValues& quantized) {
  BlockTrials trials;
  trials.model_ = &model;
  trials.block_ = block;
  trials.quantized_ = &quantized;
  Model part = block_model(model, block);
  compact(part.graph);
  HT_ASSIGN(trials.target_, trials.outputs_of(part, false, reference));
  return trials;
}

Result<KeptValues> BlockTrials::outputs_of(const Model& part, bool integer, const KeptValues& inputs) const {
  CompileOptions options;
  options.integer = integer;
  HT_ASSIGN(auto program, compile(part, options));
  Executor executor(std::move(program));
  KeptValues made;
  const size_t count = inputs.empty() ? 0 : inputs.begin()->second.size();
  for (size_t i = 0; i < count; ++i) {
    Feeds feeds;
    for (ValueId id : block_.inputs) feeds.emplace(model_->graph.value(id).name, inputs.at(id)[i]);
    HT_ASSIGN(const RunResult result, executor.run(feeds));
    for (size_t o = 0; o < block_.outputs.size(); ++o) made[block_.outputs[o]].push_back(result.outputs[o].second);
  }
  return made;
}

Result<BlockTrials::Answer> BlockTrials::run(const QuantPlan& plan, const QuantizeOptions& options) const {
  const QuantPlan part = block_plan(plan, block_);
  const QuantDecisions decisions = decide(part, {}, options.observing);
  HT_ASSIGN(const InsertOutcome made, insert_quantization(block_model(*model_, block_), part, decisions, options, {}));
  Answer answer;
  HT_ASSIGN(answer.outputs, outputs_of(made.model, true, *quantized_));
  for (const auto& [id, wanted] : target_) {
    if (model_->graph.value(id).dtype != DType::kFloat) continue;
    double error = 0, energy = 0;
    for (size_t i = 0; i < wanted.size(); ++i) error += squared_error(wanted[i], answer.outputs.at(id)[i], energy);
    answer.noise += energy > 0 ? error / energy : 0;
  }
  return answer;
}

}  // namespace halftone
