// Running a function of one element: shared by the families of activations and of plain functions.
#pragma once

#include "core/kernels/eltwise/unary.h"
#include "core/ops/op_def.h"

namespace halftone {

// The function's constants as this node gives them, with the operator's defaults.
UnaryParams unary_params(Unary function, const Node& node);

// y = f(x), element by element. Error: kUnsupportedOperator naming the type.
Status run_unary_function(RunContext& ctx, Unary function);

template <Unary kFunction>
Status run_unary(RunContext& ctx) {
  return run_unary_function(ctx, kFunction);
}

}  // namespace halftone
