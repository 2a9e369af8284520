// What second-order rounding needs of the data: for each weight the sums X^T X over the inputs that its columns are
// multiplied with, by layer, while calibration runs.
// Conv sees patches of its input (im2col), by group; ConvTranspose pixels; MatMul and Gemm rows or columns of their
// other factor. Of each input at most kPositions, evenly spread, count. Memory: parts * columns^2 floats a layer; the
// pass takes as many layers at once as its budget allows.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/kernels/conv/geometry.h"
#include "core/passes/tap_runner.h"
#include "core/passes/weight_only/weights_of.h"

namespace halftone {

// Columns that share sums, and the rows that they belong to: all of a matrix, or a group of a grouped convolution.
struct MatrixPart {
  int64_t row_begin = 0, row_end = 0, col_begin = 0, col_end = 0;
  int64_t cols() const { return col_end - col_begin; }
};

struct LayerInput {
  Node node;  // the first that reads the weight
  std::string label;
  ValueId x = kNoValue;
  Dims weight_dims;
  std::vector<MatrixPart> parts;  // of equal numbers of columns
  std::vector<float> sums;        // [parts][cols][cols], lower triangles
  std::vector<double> means;      // [parts][cols] sums over samples of x
  bool with_sums = true;          // false: means only, a sample being what one run shows
  int64_t samples = 0;

  int64_t cols() const { return parts.front().cols(); }
  int64_t bytes() const { return static_cast<int64_t>(parts.size()) * cols() * cols() * 4; }
};

// Errors: kInvalidArgument naming a node whose inputs cannot be seen this way (recurrent layers, batches of weights).
Result<LayerInput> layer_input(const Graph& graph, const WeightOf& weight);

// What a layer reads in one run, in the order of the model or, for a convolution, [N, spatial..., C] for [N, C,
// spatial...].
struct LayerRead {
  View x;
  bool channels_last = false;

  Dims dims() const;  // as the model has them
};

// The samples that one run holds for a layer: at most 512 rows of each part's columns, evenly spread.
class LayerSamples {
 public:
  // read.x must outlive this. Errors: as plan_conv().
  static Result<LayerSamples> create(const LayerInput& layer, const LayerRead& read);
  int64_t count() const { return count_; }
  // Sample i at out + i * stride.
  void rows(const MatrixPart& part, size_t part_index, int64_t stride, float* out) const;

 private:
  bool conv_ = false, channels_last_ = false;
  ConvGeometry geometry_{};
  const float* x_ = nullptr;
  int64_t cols_ = 0, inner_ = 1, total_ = 0, count_ = 0;  // x seen as [outer][cols][inner]
};

// Adds the means alone, over all of x: of a convolution's patches as if every pixel of a channel were its mean.
Status add_means(LayerInput& layer, const LayerRead& read);

// The means of what the layer multiplies with where x has these means by channel; they count as one sample. dims: of x,
// read by Conv alone. Errors: as plan_conv(); kInvalidArgument: there are not as many channels.
Status set_means(LayerInput& layer, const Dims& dims, std::span<const double> channels);

// Adds what x holds; sums are allocated at the first call. Errors: as plan_conv().
Status add_samples(LayerInput& layer, const LayerRead& read);

// Runs the model as far as these layers need and shows them their inputs.
class InputWatcher {
 public:
  static Result<InputWatcher> create(const Model& model, std::vector<LayerInput*> layers);
  Status observe(const Feeds& feeds);

 private:
  TapRunner runner_;
  std::vector<std::vector<LayerInput*>> layers_;  // by value that is looked at
};

}  // namespace halftone
