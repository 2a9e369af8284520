// An entry of `warnings`, as every step's report has them.
#pragma once

#include <string_view>

#include "core/base/json.h"

namespace halftone {

Json warning(std::string_view message, std::string_view where, std::string_view hint);

// About an entry of the recipe's `list` that names nothing.
Json unmatched_warning(std::string_view list, std::string_view name);

}  // namespace halftone
