// Each trial is a model of its own: made, compiled, run on the feeds that were kept, dropped.
#include "core/passes/mixed/trials.h"

#include <algorithm>
#include <cmath>

#include "core/ops/node_macs.h"
#include "core/passes/quantize/decide.h"
#include "core/passes/quantize/insert.h"
#include "core/passes/quantize/quantize_static.h"

namespace halftone {
namespace {

size_t best(std::span<const float> scores) {
  return static_cast<size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
}

// Scores as probabilities: as they are where they are that already.
std::vector<double> probabilities(std::span<const float> scores) {
  std::vector<double> p(scores.begin(), scores.end());
  double sum = 0;
  for (double v : p) sum += v;
  const bool done = std::fabs(sum - 1) < 1e-3 && std::all_of(p.begin(), p.end(), [](double v) { return v >= 0; });
  if (done) return p;
  const double top = *std::max_element(p.begin(), p.end());
  sum = 0;
  for (double& v : p) sum += v = std::exp(v - top);
  for (double& v : p) v /= sum;
  return p;
}

double divergence(std::span<const float> reference, std::span<const float> other) {
  const std::vector<double> p = probabilities(reference), q = probabilities(other);
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    if (p[i] > 0) sum += p[i] * std::log(p[i] / std::max(q[i], 1e-12));
  }
  return std::max(0.0, sum);
}

// Noise over signal; 0 for an output that is exact.
double relative_noise(std::span<const float> reference, std::span<const float> other) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < reference.size() && i < other.size(); ++i) {
    const double d = static_cast<double>(reference[i]) - other[i];
    signal += static_cast<double>(reference[i]) * reference[i];
    noise += d * d;
  }
  return noise == 0 ? 0 : noise / std::max(signal, 1e-30);
}

// Classes of [N, C], [N, C, 1, 1] and [C]; 0: no such list.
int64_t classes_of(const Tensor& scores) {
  const Dims& dims = scores.dims();
  if (dims.empty()) return 0;
  const size_t axis = dims.size() == 1 ? 0 : 1;
  const bool rest =
      std::all_of(dims.begin() + static_cast<ptrdiff_t>(axis) + 1, dims.end(), [](int64_t d) { return d == 1; });
  return rest && is_float(scores.dtype()) && dims[axis] > 1 ? dims[axis] : 0;
}

bool is_compute(NodeRole role) { return role == NodeRole::kWeighted || role == NodeRole::kElementwise; }

}  // namespace

Json decibels_json(double noise) {
  return noise > 0 && std::isfinite(noise) ? Json(std::round(decibels(noise) * 100) / 100) : Json();
}

Result<Trials> Trials::create(const Model& model, const Params& quantizing, TrialSettings settings) {
  Trials trials;
  trials.model_ = model;
  trials.quantizing_ = quantizing;
  trials.settings_ = std::move(settings);
  HT_ASSIGN(trials.options_, read_quantize_options(quantizing, model));
  HT_ASSIGN(trials.prepared_, prepare_to_quantize(model, trials.options_));
  trials.plan_ = plan_quantization(trials.prepared_.model, trials.options_);
  predict_groups(trials.prepared_, trials.options_.deviations, trials.plan_);
  HT_ASSIGN(trials.calibrator_, Calibrator::create(trials.prepared_.model, trials.plan_));
  const Graph& graph = trials.prepared_.model.graph;
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const NodePlan& plan = trials.plan_.nodes[n];
    if (!is_compute(plan.role)) continue;
    const Node& node = graph.nodes[n];
    TrialLayer layer{node_label(graph, node), node.op_type, n, 0, node_macs(trials.prepared_.model, graph, node), 8};
    if (plan.role == NodeRole::kWeighted) {
      const Value& weight = graph.value(node.inputs[static_cast<size_t>(plan.rule->weight_input)]);
      layer.elements = weight.constant.size();
      const WeightScheme scheme =
          weight_scheme(trials.options_.weight, trials.options_.overrides, layer.label, weight.name);
      layer.bits = scheme.grid.bits + scheme.reduce_range;
    }
    trials.layers_.push_back(std::move(layer));
  }
  if (trials.layers_.empty()) {
    return Error{ErrorCode::kInvalidArgument, "No node of this model would compute on integers", "quantize_static",
                 "Start from a float model, and see why its nodes stay float by applying quantize_static alone."};
  }
  return trials;
}

Status Trials::observe(const Feeds& feeds) {
  if (static_cast<int64_t>(feeds_.size()) < settings_.feeds) feeds_.push_back(feeds);
  return calibrator_->observe(feeds);
}

Status Trials::start() {
  const QuantDecisions decisions = decide(plan_, calibrator_->tensors(), options_.observing);
  calibrator_.reset();
  for (size_t g = 0; g < plan_.groups.size(); ++g) {
    for (ValueId id : plan_.groups[g].members) {
      ranges_.emplace(prepared_.model.graph.value(id).name, decisions.groups[g].range);
    }
  }
  HT_ASSIGN(reference_, run(prepared_.model, false, &classes_));
  float_accuracy_ = accuracy(reference_);
  return ok_status();
}

Result<std::vector<Trials::Answer>> Trials::run(const Model& model, bool integer, int64_t* classes) const {
  CompileOptions options;
  options.integer = integer;
  HT_ASSIGN(auto program, compile(model, options));
  Executor executor(std::move(program));
  std::vector<Answer> answers;
  for (const Feeds& feeds : feeds_) {
    HT_ASSIGN(const RunResult result, executor.run(feeds));
    Answer answer;
    for (const auto& [name, tensor] : result.outputs) {
      answer.emplace_back();
      if (!is_float(tensor.dtype())) continue;
      HT_ASSIGN(answer.back(), to_floats(tensor));
    }
    if (classes != nullptr && !result.outputs.empty()) *classes = classes_of(result.outputs[0].second);
    answers.push_back(std::move(answer));
  }
  return answers;
}

