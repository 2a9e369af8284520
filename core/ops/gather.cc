// Gather, GatherElements, GatherND: elements picked by index. Source: ONNX operator specification, Gather-1/11/13,
// GatherElements-11/13, GatherND-11/12/13. An index outside the axis is the model's mistake, not a crash.
#include <algorithm>
#include <string>

#include "core/ops/families.h"
#include "core/ops/index_util.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

void gather_contents(InferContext& ctx) {
  if (!ctx.shape(0).has_rank() || ctx.shape(0).rank() != 1 || !is_list(ctx.shape(1))) return;
  const auto contents = ctx.shape_contents(0), indices = ctx.shape_contents(1);
  if (!contents || !indices) return;
  const int64_t n = static_cast<int64_t>(contents->size());
  std::vector<Dim> out;
  for (const Dim& dim : *indices) {
    const auto index = content_literal(dim);
    if (!index || *index < -n || *index >= n) return;
    out.push_back((*contents)[static_cast<size_t>(*index < 0 ? *index + n : *index)]);
  }
  ctx.set_output_contents(0, std::move(out));
}

Status infer_gather(InferContext& ctx) {
  const SymShape &in = ctx.shape(0), &indices = ctx.shape(1);
  SymShape out;
  if (in.has_rank()) {
    HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), in.rank()));
    if (indices.has_rank()) {
      std::vector<Dim> dims(in.dims().begin(), in.dims().begin() + axis);
      dims.insert(dims.end(), indices.dims().begin(), indices.dims().end());
      dims.insert(dims.end(), in.dims().begin() + axis + 1, in.dims().end());
      out = SymShape(std::move(dims));
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  gather_contents(ctx);
  return ok_status();
}

Status run_gather(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), x.rank()));
  HT_ASSIGN(MutView y, make_output(ctx, infer_gather));
  HT_ASSIGN(auto indices, indices_below(ctx, 1, x.dims[static_cast<size_t>(axis)]));
  const auto begin = x.dims.begin();
  const int64_t outer = *element_count(Dims(begin, begin + axis)),
                inner = *element_count(Dims(begin + axis + 1, x.dims.end()));
  const int64_t n = x.dims[static_cast<size_t>(axis)], count = static_cast<int64_t>(indices.size());
  // Each index moves a block [outer, inner].
  const Dims block = {outer, inner};
  for (int64_t k = 0; k < count; ++k) {
    HT_TRY(move_elements(y, {k * inner, {count * inner, 1}}, x,
                         {indices[static_cast<size_t>(k)] * inner, {n * inner, 1}}, block));
  }
  return ok_status();
}

Status infer_gather_elements(InferContext& ctx) {
  const SymShape &in = ctx.shape(0), &indices = ctx.shape(1);
  if (in.has_rank() && indices.has_rank()) {
    if (in.rank() != indices.rank()) return invalid_model("indices must have the data's rank");
    HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), in.rank()));
    for (int64_t i = 0; i < in.rank(); ++i) {
      if (i != axis && in[i].known() && indices[i].known() && indices[i].value > in[i].value) {
        return invalid_model("indices reach beyond the data along axis " + std::to_string(i));
      }
    }
  }
  ctx.set_output(0, ctx.dtype(0), indices);
  return ok_status();
}

Status run_gather_elements(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, make_output(ctx, infer_gather_elements));
  if (x.rank() == 0 || y.size() == 0) return ok_status();
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", 0), x.rank()));
  HT_ASSIGN(auto indices, indices_below(ctx, 1, x.dims[static_cast<size_t>(axis)]));
  const Dims strides = row_major_strides(x.dims);
  Dims at(y.dims.size(), 0);
  for (size_t i = 0; i < indices.size(); ++i) {
    int64_t from = indices[i] * strides[static_cast<size_t>(axis)];
    for (size_t k = 0; k < at.size(); ++k) {
      if (static_cast<int64_t>(k) != axis) from += at[k] * strides[k];
    }
    HT_TRY(move_elements(y, {static_cast<int64_t>(i), {}}, x, {from, {}}, {}));
    next_index(at, y.dims);
  }
  return ok_status();
}

Status infer_gather_nd(InferContext& ctx) {
  const SymShape &in = ctx.shape(0), &indices = ctx.shape(1);
  SymShape out;
  if (in.has_rank() && indices.has_rank()) {
    const int64_t batch = ctx.node().int_attr("batch_dims", 0);
    if (indices.rank() < 1 || batch < 0 || batch >= indices.rank() || batch > in.rank()) {
      return invalid_model("batch_dims do not fit the indices");
    }
    const Dim& depth = indices[indices.rank() - 1];
    if (depth.known()) {
      if (depth.value < 1 || batch + depth.value > in.rank())
        return invalid_model("indices are longer than the data's rank");
      for (int64_t i = 0; i < batch; ++i) {
        if (in[i].known() && indices[i].known() && in[i].value != indices[i].value) {
          return invalid_model("batch dims of data and indices differ");
        }
      }
      std::vector<Dim> dims(indices.dims().begin(), indices.dims().end() - 1);
      dims.insert(dims.end(), in.dims().begin() + batch + depth.value, in.dims().end());
      out = SymShape(std::move(dims));
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_gather_nd(RunContext& ctx) {
  const View &x = ctx.input(0), &indices = ctx.input(1);
  HT_ASSIGN(MutView y, make_output(ctx, infer_gather_nd));
  if (indices.dtype != DType::kInt64) return invalid_model("indices must be int64");
  if (y.size() == 0) return ok_status();
  const size_t batch = static_cast<size_t>(ctx.node().int_attr("batch_dims", 0));
  const size_t depth = static_cast<size_t>(indices.dims.back());
  const Dims strides = row_major_strides(x.dims);
  const int64_t slice = *element_count(Dims(x.dims.begin() + static_cast<int64_t>(batch + depth), x.dims.end()));
  const int64_t batches = *element_count(Dims(x.dims.begin(), x.dims.begin() + static_cast<int64_t>(batch)));
  const int64_t tuples = indices.size() / indices.dims.back(), per_batch = tuples / batches;
  const int64_t batch_size = x.size() / batches;
  for (int64_t t = 0; t < tuples; ++t) {
    int64_t from = t / per_batch * batch_size;
    for (size_t k = 0; k < depth; ++k) {
      const int64_t n = x.dims[batch + k];
      HT_ASSIGN(const int64_t index,
                index_below(indices.as<int64_t>()[t * indices.dims.back() + static_cast<int64_t>(k)], n));
      from += index * strides[batch + k];
    }
    HT_TRY(move_elements(y, {t * slice, {1}}, x, {from, {1}}, Dims{slice}));
  }
  return ok_status();
}

}  // namespace

std::span<const OpDef> gather_ops() {
  static constexpr OpDef kOps[] = {
      move_row("Gather", {2, 2, 1, 1}, infer_gather, run_gather),
      move_row("GatherElements", {2, 2, 1, 1}, infer_gather_elements, run_gather_elements),
      move_row("GatherND", {2, 2, 1, 1}, infer_gather_nd, run_gather_nd),
  };
  return kOps;
}

}  // namespace halftone
