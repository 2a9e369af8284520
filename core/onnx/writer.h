// Model -> ONNX file. Writes back what the reader did not understand; same Model, same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "core/base/result.h"
#include "core/graph/graph.h"

namespace halftone {

// Serialized model, weights inline. Errors: kInvalidModel over protobuf's 2 GB, kInternal for a graph that
// holds what no file can (QuantParams on values, "halftone." attributes).
Result<std::string> write_model(const Model& model);

// Bytes the model will take, without building them.
Result<int64_t> model_byte_size(const Model& model);

}  // namespace halftone
