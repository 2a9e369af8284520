// Moments by channel, carried from node to node. What an operator does that is not known here, it is taken to leave.
#include "core/passes/quantize/predict_ranges.h"

#include <algorithm>
#include <cmath>

#include "core/compile/match.h"
#include "core/compile/rewrites/clip_range.h"
#include "core/passes/pixels.h"

namespace halftone {
namespace {

constexpr double kInf = HUGE_VAL, kSqrtHalf = 0.70710678118654752, kInvSqrt2Pi = 0.39894228040143268;

struct Moments {
  std::vector<double> mean, variance;  // by channel, or one for all
  double low = 0, high = 0;            // of all channels
  bool certain = false;                // follows from batch normalizations and constants alone

  size_t channels() const { return mean.size(); }
  double mean_of(size_t c) const { return mean[mean.size() == 1 ? 0 : c]; }
  double variance_of(size_t c) const { return variance[variance.size() == 1 ? 0 : c]; }
};

Moments as_normal(std::vector<double> mean, std::vector<double> variance, double deviations) {
  Moments m{std::move(mean), std::move(variance)};
  m.low = kInf;
  m.high = -kInf;
  for (size_t c = 0; c < m.channels(); ++c) {
    const double reach = deviations * std::sqrt(m.variance[c]);
    m.low = std::min(m.low, m.mean[c] - reach);
    m.high = std::max(m.high, m.mean[c] + reach);
  }
  return m;
}

// A normal number clamped to [low, high], either of which may be infinite.
void clamp_normal(double low, double high, double& mean, double& variance) {
  const double s = std::sqrt(variance);
  if (s <= 0) {
    mean = std::clamp(mean, low, high);
    return;
  }
  struct End {
    double at, below, density, tail;  // tail: at * density in units of s
  };
  const auto end = [&](double bound) {
    if (std::isinf(bound)) return End{0, bound < 0 ? 0.0 : 1.0, 0, 0};
    const double t = (bound - mean) / s, density = kInvSqrt2Pi * std::exp(-t * t / 2);
    return End{bound, std::erfc(-t * kSqrtHalf) / 2, density, t * density};
  };
  const End a = end(low), b = end(high);
  const double within = b.below - a.below, slope = a.density - b.density;
  const double first = a.at * a.below + b.at * (1 - b.below) + mean * within + s * slope;
  const double second = a.at * a.at * a.below + b.at * b.at * (1 - b.below) + (mean * mean + variance) * within +
                        2 * mean * s * slope + variance * (a.tail - b.tail);
  mean = first;
  variance = std::max(0.0, second - first * first);
}

class Predictor {
 public:
  Predictor(const Graph& graph, double deviations) : graph_(graph), deviations_(deviations) {
    known_.resize(graph.values.size());
  }

  std::optional<Moments>& at(ValueId id) { return known_[static_cast<size_t>(id)]; }

  void run(const std::vector<BatchNormOutput>& norms, const std::vector<std::optional<Range>>& given) {
    for (ValueId id : graph_.inputs) {
      if (graph_.value(id).dtype == DType::kFloat) know_normal(id, {0}, {1}, false);
    }
    for (const BatchNormOutput& norm : norms) {
      const ValueId id = graph_.find_value(norm.tensor);
      if (id != kNoValue) know_normal(id, norm.mean, norm.variance, true);
    }
    for (size_t id = 0; id < given.size(); ++id) {
      if (given[id]) know_range(static_cast<ValueId>(id), *given[id]);
    }
    for (const Node& node : graph_.nodes) carry(node);
  }

 private:
  void know_range(ValueId id, Range range) {
    const double half = (static_cast<double>(range.high) - range.low) / 2;
    at(id) = Moments{{range.low + half}, {half * half / 4}, range.low, range.high};
  }

  void know_normal(ValueId id, std::vector<double> mean, std::vector<double> variance, bool certain) {
    at(id) = as_normal(std::move(mean), std::move(variance), deviations_);
    at(id)->certain = certain;
  }

  void carry(const Node& node) {
    const ValueId out = node.output(0);
    if (out == kNoValue) return;
    std::optional<Moments> made = of_node(node);
    if (!made) return;
    for (ValueId id : node.outputs) {
      if (id != kNoValue && !at(id)) at(id) = made;
    }
  }

  const Moments* input(const Node& node, size_t i) {
    const ValueId id = node.input(i);
    if (id == kNoValue) return nullptr;
    if (!at(id)) know_constant(id);
    return at(id) ? &*at(id) : nullptr;
  }

