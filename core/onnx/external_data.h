// External data: tensors whose bytes lie in other files, named by TensorProto.external_data entries
// (location, offset, length; checksum covers the whole other file and is not looked at).
// Source: ONNX, docs/ExternalData.md. Paths mean nothing here: the caller hands out files by name.
#pragma once

#include <string_view>

#include "core/onnx/proto_tensor.h"

namespace halftone {

// The `bytes` bytes of the tensor. Errors: kInvalidModel (entries missing or malformed, a length that disagrees with
// the tensor's), kIo naming the tensor and the file that is missing or too short.
Result<RawRange> locate_external(const onnx::TensorProto& proto, int64_t bytes, const ReadOptions& options,
                                 std::string_view name);

}  // namespace halftone
