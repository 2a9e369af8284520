// Result<T>: a value or an Error. Everything that depends on a file, a user or a recipe returns one.
// An Error names what failed (`where`: a node, value, field or recipe key) and the way out (`hint`);
// it is handed to the page as it is: {code, message, where, hint}.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/check.h"

namespace halftone {

enum class ErrorCode {
  kInvalidModel,         // the bytes are not an ONNX model, or the model breaks the specification
  kUnsupportedOperator,  // no such operator, or not in this form (opset, attribute, type)
  kInvalidInput,         // feeds or calibration data of the wrong name, type or shape
  kInvalidRecipe,        // unknown pass or parameter, value out of range
  kInvalidArgument,      // any other call with wrong arguments
  kOutOfMemory,          // a size that cannot be allocated (checked before allocating)
  kCancelled,            // the caller asked to stop
  kIo,                   // a source of bytes could not be read (external data missing, ...)
  kInternal,             // a pass left an invalid graph: our bug, caught by verification
};

// "invalid_model", "unsupported_operator", ...: the `code` that JavaScript sees.
std::string_view error_code_name(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;  // one sentence, what is wrong
  std::string where;    // node, value, field or recipe key; empty where there is none
  std::string hint;     // what to do about it; empty where nothing can be done
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return check_ok(), std::get<0>(state_); }
  const T& value() const& { return check_ok(), std::get<0>(state_); }
  T&& value() && { return check_ok(), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return check_error(), std::get<1>(state_); }
  const Error& error() const& { return check_error(), std::get<1>(state_); }
  Error&& error() && { return check_error(), std::get<1>(std::move(state_)); }

 private:
  void check_ok() const { HT_CHECK(ok()); }
  void check_error() const { HT_CHECK(!ok()); }

  std::variant<T, Error> state_;
};

// Success without a value, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  Error& error() & { return check_error(), *error_; }
  const Error& error() const& { return check_error(), *error_; }
  Error&& error() && { return check_error(), *std::move(error_); }

 private:
  void check_error() const { HT_CHECK(!ok()); }

  std::optional<Error> error_;
};

inline Status ok_status() { return {}; }

}  // namespace halftone

// Returns the error of `expr` (a Status or Result) from the enclosing function.
#define HT_TRY(expr)                                            \
  do {                                                          \
    auto ht_status_ = (expr);                                   \
    if (!ht_status_.ok()) return std::move(ht_status_).error(); \
  } while (false)

#define HT_CONCAT_INNER_(a, b) a##b
#define HT_CONCAT_(a, b) HT_CONCAT_INNER_(a, b)

// HT_ASSIGN(auto x, f()): x = value of the Result, or returns its error.
#define HT_ASSIGN(lhs, expr) HT_ASSIGN_IMPL_(HT_CONCAT_(ht_result_, __LINE__), lhs, expr)
#define HT_ASSIGN_IMPL_(tmp, lhs, expr)         \
  auto tmp = (expr);                            \
  if (!tmp.ok()) return std::move(tmp).error(); \
  lhs = std::move(tmp).value()
