// The last part of compilation: a rewritten graph becomes steps.
#pragma once

#include "core/compile/program.h"

namespace halftone {

// Fills program.steps from program.graph: operator rows, prepared state, compiled bodies, last uses.
// Errors: kUnsupportedOperator naming every operator without a kernel, and whatever operators say on preparing.
Status link_steps(Program& program, const CompileOptions& options);

}  // namespace halftone
