// Tensor: type, dims and shared immutable bytes. Copying one shares its bytes, so a Graph that holds
// weights is cheap to copy. Bytes are written once: allocate(), fill mutable_data() while nobody else
// holds the tensor, then share it. Element types below 8 bits stay packed, first element in the low bits.
// Leaves to others: what elements mean (quant_params.h), conversion between types (convert.h).
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

  // Uninitialized bytes, 64-byte aligned, with at least 64 readable bytes behind them; empty strings for kString.
  // Errors: kOutOfMemory (too large or allocation failed), kInvalidArgument (negative dims, rank above kMaxRank).
  // Where = `name`.
  static Result<Tensor> allocate(DType type, Dims dims, std::string_view name = {});
  // Takes over a string of exactly packed_bytes(type, count) bytes without copying it (short or unaligned ones are
  // copied). Not for kString. Errors: as allocate(), and kInvalidModel where the number of bytes differs.
  static Result<Tensor> adopt(DType type, Dims dims, std::string bytes, std::string_view name = {});
  // One std::string per element; CHECKs that sizes agree.
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
  // CHECKs that the type is kString.
  const std::vector<std::string>& string_data() const;
  // The elements; CHECKs that T is their type (not for packed types, float16 and the like: those are bytes()).
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

// Elements of any numeric type (float8, int4 etc. decoded; booleans as 0 and 1) as float or int64, by ONNX Cast's
// rules (convert.h): floats truncate toward zero on the way to int64. Errors: kInvalidArgument for strings and complex.
Result<std::vector<float>> to_floats(const Tensor& tensor);
Result<std::vector<int64_t>> to_ints(const Tensor& tensor);

}  // namespace halftone
