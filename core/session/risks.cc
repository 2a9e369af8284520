// One function per kind of finding, over the model as quantize_static would prepare it.
#include "core/session/risks.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/sort_order.h"
#include "core/compile/rewrites/clip_range.h"
#include "core/graph/edit.h"
#include "core/passes/quantize/classify.h"
#include "core/passes/quantize/plan.h"
#include "core/passes/quantize/prepare.h"

namespace halftone {
namespace {

enum Severity { kHigh, kMedium, kLow };
constexpr const char* kSeverities[] = {"high", "medium", "low"};
constexpr size_t kNamed = 64;  // nodes that a finding lists

constexpr float kWide = 16, kVeryWide = 64;  // max / median of channel maxima: 4 and 6 bits that a shared scale loses
constexpr float kOutlier = 16;               // max / rms: Gaussian weights stay below 5
constexpr float kTinyVariance = 1e-5f, kTinyScale = 1e-3f;

struct WeightShape {
  float wide = 1;     // largest / median channel maximum
  float outlier = 0;  // largest max / rms of a channel
};

WeightShape shape_of(const Tensor& weight, int64_t axis) {
  const auto values = weight.data<float>();
  int64_t inner = 1;
  for (size_t i = static_cast<size_t>(axis) + 1; i < weight.dims().size(); ++i) inner *= weight.dims()[i];
  const int64_t channels = weight.dims()[static_cast<size_t>(axis)], block = channels * inner;
  std::vector<float> top(static_cast<size_t>(channels), 0.0f), squares(top);
  for (int64_t o = 0; o < weight.size(); o += block) {
    for (int64_t c = 0; c < channels; ++c) {
      const float* run = values.data() + o + c * inner;
      float most = top[static_cast<size_t>(c)], sum = 0;
      for (int64_t i = 0; i < inner; ++i) {
        most = std::max(most, std::fabs(run[i]));
        sum += run[i] * run[i];
      }
      top[static_cast<size_t>(c)] = most;
      squares[static_cast<size_t>(c)] += sum;
    }
  }
  weight.let_go();
  WeightShape shape;
  const auto each = static_cast<float>(weight.size() / channels);
  for (size_t c = 0; c < top.size(); ++c) {
    if (squares[c] > 0) shape.outlier = std::max(shape.outlier, top[c] / std::sqrt(squares[c] / each));
  }
  sort_list(top);
  const float median = top[top.size() / 2];
  if (median > 0) shape.wide = top.back() / median;
  return shape;
}

bool is_depthwise(const Graph& graph, const Node& node) {
  const Value& weight = graph.value(node.inputs[1]);
  const int64_t group = node.int_attr("group", 1);
  return node.op_type == "Conv" && group > 1 && weight.constant.dims()[1] == 1 && weight.constant.dims()[0] >= group;
}

class RiskFinder {
 public:
  RiskFinder(const Model& original, const PreparedModel& prepared, const QuantizeOptions& options)
      : original_(original.graph),
        model_(prepared.model),
        graph_(prepared.model.graph),
        uses_(graph_),
        plan_(plan_quantization(prepared.model, options)) {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (plan_.nodes[n].role == NodeRole::kWeighted) weighted_.push_back(n);
    }
  }

  Json run() {
    weights();
    batch_norms();
    few_bits();
    layer_norms();
    open_tails();
    islands();
    float_operators();
    sort_list(findings_, [](const auto& a, const auto& b) { return a.first < b.first; });
    Json list = Json::array();
    for (auto& finding : findings_) list.push(std::move(finding.second));
    return Json::Object{{"findings", std::move(list)}};
  }

 private:
  std::string label(size_t n) const { return node_label(graph_, graph_.nodes[n]); }

  void add(const char* id, Severity severity, const std::vector<std::string>& nodes, std::string message,
           const char* hint, Json step) {
    Json names = Json::array();
    for (size_t i = 0; i < std::min(kNamed, nodes.size()); ++i) names.push(nodes[i]);
    findings_.emplace_back(severity, Json::Object{{"id", id},
                                                  {"severity", kSeverities[severity]},
                                                  {"message", std::move(message)},
                                                  {"where", nodes.front()},
                                                  {"count", static_cast<int64_t>(nodes.size())},
                                                  {"nodes", std::move(names)},
                                                  {"hint", hint},
                                                  {"step", std::move(step)}});
  }

