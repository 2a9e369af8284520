// Finds weights by the operators that read them.
#include "core/passes/weight_only/weights_of.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace halftone {
namespace {

constexpr std::array<std::string_view, 8> kOperators = {"Conv", "ConvTranspose", "GRU",    "Gather",
                                                        "Gemm", "LSTM",          "MatMul", "RNN"};

int64_t product(const Dims& dims, size_t begin, size_t end) {
  int64_t n = 1;
  for (size_t i = begin; i < end; ++i) n *= dims[i];
  return n;
}

// The last axis is summed over; all before it are rows.
MatrixForm last_axis_form(const Dims& dims) {
  const int64_t cols = dims.back(), rows = product(dims, 0, dims.size() - 1), rank = static_cast<int64_t>(dims.size());
  return {.rows = rows,
          .cols = cols,
          .inner_rows = rows,
          .row_stride = cols,
          .channel_axis = rank - 2,
          .reduce_axis = rank - 1,
          .outer = rank > 2};
}

// The first axis is rows, all others are summed over.
MatrixForm first_axis_form(const Dims& dims) {
  const int64_t cols = product(dims, 1, dims.size());
  return {.rows = dims[0],
          .cols = cols,
          .inner_rows = dims[0],
          .row_stride = cols,
          .channel_axis = 0,
          .reduce_axis = 1,
          .flattened = cols != dims[1]};
}

// [..., K, N]: the last axis is rows.
MatrixForm right_factor_form(const Dims& dims) {
  const int64_t n = dims.back(), k = dims[dims.size() - 2], rank = static_cast<int64_t>(dims.size());
  return {.rows = product(dims, 0, dims.size() - 2) * n,
          .cols = k,
          .inner_rows = n,
          .outer_stride = k * n,
          .row_stride = 1,
          .col_stride = n,
          .channel_axis = rank - 1,
          .reduce_axis = rank - 2,
          .outer = rank > 2};
}

// [C, M, taps...]: an output channel is `taps` rows.
MatrixForm transposed_conv_form(const Dims& dims) {
  const int64_t rows = product(dims, 1, dims.size());
  return {.rows = rows,
          .cols = dims[0],
          .inner_rows = rows,
          .row_stride = 1,
          .col_stride = rows,
          .channel_axis = 1,
          .reduce_axis = 0,
          .rows_per_channel = product(dims, 2, dims.size())};
}

// How the node reads input i as a weight; nullopt: not as one.
std::optional<MatrixForm> form_of(const Node& node, size_t i, const Dims& dims) {
  const std::string& op = node.op_type;
  if (!node.domain.empty() || dims.size() < 2) return std::nullopt;
  if (op == "Conv" && i == 1) return first_axis_form(dims);
  if (op == "ConvTranspose" && i == 1 && dims.size() > 2) return transposed_conv_form(dims);
  if (op == "MatMul") return i == 1 ? right_factor_form(dims) : last_axis_form(dims);
  if (op == "Gemm" && i == 1) {
    return node.int_attr("transB", 0) != 0 ? last_axis_form(dims) : right_factor_form(dims);
  }
  if (op == "Gather" && i == 0 && node.int_attr("axis", 0) == 0) return first_axis_form(dims);
  const bool recurrent = op == "LSTM" || op == "GRU" || op == "RNN";
  if (recurrent && (i == 1 || i == 2)) return last_axis_form(dims);
  return std::nullopt;
}

class Finder {
 public:
  Finder(const Graph& graph, const NodeSelection& selection, WeightReport& report)
      : graph_(graph), selection_(selection), report_(report), uses_(graph), index_(graph.values.size(), -1) {}

  std::vector<WeightOf> run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) look_at(n);
    return std::move(found_);
  }

 private:
  void look_at(size_t n) {
    const Node& node = graph_.nodes[n];
    if (std::find(kOperators.begin(), kOperators.end(), node.op_type) == kOperators.end()) return;
    std::string reason(selected(graph_, node, selection_) ? "it has no weight that is a constant" : kNotSelected);
    bool taken = false;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id == kNoValue || !graph_.value(id).is_constant()) continue;
      const auto form = form_of(node, i, graph_.value(id).constant.dims());
      if (!form) continue;
      std::string why = not_taken(graph_, node, selection_);
      int64_t& at = index_[static_cast<size_t>(id)];
      if (why.empty() && at < 0) why = judge(id, *form);
      if (!why.empty()) {
        reason = std::move(why);
        continue;
      }
      taken = true;
      if (at < 0) {
        at = static_cast<int64_t>(found_.size());
        found_.push_back({id, *form, {}});
      }
      found_[static_cast<size_t>(at)].readers.push_back({n, i});
    }
    if (taken) report_.quantized(n);
    if (!taken) report_.skipped(n, std::move(reason));
  }

  std::string judge(ValueId id, const MatrixForm& form) const {
    const Value& value = graph_.value(id);
    if (value.constant.dtype() != DType::kFloat) {
      return "its weight is " + std::string(dtype_name(value.constant.dtype())) + ", not float32";
    }
    if (value.constant.size() == 0) return "its weight is empty";
    for (const Use& use : uses_.uses(id)) {
      if (use.node < 0 || use.input < 0) return "its weight is also an output, or read inside of a subgraph";
      const Node& node = graph_.nodes[static_cast<size_t>(use.node)];
      const auto other = form_of(node, static_cast<size_t>(use.input), value.constant.dims());
      const bool same = other && *other == form && not_taken(graph_, node, selection_).empty();
      if (!same) return "its weight is also read by " + node_label(graph_, node) + ", which needs it as it is";
    }
    const auto values = value.constant.data<float>();
    if (std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) return {};
    return "its weight holds NaN or infinity";
  }

  const Graph& graph_;
  const NodeSelection& selection_;
  WeightReport& report_;
  const UseMap uses_;
  std::vector<WeightOf> found_;
  std::vector<int64_t> index_;  // by value: among found_
};

}  // namespace

std::span<const std::string_view> weight_operators() { return kOperators; }

std::vector<WeightOf> weights_of(const Graph& graph, const NodeSelection& selection, WeightReport& report) {
  return Finder(graph, selection, report).run();
}

std::string reader_labels(const Graph& graph, const WeightOf& weight) {
  std::string text;
  for (const WeightReader& reader : weight.readers) {
    text += (text.empty() ? "" : ", ") + node_label(graph, graph.nodes[reader.node]);
  }
  return text;
}

std::vector<float> matrix_of(const Tensor& weight, const MatrixForm& form) {
  std::vector<float> out(static_cast<size_t>(form.rows * form.cols));
  const float* from = weight.data<float>().data();
  float* to = out.data();
  for (int64_t r = 0; r < form.rows; ++r) {
    for (int64_t c = 0; c < form.cols; ++c) *to++ = from[form.at(r, c)];
  }
  return out;
}

WeightFacts facts_of(std::span<const float> before, std::span<const float> now, const MatrixForm& form) {
  return facts_by_row(before, now, form.cols * form.rows_per_channel);
}

std::vector<float> tensor_order(std::span<const float> matrix, const MatrixForm& form) {
  std::vector<float> out(matrix.size());
  const float* from = matrix.data();
  for (int64_t r = 0; r < form.rows; ++r) {
    for (int64_t c = 0; c < form.cols; ++c) out[static_cast<size_t>(form.at(r, c))] = *from++;
  }
  return out;
}

}  // namespace halftone
