// Broadcast runs of row kernels; see the header.
#include "core/ops/binary_run.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/base/parallel.h"
#include "core/kernels/eltwise/broadcast.h"
#include "core/kernels/eltwise/unary.h"
#include "core/ops/infer_util.h"
#include "core/tensor/tensor.h"

namespace halftone {
namespace {

int64_t bytes_of(DType type) {
  return type == DType::kString ? static_cast<int64_t>(sizeof(std::string)) : dtype_info(type).bits / 8;
}

// Exponents as double, whatever their type: Pow's second input has a type of its own.
using Exponents = SmallVector<double, 8>;

Result<Exponents> exponents(const View& b) {
  Exponents out(static_cast<size_t>(b.size()));
  const auto widen = [&](auto* from) { std::copy_n(from, out.size(), out.begin()); };
  switch (b.dtype) {
    case DType::kFloat:
      widen(b.as<float>());
      break;
    case DType::kDouble:
      widen(b.as<double>());
      break;
    case DType::kInt8:
      widen(b.as<int8_t>());
      break;
    case DType::kInt16:
      widen(b.as<int16_t>());
      break;
    case DType::kInt32:
      widen(b.as<int32_t>());
      break;
    case DType::kInt64:
      widen(b.as<int64_t>());
      break;
    case DType::kUint8:
      widen(b.as<uint8_t>());
      break;
    case DType::kUint16:
      widen(b.as<uint16_t>());
      break;
    case DType::kUint32:
      widen(b.as<uint32_t>());
      break;
    case DType::kUint64:
      widen(b.as<uint64_t>());
      break;
    default:
      return unsupported("Pow with exponents of type " + std::string(dtype_name(b.dtype)));
  }
  return out;
}

}  // namespace

Status apply_binary(Binary function, const View& a, const View& b, const MutView& y) {
  if (a.dtype != b.dtype && function != Binary::kPow) {
    return invalid_model("inputs of types " + std::string(dtype_name(a.dtype)) + " and " +
                         std::string(dtype_name(b.dtype)) + " do not combine");
  }
  const BinaryRow row = binary_row(function, a.dtype);
  if (row == nullptr) return unsupported("no kernel for " + std::string(dtype_name(a.dtype)) + " elements");
  if (y.size() == 0) return ok_status();
  Exponents powers;
  const uint8_t* second = b.bytes();
  int64_t bytes_b = bytes_of(b.dtype);
  if (function == Binary::kPow) {
    HT_ASSIGN(powers, exponents(b));
    second = reinterpret_cast<const uint8_t*>(powers.data());
    bytes_b = sizeof(double);
  }
  const int64_t bytes_a = bytes_of(a.dtype), bytes_y = bytes_of(y.dtype);
  const std::array<Dims, 2> operands = {a.dims, b.dims};
  const BroadcastPlan plan = plan_broadcast(y.dims, operands);
  for_each_row(plan, [&](const OperandSteps& at, int64_t out) {
    const auto& step = plan.row.step;
    parallel_for(plan.row.n, 1 << 14, [&](int64_t begin, int64_t end) {
      row(a.bytes() + (at[0] + begin * step[0]) * bytes_a, step[0], second + (at[1] + begin * step[1]) * bytes_b,
          step[1], y.bytes() + (out + begin) * bytes_y, end - begin);
    });
  });
  return ok_status();
}

View aligned_input(const RunContext& ctx, size_t i) {
  View view = ctx.input(i);
  if (i != 1 || ctx.opset() >= 7) return view;
  const SymShape aligned =
      legacy_aligned(ctx.node(), ctx.opset(), SymShape::of(ctx.input(0).dims), SymShape::of(view.dims));
  view.dims = *aligned.concrete();
  return view;
}

Status clamp_output(const RunContext& ctx, const MutView& y) {
  if (!ctx.node().has(kClampAttr)) return ok_status();
  const std::vector<float>& bounds = ctx.node().floats_attr(kClampAttr);
  HT_CHECK(bounds.size() == 2);
  if (y.dtype != DType::kFloat) return unsupported("a clamp fused into " + ctx.node().op_type + " needs float");
  clip_row(DType::kFloat)(y.data, y.data, y.size(), &bounds[0], &bounds[1]);
  return ok_status();
}

}  // namespace halftone
