// QuantizeLinear, DequantizeLinear (ONNX opset 10 to 25) and DynamicQuantizeLinear (11).
// Formulas: core/kernels/quant/quantize.h; parameters per tensor, per axis or blocked: quant_layout.h.
// Integers of 2 to 16 bits (32 to dequantize), float8 and float4 by Cast's conversion of x / scale.
#include "core/kernels/quant/quantize.h"

#include <algorithm>
#include <array>
#include <string>

#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/quant_layout.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

bool is_small_integer(DType t) { return is_integer(t) && dtype_info(t).bits <= 16; }

bool is_small_float(DType t) { return is_float(t) && dtype_info(t).bits <= 8; }

struct QuantArguments {
  QuantLayout layout;
  const float* scale;
  int32_t* zero_point;         // one for each scale
  float* zero_real = nullptr;  // for small floats; nullptr: all 0
  int32_t zero(int64_t i) const { return zero_point[i]; }
};

// Inputs 1 and 2 (scale, zero point of type `type`) against the tensor at input 0.
Result<QuantArguments> quant_arguments(RunContext& ctx, DType type) {
  const View &x = ctx.input(0), &scale = ctx.input(1);
  if (scale.dtype != DType::kFloat) return unsupported("a scale of " + std::string(dtype_name(scale.dtype)));
  HT_ASSIGN(void* zeros, ctx.scratch(scale.size() * static_cast<int64_t>(sizeof(int32_t))));
  QuantArguments q{.layout = {}, .scale = scale.as<float>(), .zero_point = static_cast<int32_t*>(zeros)};
  HT_ASSIGN(q.layout, quant_layout(ctx.node(), x.dims, scale.dims));
  std::fill_n(q.zero_point, scale.size(), 0);
  if (!ctx.has_input(2)) return q;
  const View& zero = ctx.input(2);
  if (zero.dtype != type || zero.size() != scale.size()) {
    return invalid_model("the zero point (" + std::string(dtype_name(zero.dtype)) + " " + to_string(zero.dims) +
                         ") does not fit scale " + to_string(scale.dims) + " and type " +
                         std::string(dtype_name(type)));
  }
  const DTypeInfo& info = dtype_info(type);
  if (is_small_float(type)) q.zero_real = static_cast<float*>(zeros);
  for (int64_t i = 0; i < zero.size(); ++i) {
    if (q.zero_real != nullptr) {
      q.zero_real[i] = static_cast<float>(element_as_double(type, zero.data, i));
      continue;
    }
    q.zero_point[i] =
        info.bits == 32 ? zero.as<int32_t>()[i] : packed_get(zero.bytes(), i, info.bits, info.kind == DKind::kSigned);
  }
  return q;
}

// --- QuantizeLinear ---------------------------------------------------------------------------

// Type of the integers: the zero point's, else attribute output_dtype (opset 21), else uint8.
Result<DType> quantized_type(const Node& node, bool has_zero, DType zero) {
  if (has_zero) return zero;
  const int64_t code = node.int_attr("output_dtype", 0);
  if (code == 0) return DType::kUint8;
  const auto type = dtype_from_onnx(static_cast<int32_t>(code));
  if (!type) return invalid_model("attribute output_dtype is " + std::to_string(code));
  return *type;
}

Status infer_quantize(InferContext& ctx) {
  HT_ASSIGN(DType type, quantized_type(ctx.node(), ctx.has_input(2), ctx.dtype(2)));
  ctx.set_output(0, type, ctx.shape(0));
  return ok_status();
}

template <typename T>
void quantize_as(const QuantArguments& q, const float* x, const MutView& y) {
  T* out = y.as<T>();
  for_each_run(q.layout, [&](int64_t at, int64_t n, int64_t p, int64_t step) {
    if (step == 0) return quantize_run(x + at, n, q.scale[p], q.zero(p), out + at);
    quantize_each(x + at, n, q.scale + p, q.zero_point + p, out + at);
  });
}

void quantize_packed(const QuantArguments& q, const float* x, const MutView& y) {
  const DTypeInfo& info = dtype_info(y.dtype);
  std::fill_n(y.bytes(), *packed_bytes(y.dtype, y.size()), uint8_t{0});
  const auto low = static_cast<int32_t>(info.lowest), high = static_cast<int32_t>(info.highest);
  for_each_run(q.layout, [&](int64_t at, int64_t n, int64_t p, int64_t step) {
    for (int64_t i = at; i < at + n; ++i, p += step) {
      packed_set(y.bytes(), i, info.bits, quantize_code(x[i], q.scale[p], q.zero(p), low, high));
    }
  });
}

