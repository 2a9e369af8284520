// How a convolution's products are cut into runs: consecutive elements of one pixel (all channels of a group), or of
// kw neighbouring pixels where channels are few. A run needs one pointer, so no input is ever gathered (no im2col):
// the tiles (gemm/tiles.h) walk from run to run. Weights are packed in the same order, with zeros where a run was
// filled up.
#pragma once

#include "core/kernels/conv/geometry.h"

namespace halftone {

struct ConvRuns {
  bool merged = false;   // a run spans kw pixels
  bool staged = false;   // runs are read from a padded copy of the input (stage.h)
  int64_t runs = 1;      // of an output pixel
  int64_t length = 1;    // terms of a run, filled up to whole units
  int64_t channels = 1;  // of one group in the copy, filled up to whole units
};

// `terms`: of a unit; `must_stage`: the elements need another form than they have in memory.
ConvRuns plan_runs(const ConvGeometry& geometry, int64_t terms, bool must_stage);

// Calls f(channel, tap, position in the packed row) for every weight of a filter.
template <typename F>
void for_each_weight(const ConvGeometry& g, const ConvRuns& r, F&& f) {
  for (int64_t c = 0; c < g.channels; ++c) {
    for (int64_t t = 0; t < g.taps(); ++t) {
      const int64_t run = r.merged ? t / g.kernel[2] : t, within = r.merged ? t % g.kernel[2] * g.channels : 0;
      f(c, t, run * r.length + within + c);
    }
  }
}

}  // namespace halftone
