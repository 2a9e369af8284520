// Pool geometries at awkward sizes: 1-D to 3-D, strides, dilations, uneven pads, windows over the end.
#pragma once

#include <vector>

#include "core/kernels/pool/pool.h"

namespace halftone {

inline std::vector<PoolGeometry> pool_geometries() {
  std::vector<PoolGeometry> all = {
      {.planes = 3, .in = {1, 5, 9}, .kernel = {1, 3, 3}},
      {.planes = 2, .in = {1, 8, 16}, .kernel = {1, 2, 2}, .stride = {1, 2, 2}},
      {.planes = 2, .in = {1, 9, 17}, .kernel = {1, 3, 3}, .stride = {1, 2, 2}, .pad = {0, 1, 1}, .pad_end = {0, 1, 1}},
      {.planes = 1, .in = {1, 1, 33}, .kernel = {1, 1, 5}, .stride = {1, 1, 3}, .pad = {0, 0, 2}, .pad_end = {0, 0, 4}},
      {.planes = 2, .in = {1, 11, 7}, .kernel = {1, 3, 2}, .dilation = {1, 2, 3}, .pad = {0, 2, 1}},
      {.planes = 2, .in = {1, 5, 71}, .kernel = {1, 3, 3}, .stride = {1, 2, 2}, .pad = {0, 1, 1}},
      {.planes = 2, .in = {1, 3, 70}, .kernel = {1, 2, 3}, .pad = {0, 0, 1}, .pad_end = {0, 0, 1}},
      {.planes = 2, .in = {4, 5, 6}, .kernel = {2, 3, 2}, .stride = {2, 1, 2}, .pad = {1, 1, 0}, .pad_end = {0, 1, 0}},
  };
  for (PoolGeometry& g : all) {
    for (size_t a = 0; a < 3; ++a) {
      g.out[a] = (g.in[a] + g.pad[a] + g.pad_end[a] - (g.dilation[a] * (g.kernel[a] - 1) + 1)) / g.stride[a] + 1;
    }
  }
  // Ceiling: the last window hangs over the end.
  PoolGeometry ceil{.planes = 1, .in = {1, 4, 4}, .out = {1, 2, 2}, .kernel = {1, 3, 3}, .stride = {1, 2, 2}};
  all.push_back(ceil);
  return all;
}

}  // namespace halftone
