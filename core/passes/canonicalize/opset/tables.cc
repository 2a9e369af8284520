// All adapter tables together.
#include <algorithm>

#include "core/passes/canonicalize/opset/adapter.h"

namespace halftone {

const OpsetAdapter* find_adapter(std::string_view op, int64_t to) {
  for (const auto table : {axes_adapters(), broadcast_adapters(), input_adapters(), legacy_adapters(),
                           normalization_adapters(), resize_adapters(), softmax_adapters()}) {
    const auto at =
        std::find_if(table.begin(), table.end(), [&](const OpsetAdapter& row) { return row.op == op && row.to == to; });
    if (at != table.end()) return &*at;
  }
  return nullptr;
}

}  // namespace halftone
