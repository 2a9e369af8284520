// Copies between JavaScript and the core; see convert.h.
#include "wasm/convert.h"

#include <algorithm>
#include <vector>

namespace halftone::js {
namespace {

using emscripten::typed_memory_view;

constexpr int64_t kReadChunk = 1 << 20;         // of one call into JavaScript: bounds the copy that lives there
constexpr double kMaxDim = 9007199254740992.0;  // 2^53: beyond, doubles are not exact integers

Error bad_tensor(const std::string& name, std::string message) {
  return {ErrorCode::kInvalidInput, std::move(message), name, "The product of dims is the number of elements in data."};
}

Result<Tensor> to_tensor(const std::string& name, const val& tensor) {
  const auto type = tensor["type"].as<std::string>();
  const auto dtype = dtype_from_name(type);
  if (!dtype) return bad_tensor(name, "There is no tensor type \"" + type + "\".");
  Dims dims;
  for (double d : emscripten::convertJSArrayToNumberVector<double>(tensor["dims"])) {
    if (!(d >= 0 && d < kMaxDim)) return bad_tensor(name, "A dimension is not a size.");
    dims.push_back(static_cast<int64_t>(d));
  }
  const val data = tensor["data"];
  const auto count = element_count(dims);
  const bool strings = *dtype == DType::kString;
  const auto needed = strings || !count ? count : packed_bytes(*dtype, *count);
  const auto length = data["length"].as<double>();
  if (!needed || static_cast<double>(*needed) != length) {
    return bad_tensor(name, "The data does not have the length that " + to_string(dims) + " of " + type + " needs.");
  }
  if (strings) return Tensor::strings(std::move(dims), emscripten::vecFromJSArray<std::string>(data));
  HT_ASSIGN(Tensor out, Tensor::allocate(*dtype, std::move(dims), name));
  if (length > 0) val(typed_memory_view(static_cast<size_t>(*needed), out.mutable_bytes())).call<void>("set", data);
  return out;
}

val from_tensor(const Tensor& tensor) {
  const std::vector<double> dims(tensor.dims().begin(), tensor.dims().end());
  val out = val::object();
  out.set("type", std::string(dtype_name(tensor.dtype())));
  out.set("dims", val::array(dims));
  out.set("data", tensor.dtype() == DType::kString
                      ? val::array(tensor.string_data())
                      : copy_bytes(tensor.bytes(), static_cast<size_t>(tensor.byte_size())));
  return out;
}

}  // namespace

val failure(const Error& error) {
  val fields = val::object(), out = val::object();
  fields.set("code", std::string(error_code_name(error.code)));
  fields.set("message", error.message);
  fields.set("where", error.where);
  fields.set("hint", error.hint);
  out.set("error", fields);
  return out;
}

val success(val value) {
  val out = val::object();
  out.set("value", std::move(value));
  return out;
}

val copy_bytes(const void* data, size_t size) {
  return val::global("Uint8Array").new_(val(typed_memory_view(size, static_cast<const uint8_t*>(data))));
}

Result<Feeds> to_feeds(const val& feeds) {
  Feeds out;
  for (const val& entry : emscripten::vecFromJSArray<val>(feeds)) {
    const auto name = entry["name"].as<std::string>();
    HT_ASSIGN(Tensor tensor, to_tensor(name, entry["tensor"]));
    out.insert_or_assign(name, std::move(tensor));
  }
  return out;
}

val from_named(const std::string& name, const Tensor& tensor) {
  val out = val::object();
  out.set("name", name);
  out.set("tensor", from_tensor(tensor));
  return out;
}

ProgressFn to_progress(const val& callback) {
  return [callback](std::string_view stage, int64_t done, int64_t total) {
    return callback(std::string(stage), static_cast<double>(done), static_cast<double>(total)).as<bool>();
  };
}

JsSource::JsSource(std::string name, val source)
    : name_(std::move(name)), source_(std::move(source)), size_(static_cast<int64_t>(source_["size"].as<double>())) {}

Status JsSource::read(int64_t offset, std::span<uint8_t> out) {
  const auto size = static_cast<int64_t>(out.size());
  if (offset < 0 || size > size_ || offset > size_ - size) {
    return Error{ErrorCode::kIo, "A read goes past the end of the file.", name_, "Is the file complete?"};
  }
  for (int64_t done = 0; done < size; done += kReadChunk) {
    const int64_t length = std::min(kReadChunk, size - done);
    const val chunk = source_.call<val>("read", static_cast<double>(offset + done), static_cast<double>(length));
    if (chunk.isNull() || chunk["length"].as<double>() != static_cast<double>(length)) {
      return Error{ErrorCode::kIo, "The file could not be read.", name_, "Was it moved or changed? Choose it again."};
    }
    val(typed_memory_view(static_cast<size_t>(length), out.data() + done)).call<void>("set", chunk);
  }
  return {};
}

}  // namespace halftone::js
