// Cutting a convolution into runs; see the header.
#include "core/kernels/conv/runs.h"

namespace halftone {

ConvRuns plan_runs(const ConvGeometry& g, int64_t terms, bool must_stage) {
  // Runs shorter than this cost more in pointers than merging costs in copying.
  constexpr int64_t kFewChannels = 8;
  const auto whole = [&](int64_t n) { return (n + terms - 1) / terms * terms; };
  ConvRuns r;
  r.merged = g.groups == 1 && g.channels <= kFewChannels && g.kernel[2] > 1 && g.dilation[2] == 1;
  r.channels = r.merged ? g.channels : whole(g.channels);
  r.staged = must_stage || r.merged || r.channels != g.channels;
  r.runs = r.merged ? g.kernel[0] * g.kernel[1] : g.taps();
  r.length = r.merged ? whole(g.kernel[2] * g.channels) : r.channels;
  return r;
}

}  // namespace halftone
