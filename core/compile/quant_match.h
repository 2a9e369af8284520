// QuantizeLinear and DequantizeLinear nodes as QuantParams.
#pragma once

#include <optional>

#include "core/graph/graph.h"

namespace halftone {

// What a QuantizeLinear or DequantizeLinear node does, when its scale and zero point are constants: float32
// scales, positive and finite; a missing zero point is 0 of type uint8 (QuantizeLinear, unless output_dtype
// names another) or of the input's type (DequantizeLinear). One scale, of any rank, is per tensor.
// nullopt: another node, or not known.
std::optional<QuantParams> quant_params(const Graph& graph, const Node& node);

}  // namespace halftone
