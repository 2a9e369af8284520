// Before:     y = Constant() {value}
// After:      y is an initializer
// Conditions: one of the attributes with a tensor, numbers or a number. Nodes with strings or sparse tensors stay: they
//             have kernels.
#pragma once

#include "core/graph/graph.h"

namespace halftone {

void resolve_constants(Graph& graph);

}  // namespace halftone
