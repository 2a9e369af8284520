// What quantize_static did, as the step's report: {opset_before, opset_after, counts, tensors, weights, nodes,
// removed_activations, simplified, warnings}. Tensors and weights carry the facts of diagnose.h.
#pragma once

#include "core/base/json.h"
#include "core/passes/quantize/insert.h"
#include "core/passes/quantize/prepare.h"

namespace halftone {

// `prepared`, `plan` and `decisions` belong together; `calibration` is how many feeds were seen.
Json quantize_report(const PreparedModel& prepared, const QuantPlan& plan, const QuantDecisions& decisions,
                     const InsertOutcome& outcome, const QuantizeOptions& options, const std::vector<SeenTensor>& seen,
                     int64_t calibration);

}  // namespace halftone
