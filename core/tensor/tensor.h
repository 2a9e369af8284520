// Tensor: type, dims and shared immutable bytes. Copying one shares its bytes, so a Graph that holds
// weights is cheap to copy. Bytes are written once: allocate(), fill mutable_data() while nobody else
// holds the tensor, then share it. Element types below 8 bits stay packed, first element in the low bits.
// Weights that a kernel keeps in an order of its own need no second copy: let_go() frees the bytes, and whoever asks
// for them has them back (not while kernels run: that is not made for threads).
// Leaves to others: what elements mean (quant_params.h), conversion between types (convert.h).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"
#include "core/tensor/view.h"

namespace halftone {

struct PackedForm;

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

  const uint8_t* bytes() const {
    if (storage_ == nullptr) return nullptr;
    return storage_->data != nullptr ? storage_->data : restored();
  }
  // CHECKs that the type is kString.
  const std::vector<std::string>& string_data() const;
  // The elements; CHECKs that T is their type (not for packed types, float16 and the like: those are bytes()).
  template <typename T>
  std::span<const T> data() const {
    HT_CHECK(type_ == DTypeOf<T>::value);
    return {reinterpret_cast<const T*>(bytes()), static_cast<size_t>(size_)};
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
  bool same_storage(const Tensor& other) const { return storage_ == other.storage_; }
  // Same type, dims and bytes (bit patterns; strings by content).
  bool identical(const Tensor& other) const;

  // --- one copy of packed weights; all for every tensor that shares the bytes ---------------------------------------

  // From now on `form` can give the bytes back, so that let_go() may let go of them.
  void keep_as(std::shared_ptr<const PackedForm> form) const;
  // Lets go of bytes that a form can give back, unless somebody has pinned them.
  void let_go() const;
  // What keep_as() was given; nullptr: nothing.
  const PackedForm* packed_form() const { return storage_ != nullptr ? storage_->form.get() : nullptr; }
  // Whether the bytes are there now.
  bool holds_bytes() const { return storage_ != nullptr && storage_->data != nullptr; }
  // The same tensor, whose bytes stay where they are as long as it lives.
  Tensor pinned() const;
  // Writes the bytes to `out` (byte_size(), any alignment), without bringing them back. Not for strings.
  void copy_to(uint8_t* out) const;

 private:
  struct Storage {
    uint8_t* data = nullptr;
    std::shared_ptr<void> block;  // what data points into: an aligned block, a std::string, or a vector<string>
    std::shared_ptr<const PackedForm> form;
  };
  static Tensor stored(DType type, Dims dims, int64_t size, int64_t bytes, uint8_t* data, std::shared_ptr<void> block);
  const uint8_t* restored() const;

  DType type_ = DType::kUndefined;
  Dims dims_;
  int64_t size_ = 0, bytes_ = 0;
  std::shared_ptr<Storage> storage_;
};

// The elements of a tensor as a kernel reads them: all of them, in another order and perhaps filled up with others.
struct PackedForm {
  // The order and all that it depends on. Packing the same elements in the same layout gives the same bytes; empty:
  // this cannot be told.
  std::string layout;
  Tensor packed;
  // Writes the tensor's bytes, at any alignment.
  std::function<void(const Tensor& packed, uint8_t* out)> unpack;
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
