// Compiled once: reports have many places that warn.
#include "core/passes/quantize/warning.h"

namespace halftone {

Json warning(std::string_view message, std::string_view where, std::string_view hint) {
  return Json(Json::Object{{"message", message}, {"where", where}, {"hint", hint}});
}

}  // namespace halftone
