// TensorProto <-> Tensor; the contract is in proto_tensor.h.
#include "core/onnx/proto_tensor.h"

#include <algorithm>
#include <cstring>

#include "core/onnx/chunk_stream.h"
#include "core/onnx/external_data.h"
#include "core/onnx/text.h"

namespace halftone {
namespace {

// Below this, bytes are copied into an aligned block with room behind it; a string that large or larger is taken over.
constexpr size_t kAdoptBytes = size_t{256} << 10;

struct Expected {
  DType dtype = DType::kUndefined;
  Dims dims;
  int64_t elements = 0, bytes = 0;
  std::string_view name;

  std::string label() const { return std::string(dtype_name(dtype)) + to_string(dims); }
};

Error bad(std::string_view name, std::string message) {
  return {ErrorCode::kInvalidModel, "Tensor " + quoted(name) + " " + std::move(message), printable(name),
          "The file is damaged, or was written by a tool that does not follow ONNX."};
}

Result<Expected> expect(const onnx::TensorProto& proto, std::string_view name) {
  Expected e;
  e.name = name;
  const auto dtype = dtype_from_onnx(proto.data_type());
  if (!dtype || *dtype == DType::kUndefined) {
    return bad(name, "has the unknown element type " + std::to_string(proto.data_type()) + ".");
  }
  e.dtype = *dtype;
  if (proto.dims_size() > kMaxRank) return bad(name, "has " + std::to_string(proto.dims_size()) + " dimensions.");
  e.dims.assign(proto.dims().begin(), proto.dims().end());
  const auto elements = element_count(e.dims);
  if (!elements) return bad(name, "has impossible dimensions " + to_string(e.dims) + ".");
  e.elements = *elements;
  if (e.dtype == DType::kString) return e;
  const auto bytes = packed_bytes(e.dtype, e.elements);
  if (!bytes || *bytes > kMaxBytes) return bad(name, "is too large: " + e.label() + ".");
  e.bytes = *bytes;
  return e;
}

Error wrong_size(const Expected& e, std::string_view field, int64_t found, int64_t wanted) {
  return bad(e.name, "is declared as " + e.label() + ", but its " + std::string(field) + " holds " +
                         std::to_string(found) + " instead of " + std::to_string(wanted) +
                         (field == "raw_data" ? " bytes." : " entries."));
}

// bool reads as 0 or 1 everywhere behind this point.
void normalize_bools(Tensor& tensor) {
  if (tensor.dtype() != DType::kBool) return;
  uint8_t* p = tensor.mutable_bytes();
  for (int64_t i = 0; i < tensor.byte_size(); ++i) p[i] = p[i] != 0;
}

// Copies `count` numbers, each narrowed to `To` bit by bit (two's complement).
template <typename To, typename From>
void narrow(const From* from, int64_t count, uint8_t* out) {
  for (int64_t i = 0; i < count; ++i) {
    const To value = static_cast<To>(from[i]);
    std::memcpy(out + i * static_cast<int64_t>(sizeof(To)), &value, sizeof(To));
  }
}

// Numbers of a typed field into the tensor: `unit` bytes of it come from each entry.
template <typename Repeated>
Result<Tensor> from_typed(const Expected& e, std::string_view field, const Repeated& values, int unit) {
  const int64_t wanted = e.bytes / unit;
  if (values.size() != wanted) return wrong_size(e, field, values.size(), wanted);
  HT_ASSIGN(Tensor tensor, Tensor::allocate(e.dtype, e.dims, e.name));
  uint8_t* out = tensor.mutable_bytes();
  if constexpr (std::is_floating_point_v<typename Repeated::value_type>) {
    if (wanted > 0) std::memcpy(out, values.data(), static_cast<size_t>(e.bytes));
  } else {
    switch (unit) {
      case 1:
        narrow<uint8_t>(values.data(), wanted, out);
        break;
      case 2:
        narrow<uint16_t>(values.data(), wanted, out);
        break;
      case 4:
        narrow<uint32_t>(values.data(), wanted, out);
        break;
      default:
        narrow<uint64_t>(values.data(), wanted, out);
        break;
    }
  }
  return tensor;
}

Result<Tensor> take_typed(const Expected& e, const onnx::TensorProto& proto) {
  switch (e.dtype) {
    case DType::kFloat:
    case DType::kComplex64:
      return from_typed(e, "float_data", proto.float_data(), 4);
    case DType::kDouble:
    case DType::kComplex128:
      return from_typed(e, "double_data", proto.double_data(), 8);
    case DType::kInt64:
      return from_typed(e, "int64_data", proto.int64_data(), 8);
    case DType::kUint64:
      return from_typed(e, "uint64_data", proto.uint64_data(), 8);
    case DType::kUint32:
      return from_typed(e, "uint64_data", proto.uint64_data(), 4);
    default:
      return from_typed(e, "int32_data", proto.int32_data(), std::max(dtype_info(e.dtype).bits / 8, 1));
  }
}

Result<Tensor> take_strings(const Expected& e, onnx::TensorProto& proto) {
  if (proto.string_data_size() != e.elements) {
    return wrong_size(e, "string_data", proto.string_data_size(), e.elements);
  }
  std::vector<std::string> values(std::make_move_iterator(proto.mutable_string_data()->begin()),
                                  std::make_move_iterator(proto.mutable_string_data()->end()));
  return Tensor::strings(e.dims, std::move(values));
}

Result<Tensor> take_raw(const Expected& e, std::string raw) {
  if (static_cast<int64_t>(raw.size()) != e.bytes) {
    return wrong_size(e, "raw_data", static_cast<int64_t>(raw.size()), e.bytes);
  }
  if (raw.size() >= kAdoptBytes) return Tensor::adopt(e.dtype, e.dims, std::move(raw), e.name);
  HT_ASSIGN(Tensor tensor, Tensor::allocate(e.dtype, e.dims, e.name));
  if (!raw.empty()) std::memcpy(tensor.mutable_bytes(), raw.data(), raw.size());
  return tensor;
}

bool fits_field(DType dtype, int field) {
  if (field == onnx::TensorProto::kFloatDataFieldNumber) return dtype == DType::kFloat || dtype == DType::kComplex64;
  if (field == onnx::TensorProto::kDoubleDataFieldNumber) return dtype == DType::kDouble || dtype == DType::kComplex128;
  return true;
}

Result<Tensor> read_range(const Expected& e, const RawRange& range, const ReadOptions& options) {
  if (!fits_field(e.dtype, range.field))
    return bad(e.name, "is " + e.label() + ", but keeps its data as other numbers.");
  if (range.length != e.bytes) return wrong_size(e, "raw_data", range.length, e.bytes);
  HT_ASSIGN(Tensor tensor, Tensor::allocate(e.dtype, e.dims, e.name));
  HT_TRY(read_in_chunks(*range.source, range.offset, {tensor.mutable_bytes(), static_cast<size_t>(e.bytes)}, options));
  return tensor;
}

Result<Tensor> take_data(const Expected& e, onnx::TensorProto& proto, const ReadOptions& options, const RawRange& raw) {
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) {
    if (e.dtype == DType::kString) return bad(e.name, "keeps strings outside the file, which ONNX does not allow.");
    HT_ASSIGN(const RawRange range, locate_external(proto, e.bytes, options, e.name));
    return read_range(e, range, options);
  }
  if (e.dtype == DType::kString) return take_strings(e, proto);
  if (raw.source != nullptr) return read_range(e, raw, options);
  if (proto.has_raw_data()) return take_raw(e, std::move(*proto.mutable_raw_data()));
  return take_typed(e, proto);
}

}  // namespace