// x / scale, converted as Cast does; ONNX allows no zero point but 0 here.
Status quantize_small_float(RunContext& ctx, const QuantArguments& q, const float* x, const MutView& y) {
  const int64_t n = y.size();
  HT_ASSIGN(void* scratch, ctx.scratch(n * static_cast<int64_t>(sizeof(float))));
  float* scaled = static_cast<float*>(scratch);
  for_each_run(q.layout, [&](int64_t at, int64_t count, int64_t p, int64_t step) {
    for (int64_t i = at; i < at + count; ++i, p += step) scaled[i] = x[i] / q.scale[p];
  });
  const bool saturate = ctx.node().int_attr("saturate", 1) != 0;
  return convert_elements(DType::kFloat, scaled, y.dtype, y.bytes(), n, CastRules(saturate));
}

// The input as floats: as it is, or int32 converted in scratch.
Result<const float*> float_input(RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.dtype == DType::kFloat) return x.as<float>();
  if (x.dtype != DType::kInt32) return unsupported("QuantizeLinear of " + std::string(dtype_name(x.dtype)));
  const int64_t n = x.size();
  HT_ASSIGN(void* scratch, ctx.scratch(n * static_cast<int64_t>(sizeof(float))));
  float* values = static_cast<float*>(scratch);
  std::transform(x.as<int32_t>(), x.as<int32_t>() + n, values, [](int32_t v) { return static_cast<float>(v); });
  return values;
}

Status run_quantize(RunContext& ctx) {
  HT_ASSIGN(DType type, quantized_type(ctx.node(), ctx.has_input(2), ctx.has_input(2) ? ctx.input(2).dtype : DType()));
  if (!is_small_integer(type) && !is_small_float(type))
    return unsupported("QuantizeLinear to " + std::string(dtype_name(type)));
  HT_ASSIGN(QuantArguments q, quant_arguments(ctx, type));
  HT_ASSIGN(const float* x, float_input(ctx));
  HT_ASSIGN(MutView y, ctx.output(0, type, ctx.input(0).dims));
  if (is_small_float(type)) return quantize_small_float(ctx, q, x, y);
  switch (type) {
    case DType::kUint8:
      quantize_as<uint8_t>(q, x, y);
      break;
    case DType::kInt8:
      quantize_as<int8_t>(q, x, y);
      break;
    case DType::kUint16:
      quantize_as<uint16_t>(q, x, y);
      break;
    case DType::kInt16:
      quantize_as<int16_t>(q, x, y);
      break;
    default:
      quantize_packed(q, x, y);
      break;
  }
  return ok_status();
}

// --- DequantizeLinear -------------------------------------------------------------------------

Status infer_dequantize(InferContext& ctx) {
  const int64_t code = ctx.node().int_attr("output_dtype", 0);
  DType type = ctx.dtype(1) == DType::kUndefined ? DType::kFloat : ctx.dtype(1);
  if (code != 0) {
    const auto named = dtype_from_onnx(static_cast<int32_t>(code));
    if (!named) return invalid_model("attribute output_dtype is " + std::to_string(code));
    type = *named;
  }
  ctx.set_output(0, type, ctx.shape(0));
  return ok_status();
}

template <typename T>
void dequantize_as(const QuantArguments& q, const View& x, float* y) {
  const T* in = x.as<T>();
  for_each_run(q.layout, [&](int64_t at, int64_t n, int64_t p, int64_t step) {
    if (step == 0) return dequantize_run(in + at, n, q.scale[p], q.zero(p), y + at);
    dequantize_each(in + at, n, q.scale + p, q.zero_point + p, y + at);
  });
}

void dequantize_packed(const QuantArguments& q, const View& x, float* y) {
  const DTypeInfo& info = dtype_info(x.dtype);
  for_each_run(q.layout, [&](int64_t at, int64_t n, int64_t p, int64_t step) {
    for (int64_t i = at; i < at + n; ++i, p += step) {
      y[i] =
          static_cast<float>(packed_get(x.bytes(), i, info.bits, info.kind == DKind::kSigned) - q.zero(p)) * q.scale[p];
    }
  });
}

