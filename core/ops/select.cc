// NonZero, Compress, OneHot, Trilu, ReverseSequence: elements picked by what they are or where they stand.
// Source: ONNX operator specification, NonZero-9/13, Compress-9/11, OneHot-9/11, Trilu-14, ReverseSequence-10.
#include <algorithm>
#include <string>

#include "core/ops/axis_view.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/index_util.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"
#include "core/tensor/convert.h"

namespace halftone {
namespace {

Status infer_non_zero(InferContext& ctx) {
  const SymShape& x = ctx.shape(0);
  ctx.set_output(0, DType::kInt64, SymShape({x.has_rank() ? Dim(std::max<int64_t>(x.rank(), 1)) : Dim(), Dim()}));
  return ok_status();
}

Status run_non_zero(RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.dtype == DType::kString) return unsupported("NonZero of strings");
  std::vector<int64_t> found;
  for (int64_t i = 0; i < x.size(); ++i) {
    if (element_as_double(x.dtype, x.data, i) != 0) found.push_back(i);
  }
  const Dims dims = x.rank() == 0 ? Dims{1} : x.dims;
  const int64_t count = static_cast<int64_t>(found.size()), rank = static_cast<int64_t>(dims.size());
  const Dims out = {rank, count}, strides = row_major_strides(dims);
  HT_ASSIGN(MutView y, ctx.output(0, DType::kInt64, out));
  for (int64_t k = 0; k < rank; ++k) {
    const size_t axis = static_cast<size_t>(k);
    for (int64_t i = 0; i < count; ++i) {
      y.as<int64_t>()[k * count + i] = found[static_cast<size_t>(i)] / strides[axis] % dims[axis];
    }
  }
  return ok_status();
}

Status infer_compress(InferContext& ctx) {
  SymShape out = SymShape::unknown_dims(1);
  if (ctx.node().has("axis")) {
    out = ctx.shape(0);
    if (out.has_rank()) {
      HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), out.rank()));
      out[axis] = Dim();
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_compress(RunContext& ctx) {
  const View &x = ctx.input(0), &condition = ctx.input(1);
  if (condition.dtype != DType::kBool || condition.rank() != 1)
    return invalid_model("condition must be a list of bool");
  const bool flat = !ctx.node().has("axis");
  const Dims dims = flat ? Dims{x.size()} : x.dims;
  HT_ASSIGN(const int64_t axis,
            axis_in_rank(flat ? 0 : ctx.node().int_attr("axis", 0), static_cast<int64_t>(dims.size())));
  const AxisView v = axis_view(dims, axis);
  if (condition.size() > v.n) return invalid_model("condition is longer than the axis");
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < condition.size(); ++i) {
    if (condition.as<bool>()[i]) kept.push_back(i);
  }
  Dims out = dims;
  const int64_t count = out[static_cast<size_t>(axis)] = static_cast<int64_t>(kept.size());
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, out));
  const Dims block = {v.outer, v.inner};
  for (int64_t k = 0; k < count; ++k) {
    const Place to{k * v.inner, {count * v.inner, 1}};
    const Place from{kept[static_cast<size_t>(k)] * v.inner, {v.n * v.inner, 1}};
    HT_TRY(move_elements(y, to, x, from, block));
  }
  return ok_status();
}

Status infer_one_hot(InferContext& ctx) {
  SymShape out;
  const SymShape& indices = ctx.shape(0);
  if (indices.has_rank()) {
    HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", -1), indices.rank() + 1));
    std::vector<Dim> dims = indices.dims();
    Dim depth;
    if (const Tensor* t = ctx.constant(1)) {
      if (t->size() != 1 || t->dtype() == DType::kString) return invalid_model("depth must be one number");
      const double value = element_as_double(t->dtype(), t->bytes(), 0);
      if (!(value >= 1 && value < 1e9)) return invalid_model("depth must be positive");
      depth = Dim(static_cast<int64_t>(value));
    }
    dims.insert(dims.begin() + axis, depth);
    out = SymShape(std::move(dims));
  }
  ctx.set_output(0, ctx.dtype(2), std::move(out));
  return ok_status();
}

