// Convolution geometries that the kernels are tested at: sizes around the lane width, strides, dilations, pads that
// are larger than the input, groups, depthwise, one to three axes.
#pragma once

#include <string>
#include <vector>

#include "core/kernels/conv/geometry.h"

namespace halftone {

struct ConvCase {
  const char* name;
  ConvGeometry geometry;
  Axes3 pad_end{0, 0, 0};
};

inline ConvGeometry with_output(ConvGeometry g, const Axes3& pad_end) {
  for (size_t a = 0; a < 3; ++a) {
    g.out[a] = (g.in[a] + g.pad[a] + pad_end[a] - (g.dilation[a] * (g.kernel[a] - 1) + 1)) / g.stride[a] + 1;
  }
  return g;
}

inline std::vector<ConvCase> conv_cases() {
  std::vector<ConvCase> cases = {
      {"pointwise 1x1 plane", {.channels = 3, .filters = 5}},
      {"pointwise 7x7", {.batch = 2, .channels = 9, .filters = 13, .in = {1, 7, 7}}},
      {"pointwise 8x8", {.channels = 16, .filters = 6, .in = {1, 8, 8}}},
      {"pointwise 3x11", {.channels = 33, .filters = 17, .in = {1, 3, 11}}},
      {"pointwise deep", {.channels = 1030, .filters = 7, .in = {1, 3, 3}}},
      {"pointwise stride 2", {.channels = 5, .filters = 8, .in = {1, 9, 15}, .stride = {1, 2, 2}}},
      {"3x3 same", {.channels = 3, .filters = 7, .in = {1, 9, 17}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}}, {0, 1, 1}},
      {"3x3 valid", {.channels = 4, .filters = 12, .in = {1, 10, 18}, .kernel = {1, 3, 3}}},
      {"3x3 stride 2 asymmetric",
       {.channels = 3, .filters = 6, .in = {1, 16, 33}, .kernel = {1, 3, 3}, .stride = {1, 2, 2}},
       {0, 1, 1}},
      {"5x5 stride 3",
       {.channels = 2, .filters = 3, .in = {1, 17, 31}, .kernel = {1, 5, 5}, .stride = {1, 3, 3}, .pad = {0, 2, 2}},
       {0, 2, 2}},
      {"7x7 stride 2 tall band",
       {.channels = 3, .filters = 9, .in = {1, 40, 40}, .kernel = {1, 7, 7}, .stride = {1, 2, 2}, .pad = {0, 3, 3}},
       {0, 3, 3}},
      {"3x3 dilated",
       {.channels = 3,
        .filters = 4,
        .in = {1, 13, 15},
        .kernel = {1, 3, 3},
        .stride = {1, 2, 1},
        .dilation = {1, 3, 2},
        .pad = {0, 3, 2}},
       {0, 3, 2}},
      {"pads beyond the input",
       {.channels = 2, .filters = 2, .in = {1, 2, 2}, .kernel = {1, 3, 3}, .pad = {0, 5, 4}},
       {0, 3, 6}},
      {"3x3 of whole units",
       {.channels = 12, .filters = 21, .in = {1, 7, 9}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}},
       {0, 1, 1}},
      {"3x3 stride 2 of whole units",
       {.batch = 3,
        .channels = 16,
        .filters = 8,
        .in = {1, 7, 8},
        .kernel = {1, 3, 3},
        .stride = {1, 2, 2},
        .pad = {0, 1, 1}},
       {0, 1, 1}},
      {"1x7 row", {.channels = 3, .filters = 5, .in = {1, 1, 33}, .kernel = {1, 1, 7}, .pad = {0, 0, 3}}, {0, 0, 3}},
      {"7x1 column", {.channels = 3, .filters = 5, .in = {1, 33, 3}, .kernel = {1, 7, 1}, .pad = {0, 3, 0}}, {0, 3, 0}},
      {"groups",
       {.batch = 2, .groups = 3, .channels = 2, .filters = 4, .in = {1, 6, 9}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}},
       {0, 1, 1}},
      {"depth multiplier",
       {.groups = 4, .filters = 2, .in = {1, 8, 8}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}},
       {0, 1, 1}},
      {"depthwise 3x3", {.batch = 2, .groups = 5, .in = {1, 9, 21}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}}, {0, 1, 1}},
      {"depthwise 3x3 stride 2",
       {.groups = 3, .in = {1, 15, 35}, .kernel = {1, 3, 3}, .stride = {1, 2, 2}, .pad = {0, 1, 1}},
       {0, 1, 1}},
      {"depthwise 3x3 wide",
       {.batch = 2, .groups = 24, .in = {1, 9, 37}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}},
       {0, 1, 1}},
      {"depthwise 3x3 valid", {.groups = 13, .in = {1, 9, 20}, .kernel = {1, 3, 3}}},
      {"depthwise 3x3 stride 2 wide",
       {.groups = 19, .in = {1, 16, 36}, .kernel = {1, 3, 3}, .stride = {1, 2, 2}, .pad = {0, 0, 1}},
       {0, 1, 1}},
      {"depthwise 3x3 pads beyond the input",
       {.groups = 8, .in = {1, 2, 1}, .kernel = {1, 3, 3}, .stride = {1, 1, 2}, .pad = {0, 4, 5}},
       {0, 3, 4}},
      {"depthwise 3x3 dilated rows",
       {.groups = 9, .in = {1, 11, 12}, .kernel = {1, 3, 3}, .dilation = {1, 2, 1}, .pad = {0, 2, 1}},
       {0, 2, 1}},
      {"depthwise 3x3 in 3-D", {.groups = 17, .in = {3, 5, 6}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}}, {0, 1, 1}},
      {"depthwise 5x5 wide", {.groups = 27, .in = {1, 7, 9}, .kernel = {1, 5, 5}, .pad = {0, 2, 2}}, {0, 2, 2}},
      {"depthwise 5x5 small", {.groups = 3, .in = {1, 7, 7}, .kernel = {1, 5, 5}, .pad = {0, 2, 2}}, {0, 2, 2}},
      {"depthwise 3x3 dilated",
       {.groups = 3, .in = {1, 14, 19}, .kernel = {1, 3, 3}, .dilation = {1, 2, 2}, .pad = {0, 2, 2}},
       {0, 2, 2}},
      {"depthwise 2x4 stride 3",
       {.groups = 2, .in = {1, 14, 29}, .kernel = {1, 2, 4}, .stride = {1, 3, 3}, .pad = {0, 1, 0}}},
      {"depthwise many bands", {.groups = 2, .in = {1, 150, 130}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}}, {0, 1, 1}},
      {"3-D",
       {.channels = 2,
        .filters = 3,
        .in = {5, 6, 9},
        .kernel = {3, 2, 3},
        .stride = {2, 1, 1},
        .dilation = {1, 2, 1},
        .pad = {1, 1, 1}},
       {1, 1, 1}},
      {"depthwise 3-D", {.groups = 2, .in = {4, 5, 9}, .kernel = {2, 3, 3}, .pad = {1, 1, 1}}, {0, 1, 1}},
      {"many bands",
       {.channels = 70, .filters = 3, .in = {1, 40, 60}, .kernel = {1, 3, 3}, .pad = {0, 1, 1}},
       {0, 1, 1}},
  };
  for (ConvCase& c : cases) c.geometry = with_output(c.geometry, c.pad_end);
  return cases;
}

inline int64_t input_size(const ConvGeometry& g) { return g.batch * g.groups * g.channels * g.in_plane(); }
inline int64_t weight_size(const ConvGeometry& g) { return g.groups * g.filters * g.depth(); }
inline int64_t output_size(const ConvGeometry& g) { return g.batch * g.groups * g.filters * g.out_plane(); }

}  // namespace halftone
