// An entry of `warnings`, as every step's report has them.
#pragma once

#include <string_view>

#include "core/base/json.h"

namespace halftone {

Json warning(std::string_view message, std::string_view where, std::string_view hint);

}  // namespace halftone
