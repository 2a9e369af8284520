// ONNX file -> Model: walks ModelProto and GraphProto field by field (wire_reader.h), hands nodes and initializers to
// GraphBuilder as they go by, and reads large weights straight into their tensors.
// The contract is in reader.h.
#include "core/onnx/reader.h"

#include <algorithm>
#include <optional>

#include "core/graph/edit.h"
#include "core/onnx/file_kind.h"
#include "core/onnx/proto_graph.h"
#include "core/onnx/text.h"
#include "core/onnx/wire_reader.h"

namespace halftone {
namespace {

// Data of a tensor from this size on is read from the source into the tensor; below it a request costs more than a
// copy.
constexpr int64_t kDirectBytes = int64_t{256} << 10;

class ModelReader {
 public:
  ModelReader(ByteSource& source, const ReadOptions& options)
      : source_(source), options_(options), wire_(source, options), graph_(options, 0) {}

  Result<Model> read();

 private:
  Status walk_model();
  Status walk_graph(int64_t end);
  Status read_node(int64_t length);
  Status read_function(int64_t length);
  Status read_initializer(int64_t end);
  Status finish_model();
  Error damaged(std::string message, std::string where = {}) const;
  Error cause(Error otherwise) const;
  Error not_onnx() const;
  Error undecodable(const WireReader::Field& at) const;

