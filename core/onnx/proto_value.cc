// ValueInfoProto <-> Value; the contract is in proto_value.h.
#include "core/onnx/proto_value.h"

#include <algorithm>

#include "core/base/checked.h"
#include "core/onnx/text.h"

namespace halftone {
namespace {

Error bad(const Value& value, std::string message) {
  return {ErrorCode::kInvalidModel, "Value " + quoted(value.name) + " " + std::move(message), printable(value.name),
          "The file is damaged, or was written by a tool that does not follow ONNX."};
}

Result<SymShape> read_shape(const onnx::TensorShapeProto& proto, const Value& value) {
  if (proto.dim_size() > kMaxRank) return bad(value, "has " + std::to_string(proto.dim_size()) + " dimensions.");
  std::vector<Dim> dims;
  for (const auto& d : proto.dim()) {
    if (d.has_dim_value()) {
      dims.push_back(d.dim_value() >= 0 ? Dim(d.dim_value()) : Dim());  // some tools write -1 for "any"
    } else {
      if (!valid_utf8(d.dim_param())) return bad(value, "has a dimension whose name is not UTF-8.");
      dims.push_back(d.dim_param().empty() ? Dim() : Dim(d.dim_param()));
    }
  }
  return SymShape(std::move(dims));
}

// Dimensions that no machine can hold are refused here, so that nobody behind has to multiply them with care.
Status check_size(const Value& value, DType dtype, const SymShape& shape) {
  int64_t known = 1;
  for (const Dim& d : shape.dims()) {
    const auto product = d.known() ? checked_mul(known, std::max<int64_t>(d.value, 1)) : known;
    if (!product || *product > kMaxBytes) {
      return bad(value, "is declared with impossible dimensions " + shape.to_string() + ".");
    }
    known = *product;
  }
  if (dtype == DType::kUndefined || dtype == DType::kString) return ok_status();
  const auto bytes = packed_bytes(dtype, known);
  if (!bytes || *bytes > kMaxBytes) return bad(value, "is declared larger than 4 GB: " + shape.to_string() + ".");
  return ok_status();
}

// Clears what read_shape() and the element type took; true when something is left (denotations, unknown fields).
bool strip(onnx::TypeProto& type) {
  auto* tensor = type.mutable_tensor_type();
  tensor->clear_elem_type();
  bool left = type.has_denotation() || !type.unknown_fields().empty() || !tensor->unknown_fields().empty() ||
              !tensor->shape().unknown_fields().empty();
  if (!tensor->has_shape()) return left;
  for (auto& d : *tensor->mutable_shape()->mutable_dim()) {
    d.clear_value();
    left = left || d.ByteSizeLong() > 0;
  }
  return left;
}

Status take_tensor_type(onnx::TypeProto& type, DType dtype, Value& value) {
  SymShape shape;
  if (type.tensor_type().has_shape()) {
    HT_ASSIGN(shape, read_shape(type.tensor_type().shape(), value));
  }
  if (value.is_constant()) {
    const Tensor& t = value.constant;
    if (dtype != DType::kUndefined && dtype != t.dtype()) {
      return bad(value, "is declared as " + std::string(dtype_name(dtype)) + ", but its initializer is " +
                            std::string(dtype_name(t.dtype())) + ".");
    }
    return ok_status();
  }
  HT_TRY(check_size(value, dtype, shape));
  if (dtype != DType::kUndefined) value.dtype = dtype;
  if (shape.has_rank()) value.shape = std::move(shape);
  return ok_status();
}

void put_shape(const SymShape& shape, onnx::TensorShapeProto& proto) {
  if (proto.dim_size() != shape.rank()) proto.clear_dim();  // denotations of another rank mean nothing
  for (int64_t i = 0; i < shape.rank(); ++i) {
    auto* d = i < proto.dim_size() ? proto.mutable_dim(static_cast<int>(i)) : proto.add_dim();
    if (shape[i].known()) {
      d->set_dim_value(shape[i].value);
    } else if (!shape[i].symbol.empty()) {
      d->set_dim_param(shape[i].symbol);
    }
  }
}

}  // namespace

Status take_value_info(onnx::ValueInfoProto& proto, Value& value) {
  if (proto.has_doc_string()) value.doc = std::move(*proto.mutable_doc_string());
  proto.clear_name();
  proto.clear_doc_string();
  if (proto.has_type()) {
    auto& type = *proto.mutable_type();
    const auto dtype = type.has_tensor_type() ? dtype_from_onnx(type.tensor_type().elem_type()) : std::nullopt;
    if (dtype) {
      HT_TRY(take_tensor_type(type, *dtype, value));
      if (!strip(type)) proto.clear_type();
    } else {
      value.type_opaque = type.SerializePartialAsString();
      proto.clear_type();
    }
  }
  if (proto.ByteSizeLong() > 0) value.opaque = proto.SerializePartialAsString();
  return ok_status();
}

onnx::ValueInfoProto value_info_proto(const Value& value) {
  onnx::ValueInfoProto proto;
  proto.ParsePartialFromString(value.opaque);
  proto.set_name(value.name);
  if (!value.doc.empty()) proto.set_doc_string(value.doc);
  if (!value.type_opaque.empty()) {
    proto.mutable_type()->ParsePartialFromString(value.type_opaque);
  } else if (value.dtype != DType::kUndefined || value.shape.has_rank()) {
    auto* tensor = proto.mutable_type()->mutable_tensor_type();
    if (value.dtype != DType::kUndefined) tensor->set_elem_type(dtype_info(value.dtype).onnx_code);
    if (value.shape.has_rank()) {
      put_shape(value.shape, *tensor->mutable_shape());
    } else {
      tensor->clear_shape();
    }
  }
  return proto;
}

}  // namespace halftone