double Trials::accuracy(const std::vector<Answer>& answers) const {
  size_t item = 0, right = 0;
  for (const Answer& answer : answers) {
    for (size_t at = 0; classes_ > 0 && at < answer[0].size() && item < settings_.labels.size(); ++item) {
      const std::span<const float> scores(answer[0].data() + at, static_cast<size_t>(classes_));
      right += static_cast<int64_t>(best(scores)) == settings_.labels[item];
      at += static_cast<size_t>(classes_);
    }
  }
  return item == 0 ? 0 : static_cast<double>(right) / static_cast<double>(item);
}

Result<TrialError> Trials::judge(const Model& model, bool integer) const {
  HT_ASSIGN(const std::vector<Answer> answers, run(model, integer));
  TrialError error;
  double parts = 0, items = 0;
  for (size_t f = 0; f < answers.size(); ++f) {
    for (size_t o = 0; o < answers[f].size(); ++o, ++parts) {
      error.noise += relative_noise(reference_[f][o], answers[f][o]);
    }
    const std::vector<float>&r = reference_[f][0], &x = answers[f][0];
    for (size_t at = 0; classes_ > 0 && at < std::min(r.size(), x.size());
         at += static_cast<size_t>(classes_), ++items) {
      const std::span<const float> p(r.data() + at, static_cast<size_t>(classes_));
      const std::span<const float> q(x.data() + at, static_cast<size_t>(classes_));
      error.divergence += divergence(p, q);
      error.agreement += best(p) == best(q);
    }
  }
  error.noise /= std::max(1.0, parts);
  error.divergence /= std::max(1.0, items);
  error.agreement /= std::max(1.0, items);
  error.accuracy = accuracy(answers);
  return error;
}

Result<TrialError> Trials::quantized(const PreparedModel& prepared, const QuantizeOptions& options) const {
  QuantPlan plan = plan_quantization(prepared.model, options);
  for (TensorGroup& group : plan.groups) {
    const auto known = ranges_.find(prepared.model.graph.value(group.members.front()).name);
    group.given = known == ranges_.end() ? Range() : known->second;
  }
  const QuantDecisions decisions = decide(plan, {}, options.observing);
  HT_ASSIGN(const InsertOutcome made, insert_quantization(prepared.model, plan, decisions, options, {}));
  HT_ASSIGN(TrialError error, judge(made.model, true));
  for (const StoredWeight& weight : made.weights) {
    error.bytes += (weight.elements * dtype_info(weight.type).bits + 7) / 8;
  }
  return error;
}

Result<TrialError> Trials::alone(const TrialLayer& layer) const {
  QuantizeOptions options = options_;
  options.skip_islands = false;
  options.op_types.clear();
  options.nodes = {layer.label};
  return quantized(prepared_, options);
}

Result<TrialError> Trials::all(const std::vector<Json>& overrides) const {
  HT_ASSIGN(const QuantizeOptions options, read_quantize_options(quantizing_.extended("overrides", overrides), model_));
  HT_ASSIGN(const PreparedModel prepared, prepare_to_quantize(model_, options));
  HT_ASSIGN(TrialError error, quantized(prepared, options));
  for (const TrialLayer& layer : layers_) {
    const bool stays = std::find(options.exclude_nodes.begin(), options.exclude_nodes.end(), layer.label) !=
                       options.exclude_nodes.end();
    if (stays) error.bytes += layer.elements * 4;
  }
  return error;
}

Result<Tensor> Trials::coded_weight(const TrialLayer& layer, int bits) const {
  const Graph& graph = prepared_.model.graph;
  const Node& node = graph.nodes[layer.node];
  const QuantRule& rule = *plan_.nodes[layer.node].rule;
  QuantizeOptions options = options_;
  Override& width = options.overrides.emplace_back();
  width.where = layer.label;
  width.weight_bits = bits;
  const ValueId id = node.inputs[static_cast<size_t>(rule.weight_input)];
  const WeightSpec spec = weight_spec(graph, node, layer.label, rule, id, options);
  HT_ASSIGN(const EncodedWeight encoded, encode_weight(graph.value(id).constant, Tensor(), 1.0f, spec));
  return dequantize_tensor(encoded.weight, encoded.params);
}

Result<double> Trials::weight_error(const TrialLayer& layer, int bits) const {
  HT_ASSIGN(const Tensor coded, coded_weight(layer, bits));
  const Node& node = prepared_.model.graph.nodes[layer.node];
  const auto w = static_cast<size_t>(plan_.nodes[layer.node].rule->weight_input);
  return relative_noise(prepared_.model.graph.value(node.inputs[w]).constant.data<float>(), coded.data<float>());
}

Result<TrialError> Trials::weight_alone(const TrialLayer& layer, int bits) const {
  Model model = prepared_.model;
  HT_ASSIGN(Tensor coded, coded_weight(layer, bits));
  const ValueId id = model.graph.add_constant("trial", std::move(coded));
  const auto w = static_cast<size_t>(plan_.nodes[layer.node].rule->weight_input);
  model.graph.nodes[layer.node].inputs[w] = id;
  return judge(model, false);
}

int64_t Trials::stored_bytes(const TrialLayer& layer, int bits) const {
  WeightScheme scheme = options_.weight;
  scheme.set_bits(bits);
  return (layer.elements * dtype_info(make_grid(scheme.grid).dtype).bits + 7) / 8;
}

}  // namespace halftone
