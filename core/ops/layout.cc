// Transpose, DepthToSpace, SpaceToDepth: the same elements in another order, each one strided copy.
// Source: ONNX operator specification, Transpose-1/13, DepthToSpace-1/11/13, SpaceToDepth-1/13.
#include <numeric>
#include <string>

#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// The permutation of a node for this rank: the reverse by default.
Result<Dims> permutation(const Node& node, int64_t rank) {
  Dims perm = node.ints_attr("perm");
  if (!node.has("perm")) {
    perm.resize(static_cast<size_t>(rank));
    for (int64_t i = 0; i < rank; ++i) perm[static_cast<size_t>(i)] = rank - 1 - i;
  }
  if (static_cast<int64_t>(perm.size()) != rank) {
    return invalid_model("perm has " + std::to_string(perm.size()) + " entries for a tensor of rank " +
                         std::to_string(rank));
  }
  return axes_in_rank(std::move(perm), rank);
}

Status infer_transpose(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  SymShape out;
  if (in.has_rank()) {
    HT_ASSIGN(auto perm, permutation(ctx.node(), in.rank()));
    std::vector<Dim> dims;
    for (int64_t axis : perm) dims.push_back(in[axis]);
    out = SymShape(std::move(dims));
  } else if (ctx.node().has("perm")) {
    out = SymShape::unknown_dims(static_cast<int64_t>(ctx.node().ints_attr("perm").size()));
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

// Whether the axes longer than one keep their order.
bool moves_nothing(const Dims& dims, const Dims& perm) {
  int64_t last = -1;
  for (int64_t axis : perm) {
    if (dims[static_cast<size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

Status run_transpose(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(auto perm, permutation(ctx.node(), x.rank()));
  if (moves_nothing(x.dims, perm)) {
    Dims dims;
    for (int64_t axis : perm) dims.push_back(x.dims[static_cast<size_t>(axis)]);
    return ctx.output_alias(0, 0, dims);
  }
  HT_ASSIGN(MutView y, make_output(ctx, infer_transpose));
  const Dims strides = row_major_strides(x.dims);
  Place from;
  for (int64_t axis : perm) from.strides.push_back(strides[static_cast<size_t>(axis)]);
  return move_elements(y, dense_place(y.dims), x, from, y.dims);
}

Result<int64_t> block_size(const Node& node) {
  const int64_t block = node.int_attr("blocksize", 0);
  if (block < 1 || block > (int64_t{1} << 20)) return invalid_model("blocksize must be positive");
  return block;
}

Status infer_depth_to_space(InferContext& ctx) {
  HT_ASSIGN(const int64_t b, block_size(ctx.node()));
  SymShape out = SymShape::unknown_dims(4);
  const SymShape& in = ctx.shape(0);
  if (in.has_rank()) {
    if (in.rank() != 4) return invalid_model("expected a tensor of rank 4, got " + in.to_string());
    out[0] = in[0];
    if (in[1].known()) {
      if (in[1].value % (b * b) != 0) return invalid_model("channels are not a multiple of blocksize squared");
      out[1] = Dim(in[1].value / (b * b));
    }
    for (int64_t i : {2, 3}) {
      if (in[i].known()) out[i] = Dim(in[i].value * b);
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status infer_space_to_depth(InferContext& ctx) {
  HT_ASSIGN(const int64_t b, block_size(ctx.node()));
  SymShape out = SymShape::unknown_dims(4);
  const SymShape& in = ctx.shape(0);
  if (in.has_rank()) {
    if (in.rank() != 4) return invalid_model("expected a tensor of rank 4, got " + in.to_string());
    out[0] = in[0];
    if (in[1].known()) out[1] = Dim(in[1].value * b * b);
    for (int64_t i : {2, 3}) {
      if (!in[i].known()) continue;
      if (in[i].value % b != 0) return invalid_model("height and width must be multiples of blocksize");
      out[i] = Dim(in[i].value / b);
    }
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status run_depth_to_space(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, make_output(ctx, infer_depth_to_space));
  const int64_t b = ctx.node().int_attr("blocksize", 1), c = y.dims[1], h = x.dims[2], w = x.dims[3];
  const bool crd = ctx.node().string_attr("mode", "DCR") == "CRD";
  const int64_t plane = h * w;
  // y as [n, c, h, b, w, b]; the block indices are the slow part of x's channels (DCR) or the fast one (CRD).
  const int64_t channel = crd ? plane * b * b : plane, row = crd ? plane * b : plane * c * b,
                column = crd ? plane : plane * c;
  const Dims dims = {y.dims[0], c, h, b, w, b};
  return move_elements(y, dense_place(dims), x, {0, {plane * c * b * b, channel, w, row, 1, column}}, dims);
}

Status run_space_to_depth(RunContext& ctx) {
  const View& x = ctx.input(0);
  HT_ASSIGN(MutView y, make_output(ctx, infer_space_to_depth));
  const int64_t b = ctx.node().int_attr("blocksize", 1), c = x.dims[1], h = y.dims[2], w = y.dims[3];
  const int64_t row = x.dims[3], plane = x.dims[2] * x.dims[3];
  const Dims dims = {x.dims[0], b, b, c, h, w};
  return move_elements(y, dense_place(dims), x, {0, {plane * c, row, 1, plane, row * b, b}}, dims);
}

}  // namespace

std::span<const OpDef> layout_ops() {
  static constexpr OpDef kOps[] = {
      move_row("Transpose", {1, 1, 1, 1}, infer_transpose, run_transpose),
      move_row("DepthToSpace", {1, 1, 1, 1}, infer_depth_to_space, run_depth_to_space),
      move_row("SpaceToDepth", {1, 1, 1, 1}, infer_space_to_depth, run_space_to_depth),
  };
  return kOps;
}

}  // namespace halftone
