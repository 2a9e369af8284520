// Running functions of two elements with broadcasting, for the families of arithmetic and of comparisons.
#pragma once

#include "core/kernels/eltwise/binary.h"
#include "core/ops/op_def.h"

namespace halftone {

// y = f(a, b), broadcast to y's dims, which the caller has resolved. y may be a's own storage when both have the same
// dims. Errors: kInvalidModel (a and b of different types), kUnsupportedOperator naming the type.
Status apply_binary(Binary function, const View& a, const View& b, const MutView& y);

// Input i as it takes part in broadcasting: below opset 7 input 1's dims are aligned by attribute `axis`.
View aligned_input(const RunContext& ctx, size_t i);

// Clamps a float output in place where fusion has put kClampAttr on the node.
Status clamp_output(const RunContext& ctx, const MutView& y);

}  // namespace halftone
