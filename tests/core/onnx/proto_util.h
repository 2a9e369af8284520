// Models made of ONNX's own message classes, for tests of the reader and the writer: what goes in is built and what
// comes out is looked at independently of the code under test.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "core/onnx/reader.h"
#include "core/onnx/writer.h"
#include "onnx.pb.h"

namespace halftone::testing {

inline std::span<const uint8_t> as_bytes(const std::string& s) {
  return {reinterpret_cast<const uint8_t*>(s.data()), s.size()};
}

inline Result<Model> read_bytes(const std::string& bytes, const ReadOptions& options = {}) {
  MemorySource source(as_bytes(bytes));
  return read_model(source, options);
}

inline Result<Model> read_proto(const onnx::ModelProto& proto, const ReadOptions& options = {}) {
  return read_bytes(proto.SerializeAsString(), options);
}

// The message that the writer made of `model`.
onnx::ModelProto written(const Model& model);

onnx::ValueInfoProto value_info(const std::string& name, int type = onnx::TensorProto::FLOAT,
                                std::initializer_list<int64_t> dims = {2});
onnx::TensorProto float_tensor(const std::string& name, std::initializer_list<float> values);
onnx::NodeProto* add_node(onnx::GraphProto& graph, const std::string& op, const std::vector<std::string>& inputs,
                          const std::vector<std::string>& outputs, const std::string& name = "");
onnx::AttributeProto* add_attribute(onnx::NodeProto& node, const std::string& name,
                                    onnx::AttributeProto::AttributeType type);

// y = x + w, floats of two elements, opset 13.
onnx::ModelProto tiny_model();
// cond ? x + w : x * w, where both branches capture x and w.
onnx::ModelProto if_model();

// All .onnx files of HALFTONE_SHARED/models; empty where the variable is not set.
std::vector<std::string> shared_models();
// The same of HALFTONE_SHARED/onnx-backend.
std::vector<std::string> backend_models();
std::string file_bytes(const std::string& path);

// The model with everything in one order and one encoding: tensors as raw_data, attributes, initializers, inputs and
// value infos by name, optional fields that are empty left out. Equal for equivalent models.
onnx::ModelProto canonical(onnx::ModelProto model);

}  // namespace halftone::testing
