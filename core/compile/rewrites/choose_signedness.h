// The body of choose_signedness, whatever the machine: the rule itself only decides which type to move from.
#pragma once

#include "core/graph/rewrite.h"

namespace halftone {

// Moves activations of type `from` (int8 or uint8) to the other one, where nothing outside of integer nodes and
// quantizers sees them; see choose_signedness.cc. Looks at the whole graph, not at context.node. True when it changed
// something.
bool shift_activations(RewriteContext& context, DType from);

}  // namespace halftone
