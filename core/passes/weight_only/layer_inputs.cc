// Gathers samples and adds their outer products.
#include "core/passes/weight_only/layer_inputs.h"

#include <algorithm>
#include <cmath>

#include "core/kernels/linalg/gram.h"
#include "core/kernels/reduce/channels.h"
#include "core/ops/conv_util.h"
#include "core/runtime/channels_first.h"

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

// The patch that output position (o) sees in group `group`.
void patch(const ConvGeometry& g, bool channels_last, const float* image, int64_t group, const Axes3& o, float* row) {
  const int64_t channel = channels_last ? 1 : g.in_plane(), pixel = channels_last ? g.in_channels() : 1;
  for (int64_t c = 0; c < g.channels; ++c) {
    const float* plane = image + (group * g.channels + c) * channel;
    for (int64_t d = 0; d < g.kernel[0]; ++d) {
      for (int64_t h = 0; h < g.kernel[1]; ++h) {
        for (int64_t w = 0; w < g.kernel[2]; ++w) {
          const int64_t z = o[0] * g.stride[0] + d * g.dilation[0] - g.pad[0];
          const int64_t y = o[1] * g.stride[1] + h * g.dilation[1] - g.pad[1];
          const int64_t x = o[2] * g.stride[2] + w * g.dilation[2] - g.pad[2];
          const bool inside = z >= 0 && z < g.in[0] && y >= 0 && y < g.in[1] && x >= 0 && x < g.in[2];
          *row++ = inside ? plane[((z * g.in[1] + y) * g.in[2] + x) * pixel] : 0.0f;
        }
      }
    }
  }
}

// Pixels, or a factor whose rows are not what is summed over: how many neighbours share an index of the columns.
int64_t inner_of(const LayerInput& layer, const Dims& dims) {
  const Node& node = layer.node;
  const bool rows = (node.op_type == "MatMul" && node.input(1) != layer.x) ||
                    (node.op_type == "Gemm" && node.int_attr("transA", 0) == 0);
  int64_t inner = 1;
  if (rows) return inner;
  // ConvTranspose: [N, C, pixels...]; a right factor [..., K, N], a transposed left one [K, M].
  const size_t first = node.op_type == "ConvTranspose" ? 2 : dims.size() - 1;
  for (size_t i = first; i < dims.size(); ++i) inner *= dims[i];
  return inner;
}

// The share of output positions at which the kernel's place k along one axis lies inside of the input.
double coverage(const ConvGeometry& g, size_t axis, int64_t k) {
  int64_t inside = 0;
  for (int64_t o = 0; o < g.out[axis]; ++o) {
    const int64_t at = o * g.stride[axis] + k * g.dilation[axis] - g.pad[axis];
    inside += at >= 0 && at < g.in[axis];
  }
  return static_cast<double>(inside) / static_cast<double>(std::max<int64_t>(1, g.out[axis]));
}

// Each part's columns are the channels of its group, each with its kernel, whose outer places miss some outputs.
void add_patch_means(LayerInput& layer, const ConvGeometry& g, std::span<const double> channels) {
  std::vector<double> shares;
  for (int64_t d = 0; d < g.kernel[0]; ++d) {
    for (int64_t h = 0; h < g.kernel[1]; ++h) {
      for (int64_t w = 0; w < g.kernel[2]; ++w) {
        shares.push_back(coverage(g, 0, d) * coverage(g, 1, h) * coverage(g, 2, w));
      }
    }
  }
  size_t at = 0;
  for (double mean : channels) {
    for (double share : shares) layer.means[at++] += mean * share;
  }
}

