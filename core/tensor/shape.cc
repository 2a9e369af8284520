// Dims and SymShape: counting, broadcasting, printing, refining.
#include "core/tensor/shape.h"

#include <algorithm>

#include "core/base/checked.h"

namespace halftone {

std::optional<int64_t> element_count(std::span<const int64_t> dims) { return checked_product(dims); }

std::string to_string(std::span<const int64_t> dims) {
  std::string out = "[";
  for (size_t i = 0; i < dims.size(); ++i) out += (i > 0 ? ", " : "") + std::to_string(dims[i]);
  return out + "]";
}

std::optional<int64_t> normalize_axis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) return std::nullopt;
  return axis < 0 ? axis + rank : axis;
}

Dims row_major_strides(std::span<const int64_t> dims) {
  Dims strides(dims.size(), 1);
  // Where nothing was allocated yet the product may overflow: such strides are never used, but must not trap.
  for (size_t i = dims.size(); i-- > 1;) __builtin_mul_overflow(strides[i], dims[i], &strides[i - 1]);
  return strides;
}

std::optional<Dims> broadcast_dims(std::span<const int64_t> a, std::span<const int64_t> b) {
  Dims out(std::max(a.size(), b.size()));
  for (size_t i = 0; i < out.size(); ++i) {
    const int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return std::nullopt;
    out[out.size() - 1 - i] = x == 1 ? y : x;
  }
  return out;
}

std::optional<Dims> SymShape::concrete() const {
  if (!known_rank_) return std::nullopt;
  Dims out;
  for (const Dim& d : dims_) {
    if (!d.known()) return std::nullopt;
    out.push_back(d.value);
  }
  return out;
}

bool SymShape::accepts(std::span<const int64_t> dims) const {
  if (!known_rank_) return true;
  if (dims.size() != dims_.size()) return false;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims_[i].known() && dims_[i].value != dims[i]) return false;
  }
  return true;
}

Status SymShape::refine(const SymShape& other) {
  if (!other.known_rank_) return ok_status();
  if (!known_rank_) {
    *this = other;
    return ok_status();
  }
  bool fits = dims_.size() == other.dims_.size();
  for (size_t i = 0; fits && i < dims_.size(); ++i) {
    fits = !dims_[i].known() || !other.dims_[i].known() || dims_[i].value == other.dims_[i].value;
  }
  if (!fits) {
    return Error{ErrorCode::kInvalidModel, "The shape " + to_string() + " contradicts " + other.to_string() + ".", "",
                 "The file declares a shape that its operators do not produce: export it again."};
  }
  for (size_t i = 0; i < dims_.size(); ++i) {
    const Dim& theirs = other.dims_[i];
    if (!dims_[i].known() && (theirs.known() || dims_[i].symbol.empty())) dims_[i] = theirs;
  }
  return ok_status();
}

std::string SymShape::to_string() const {
  if (!known_rank_) return "?";
  std::string out = "[";
  for (size_t i = 0; i < dims_.size(); ++i) {
    if (i > 0) out += ", ";
    const Dim& d = dims_[i];
    out += d.known() ? std::to_string(d.value) : d.symbol.empty() ? "?" : d.symbol;
  }
  return out + "]";
}

}  // namespace halftone
