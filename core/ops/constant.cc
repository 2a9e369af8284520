// Constant, ConstantOfShape, Range, EyeLike: tensors from attributes or from a few numbers.
// Source: ONNX operator specification, Constant-1..23, ConstantOfShape-9, Range-11, EyeLike-9.
#include <algorithm>
#include <cmath>
#include <string>

#include "core/kernels/move/strided.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

template <typename T>
Tensor list_of(const std::vector<T>& values) {
  return Tensor::of<T>({static_cast<int64_t>(values.size())}, std::span<const T>(values));
}

// The tensor that a Constant node spells in one of its attributes.
Result<Tensor> constant_value(const Node& node) {
  if (const Tensor* value = node.tensor_attr("value")) return *value;
  if (node.has("value_float")) return Tensor::scalar(node.float_attr("value_float", 0));
  if (node.has("value_int")) return Tensor::scalar(node.int_attr("value_int", 0));
  if (node.has("value_floats")) return list_of(node.floats_attr("value_floats"));
  if (node.has("value_ints")) return list_of(node.ints_attr("value_ints"));
  if (node.has("value_string")) return Tensor::strings({}, {node.string_attr("value_string", "")});
  if (auto it = node.attributes.find("value_strings"); it != node.attributes.end()) {
    if (const auto* strings = std::get_if<std::vector<std::string>>(&it->second.value)) {
      return Tensor::strings({static_cast<int64_t>(strings->size())}, *strings);
    }
  }
  if (node.has("sparse_value")) return unsupported("a Constant with a sparse value");
  return invalid_model("Constant without a value");
}

Status infer_constant(InferContext& ctx) {
  HT_ASSIGN(Tensor value, constant_value(ctx.node()));
  ctx.set_output(0, value.dtype(), SymShape::of(value.dims()));
  return ok_status();
}

Status run_constant(RunContext& ctx) {
  HT_ASSIGN(Tensor value, constant_value(ctx.node()));
  HT_ASSIGN(MutView y, ctx.output(0, value.dtype(), value.dims()));
  if (value.dtype() == DType::kString) {
    std::copy(value.string_data().begin(), value.string_data().end(), static_cast<std::string*>(y.data));
  } else {
    std::copy_n(value.bytes(), value.byte_size(), y.bytes());
  }
  return ok_status();
}

// The element that ConstantOfShape repeats: float 0 by default.
Result<Tensor> fill_value(const Node& node) {
  const Tensor* value = node.tensor_attr("value");
  if (value == nullptr) return Tensor::scalar(0.0f);
  if (value->size() != 1) return invalid_model("the value to fill with must be one element");
  return *value;
}

Status infer_constant_of_shape(InferContext& ctx) {
  HT_ASSIGN(Tensor value, fill_value(ctx.node()));
  SymShape shape;
  if (auto contents = ctx.shape_contents(0)) {
    for (const Dim& dim : *contents) {
      if (content_literal(dim).value_or(0) < 0) return invalid_model("the shape holds a negative size");
    }
    shape = SymShape(*std::move(contents));
  } else if (ctx.shape(0).has_rank() && ctx.shape(0).rank() == 1 && ctx.shape(0)[0].known() &&
             ctx.shape(0)[0].value <= kMaxRank) {
    shape = SymShape::unknown_dims(ctx.shape(0)[0].value);
  }
  ctx.set_output(0, value.dtype(), std::move(shape));
  return ok_status();
}

Status run_constant_of_shape(RunContext& ctx) {
  HT_ASSIGN(Tensor value, fill_value(ctx.node()));
  HT_ASSIGN(const int64_t bytes, element_bytes(value.dtype()));
  HT_ASSIGN(MutView y, make_output(ctx, infer_constant_of_shape));
  fill_elements(bytes, y.data, value.bytes(), y.size());
  return ok_status();
}

// Elements in start, start + delta, ... before limit.
Result<int64_t> range_count(double start, double limit, double delta) {
  if (delta == 0) return invalid_model("Range with a delta of 0");
  const double count = std::ceil((limit - start) / delta);
  if (!(count < 9e15)) return invalid_model("Range is too long");
  return static_cast<int64_t>(std::max(count, 0.0));
}