Status dequantize_small_float(const QuantArguments& q, const View& x, float* y) {
  HT_TRY(convert_elements(x.dtype, x.data, DType::kFloat, y, x.size()));
  for_each_run(q.layout, [&](int64_t at, int64_t n, int64_t p, int64_t step) {
    for (int64_t i = at; i < at + n; ++i, p += step) {
      const float zero = q.zero_real == nullptr ? 0.0f : q.zero_real[p];
      y[i] = (y[i] - zero) * q.scale[p];
    }
  });
  return ok_status();
}

Status run_dequantize(RunContext& ctx) {
  const View& x = ctx.input(0);
  const int64_t code = ctx.node().int_attr("output_dtype", 0);
  if (!(is_small_integer(x.dtype) || is_small_float(x.dtype) || x.dtype == DType::kInt32) ||
      (code != 0 && code != static_cast<int64_t>(DType::kFloat))) {
    return unsupported("DequantizeLinear of " + std::string(dtype_name(x.dtype)));
  }
  HT_ASSIGN(QuantArguments q, quant_arguments(ctx, x.dtype));
  HT_ASSIGN(MutView out, ctx.output(0, DType::kFloat, x.dims));
  float* y = out.as<float>();
  if (is_small_float(x.dtype)) return dequantize_small_float(q, x, y);
  switch (x.dtype) {
    case DType::kUint8:
      dequantize_as<uint8_t>(q, x, y);
      break;
    case DType::kInt8:
      dequantize_as<int8_t>(q, x, y);
      break;
    case DType::kUint16:
      dequantize_as<uint16_t>(q, x, y);
      break;
    case DType::kInt16:
      dequantize_as<int16_t>(q, x, y);
      break;
    case DType::kInt32:
      dequantize_as<int32_t>(q, x, y);
      break;
    default:
      dequantize_packed(q, x, y);
      break;
  }
  return ok_status();
}

// --- DynamicQuantizeLinear --------------------------------------------------------------------

Status infer_dynamic(InferContext& ctx) {
  ctx.set_output(0, DType::kUint8, ctx.shape(0));
  ctx.set_output(1, DType::kFloat, SymShape::of({}));
  ctx.set_output(2, DType::kUint8, SymShape::of({}));
  return ok_status();
}

// scale = (max - min) / 255 over a range widened to hold 0; zero_point = saturate(round(-min / scale)).
Status run_dynamic(RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.dtype != DType::kFloat) {
    return unsupported("DynamicQuantizeLinear of " + std::string(dtype_name(x.dtype)));
  }
  const int64_t n = x.size();
  const auto [low, high] = extent_around_zero(x.as<float>(), n);
  const float range = (high - low) / 255.0f;
  const float scale = range > 0 ? range : 1.0f;  // all zero: any scale will do
  const int32_t zero = quantize_code(-low, scale, 0, 0, 255);
  HT_ASSIGN(MutView y, ctx.output(0, DType::kUint8, x.dims));
  HT_ASSIGN(MutView y_scale, ctx.output(1, DType::kFloat, {}));
  HT_ASSIGN(MutView y_zero, ctx.output(2, DType::kUint8, {}));
  quantize_run(x.as<float>(), n, scale, zero, y.as<uint8_t>());
  *y_scale.as<float>() = scale;
  *y_zero.as<uint8_t>() = static_cast<uint8_t>(zero);
  return ok_status();
}

constexpr std::array kRows = {
    OpDef{.name = "QuantizeLinear",
          .since = 10,
          .schema = {.min_inputs = 2, .max_inputs = 3},
          .infer = infer_quantize,
          .run = in_float<run_quantize>,
          .cost = elementwise_cost},
    OpDef{.name = "DequantizeLinear",
          .since = 10,
          .schema = {.min_inputs = 2, .max_inputs = 3},
          .infer = infer_dequantize,
          .run = in_float<run_dequantize>,
          .cost = elementwise_cost},
    OpDef{.name = "DynamicQuantizeLinear",
          .since = 11,
          .schema = {.min_outputs = 3, .max_outputs = 3},
          .infer = infer_dynamic,
          .run = run_dynamic,
          .cost = elementwise_cost},
};

}  // namespace

std::span<const OpDef> quantize_ops() { return kRows; }

}  // namespace halftone
