// What choosing a layer's weights anew needs of the data: sums over samples of the layer's input x as the quantized
// model makes it, and of how far it is from the float model's x_f.
#pragma once

#include <vector>

#include "core/passes/reconstruct/layers.h"

namespace halftone {

// By part of the layer, with n columns and the difference d = x_f - x.
struct PartSums {
  std::vector<float> gram;               // [n][n] sum of x^T x, read at j <= i
  std::vector<float> cross;              // [n][n] sum of d^T x
  std::vector<double> mean, difference;  // [n] sums of x and d
};

struct LayerSums {
  std::vector<PartSums> parts;  // empty: nothing seen yet
  int64_t samples = 0;

  // Adds the samples of one run. Both tensors have the same dims. Samples with NaN or infinities do not count.
  Status add(const LayerInput& layer, const Tensor& x_float, const Tensor& x);
};

// Bytes that the sums of this layer take.
int64_t sums_bytes(const LayerInput& layer);

}  // namespace halftone
