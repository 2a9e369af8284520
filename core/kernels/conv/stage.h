// A copy of one image together with its padding, for convolutions whose elements need another form (integers with the
// top bit flipped or widened, channels filled up to whole units) or whose runs span several pixels.
#pragma once

#include "core/kernels/conv/runs.h"
#include "core/kernels/dot/operands.h"

namespace halftone {

struct Stage {
  Axes3 dims{1, 1, 1};  // padded
  int64_t pixel = 0;    // bytes of one pixel, all groups
  int64_t bytes = 0;    // of scratch; absurd windows give a number that nobody can allocate
};

// `element`: bytes of one element in the copy.
Stage plan_stage(const ConvGeometry& geometry, const ConvRuns& runs, int64_t element);

// x: one image of floats, padded with zeros.
void stage_f32(const ConvGeometry& geometry, const ConvRuns& runs, const Stage& stage, const float* x, uint8_t* out);
// x: one image of bytes in `form`, padded with its zero point.
void stage_int8(const ConvGeometry& geometry, const ConvRuns& runs, const Stage& stage, const uint8_t* x,
                const ActivationForm& form, uint8_t* out);

}  // namespace halftone