  static Json quantize(const char* key, Json value) {
    return Json::Object{{"pass", "quantize_static"}, {key, std::move(value)}};
  }
  static Json equalize(const char* by) { return Json::Object{{"pass", "equalize"}, {"by", by}}; }
  // Eight bits for these where the rest gets fewer.
  static Json keep_eight(const std::vector<std::string>& nodes) {
    Json list = Json::array();
    for (const std::string& node : nodes) list.push(Json::Object{{"where", node}, {"weight_bits", 8}});
    return quantize("overrides", std::move(list));
  }

  void weights() {
    std::vector<std::pair<float, std::string>> wide, outlier;
    for (size_t n : weighted_) {
      const Node& node = graph_.nodes[n];
      const QuantRule& rule = *plan_.nodes[n].rule;
      const Tensor& weight = graph_.value(node.inputs[static_cast<size_t>(rule.weight_input)]).constant;
      const WeightShape shape = shape_of(weight, weight_axis(rule, node, weight));
      if (shape.wide >= kWide) wide.emplace_back(shape.wide, label(n));
      if (shape.outlier >= kOutlier) outlier.emplace_back(shape.outlier, label(n));
    }
    report_largest(
        "wide_channels", wide, kVeryWide, "the largest channel of a weight is ", " times its median channel",
        "One scale for the whole weight would leave its small channels few steps: keep one scale per channel, "
        "or let the channels be equalized.",
        equalize("weights"));
    report_largest("outlier_weights", outlier, 2 * kOutlier, "single weights are ",
                   " times as large as is common beside them",
                   "Their scale leaves the others few steps: take the scale with the least squared error.",
                   quantize("weight_observer", "mse"));
  }

  void report_largest(const char* id, std::vector<std::pair<float, std::string>>& found, float high, const char* before,
                      const char* behind, const char* hint, Json step) {
    if (found.empty()) return;
    sort_list(found, [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<std::string> nodes;
    for (const auto& one : found) nodes.push_back(one.second);
    const std::string times = std::to_string(static_cast<int64_t>(std::min(found.front().first, 1e9f)));
    add(id, found.front().first >= high ? kHigh : kMedium, nodes,
        count(nodes.size(), "layer") + ": " + before + "up to " + times + behind, hint, std::move(step));
  }

  static std::string count(size_t n, const char* what) { return std::to_string(n) + " " + what + (n == 1 ? "" : "s"); }

  // Whether a constant input of a batch normalization has a channel below this.
  bool has_tiny(const Node& node, size_t input, float limit) const {
    const Tensor& list = original_.value(node.inputs[input]).constant;
    if (!list.defined() || list.dtype() != DType::kFloat) return false;
    const auto values = list.data<float>();
    return std::any_of(values.begin(), values.end(), [&](float v) { return std::fabs(v) < limit; });
  }

  void batch_norms() {
    std::vector<std::string> tiny;
    for (const Node& node : original_.nodes) {
      if (node.op_type != "BatchNormalization" || node.input(4) == kNoValue) continue;
      if (has_tiny(node, 1, kTinyScale) || has_tiny(node, 4, kTinyVariance))
        tiny.push_back(node_label(original_, node));
    }
    if (tiny.empty()) return;
    add("batch_norm", kMedium, tiny, count(tiny.size(), "batch normalization") + " with channels that hardly vary",
        "Folded into the weights before it, such a channel becomes much larger or smaller than its neighbours: keep one "
        "scale per channel, or let the channels be equalized.",
        equalize("weights"));
  }

  void few_bits() {
    std::vector<std::string> depthwise;
    for (size_t n : weighted_) {
      if (is_depthwise(graph_, graph_.nodes[n])) depthwise.push_back(label(n));
    }
    if (!depthwise.empty()) {
      add("depthwise", kMedium, depthwise, count(depthwise.size(), "depthwise convolution"),
          "Each output sums few products, so that errors do not average out. Below 8 bits for the weights, leave these "
          "at 8: they are a small share of the file.",
          keep_eight(depthwise));
    }
    if (weighted_.size() < 2) return;
    const std::vector<std::string> ends = {label(weighted_.front()), label(weighted_.back())};
    add("ends", kLow, ends, "The first and the last layer are more sensitive than most",
        "Below 8 bits for the weights, leave these at 8.", keep_eight(ends));
  }

  void layer_norms() {
    std::vector<std::string> found;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (graph_.nodes[n].op_type != "LayerNormalization") continue;
      for (const Use& use : uses_.uses(graph_.nodes[n].outputs[0])) {
        if (use.node < 0 || plan_.nodes[static_cast<size_t>(use.node)].role != NodeRole::kWeighted) continue;
        found.push_back(label(n));
        break;
      }
    }
    if (found.empty()) return;
    add("layer_norm", kMedium, found, count(found.size(), "layer normalization") + " feed products with weights",
        "Transformers have a few channels there that are many times as large as the others: move that difference into "
        "the "
        "weights.",
        equalize("activations"));
  }

  // Whether values have an end on both sides by the graph alone.
  bool bounded(ValueId id) const {
    const int32_t n = uses_.producer(id);
    if (n < 0) return false;
    const Node& node = graph_.nodes[static_cast<size_t>(n)];
    if (const auto range = clip_range(graph_, node)) return std::isfinite(range->lo) && std::isfinite(range->hi);
    return node.op_type == "Sigmoid" || node.op_type == "Tanh" || node.op_type == "Softmax" ||
           node.op_type == "HardSigmoid";
  }

  void open_tails() {
    std::vector<std::string> found;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Node& node = graph_.nodes[n];
      const bool tail = node.op_type == "Softmax" || node.op_type == "Sigmoid" || node.op_type == "Exp";
      if (tail && plan_.group(node.input(0)) >= 0 && !bounded(node.input(0))) found.push_back(label(n));
    }
    if (found.empty()) return;
    add("open_tail", kLow, found,
        count(found.size(), "Softmax, Sigmoid or Exp") + " of integers without a natural range",
        "What counts there are differences between the largest values; rare extremes widen the steps. Let the range be "
        "chosen by its error.",
        quantize("activation_observer", "sqnr"));
  }

