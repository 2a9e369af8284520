// An operator between dequantizations and quantizations, as its integer form needs to see it.
#pragma once

#include <optional>
#include <vector>

#include "core/compile/quant_match.h"
#include "core/graph/rewrite.h"
#include "core/passes/qoperator/forms.h"

namespace halftone {

// Integers with the constants that give them their meaning. `zero` may be absent: it is 0 then.
struct QTriple {
  ValueId integers = kNoValue, scale = kNoValue, zero = kNoValue;
  QuantParams params;
};

struct QCluster {
  std::vector<QTriple> inputs;  // data, weights
  ValueId bias = kNoValue;      // int32
  QTriple output;
  std::vector<int32_t> quantizers;  // nodes that give the output, all with the same parameters
};

// nullopt where the conditions of qoperator.h do not hold for this node.
std::optional<QCluster> find_cluster(const RewriteContext& context, const Node& node, const QForm& form);

}  // namespace halftone