Status add_conv_means(LayerInput& layer, const LayerRead& read) {
  HT_ASSIGN(const ConvPlan plan, plan_conv(layer.node, read.dims(), layer.weight_dims));
  const ConvGeometry& g = plan.geometry;
  std::vector<double> means(static_cast<size_t>(g.in_channels()), 0.0);
  const int64_t rows = read.channels_last ? g.in_plane() : 1, inner = read.channels_last ? 1 : g.in_plane();
  add_sums(read.x.as<float>(), g.batch * rows, g.in_channels(), inner, means.data());
  for (double& mean : means) mean /= static_cast<double>(std::max<int64_t>(1, g.batch * g.in_plane()));
  add_patch_means(layer, g, means);
  return ok_status();
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

Dims LayerRead::dims() const {
  Dims dims = x.dims;
  if (channels_last) std::rotate(dims.begin() + 1, dims.end() - 1, dims.end());
  return dims;
}

Result<LayerSamples> LayerSamples::create(const LayerInput& layer, const LayerRead& read) {
  LayerSamples samples;
  samples.conv_ = layer.node.op_type == "Conv";
  samples.channels_last_ = read.channels_last;
  samples.x_ = read.x.as<float>();
  const int64_t size = read.x.size();
  if (samples.conv_) {
    HT_ASSIGN(const ConvPlan plan, plan_conv(layer.node, read.dims(), layer.weight_dims));
    samples.geometry_ = plan.geometry;
    samples.total_ = plan.geometry.batch * plan.geometry.out_plane();
  } else {
    samples.cols_ = layer.parts.back().col_end;
    samples.inner_ = inner_of(layer, read.x.dims);
    samples.total_ = samples.cols_ > 0 ? size / samples.cols_ : 0;
  }
  samples.count_ = size == 0 ? 0 : std::min(kPositions, samples.total_);
  return samples;
}

void LayerSamples::rows(const MatrixPart& part, size_t part_index, int64_t stride, float* out) const {
  const ConvGeometry& g = geometry_;
  for (int64_t i = 0; i < count_; ++i) {
    const int64_t s = i * total_ / count_;
    float* row = out + i * stride;
    if (conv_) {
      const int64_t at = s % g.out_plane();
      const Axes3 o{at / (g.out[1] * g.out[2]), at / g.out[2] % g.out[1], at % g.out[2]};
      const float* image = x_ + s / g.out_plane() * g.in_channels() * g.in_plane();
      patch(g, channels_last_, image, static_cast<int64_t>(part_index), o, row);
      continue;
    }
    const float* x = x_ + s / inner_ * cols_ * inner_ + s % inner_ + part.col_begin * inner_;
    for (int64_t c = 0; c < part.cols(); ++c) row[c] = x[c * inner_];
  }
}

Status add_means(LayerInput& layer, const LayerRead& read) {
  const int64_t size = read.x.size();
  layer.means.resize(layer.parts.size() * static_cast<size_t>(layer.cols()), 0.0);
  if (size == 0) return ok_status();
  ++layer.samples;
  if (layer.node.op_type == "Conv") return add_conv_means(layer, read);
  const int64_t cols = layer.parts.back().col_end, inner = inner_of(layer, read.x.dims), outer = size / (cols * inner);
  std::vector<double> sums(static_cast<size_t>(cols), 0.0);
  add_sums(read.x.as<float>(), outer, cols, inner, sums.data());
  for (size_t c = 0; c < sums.size(); ++c) layer.means[c] += sums[c] / static_cast<double>(outer * inner);
  return ok_status();
}

Status set_means(LayerInput& layer, const Dims& dims, std::span<const double> channels) {
  layer.means.assign(layer.parts.size() * static_cast<size_t>(layer.cols()), 0.0);
  layer.samples = 1;
  const bool conv = layer.node.op_type == "Conv";
  ConvGeometry geometry{};
  if (conv) {
    HT_ASSIGN(const ConvPlan plan, plan_conv(layer.node, dims, layer.weight_dims));
    geometry = plan.geometry;
  }
  const int64_t wanted = conv ? geometry.in_channels() : layer.parts.back().col_end;
  if (static_cast<int64_t>(channels.size()) != wanted) {
    return Error{ErrorCode::kInvalidArgument, "The input's channels have other means", layer.label, ""};
  }
  if (conv) {
    add_patch_means(layer, geometry, channels);
  } else {
    std::copy(channels.begin(), channels.end(), layer.means.begin());
  }
  return ok_status();
}

Status add_samples(LayerInput& layer, const LayerRead& read) {
  const int64_t n = layer.cols();
  layer.sums.resize(layer.parts.size() * static_cast<size_t>(n * n), 0.0f);
  layer.means.resize(layer.parts.size() * static_cast<size_t>(n), 0.0);
  HT_ASSIGN(const LayerSamples samples, LayerSamples::create(layer, read));
  std::vector<float> rows(static_cast<size_t>(samples.count() * n));
  for (size_t p = 0; p < layer.parts.size(); ++p) {
    samples.rows(layer.parts[p], p, n, rows.data());
    if (!std::all_of(rows.begin(), rows.end(), [](float v) { return std::isfinite(v); })) continue;
    double* means = layer.means.data() + p * static_cast<size_t>(n);
    for (size_t i = 0; i < rows.size(); ++i) means[i % static_cast<size_t>(n)] += rows[i];
    add_gram(rows.data(), samples.count(), n, layer.sums.data() + p * static_cast<size_t>(n * n));
  }
  layer.samples += samples.count();
  return ok_status();
}

Result<InputWatcher> InputWatcher::create(const Model& model, std::vector<LayerInput*> layers) {
  InputWatcher watcher;
  std::vector<std::string> names;
  for (LayerInput* layer : layers) {
    const std::string& name = model.graph.value(layer->x).name;
    const auto at = static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
    if (at == names.size()) {
      names.push_back(name);
      watcher.layers_.emplace_back();
    }
    watcher.layers_[at].push_back(layer);
  }
  HT_ASSIGN(watcher.runner_, TapRunner::create(model, std::move(names)));
  return watcher;
}

Status InputWatcher::observe(const Feeds& feeds) {
  return runner_.run(feeds, [this](size_t i, const View& value, bool channels_last) -> Status {
    for (LayerInput* layer : layers_[i]) {
      LayerRead read{value, channels_last};
      Tensor turned;
      if (channels_last && layer->node.op_type != "Conv") {
        HT_ASSIGN(turned, channels_first(value));
        read = {turned.view()};
      }
      HT_TRY(layer->with_sums ? add_samples(*layer, read) : add_means(*layer, read));
    }
    return ok_status();
  });
}

}  // namespace halftone