  ByteSource& source_;
  const ReadOptions& options_;
  WireReader wire_;
  GraphBuilder graph_;
  std::string model_fields_;  // ModelProto without graph and functions, serialized
  std::string graph_fields_;  // GraphProto without nodes and initializers, serialized
  bool saw_version_ = false, has_graph_ = false;
  int64_t nodes_ = 0, initializers_ = 0;
  Model model_;
};

Error ModelReader::not_onnx() const {
  uint8_t head[512] = {};
  const size_t n = static_cast<size_t>(std::clamp<int64_t>(source_.size(), 0, sizeof(head)));
  FileKind kind;
  if (n > 0 && source_.read(0, {head, n}).ok()) kind = guess_file_kind({head, n});
  if (kind.what.empty()) return {ErrorCode::kInvalidModel, "This is not an ONNX model.", "", "Load a .onnx file."};
  return {ErrorCode::kInvalidModel, "This is not an ONNX model but " + kind.what + ".", "", kind.hint};
}

Error ModelReader::damaged(std::string message, std::string where) const {
  return {ErrorCode::kInvalidModel, std::move(message), std::move(where),
          "The file is cut off or damaged: download or export it again."};
}

// Source failures and cancellation come first: they are why the bytes seem to end.
Error ModelReader::cause(Error otherwise) const {
  return wire_.status().ok() ? std::move(otherwise) : wire_.status().error();
}

Status ModelReader::read_node(int64_t length) {
  const std::string index = std::to_string(nodes_++);
  onnx::NodeProto node;
  if (!wire_.parse(length, node)) {
    return cause(damaged("Node number " + index + " cannot be decoded, or nests subgraphs too deeply.",
                         "graph.node[" + index + "]"));
  }
  return graph_.add_node(std::move(node));
}

// Fields whose bytes are the tensor's: packed floats and doubles look like raw_data.
bool holds_bytes(const WireReader::Field& field) {
  return field.type == WireReader::kBytes && (field.number == onnx::TensorProto::kRawDataFieldNumber ||
                                              field.number == onnx::TensorProto::kFloatDataFieldNumber ||
                                              field.number == onnx::TensorProto::kDoubleDataFieldNumber);
}

// A TensorProto whose data, when it is large, stays in the file until type and dims are known.
Status ModelReader::read_initializer(int64_t end) {
  const Error broken =
      damaged("A weight tensor cannot be decoded.", "graph.initializer[" + std::to_string(initializers_++) + "]");
  RawRange range;
  std::optional<std::string> raw;
  std::string fields;
  while (wire_.position() < end) {
    WireReader::Field field;
    if (!wire_.next(end, field)) return cause(broken);
    bool fine = true;
    if (holds_bytes(field) && field.length >= kDirectBytes) {
      // Only raw_data may come twice (the last one counts); numbers in two pieces are allowed, but nobody writes them.
      fine = range.source == nullptr || field.number == onnx::TensorProto::kRawDataFieldNumber;
      range = {&source_, wire_.position(), field.length, field.number};
      fine = fine && wire_.skip(field.length);
    } else if (field.number == onnx::TensorProto::kRawDataFieldNumber && field.type == WireReader::kBytes) {
      raw.emplace();
      fine = wire_.read(field.length, *raw);
    } else {
      fine = wire_.copy(field, fields);
    }
    if (!fine) return cause(broken);
  }
  onnx::TensorProto proto;
  if (!proto.ParsePartialFromString(fields)) return broken;
  fields = {};
  if (raw) *proto.mutable_raw_data() = std::move(*raw);
  return graph_.add_initializer(proto, range);
}

Status ModelReader::walk_graph(int64_t end) {
  has_graph_ = true;
  const Error broken = damaged("The graph cannot be decoded.", "graph");
  while (wire_.position() < end) {
    WireReader::Field field;
    if (!wire_.next(end, field)) return cause(broken);
    if (field.number == onnx::GraphProto::kNodeFieldNumber && field.type == WireReader::kBytes) {
      HT_TRY(read_node(field.length));
    } else if (field.number == onnx::GraphProto::kInitializerFieldNumber && field.type == WireReader::kBytes) {
      HT_TRY(read_initializer(wire_.position() + field.length));
    } else if (!wire_.copy(field, graph_fields_)) {
      return cause(broken);
    }
  }
  return ok_status();
}

Status ModelReader::read_function(int64_t length) {
  onnx::FunctionProto proto;
  if (!wire_.parse(length, proto)) {
    return cause(
        damaged("A local function cannot be decoded.", "functions[" + std::to_string(model_.functions.size()) + "]"));
  }
  HT_ASSIGN(Function function, take_function(proto, options_));
  model_.functions.push_back(std::move(function));
  return ok_status();
}

// An ONNX model opens with its IR version; without that and a graph the file is something else.
Error ModelReader::undecodable(const WireReader::Field& at) const {
  if (!saw_version_ && !has_graph_) return cause(not_onnx());
  if (at.number == onnx::ModelProto::kGraphFieldNumber)
    return cause(damaged("The file ends inside its graph.", "graph"));
  return cause(damaged("The model cannot be decoded."));
}

Status ModelReader::walk_model() {
  while (wire_.position() < wire_.size()) {
    WireReader::Field field;
    if (!wire_.next(wire_.size(), field)) return undecodable(field);
    if (field.number == onnx::ModelProto::kGraphFieldNumber && field.type == WireReader::kBytes) {
      HT_TRY(walk_graph(wire_.position() + field.length));
    } else if (field.number == onnx::ModelProto::kFunctionsFieldNumber && field.type == WireReader::kBytes) {
      HT_TRY(read_function(field.length));
    } else if (!wire_.copy(field, model_fields_)) {
      return undecodable(field);
    } else if (field.number == onnx::ModelProto::kIrVersionFieldNumber && field.type == WireReader::kVarint) {
      saw_version_ = true;
    }
  }
  return has_graph_ ? ok_status() : Status(saw_version_ ? damaged("The file has no graph.", "graph") : not_onnx());
}

Status ModelReader::finish_model() {
  onnx::ModelProto proto;
  if (!proto.ParsePartialFromString(model_fields_)) return damaged("The model cannot be decoded.");
  model_.ir_version = proto.ir_version();
  model_.opset_imports = read_opset_imports(proto.opset_import());
  model_.producer_name = std::move(*proto.mutable_producer_name());
  model_.producer_version = std::move(*proto.mutable_producer_version());
  model_.domain = std::move(*proto.mutable_domain());
  model_.doc = std::move(*proto.mutable_doc_string());
  model_.model_version = proto.model_version();
  for (auto& entry : *proto.mutable_metadata_props()) {
    model_.metadata.emplace_back(std::move(*entry.mutable_key()), std::move(*entry.mutable_value()));
  }
  if (model_.opset_imports.empty()) {
    if (model_.ir_version >= 3) {
      return Error{ErrorCode::kInvalidModel, "The model does not say which operator set it uses.", "opset_import",
                   "The file is cut off or damaged: download or export it again."};
    }
    model_.opset_imports[""] = 1;  // before IR version 3 there was only one
  }
  proto.clear_ir_version();
  proto.clear_opset_import();
  proto.clear_producer_name();
  proto.clear_producer_version();
  proto.clear_domain();
  proto.clear_doc_string();
  proto.clear_model_version();
  proto.clear_metadata_props();
  if (proto.ByteSizeLong() > 0) model_.opaque = proto.SerializePartialAsString();
  return ok_status();
}

// "3.2 GB", rounded up.
std::string gigabytes(int64_t bytes) {
  const int64_t tenths =
      (bytes >> 30) * 10 + (((bytes & ((int64_t{1} << 30) - 1)) * 10 + (int64_t{1} << 30) - 1) >> 30);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GB";
}

Status check_size(int64_t file, int64_t external) {
  if (file <= kMaxModelBytes && external <= kMaxModelBytes - file) return ok_status();
  return Error{
      ErrorCode::kOutOfMemory,
      "The model has " + gigabytes(file + external) + " of weights and would need about twice as much memory to run.",
      "", "Up to " + gigabytes(kMaxModelBytes) + " fit: take a smaller model, or one with weights of fewer bits."};
}

Result<Model> ModelReader::read() {
  if (wire_.size() <= 0) {
    return Error{ErrorCode::kInvalidModel, "The file is empty.", "", "Load a .onnx file."};
  }
  HT_TRY(check_size(wire_.size(), options_.external_bytes));
  HT_TRY(walk_model());
  HT_TRY(finish_model());
  onnx::GraphProto rest;
  if (!rest.ParsePartialFromString(graph_fields_)) return damaged("The graph cannot be decoded.", "graph");
  HT_ASSIGN(model_.graph, graph_.finish(rest));
  HT_TRY(verify(model_.graph, ErrorCode::kInvalidModel));
  for (const Function& function : model_.functions) HT_TRY(verify(function.body, ErrorCode::kInvalidModel));
  return std::move(model_);
}

}  // namespace

Result<Model> read_model(ByteSource& source, const ReadOptions& options) { return ModelReader(source, options).read(); }

}  // namespace halftone