Status infer_range(InferContext& ctx) {
  SymShape shape = SymShape::unknown_dims(1);
  double numbers[3];
  bool known = true;
  for (size_t i = 0; i < 3; ++i) {
    const Tensor* t = ctx.constant(i);
    known = known && t != nullptr;
    if (!known) continue;
    if (t->size() != 1 || t->dtype() == DType::kString) return invalid_model("Range takes three numbers");
    numbers[i] = element_as_double(t->dtype(), t->bytes(), 0);
  }
  if (known) {
    HT_ASSIGN(const int64_t count, range_count(numbers[0], numbers[1], numbers[2]));
    shape = SymShape({Dim(count)});
  }
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

template <typename T>
void fill_range(const View& start, const View& delta, const MutView& y) {
  const T first = *start.as<T>(), step = *delta.as<T>();
  T* to = y.as<T>();
  // In the unsigned or floating type: the last step may leave the range, which nobody reads.
  for (int64_t i = 0; i < y.size(); ++i) {
    if constexpr (std::is_integral_v<T>) {
      to[i] = static_cast<T>(static_cast<uint64_t>(first) + static_cast<uint64_t>(i) * static_cast<uint64_t>(step));
    } else {
      to[i] = first + static_cast<T>(i) * step;
    }
  }
}

Status run_range(RunContext& ctx) {
  const View &start = ctx.input(0), &delta = ctx.input(2);
  if (start.dtype != delta.dtype || start.dtype != ctx.input(1).dtype) return invalid_model("Range needs one type");
  HT_ASSIGN(MutView y, make_output(ctx, infer_range));
  switch (y.dtype) {
    case DType::kFloat:
      fill_range<float>(start, delta, y);
      break;
    case DType::kDouble:
      fill_range<double>(start, delta, y);
      break;
    case DType::kInt16:
      fill_range<int16_t>(start, delta, y);
      break;
    case DType::kInt32:
      fill_range<int32_t>(start, delta, y);
      break;
    case DType::kInt64:
      fill_range<int64_t>(start, delta, y);
      break;
    default:
      return unsupported("Range of " + std::string(dtype_name(y.dtype)) + " elements");
  }
  return ok_status();
}

Status infer_eye_like(InferContext& ctx) {
  if (ctx.shape(0).has_rank() && ctx.shape(0).rank() != 2) return invalid_model("EyeLike needs a matrix");
  HT_ASSIGN(DType type, dtype_attribute(ctx.node(), "dtype", ctx.dtype(0)));
  ctx.set_output(0, type, ctx.shape(0));
  return ok_status();
}

Status run_eye_like(RunContext& ctx) {
  HT_ASSIGN(MutView y, make_output(ctx, infer_eye_like));
  HT_ASSIGN(const int64_t bytes, element_bytes(y.dtype));
  const double zero = 0, one = 1;
  uint8_t elements[2][16] = {};
  HT_TRY(convert_elements(DType::kDouble, &zero, y.dtype, elements[0], 1));
  HT_TRY(convert_elements(DType::kDouble, &one, y.dtype, elements[1], 1));
  fill_elements(bytes, y.data, elements[0], y.size());
  const int64_t k = ctx.node().int_attr("k", 0), rows = y.dims[0], columns = y.dims[1];
  for (int64_t i = 0; i < rows; ++i) {
    if (k >= -i && k < columns - i) std::copy_n(elements[1], bytes, y.bytes() + (i * columns + i + k) * bytes);
  }
  return ok_status();
}

}  // namespace

std::span<const OpDef> constant_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "Constant", .schema = {0, 0, 1, 1}, .infer = infer_constant, .run = run_constant, .cost = move_cost},
      {.name = "ConstantOfShape", .infer = infer_constant_of_shape, .run = run_constant_of_shape, .cost = move_cost},
      {.name = "EyeLike", .infer = infer_eye_like, .run = run_eye_like, .cost = move_cost},
      {.name = "Range",
       .schema = {3, 3, 1, 1},
       .infer = infer_range,
       .run = in_float<run_range>,
       .cost = elementwise_cost},
  };
  return kOps;
}

}  // namespace halftone