Result<Tensor> take_tensor(onnx::TensorProto& proto, const ReadOptions& options, std::string_view name,
                           const RawRange& raw) {
  if (proto.has_segment()) return bad(name, "is split into segments, which no tool writes and Halftone does not read.");
  HT_ASSIGN(const Expected e, expect(proto, name));
  HT_ASSIGN(Tensor tensor, take_data(e, proto, options, raw));
  normalize_bools(tensor);
  proto.clear_dims();
  proto.clear_data_type();
  proto.clear_data_location();
  proto.clear_external_data();
  proto.clear_raw_data();
  proto.clear_float_data();
  proto.clear_double_data();
  proto.clear_int32_data();
  proto.clear_int64_data();
  proto.clear_uint64_data();
  proto.clear_string_data();
  return tensor;
}

void fill_tensor(const Tensor& tensor, onnx::TensorProto& proto) {
  proto.set_data_type(dtype_info(tensor.dtype()).onnx_code);
  for (const int64_t d : tensor.dims()) proto.add_dims(d);
  if (tensor.dtype() != DType::kString) return;
  for (const std::string& s : tensor.string_data()) proto.add_string_data(s);
}

Result<Tensor> read_tensor(std::span<const uint8_t> bytes) {
  onnx::TensorProto proto;
  if (bytes.empty() || bytes.size() > static_cast<size_t>(kMaxBytes / 2 - 1) ||
      !proto.ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Error{ErrorCode::kInvalidModel, "These bytes are not an ONNX tensor.", "",
                 "Give a serialized TensorProto (a .pb file of ONNX's test data)."};
  }
  const std::string name = proto.name();
  return take_tensor(proto, {}, name);
}

}  // namespace halftone