  void know_constant(ValueId id) {
    const auto values = float_constant(graph_, id);
    if (!values || values->empty()) return;
    const bool by_channel = graph_.value(id).constant.rank() >= 3 &&
                            graph_.value(id).constant.dims()[1] == static_cast<int64_t>(values->size());
    std::vector<double> mean(values->begin(), values->end());
    Moments m;
    m.low = *std::min_element(mean.begin(), mean.end());
    m.high = *std::max_element(mean.begin(), mean.end());
    m.certain = true;
    double sum = 0, squares = 0;
    for (double v : mean) sum += v;
    sum /= static_cast<double>(mean.size());
    for (double v : mean) squares += (v - sum) * (v - sum);
    if (by_channel) {
      m.variance.assign(mean.size(), 0);
      m.mean = std::move(mean);
    } else {
      m.mean = {sum};
      m.variance = {squares / static_cast<double>(mean.size())};
    }
    at(id) = std::move(m);
  }

  std::optional<Moments> of_node(const Node& node) {
    const std::string& op = node.op_type;
    if (const auto range = clip_range(graph_, node)) return clamped(node, *range);
    if (op == "Conv") return product(node, 0);
    if (op == "Gemm" && node.int_attr("transA", 0) == 0) return product(node, node.int_attr("transB", 0) ? 0 : 1);
    if (op == "MatMul" && graph_.value(node.input(1)).is_constant()) return product(node, 1);
    if (op == "Add" || op == "Sub" || op == "Mul") return combined(node);
    if (op == "Softmax" || op == "Sigmoid") return Moments{{0.5}, {1 / 12.0}, 0, 1};
    if (op == "Tanh") return Moments{{0}, {1 / 3.0}, -1, 1};
    if (op == "Concat") return joined(node);
    if (op == "LayerNormalization") return normalized(node);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const Moments* x = input(node, i);
      if (x == nullptr) continue;
      Moments same = *x;
      if (!keeps_channels(node)) one_channel(same);
      same.certain = same.certain && keeps_means(node);
      return same;
    }
    return std::nullopt;
  }

  bool keeps_channels(const Node& node) const {
    const std::string& op = node.op_type;
    return op.find("Pool") != std::string::npos || op == "Identity" || op == "Dropout" ||
           drops_single_pixels(graph_, node) || averages_pixels(graph_, node);
  }

  bool keeps_means(const Node& node) const {
    return keeps_channels(node) && node.op_type != "MaxPool" && node.op_type != "GlobalMaxPool";
  }

  // The mixture of all channels: where an operator may have moved them.
  static void one_channel(Moments& m) {
    m.certain = m.certain && m.channels() == 1;
    double mean = 0, squares = 0;
    for (size_t c = 0; c < m.channels(); ++c) {
      mean += m.mean[c];
      squares += m.variance[c] + m.mean[c] * m.mean[c];
    }
    const auto n = static_cast<double>(m.channels());
    m.mean = {mean / n};
    m.variance = {std::max(0.0, squares / n - m.mean[0] * m.mean[0])};
  }

  std::optional<Moments> clamped(const Node& node, const ClipRange& range) {
    const Moments* x = input(node, 0);
    if (x == nullptr) return std::nullopt;
    Moments m = *x;
    for (size_t c = 0; c < m.channels(); ++c) clamp_normal(range.lo, range.hi, m.mean[c], m.variance[c]);
    m.low = std::clamp<double>(m.low, range.lo, range.hi);
    m.high = std::clamp<double>(m.high, range.lo, range.hi);
    return m;
  }

  // Input 0 times a constant weight; axis: of its outputs. Convolutions: [M, C / group, ...].
  std::optional<Moments> product(const Node& node, int64_t axis) {
    const Moments* x = input(node, 0);
    const auto w = float_constant(graph_, node.input(1));
    if (x == nullptr || !w || w->empty()) return std::nullopt;
    const Dims& dims = graph_.value(node.input(1)).constant.dims();
    if (dims.size() < 2 || (axis == 1 && dims.size() != 2)) return std::nullopt;
    const auto outputs = static_cast<size_t>(dims[static_cast<size_t>(axis)]);
    const auto inputs = static_cast<size_t>(dims[static_cast<size_t>(1 - axis)]);
    const size_t taps = w->size() / (outputs * inputs);
    const auto group = static_cast<size_t>(std::max<int64_t>(1, node.int_attr("group", 1)));
    const bool fits = x->channels() == 1 || x->channels() == inputs * group;
    Moments from = *x;
    if (!fits) one_channel(from);
    const std::optional<std::vector<float>> bias =
        node.op_type == "MatMul" ? std::nullopt : float_constant(graph_, node.input(2));
    std::vector<double> mean(outputs), variance(outputs);
    for (size_t m = 0; m < outputs; ++m) {
      const size_t first = m / std::max<size_t>(1, outputs / group) * inputs;
      if (bias && !bias->empty()) mean[m] = (*bias)[bias->size() == outputs ? m : 0];
      for (size_t c = 0; c < inputs; ++c) {
        double sum = 0, squares = 0;
        for (size_t k = 0; k < taps; ++k) {
          const double v = (*w)[axis == 0 ? (m * inputs + c) * taps + k : c * outputs + m];
          sum += v;
          squares += v * v;
        }
        mean[m] += sum * from.mean_of(first + c);
        variance[m] += std::max(squares, sum * sum) * from.variance_of(first + c);
      }
    }
    // Neither independence nor alikeness is true: leave room.
    Moments made = as_normal(std::move(mean), std::move(variance), 2 * deviations_);
    made.certain = from.certain;
    return made;
  }

