// Result<T>: a value or an Error. Everything that depends on a file, a user or a recipe returns one.
// An Error names what failed (`where`: a node, value, field or recipe key) and the way out (`hint`);
// it is handed to the page as it is: {code, message, where, hint}.
#pragma once

#include <new>
#include <string>
#include <string_view>
#include <utility>

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

// An Error on the heap, or none: one word. Passing a result on and leaving a function are what most code does, so that
// all that an Error needs (making, copying, destroying) is out of line.
class [[nodiscard]] Failure {
 public:
  Failure() = default;
  Failure(Error&& error);
  Failure(const Error& error);
  Failure(Failure&& other) noexcept : error_(std::exchange(other.error_, nullptr)) {}
  Failure(const Failure& other);
  Failure& operator=(Failure other) noexcept {
    std::swap(error_, other.error_);
    return *this;
  }
  ~Failure() {
    if (error_ != nullptr) drop();
  }

  explicit operator bool() const { return error_ != nullptr; }
  Error& operator*() const {
    HT_CHECK(error_ != nullptr);
    return *error_;
  }
  operator Error() const;

 private:
  void drop();

  Error* error_ = nullptr;
};

// Not a std::variant: its visits through tables are half of the code of a function that passes results on.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : ok_(true), value_(std::move(value)) {}
  Result(Failure failure) : ok_(false), failure_(std::move(failure)) {}
  Result(Error&& error) : Result(Failure(std::move(error))) {}
  Result(const Error& error) : Result(Failure(error)) {}
  Result(Result&& other) : ok_(other.ok_) {
    if (ok_) {
      new (&value_) T(std::move(other.value_));
    } else {
      new (&failure_) Failure(std::move(other.failure_));
    }
  }
  Result& operator=(Result&& other) {
    if (this != &other) {
      this->~Result();
      new (this) Result(std::move(other));
    }
    return *this;
  }
  ~Result() {
    if (ok_) {
      value_.~T();
    } else {
      failure_.~Failure();
    }
  }

  bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }

  T& value() & { return check_ok(), value_; }
  const T& value() const& { return check_ok(), value_; }
  T&& value() && { return check_ok(), std::move(value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return check_error(), *failure_; }
  const Error& error() const& { return check_error(), *failure_; }
  Error&& error() && { return check_error(), std::move(*failure_); }
  Failure failure() && { return check_error(), std::move(failure_); }

 private:
  void check_ok() const { HT_CHECK(ok_); }
  void check_error() const { HT_CHECK(!ok_); }

  bool ok_;
  union {
    T value_;
    Failure failure_;
  };
};

// Success without a value, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Failure failure) : failure_(std::move(failure)) {}
  Status(Error&& error) : failure_(std::move(error)) {}
  Status(const Error& error) : failure_(error) {}

  bool ok() const { return !failure_; }
  explicit operator bool() const { return ok(); }
  Error& error() & { return *failure_; }
  const Error& error() const& { return *failure_; }
  Error&& error() && { return std::move(*failure_); }
  Failure failure() && { return std::move(failure_); }

 private:
  Failure failure_;
};

inline Status ok_status() { return {}; }

}  // namespace halftone

// Returns the error of `expr` (a Status or Result) from the enclosing function.
#define HT_TRY(expr)                                              \
  do {                                                            \
    auto ht_status_ = (expr);                                     \
    if (!ht_status_.ok()) return std::move(ht_status_).failure(); \
  } while (false)

#define HT_CONCAT_INNER_(a, b) a##b
#define HT_CONCAT_(a, b) HT_CONCAT_INNER_(a, b)

// HT_ASSIGN(auto x, f()): x = value of the Result, or returns its error.
#define HT_ASSIGN(lhs, expr) HT_ASSIGN_IMPL_(HT_CONCAT_(ht_result_, __LINE__), lhs, expr)
#define HT_ASSIGN_IMPL_(tmp, lhs, expr)           \
  auto tmp = (expr);                              \
  if (!tmp.ok()) return std::move(tmp).failure(); \
  lhs = std::move(tmp).value()
