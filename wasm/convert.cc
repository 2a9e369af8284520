// Copies between JavaScript and the core; see convert.h.
#include "wasm/convert.h"

#include <algorithm>
#include <utility>

#include "core/tensor/dtype.h"

namespace halftone::js {
namespace {

using emscripten::typed_memory_view;

constexpr int64_t kReadChunk = 1 << 20;         // of one call into JavaScript: bounds the copy that lives there
constexpr double kMaxDim = 9007199254740992.0;  // 2^53: beyond, doubles are not exact integers

Error bad_input(const std::string& name, std::string message, std::string hint) {
  return {ErrorCode::kInvalidInput, std::move(message), name, std::move(hint)};
}

Result<Tensor> to_strings(const std::string& name, Dims dims, const val& data) {
  auto values = emscripten::vecFromJSArray<std::string>(data);
  if (element_count(dims) != static_cast<int64_t>(values.size())) {
    return bad_input(name, to_string(dims) + " does not hold " + std::to_string(values.size()) + " strings.",
                     "The product of dims is the number of elements.");
  }
  return Tensor::strings(std::move(dims), std::move(values));
}

}  // namespace

val failure(const Error& error) {
  val fields = val::object();
  fields.set("code", std::string(error_code_name(error.code)));
  fields.set("message", error.message);
  fields.set("where", error.where);
  fields.set("hint", error.hint);
  val out = val::object();
  out.set("error", fields);
  return out;
}

val success(val value) {
  val out = val::object();
  out.set("value", std::move(value));
  return out;
}

val copy_bytes(const void* data, size_t size) {
  const val view(typed_memory_view(size, static_cast<const uint8_t*>(data)));
  return val::global("Uint8Array").new_(view);
}

Result<Tensor> to_tensor(const std::string& name, const val& tensor) {
  const auto type = tensor["type"].as<std::string>();
  const auto dtype = dtype_from_name(type);
  if (!dtype) return bad_input(name, "There is no tensor type \"" + type + "\".", "See TensorType in halftone.d.ts.");
  Dims dims;
  for (double d : emscripten::convertJSArrayToNumberVector<double>(tensor["dims"])) {
    if (!(d >= 0 && d < kMaxDim)) return bad_input(name, "A dimension is not a size.", "dims are integers from 0 on.");
    dims.push_back(static_cast<int64_t>(d));
  }
  const val data = tensor["data"];
  if (*dtype == DType::kString) return to_strings(name, std::move(dims), data);

  const auto count = element_count(dims);
  const auto bytes = count ? packed_bytes(*dtype, *count) : std::nullopt;
  const auto length = static_cast<int64_t>(data["length"].as<double>());
  if (bytes != length) {
    return bad_input(name, to_string(dims) + " of " + type + " does not hold " + std::to_string(length) + " bytes.",
                     "The product of dims is the number of elements.");
  }
  HT_ASSIGN(Tensor out, Tensor::allocate(*dtype, std::move(dims), name));
  if (length > 0) {
    val(typed_memory_view(static_cast<size_t>(length), out.mutable_bytes())).call<void>("set", data);
  }
  return out;
}

val from_tensor(const Tensor& tensor) {
  val out = val::object();
  out.set("type", std::string(dtype_name(tensor.dtype())));
  const std::vector<double> dims(tensor.dims().begin(), tensor.dims().end());
  out.set("dims", val::array(dims));
  if (tensor.dtype() == DType::kString) {
    out.set("data", val::array(tensor.string_data()));
  } else {
    out.set("data", copy_bytes(tensor.bytes(), static_cast<size_t>(tensor.byte_size())));
  }
  return out;
}

Result<Feeds> to_feeds(const val& feeds) {
  Feeds out;
  const auto count = feeds["length"].as<unsigned>();
  for (unsigned i = 0; i < count; ++i) {
    const val entry = feeds[i];
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
      return Error{ErrorCode::kIo, "The file could not be read.", name_,
                   "It may have been moved or changed; choose it again."};
    }
    val(typed_memory_view(static_cast<size_t>(length), out.data() + done)).call<void>("set", chunk);
  }
  return {};
}

}  // namespace halftone::js
