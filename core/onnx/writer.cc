// Model -> ONNX file, in the order of onnx.proto's field numbers. The contract is in writer.h.
#include "core/onnx/writer.h"

#include <limits>

#include "core/onnx/graph_writer.h"
#include "onnx.pb.h"

namespace halftone {
namespace {

using onnx::ModelProto;

// Before IR version 3 there was one operator set and no field to say so.
bool implied_opset(const Model& model) {
  return model.ir_version < 3 && model.opset_imports.size() == 1 && model.opset() == 1;
}

void write_metadata(const Model& model, WireWriter& out) {
  for (const auto& [key, value] : model.metadata) {
    onnx::StringStringEntryProto entry;
    entry.set_key(key);
    entry.set_value(value);
    out.message_field(ModelProto::kMetadataPropsFieldNumber, entry);
  }
}

void write_fields(const Model& model, WireWriter& out) {
  out.varint_field(ModelProto::kIrVersionFieldNumber, model.ir_version);
  out.text_field(ModelProto::kProducerNameFieldNumber, model.producer_name);
  out.text_field(ModelProto::kProducerVersionFieldNumber, model.producer_version);
  out.text_field(ModelProto::kDomainFieldNumber, model.domain);
  if (model.model_version != 0) out.varint_field(ModelProto::kModelVersionFieldNumber, model.model_version);
  out.text_field(ModelProto::kDocStringFieldNumber, model.doc);
  out.nested_field(ModelProto::kGraphFieldNumber,
                   [&](WireWriter& w) { write_graph(model.graph, model.ir_version, w); });
  if (!implied_opset(model)) write_opset_imports(model.opset_imports, ModelProto::kOpsetImportFieldNumber, out);
  write_metadata(model, out);
  for (const Function& function : model.functions) {
    out.nested_field(ModelProto::kFunctionsFieldNumber,
                     [&](WireWriter& w) { write_function(function, model.ir_version, w); });
  }
  out.raw(model.opaque);
}

}  // namespace

Result<int64_t> model_byte_size(const Model& model) {
  HT_TRY(check_writable(model.graph));
  for (const Function& function : model.functions) HT_TRY(check_writable(function.body));
  WireWriter counter(nullptr);
  write_fields(model, counter);
  return counter.size();
}

Result<std::string> write_model(const Model& model) {
  HT_ASSIGN(const int64_t bytes, model_byte_size(model));
  if (bytes > std::numeric_limits<int32_t>::max()) {
    return Error{ErrorCode::kInvalidModel,
                 "The model takes " + std::to_string(bytes) + " bytes; an ONNX file can hold 2147483647.", "",
                 "Quantize or prune more of it."};
  }
  std::string out;
  out.reserve(static_cast<size_t>(bytes));
  WireWriter writer(&out);
  write_fields(model, writer);
  return out;
}

}  // namespace halftone
