// Errors on the heap, and the names of their codes as JavaScript sees them.
#include "core/base/result.h"

namespace halftone {

Failure::Failure(Error&& error) : error_(new Error(std::move(error))) {}
Failure::Failure(const Error& error) : error_(new Error(error)) {}
Failure::Failure(const Failure& other) : error_(other.error_ == nullptr ? nullptr : new Error(*other.error_)) {}
Failure::operator Error() const { return **this; }
void Failure::drop() { delete error_; }

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
