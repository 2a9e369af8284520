// Names of the error codes, as JavaScript sees them.
#include "core/base/result.h"

namespace halftone {

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidModel:
      return "invalid_model";
    case ErrorCode::kUnsupportedOperator:
      return "unsupported_operator";
    case ErrorCode::kInvalidInput:
      return "invalid_input";
    case ErrorCode::kInvalidRecipe:
      return "invalid_recipe";
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kOutOfMemory:
      return "out_of_memory";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kInternal:
      return "internal";
  }
  return "internal";
}

}  // namespace halftone