  // Sums and products of independent numbers.
  std::optional<Moments> combined(const Node& node) {
    const Moments *a = input(node, 0), *b = input(node, 1);
    if (a == nullptr || b == nullptr) return std::nullopt;
    Moments x = *a, y = *b;
    if (x.channels() != y.channels() && x.channels() != 1 && y.channels() != 1) {
      one_channel(x);
      one_channel(y);
    }
    const size_t channels = std::max(x.channels(), y.channels());
    std::vector<double> mean(channels), variance(channels);
    for (size_t c = 0; c < channels; ++c) {
      const double m = x.mean_of(c), n = y.mean_of(c), v = x.variance_of(c), w = y.variance_of(c);
      mean[c] = node.op_type == "Mul" ? m * n : node.op_type == "Sub" ? m - n : m + n;
      variance[c] = node.op_type == "Mul" ? v * w + v * n * n + w * m * m : v + w;
    }
    Moments made = as_normal(std::move(mean), std::move(variance), deviations_);
    // The mean of a product is the means' product where one factor does not move.
    const bool moves = !graph_.value(node.input(0)).is_constant() && !graph_.value(node.input(1)).is_constant();
    made.certain = x.certain && y.certain && (node.op_type != "Mul" || !moves);
    return made;
  }

  // Whatever goes in, elements come out with mean 0 and deviation 1, times scale plus bias along the last axis.
  std::optional<Moments> normalized(const Node& node) {
    const auto scale = float_constant(graph_, node.input(1)), bias = float_constant(graph_, node.input(2));
    if (!scale || scale->empty()) return std::nullopt;
    std::vector<double> mean(scale->size(), 0.0), variance;
    if (bias && bias->size() == scale->size()) mean.assign(bias->begin(), bias->end());
    for (double s : *scale) variance.push_back(s * s);
    return as_normal(std::move(mean), std::move(variance), deviations_);
  }

  std::optional<Moments> joined(const Node& node) {
    std::optional<Moments> all;
    bool complete = true;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const Moments* x = input(node, i);
      complete = complete && x != nullptr;
      if (x == nullptr) continue;
      if (!all) {
        all = *x;
        continue;
      }
      all->mean.insert(all->mean.end(), x->mean.begin(), x->mean.end());
      all->variance.insert(all->variance.end(), x->variance.begin(), x->variance.end());
      all->certain = all->certain && x->certain;
      all->low = std::min(all->low, x->low);
      all->high = std::max(all->high, x->high);
    }
    if (all) all->certain = all->certain && complete;
    if (all && node.int_attr("axis", 1) != 1) one_channel(*all);
    return all;
  }

  const Graph& graph_;
  const double deviations_;
  std::vector<std::optional<Moments>> known_;  // by ValueId
};

}  // namespace

std::vector<std::optional<Range>> predict_ranges(const Graph& graph, const std::vector<BatchNormOutput>& norms,
                                                 const std::vector<std::optional<Range>>& given, double deviations) {
  Predictor predictor(graph, deviations);
  predictor.run(norms, given);
  std::vector<std::optional<Range>> ranges(graph.values.size());
  for (size_t id = 0; id < ranges.size(); ++id) {
    const std::optional<Moments>& m = predictor.at(static_cast<ValueId>(id));
    if (m) ranges[id] = Range{static_cast<float>(std::min(0.0, m->low)), static_cast<float>(std::max(0.0, m->high))};
  }
  return ranges;
}

std::vector<std::vector<double>> predict_means(const Graph& graph, const std::vector<BatchNormOutput>& norms) {
  Predictor predictor(graph, 1);
  predictor.run(norms, {});
  std::vector<std::vector<double>> means(graph.values.size());
  for (size_t id = 0; id < means.size(); ++id) {
    const std::optional<Moments>& m = predictor.at(static_cast<ValueId>(id));
    if (m && m->certain && !graph.values[id].is_constant()) means[id] = m->mean;
  }
  return means;
}

}  // namespace halftone
