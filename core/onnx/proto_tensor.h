// TensorProto <-> Tensor: raw_data and typed fields, external data, strings. Little-endian only, as the raw_data
// of ONNX is. Sizes are compared with what the file really holds before anything is allocated.
// Source: onnx.proto, TensorProto.
#pragma once

#include <string>
#include <string_view>

#include "core/onnx/reader.h"
#include "onnx.pb.h"

namespace halftone {

// Where the bytes of a tensor lie when they are not in the proto: left in a file, to be read straight into the tensor.
struct RawRange {
  ByteSource* source = nullptr;
  int64_t offset = 0, length = 0;
  int field = onnx::TensorProto::kRawDataFieldNumber;  // or float_data, double_data: the same bytes, packed
};

// Takes type, dims and data out of `proto` (raw_data is moved, what is left has neither) and builds the tensor.
// `name` is what errors call it. Errors: kInvalidModel, kIo and kCancelled (external data), kOutOfMemory.
Result<Tensor> take_tensor(onnx::TensorProto& proto, const ReadOptions& options, std::string_view name,
                           const RawRange& raw = {});

// Type, dims and strings into `proto`; the bytes of other types are left to the caller (Tensor::copy_to).
void fill_tensor(const Tensor& tensor, onnx::TensorProto& proto);

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "raw_data is little-endian and is used as it is");

}  // namespace halftone
