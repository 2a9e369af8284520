// Views: a tensor as kernels and operators see it, without ownership. Strings have no raw bytes:
// `data` of a string view points to std::string elements.
#pragma once

#include <cstdint>

#include "core/base/check.h"
#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

namespace halftone {

struct View {
  DType dtype = DType::kUndefined;
  Dims dims;
  const void* data = nullptr;

  int64_t rank() const { return static_cast<int64_t>(dims.size()); }
  int64_t size() const { return element_count(dims).value_or(0); }
  template <typename T>
  const T* as() const {
    HT_CHECK(dtype == DTypeOf<T>::value);
    return static_cast<const T*>(data);
  }
  const uint8_t* bytes() const { return static_cast<const uint8_t*>(data); }
};

struct MutView {
  DType dtype = DType::kUndefined;
  Dims dims;
  void* data = nullptr;

  int64_t rank() const { return static_cast<int64_t>(dims.size()); }
  int64_t size() const { return element_count(dims).value_or(0); }
  template <typename T>
  T* as() const {
    HT_CHECK(dtype == DTypeOf<T>::value);
    return static_cast<T*>(data);
  }
  uint8_t* bytes() const { return static_cast<uint8_t*>(data); }
  operator View() const { return View{dtype, dims, data}; }
};

}  // namespace halftone
