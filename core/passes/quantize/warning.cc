// Compiled once: reports have many places that warn.
#include "core/passes/quantize/warning.h"

namespace halftone {

Json warning(std::string_view message, std::string_view where, std::string_view hint) {
  return Json(Json::Object{{"message", message}, {"where", where}, {"hint", hint}});
}

Json unmatched_warning(std::string_view list, std::string_view name) {
  return warning("Nothing matches this entry of " + std::string(list), name,
                 "Simplification may have folded it into another: take a name from this step's report.");
}

}  // namespace halftone