  void islands() {
    QuantizeOptions options;
    options.skip_islands = true;
    const QuantPlan without = plan_quantization(model_, options);
    std::vector<std::string> found;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (plan_.nodes[n].role == NodeRole::kElementwise && !without.quantized(n)) found.push_back(label(n));
    }
    if (found.empty()) return;
    add("islands", kLow, found,
        count(found.size(), "elementwise operator") + " whose result no product of integers reads",
        "Integers win no time there and cost accuracy: leave them in float.", quantize("skip_islands", true));
  }

  void float_operators() {
    std::map<std::string, std::vector<std::string>> by_operator;
    std::vector<std::string> all;
    std::string names;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const ValueId made = graph_.nodes[n].output(0);
      if (plan_.quantized(n) || made == kNoValue || !is_float(graph_.value(made).dtype)) continue;
      by_operator[graph_.nodes[n].op_type].push_back(label(n));
      all.push_back(label(n));
    }
    if (all.empty()) return;
    for (const auto& [op, nodes] : by_operator) {
      names += (names.empty() ? "" : ", ") + op + " (" + std::to_string(nodes.size()) + ")";
    }
    const bool most = all.size() * 2 > graph_.nodes.size();
    add("float_operators", most ? kMedium : kLow, all, count(all.size(), "node") + " stay float: " + names,
        "They cost no accuracy, but each change between integers and float costs time.", Json());
  }

  const Graph& original_;
  const Model& model_;
  const Graph& graph_;
  const UseMap uses_;
  const QuantPlan plan_;
  std::vector<size_t> weighted_;
  std::vector<std::pair<Severity, Json>> findings_;
};

}  // namespace

Result<Json> find_risks(const Model& model) {
  const QuantizeOptions options;
  HT_ASSIGN(const PreparedModel prepared, prepare_to_quantize(model, options));
  return RiskFinder(model, prepared, options).run();
}

}  // namespace halftone
