// Gathers samples and adds their outer products.
#include "core/passes/weight_only/layer_inputs.h"

#include <algorithm>
#include <cmath>

#include "core/compile/program.h"
#include "core/kernels/linalg/gram.h"
#include "core/ops/conv_util.h"

namespace halftone {
namespace {

constexpr int64_t kPositions = 512;

std::vector<MatrixPart> parts_of(const Node& node, const MatrixForm& form) {
  std::vector<MatrixPart> parts;
  const int64_t groups = std::max<int64_t>(1, node.int_attr("group", 1));
  const bool by_rows = node.op_type == "Conv";
  for (int64_t g = 0; g < groups; ++g) {
    const int64_t n = (by_rows ? form.rows : form.cols) / groups;
    parts.push_back(by_rows ? MatrixPart{g * n, (g + 1) * n, 0, form.cols}
                            : MatrixPart{0, form.rows, g * n, (g + 1) * n});
  }
  return parts;
}

Error cannot(const Graph& graph, const Node& node, std::string why) {
  return {ErrorCode::kInvalidArgument, "GPTQ cannot see what this weight is multiplied with: " + std::move(why),
          node_label(graph, node), "Exclude the node, or use another method."};
}

// x seen as [outer][cols][inner]; sample s is (s / inner, s % inner).
struct StridedSamples {
  const float* x;
  int64_t cols, inner, total;
};

void gather(const StridedSamples& from, const MatrixPart& part, int64_t count, float* rows) {
  const int64_t n = part.cols();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t s = i * from.total / count;
    const float* x = from.x + s / from.inner * from.cols * from.inner + s % from.inner + part.col_begin * from.inner;
    for (int64_t c = 0; c < n; ++c) rows[i * n + c] = x[c * from.inner];
  }
}

// The patch that output position (o) sees in group `group`.
void patch(const ConvGeometry& g, const float* image, int64_t group, const Axes3& o, float* row) {
  for (int64_t c = 0; c < g.channels; ++c) {
    const float* plane = image + (group * g.channels + c) * g.in_plane();
    for (int64_t d = 0; d < g.kernel[0]; ++d) {
      for (int64_t h = 0; h < g.kernel[1]; ++h) {
        for (int64_t w = 0; w < g.kernel[2]; ++w) {
          const int64_t z = o[0] * g.stride[0] + d * g.dilation[0] - g.pad[0];
          const int64_t y = o[1] * g.stride[1] + h * g.dilation[1] - g.pad[1];
          const int64_t x = o[2] * g.stride[2] + w * g.dilation[2] - g.pad[2];
          const bool inside = z >= 0 && z < g.in[0] && y >= 0 && y < g.in[1] && x >= 0 && x < g.in[2];
          *row++ = inside ? plane[(z * g.in[1] + y) * g.in[2] + x] : 0.0f;
        }
      }
    }
  }
}

void gather(const ConvGeometry& g, const float* x, int64_t group, int64_t count, float* rows) {
  const int64_t total = g.batch * g.out_plane();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t s = i * total / count, at = s % g.out_plane();
    const Axes3 o{at / (g.out[1] * g.out[2]), at / g.out[2] % g.out[1], at % g.out[2]};
    patch(g, x + s / g.out_plane() * g.in_channels() * g.in_plane(), group, o, rows + i * g.depth());
  }
}

StridedSamples strided(const LayerInput& layer, const Tensor& x) {
  const Node& node = layer.node;
  const int64_t cols = layer.parts.back().col_end;
  const bool rows = (node.op_type == "MatMul" && node.input(1) != layer.x) ||
                    (node.op_type == "Gemm" && node.int_attr("transA", 0) == 0);
  int64_t inner = 1;
  // ConvTranspose: [N, C, pixels...]; a right factor [..., K, N], a transposed left one [K, M].
  if (!rows) {
    const size_t first = node.op_type == "ConvTranspose" ? 2 : x.dims().size() - 1;
    for (size_t i = first; i < x.dims().size(); ++i) inner *= x.dims()[i];
  }
  return {x.data<float>().data(), cols, inner, cols > 0 ? x.size() / cols : 0};
}

}  // namespace

