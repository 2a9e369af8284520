// Shared by the folding rules: replaces a node by the constants it computes.
#pragma once

#include "core/compile/match.h"

namespace halftone {

// Runs the node and makes its outputs constants; false (nothing changed) where it has no float kernel, an input is
// not constant, or the results take more than `max_bytes`.
bool fold_node(RewriteContext& context, int64_t max_bytes);

}  // namespace halftone
