// Dims: concrete sizes of a tensor. SymShape: what shape inference knows, from nothing (unknown rank)
// through symbols ("batch") to numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/small_vector.h"

namespace halftone {

// Sizes by axis; also strides and axes. A run makes many of them, and allocates for none of the usual ranks.
using Dims = SmallVector<int64_t, 8>;

// Largest rank, and largest number of elements or bytes of one tensor; beyond it is an error, not an allocation.
inline constexpr int64_t kMaxRank = 32;
inline constexpr int64_t kMaxBytes = int64_t{1} << 32;

// Number of elements (1 for a scalar); nullopt on overflow or a negative size.
std::optional<int64_t> element_count(std::span<const int64_t> dims);

std::string to_string(std::span<const int64_t> dims);  // "[1, 3, 224, 224]"

// axis in [-rank, rank) -> [0, rank); nullopt outside.
std::optional<int64_t> normalize_axis(int64_t axis, int64_t rank);

// Row-major strides in elements: the last is 1.
Dims row_major_strides(std::span<const int64_t> dims);

// NumPy / ONNX multidirectional broadcasting; nullopt where the shapes do not agree.
std::optional<Dims> broadcast_dims(std::span<const int64_t> a, std::span<const int64_t> b);

struct Dim {
  int64_t value = -1;  // -1: not known as a number
  std::string symbol;  // a name such as "batch"; empty: anonymous

  Dim() = default;
  Dim(int64_t v) : value(v) {}
  explicit Dim(std::string s) : symbol(std::move(s)) {}
  bool known() const { return value >= 0; }
  // Equal for certain: the same number, or the same non-empty symbol.
  bool same(const Dim& o) const {
    return known() ? value == o.value : (!o.known() && !symbol.empty() && symbol == o.symbol);
  }
};

class SymShape {
 public:
  SymShape() = default;  // unknown rank
  explicit SymShape(std::vector<Dim> dims) : known_rank_(true), dims_(std::move(dims)) {}
  static SymShape of(std::span<const int64_t> dims) { return SymShape({dims.begin(), dims.end()}); }
  static SymShape unknown_dims(int64_t rank) { return SymShape(std::vector<Dim>(static_cast<size_t>(rank))); }

  bool has_rank() const { return known_rank_; }
  int64_t rank() const { return static_cast<int64_t>(dims_.size()); }
  const std::vector<Dim>& dims() const { return dims_; }
  Dim& operator[](int64_t i) { return dims_[static_cast<size_t>(i)]; }
  const Dim& operator[](int64_t i) const { return dims_[static_cast<size_t>(i)]; }

  // All dims when every one is a number.
  std::optional<Dims> concrete() const;
  // Whether a tensor of these dims could have this shape.
  bool accepts(std::span<const int64_t> dims) const;
  // Takes what `other` knows and this does not. Error: kInvalidModel (without `where`: the caller knows the value)
  // when they contradict each other; this is unchanged then.
  Status refine(const SymShape& other);
  std::string to_string() const;  // "[batch, 3, 224, 224]", "[?, 10]", "?" without a rank

 private:
  bool known_rank_ = false;
  std::vector<Dim> dims_;
};

}  // namespace halftone
