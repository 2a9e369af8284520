// JavaScript <-> C++ values. Bytes cross by memory views that are copied before the call returns and never kept;
// model bytes never pass through strings. A call answers {value} or {error: {code, message, where, hint}}.
// The library (web/src/engine) has checked the JavaScript types; contents are checked here.
#pragma once

#include <emscripten/val.h>

#include <string>
#include <utility>

#include "core/base/result.h"
#include "core/onnx/reader.h"
#include "core/passes/pass_def.h"

namespace halftone::js {

using emscripten::val;

val failure(const Error& error);
val success(val value = val::undefined());
inline val answer(const Status& status) { return status.ok() ? success() : failure(status.error()); }
// {value: to_val(*result)} or the error.
template <typename T, typename ToVal>
val answer(Result<T> result, ToVal&& to_val) {
  return result.ok() ? success(to_val(*result)) : failure(result.error());
}

// A new Uint8Array with a copy of the bytes.
val copy_bytes(const void* data, size_t size);

// An array of {name, tensor: {type, dims, data}}: data is a Uint8Array with the packed little-endian elements, or an
// array of strings. Errors: kInvalidInput; where = the name.
Result<Feeds> to_feeds(const val& feeds);
// One entry of such an array.
val from_named(const std::string& name, const Tensor& tensor);

// (stage, done, total) => boolean: whether to go on.
ProgressFn to_progress(const val& callback);

// {size, read(offset, length) -> Uint8Array | null}: a Blob or bytes in the worker; null is a failed read.
class JsSource final : public ByteSource {
 public:
  JsSource(std::string name, val source);
  int64_t size() const override { return size_; }
  Status read(int64_t offset, std::span<uint8_t> out) override;

 private:
  std::string name_;
  val source_;
  int64_t size_;
};

}  // namespace halftone::js
