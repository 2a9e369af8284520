// Tensor: type, dims and shared immutable bytes. Copying one shares its bytes, so a Graph that holds
// weights is cheap to copy. Bytes are written only through TensorBuilder-like use: allocate(), fill
// mutable_data() while nobody else holds it, then share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"
#include "core/tensor/view.h"

namespace halftone {

class Tensor {
 public:
  Tensor() = default;  // undefined: no type, no bytes

  // Uninitialized bytes, 64-byte aligned. Errors: kOutOfMemory (too large or allocation failed),
  // kInvalidArgument (negative dims). Where = `name`.
  static Result<Tensor> allocate(DType type, Dims dims, std::string_view name = {});
  // Takes over a string of exactly packed_bytes(type, count) bytes without copying it.
  static Result<Tensor> adopt(DType type, Dims dims, std::string bytes, std::string_view name = {});
  static Tensor strings(Dims dims, std::vector<std::string> values);
  // For literals and tests; CHECKs that sizes agree.
  template <typename T>
  static Tensor of(Dims dims, std::span<const T> values);
  template <typename T>
  static Tensor of(Dims dims, std::initializer_list<T> values) {
    return of<T>(std::move(dims), std::span<const T>(values.begin(), values.size()));
  }
  template <typename T>
  static Tensor scalar(T value) {
    return of<T>({}, std::span<const T>(&value, 1));
  }

  bool defined() const { return type_ != DType::kUndefined; }
  DType dtype() const { return type_; }
  const Dims& dims() const { return dims_; }
  int64_t rank() const { return static_cast<int64_t>(dims_.size()); }
  int64_t size() const { return size_; }        // elements
  int64_t byte_size() const { return bytes_; }  // packed bytes (0 for strings)

  const uint8_t* bytes() const { return data_; }
  const std::vector<std::string>& string_data() const;
  template <typename T>
  std::span<const T> data() const {
    HT_CHECK(type_ == DTypeOf<T>::value);
    return {reinterpret_cast<const T*>(data_), static_cast<size_t>(size_)};
  }
  // CHECKs that nobody else shares the bytes.
  uint8_t* mutable_bytes();
  template <typename T>
  std::span<T> mutable_data() {
    HT_CHECK(type_ == DTypeOf<T>::value);
    return {reinterpret_cast<T*>(mutable_bytes()), static_cast<size_t>(size_)};
  }

  View view() const;
  MutView mutable_view();
  // Same bytes under other dims of the same count (CHECKed).
  Tensor reshaped(Dims dims) const;
  bool same_storage(const Tensor& other) const { return data_ == other.data_ && owner_ == other.owner_; }
  // Same type, dims and bytes (bit patterns; strings by content).
  bool identical(const Tensor& other) const;

 private:
  DType type_ = DType::kUndefined;
  Dims dims_;
  int64_t size_ = 0, bytes_ = 0;
  uint8_t* data_ = nullptr;
  std::shared_ptr<void> owner_;  // an aligned block, a std::string, or a vector<string>
};

template <typename T>
Tensor Tensor::of(Dims dims, std::span<const T> values) {
  auto t = allocate(DTypeOf<T>::value, std::move(dims));
  HT_CHECK(t.ok() && t->size() == static_cast<int64_t>(values.size()));
  auto out = t->template mutable_data<T>();
  for (size_t i = 0; i < values.size(); ++i) out[i] = values[i];
  return *std::move(t);
}

// Elements of any numeric type as float / double / int64 (float8, int4 etc. decoded). Errors: kInvalidArgument for
// strings and complex. `convert` rounds to nearest even and saturates where the target is a float8 or integer.
Result<std::vector<float>> to_floats(const Tensor& tensor);
Result<std::vector<int64_t>> to_ints(const Tensor& tensor);

}  // namespace halftone