// values = [off, on]; an index outside [-depth, depth) leaves its column off.
Status run_one_hot(RunContext& ctx) {
  const View &indices = ctx.input(0), &values = ctx.input(2);
  if (indices.dtype == DType::kString || values.size() != 2)
    return invalid_model("OneHot needs numbers and two values");
  HT_ASSIGN(MutView y, make_output(ctx, infer_one_hot));
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", -1), y.rank()));
  HT_TRY(move_elements(y, dense_place(y.dims), values, {0, Dims(y.dims.size(), 0)}, y.dims));
  const AxisView v = axis_view(y.dims, axis);
  for (int64_t i = 0; i < indices.size(); ++i) {
    const double given = element_as_double(indices.dtype, indices.data, i), depth = static_cast<double>(v.n);
    if (!(given >= -depth && given < depth)) continue;
    const int64_t index = static_cast<int64_t>(given < 0 ? given + depth : given);
    const int64_t to = (i / v.inner * v.n + index) * v.inner + i % v.inner;
    HT_TRY(move_elements(y, {to, {}}, values, {1, {}}, {}));
  }
  return ok_status();
}

// Keeps the triangle j - i >= k (upper) or <= k of each matrix; zero bits elsewhere.
Status run_trilu(RunContext& ctx) {
  const View& x = ctx.input(0);
  if (x.rank() < 2) return invalid_model("Trilu needs matrices");
  HT_ASSIGN(const int64_t bytes, element_bytes(x.dtype));
  int64_t k = 0;
  if (ctx.has_input(1)) {
    HT_ASSIGN(auto given, int_input(ctx, 1));
    if (given.size() != 1) return invalid_model("k must be one number");
    k = given[0];
  }
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, x.dims));
  const bool upper = ctx.node().int_attr("upper", 1) != 0;
  const int64_t columns = x.dims.back(), rows = x.dims[x.dims.size() - 2];
  k = std::clamp(k, -rows - columns, rows + columns);
  std::fill_n(y.bytes(), y.size() * bytes, uint8_t{0});
  for (int64_t r = 0; columns > 0 && r < x.size() / columns; ++r) {
    const int64_t edge = std::clamp<int64_t>(r % rows + k + (upper ? 0 : 1), 0, columns);
    const int64_t from = upper ? edge : 0, to = upper ? columns : edge;
    std::copy_n(x.bytes() + (r * columns + from) * bytes, (to - from) * bytes,
                y.bytes() + (r * columns + from) * bytes);
  }
  return ok_status();
}

Status run_reverse_sequence(RunContext& ctx) {
  const View& x = ctx.input(0);
  const int64_t batch_axis = ctx.node().int_attr("batch_axis", 1), time_axis = ctx.node().int_attr("time_axis", 0);
  if (x.rank() < 2 || batch_axis + time_axis != 1 || batch_axis * time_axis != 0) {
    return invalid_model("batch_axis and time_axis must be 0 and 1");
  }
  const int64_t batches = x.dims[static_cast<size_t>(batch_axis)], times = x.dims[static_cast<size_t>(time_axis)];
  HT_ASSIGN(auto lengths, int_input(ctx, 1));
  if (static_cast<int64_t>(lengths.size()) != batches) return invalid_model("one length for each sequence is needed");
  HT_ASSIGN(MutView y, ctx.output(0, x.dtype, x.dims));
  HT_TRY(move_elements(y, dense_place(y.dims), x, dense_place(x.dims), x.dims));
  const Dims strides = row_major_strides(x.dims);
  const int64_t inner = *element_count(Dims(x.dims.begin() + 2, x.dims.end()));
  const int64_t step = strides[static_cast<size_t>(time_axis)];
  for (int64_t b = 0; b < batches; ++b) {
    const int64_t length = lengths[static_cast<size_t>(b)];
    if (length < 0 || length > times) return invalid_model("a sequence is longer than the tensor");
    if (length == 0) continue;
    const int64_t at = b * strides[static_cast<size_t>(batch_axis)];
    HT_TRY(move_elements(y, {at, {step, 1}}, x, {at + (length - 1) * step, {-step, 1}}, Dims{length, inner}));
  }
  return ok_status();
}

constexpr OpDef select_op(std::string_view name, OpSchema schema, InferFn infer, RunFn run) {
  return {.name = name, .schema = schema, .infer = infer, .run = run, .cost = move_cost};
}

}  // namespace

std::span<const OpDef> select_ops() {
  static constexpr OpDef kOps[] = {
      select_op("Compress", {2, 2, 1, 1}, infer_compress, run_compress),
      select_op("NonZero", {1, 1, 1, 1}, infer_non_zero, run_non_zero),
      select_op("OneHot", {3, 3, 1, 1}, infer_one_hot, run_one_hot),
      select_op("ReverseSequence", {2, 2, 1, 1}, infer_like, run_reverse_sequence),
      select_op("Trilu", {1, 2, 1, 1}, infer_like, run_trilu),
  };
  return kOps;
}

}  // namespace halftone