Result<LayerInput> layer_input(const Graph& graph, const WeightOf& weight) {
  LayerInput layer;
  const WeightReader& reader = weight.readers.front();
  layer.node = graph.nodes[reader.node];
  layer.label = node_label(graph, layer.node);
  layer.weight_dims = graph.value(weight.id).constant.dims();
  const std::string& op = layer.node.op_type;
  if (op == "LSTM" || op == "GRU" || op == "RNN")
    return cannot(graph, layer.node, "a recurrent layer's state is inside");
  if (weight.form.outer) return cannot(graph, layer.node, "it is a batch of matrices");
  layer.x = layer.node.input(op == "MatMul" && reader.input == 0 ? 1 : 0);
  if (layer.x == kNoValue || graph.value(layer.x).dtype != DType::kFloat) {
    return cannot(graph, layer.node, "its input is not float32");
  }
  layer.parts = parts_of(layer.node, weight.form);
  return layer;
}

Status add_samples(LayerInput& layer, const Tensor& x) {
  const int64_t n = layer.cols();
  layer.sums.resize(layer.parts.size() * static_cast<size_t>(n * n), 0.0f);
  if (x.size() == 0) return ok_status();
  ConvPlan plan;
  StridedSamples samples{};
  const bool conv = layer.node.op_type == "Conv";
  if (conv) {
    HT_ASSIGN(plan, plan_conv(layer.node, x.dims(), layer.weight_dims));
  } else {
    samples = strided(layer, x);
  }
  const int64_t count = std::min(kPositions, conv ? plan.geometry.batch * plan.geometry.out_plane() : samples.total);
  std::vector<float> rows(static_cast<size_t>(count * n));
  for (size_t p = 0; p < layer.parts.size(); ++p) {
    if (conv) {
      gather(plan.geometry, x.data<float>().data(), static_cast<int64_t>(p), count, rows.data());
    } else {
      gather(samples, layer.parts[p], count, rows.data());
    }
    if (!std::all_of(rows.begin(), rows.end(), [](float v) { return std::isfinite(v); })) continue;
    add_gram(rows.data(), count, n, layer.sums.data() + p * static_cast<size_t>(n * n));
  }
  layer.samples += count;
  return ok_status();
}

Result<InputWatcher> InputWatcher::create(const Model& model, std::vector<LayerInput*> layers) {
  InputWatcher watcher;
  Model part = model;
  Graph& graph = part.graph;
  graph.outputs.clear();
  for (LayerInput* layer : layers) {
    watcher.layers_.emplace_back(graph.value(layer->x).name, layer);
    const bool fed = std::find(graph.inputs.begin(), graph.inputs.end(), layer->x) != graph.inputs.end();
    const bool known = std::find(graph.outputs.begin(), graph.outputs.end(), layer->x) != graph.outputs.end();
    if (!fed && !known) graph.outputs.push_back(layer->x);
  }
  if (graph.outputs.empty()) return watcher;
  compact(graph);
  CompileOptions options;
  options.integer = false;
  HT_ASSIGN(auto program, compile(part, options));
  watcher.executor_ = std::make_unique<Executor>(std::move(program));
  return watcher;
}

Status InputWatcher::observe(const Feeds& feeds) {
  std::map<std::string, Tensor, std::less<>> seen;
  if (executor_ != nullptr) {
    HT_ASSIGN(const RunResult result, executor_->run(feeds));
    for (const auto& [name, tensor] : result.outputs) seen.emplace(name, tensor);
  }
  for (const auto& [name, layer] : layers_) {
    const auto at = seen.find(name);
    const auto fed = feeds.find(name);
    if (at == seen.end() && fed == feeds.end()) {
      return Error{ErrorCode::kInvalidInput, "The calibration data leaves out this input", name, "Feed every input."};
    }
    HT_TRY(add_samples(*layer, at != seen.end() ? at->second : fed->second));
  }
  return ok_status();
}

}  // namespace halftone
