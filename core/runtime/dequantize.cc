// Integers back to the reals they stand for. Source: ONNX DequantizeLinear.
#include "core/runtime/dequantize.h"

namespace halftone {
namespace {

template <typename T>
void fill(std::span<float> out, const T* q, const QuantParams& params, int64_t channels, int64_t inner) {
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t c = static_cast<size_t>(static_cast<int64_t>(i) / inner % channels);
    out[i] = static_cast<float>(static_cast<int64_t>(q[i]) - params.zero_point[c]) * params.scale[c];
  }
}

}  // namespace

Result<Tensor> dequantize(const View& view, const QuantParams& params) {
  const auto refuse = [] {
    return Error{ErrorCode::kInvalidArgument, "A value of this type cannot be dequantized.", "", ""};
  };
  int64_t channels = 1, inner = 1;
  if (!params.per_tensor()) {
    if (params.axis >= view.rank() || params.block_size != 0) return refuse();
    channels = view.dims[static_cast<size_t>(params.axis)];
    for (int64_t i = params.axis + 1; i < view.rank(); ++i) inner *= view.dims[static_cast<size_t>(i)];
  }
  const size_t count = static_cast<size_t>(channels);
  if (view.size() > 0 && (params.scale.size() < count || params.zero_point.size() < count)) return refuse();
  HT_ASSIGN(Tensor real, Tensor::allocate(DType::kFloat, view.dims));
  const auto out = real.mutable_data<float>();
  switch (view.dtype) {
    case DType::kInt8:
      fill(out, view.as<int8_t>(), params, channels, inner);
      break;
    case DType::kUint8:
      fill(out, view.as<uint8_t>(), params, channels, inner);
      break;
    case DType::kInt16:
      fill(out, view.as<int16_t>(), params, channels, inner);
      break;
    case DType::kUint16:
      fill(out, view.as<uint16_t>(), params, channels, inner);
      break;
    case DType::kInt32:
      fill(out, view.as<int32_t>(), params, channels, inner);
      break;
    default:
      return refuse();
  }
  return real;
}

}  // namespace halftone
