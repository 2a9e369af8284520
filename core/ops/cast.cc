// Cast, CastLike, BitCast: other element types. Source: ONNX operator specification, Cast-1/6/9/13..25 (numbers to
// strings and back included), CastLike-15..25, BitCast-26.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/base/number_text.h"
#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

Status set_cast(InferContext& ctx, DType to) {
  ctx.set_output(0, to, ctx.shape(0));
  if (to != DType::kInt64 && to != DType::kInt32) return ok_status();
  if (auto contents = ctx.shape_contents(0)) ctx.set_output_contents(0, *std::move(contents));
  return ok_status();
}

// Opset 1 named the type by a string ("FLOAT"); no model that we know of still does.
Status infer_cast(InferContext& ctx) {
  if (!ctx.node().has("to")) return invalid_model("attribute to is missing");
  HT_ASSIGN(DType to, dtype_attribute(ctx.node(), "to", DType::kUndefined));
  return set_cast(ctx, to);
}

Status infer_cast_like(InferContext& ctx) { return set_cast(ctx, ctx.dtype(1)); }

// Shortest text that reads back as the same number; C's names for infinities and NaN as NumPy writes them.
std::string to_text(DType type, const void* bytes, int64_t i) {
  if (!is_float(type)) {
    if (type == DType::kUint64) return std::to_string(static_cast<const uint64_t*>(bytes)[i]);
    if (type == DType::kInt64) return std::to_string(static_cast<const int64_t*>(bytes)[i]);
    return std::to_string(static_cast<int64_t>(element_as_double(type, bytes, i)));
  }
  const double v = element_as_double(type, bytes, i);
  if (v != v) return "NaN";
  if (std::isinf(v)) return v > 0 ? "INF" : "-INF";
  return type == DType::kDouble ? number_text(v) : number_text(static_cast<float>(v));
}

Result<double> to_number(std::string text) {
  while (!text.empty() && text.front() == ' ') text.erase(text.begin());
  while (!text.empty() && text.back() == ' ') text.pop_back();
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  const bool negative = !lower.empty() && lower[0] == '-';
  const std::string bare = !lower.empty() && (lower[0] == '-' || lower[0] == '+') ? lower.substr(1) : lower;
  if (bare == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (bare == "inf" || bare == "infinity") return std::numeric_limits<double>::infinity() * (negative ? -1 : 1);
  const auto value = read_number(bare);
  if (!value) return invalid_model("'" + text + "' is not a number");
  return negative ? -*value : *value;
}

CastRules cast_rules(const Node& node) {
  const std::string mode = node.string_attr("round_mode", "up");
  const auto rounding = mode == "down"      ? ScaleRounding::kDown
                        : mode == "nearest" ? ScaleRounding::kNearest
                                            : ScaleRounding::kUp;
  return {node.int_attr("saturate", 1) != 0, rounding};
}

Status cast_strings(const View& x, const MutView& y, const CastRules& rules) {
  const int64_t count = y.size();
  if (x.dtype == DType::kString && y.dtype == DType::kString) {
    return move_elements(y, dense_place(y.dims), x, dense_place(y.dims), y.dims);
  }
  if (y.dtype == DType::kString) {
    for (int64_t i = 0; i < count; ++i) static_cast<std::string*>(y.data)[i] = to_text(x.dtype, x.data, i);
    return ok_status();
  }
  std::vector<double> numbers(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    HT_ASSIGN(numbers[static_cast<size_t>(i)], to_number(static_cast<const std::string*>(x.data)[i]));
  }
  return convert_elements(DType::kDouble, numbers.data(), y.dtype, y.data, count, rules);
}

template <InferFn kInfer>
Status run_cast(RunContext& ctx) {
  const View& x = ctx.input(0);
  const CastRules rules = cast_rules(ctx.node());
  HT_ASSIGN(MutView y, make_output(ctx, kInfer));
  if (x.dtype == DType::kString || y.dtype == DType::kString) return cast_strings(x, y, rules);
  return convert_elements(x.dtype, x.data, y.dtype, y.data, y.size(), rules);
}

Status infer_bit_cast(InferContext& ctx) {
  HT_ASSIGN(DType to, dtype_attribute(ctx.node(), "to", DType::kUndefined));
  if (ctx.dtype(0) != DType::kUndefined && dtype_info(to).bits != dtype_info(ctx.dtype(0)).bits) {
    return invalid_model("BitCast between types of different size");
  }
  ctx.set_output(0, to, ctx.shape(0));
  return ok_status();
}

Status run_bit_cast(RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.dtype == DType::kString) return invalid_model("BitCast of strings");
  HT_ASSIGN(MutView y, make_output(ctx, infer_bit_cast));
  std::copy_n(x.bytes(), packed_bytes(x.dtype, x.size()).value_or(0), y.bytes());
  return ok_status();
}

constexpr OpDef cast_op(std::string_view name, int inputs, InferFn infer, RunFn run) {
  return {.name = name, .schema = {inputs, inputs, 1, 1}, .infer = infer, .run = run, .cost = elementwise_cost};
}

}  // namespace

std::span<const OpDef> cast_ops() {
  static constexpr OpDef kOps[] = {
      cast_op("Cast", 1, infer_cast, run_cast<infer_cast>),
      cast_op("CastLike", 2, infer_cast_like, run_cast<infer_cast_like>),
      cast_op("BitCast", 1, infer_bit_cast, run_bit_cast),
  };
  return kOps;
}

}  // namespace halftone
