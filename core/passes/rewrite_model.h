// The compiler's rewrites, and others of their kind, as steps of a pass: on a model that stays a model.
#pragma once

#include <span>
#include <vector>

#include "core/base/result.h"
#include "core/graph/rewrite.h"

namespace halftone {

// Applies the rules to a fixed point. Outputs keep their names. What the rules did, rule by rule. Errors: as
// apply_rules'.
Result<std::vector<RewriteStats>> rewrite_model(Model& model, std::span<const RewriteRule* const> rules);

}  // namespace halftone
