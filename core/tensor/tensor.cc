// Storage of tensors: aligned blocks, adopted strings, vectors of strings, and packed forms in place of them.
#include "core/tensor/tensor.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/base/checked.h"

namespace halftone {
namespace {

constexpr uintptr_t kAlignment = 64;
// Reading a little past the end is common in SIMD tails; blocks are rounded up so that it stays inside.
constexpr int64_t kSlack = 64;
// A vector of strings cannot report that it did not fit, so it must be small enough to be sure.
constexpr int64_t kMaxStringBytes = int64_t{1} << 28;

std::string describe(DType type, const Dims& dims) { return std::string(dtype_name(type)) + " " + to_string(dims); }

Error too_large(DType type, const Dims& dims, std::string_view name) {
  return Error{ErrorCode::kOutOfMemory, "A tensor of " + describe(type, dims) + " does not fit into memory.",
               std::string(name), "Use a smaller input or batch size."};
}

struct Sizes {
  int64_t count, bytes;
};

Error wrong_dims(std::string message, std::string_view name) {
  return Error{ErrorCode::kInvalidArgument, std::move(message), std::string(name), "Check the shape of this tensor."};
}

Result<Sizes> sizes_of(DType type, const Dims& dims, std::string_view name) {
  if (static_cast<int64_t>(dims.size()) > kMaxRank) {
    return wrong_dims("A tensor of " + std::to_string(dims.size()) + " dimensions is above the limit of " +
                          std::to_string(kMaxRank) + ".",
                      name);
  }
  // Without the zeros: partial products of an empty tensor's sizes must not overflow either.
  int64_t extent = 1, count = 1;
  for (const int64_t d : dims) {
    if (d < 0) return wrong_dims("A tensor of " + describe(type, dims) + " has a negative size.", name);
    const auto product = checked_mul(extent, std::max<int64_t>(d, 1));
    if (!product || *product > kMaxBytes) return too_large(type, dims, name);
    extent = *product;
    count *= std::min<int64_t>(d, 1);
  }
  count *= extent;
  const int64_t bytes = type == DType::kString ? 0 : packed_bytes(type, count).value_or(INT64_MAX);
  const int64_t held = type == DType::kString ? count * static_cast<int64_t>(sizeof(std::string)) : bytes;
  if (held > kMaxBytes || held > PTRDIFF_MAX - kSlack || (type == DType::kString && held > kMaxStringBytes)) {
    return too_large(type, dims, name);
  }
  return Sizes{count, bytes};
}

// Aligned by hand: an aligned `new` looks for more than it takes, so that no block would fit where one of its size was,
// and packing a model's weights one by one would leave a hole behind each.
std::shared_ptr<void> allocate_block(int64_t bytes) {
  void* whole = ::operator new(static_cast<size_t>(bytes + kSlack) + kAlignment, std::nothrow);
  if (whole == nullptr) return nullptr;
  auto* block = reinterpret_cast<uint8_t*>((reinterpret_cast<uintptr_t>(whole) + kAlignment - 1) & ~(kAlignment - 1));
  // Packed types: bits that no element fills are the same always.
  if (bytes > 0) block[bytes - 1] = 0;
  return std::shared_ptr<void>(block, [whole](void*) { ::operator delete(whole); });
}

}  // namespace

Tensor Tensor::stored(DType type, Dims dims, int64_t size, int64_t bytes, uint8_t* data, std::shared_ptr<void> block) {
  Tensor t;
  t.type_ = type;
  t.dims_ = std::move(dims);
  t.size_ = size;
  t.bytes_ = bytes;
  t.storage_ = std::make_shared<Storage>(Storage{data, std::move(block), nullptr});
  return t;
}

Result<Tensor> Tensor::allocate(DType type, Dims dims, std::string_view name) {
  HT_CHECK(type != DType::kUndefined);
  HT_ASSIGN(const Sizes sizes, sizes_of(type, dims, name));
  if (type == DType::kString) {
    return strings(std::move(dims), std::vector<std::string>(static_cast<size_t>(sizes.count)));
  }
  std::shared_ptr<void> block = allocate_block(sizes.bytes);
  if (block == nullptr) return too_large(type, dims, name);
  auto* data = static_cast<uint8_t*>(block.get());
  return stored(type, std::move(dims), sizes.count, sizes.bytes, data, std::move(block));
}

Result<Tensor> Tensor::adopt(DType type, Dims dims, std::string bytes, std::string_view name) {
  HT_CHECK(type != DType::kUndefined && type != DType::kString);
  HT_ASSIGN(const Sizes sizes, sizes_of(type, dims, name));
  if (static_cast<int64_t>(bytes.size()) != sizes.bytes) {
    return Error{ErrorCode::kInvalidModel,
                 "A tensor of " + describe(type, dims) + " takes " + std::to_string(sizes.bytes) +
                     " bytes, but there are " + std::to_string(bytes.size()) + ".",
                 std::string(name), "The file is damaged or was written wrongly: export it again."};
  }
  // Short strings live inside the string object, at any alignment: those are copied. Heap blocks are aligned for every
  // element type, though on wasm not to 16 bytes (no instruction there needs it).
  if (bytes.size() < 64 || reinterpret_cast<uintptr_t>(bytes.data()) % 8 != 0) {
    HT_ASSIGN(Tensor copy, allocate(type, std::move(dims), name));
    std::memcpy(copy.mutable_bytes(), bytes.data(), bytes.size());
    return copy;
  }
  auto owner = std::make_shared<std::string>(std::move(bytes));
  auto* data = reinterpret_cast<uint8_t*>(owner->data());
  return stored(type, std::move(dims), sizes.count, sizes.bytes, data, std::move(owner));
}

Tensor Tensor::strings(Dims dims, std::vector<std::string> values) {
  HT_CHECK(element_count(dims) == static_cast<int64_t>(values.size()));
  auto owner = std::make_shared<std::vector<std::string>>(std::move(values));
  const auto count = static_cast<int64_t>(owner->size());
  auto* data = reinterpret_cast<uint8_t*>(owner->data());
  return stored(DType::kString, std::move(dims), count, 0, data, std::move(owner));
}

const std::vector<std::string>& Tensor::string_data() const {
  HT_CHECK(type_ == DType::kString);
  return *static_cast<const std::vector<std::string>*>(storage_->block.get());
}

uint8_t* Tensor::mutable_bytes() {
  if (storage_ == nullptr) return nullptr;
  HT_CHECK(storage_.use_count() == 1 && storage_->block.use_count() <= 1 && storage_->form == nullptr);
  return storage_->data;
}

const uint8_t* Tensor::restored() const {
  if (storage_->form == nullptr) return nullptr;  // no strings
  std::shared_ptr<void> block = allocate_block(bytes_);
  HT_CHECK(block != nullptr);
  storage_->form->unpack(storage_->form->packed, static_cast<uint8_t*>(block.get()));
  storage_->data = static_cast<uint8_t*>(block.get());
  storage_->block = std::move(block);
  return storage_->data;
}

void Tensor::keep_as(std::shared_ptr<const PackedForm> form) const {
  HT_CHECK(storage_ != nullptr && type_ != DType::kString && form != nullptr);
  storage_->form = std::move(form);
}

void Tensor::let_go() const {
  if (storage_ == nullptr || storage_->form == nullptr || storage_->block.use_count() != 1) return;
  storage_->data = nullptr;
  storage_->block.reset();
}

Tensor Tensor::pinned() const {
  if (storage_ == nullptr) return *this;
  auto* data = const_cast<uint8_t*>(bytes());
  return stored(type_, dims_, size_, bytes_, data, storage_->block);
}

void Tensor::copy_to(uint8_t* out) const {
  HT_CHECK(type_ != DType::kString);
  if (bytes_ == 0) return;
  if (!holds_bytes() && packed_form() != nullptr) return packed_form()->unpack(packed_form()->packed, out);
  std::memcpy(out, bytes(), static_cast<size_t>(bytes_));
}

View Tensor::view() const { return View{type_, dims_, bytes()}; }

MutView Tensor::mutable_view() { return MutView{type_, dims_, mutable_bytes()}; }

Tensor Tensor::reshaped(Dims dims) const {
  HT_CHECK(element_count(dims) == size_);
  Tensor t = *this;
  t.dims_ = std::move(dims);
  return t;
}

bool Tensor::identical(const Tensor& other) const {
  if (type_ != other.type_ || dims_ != other.dims_) return false;
  if (type_ == DType::kString) return string_data() == other.string_data();
  return same_storage(other) || bytes_ == 0 || std::memcmp(bytes(), other.bytes(), static_cast<size_t>(bytes_)) == 0;
}

}  // namespace halftone
