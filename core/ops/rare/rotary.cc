// RotaryEmbedding (ONNX opset 23, and com.microsoft's with its own order of inputs) and TensorScatter (opset 24): what
// decoders do to their keys and caches.
// Formula: core/kernels/attention/rotary_f32.h. Source: ONNX operator specification; onnxruntime,
// docs/ContribOperators.md.
#include <algorithm>
#include <string>

#include "core/kernels/attention/rotary_f32.h"
#include "core/ops/families.h"
#include "core/ops/half.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// What the attributes and the first input say; caches and positions follow.
Result<Rotary> read_rotary(const RunContext& ctx, int64_t heads) {
  const View& x = ctx.input(0);
  if (x.dtype != DType::kFloat) return unsupported("RotaryEmbedding of " + std::string(dtype_name(x.dtype)));
  Rotary r;
  if (x.rank() == 4) {
    r.heads = x.dims[1];
    r.rows = x.dims[2];
    r.width = r.row_step = x.dims[3];
    r.head_step = r.rows * r.width;
  } else if (x.rank() == 3 && heads > 0 && x.dims[2] % heads == 0) {
    r.heads = heads;
    r.rows = x.dims[1];
    r.width = r.head_step = x.dims[2] / heads;
    r.row_step = x.dims[2];
  } else {
    return invalid_model("RotaryEmbedding takes [batch, heads, rows, width], or rank 3 with num_heads");
  }
  r.batch = x.dims[0];
  r.batch_step = r.heads * r.rows * r.width;
  r.rotary = ctx.node().int_attr("rotary_embedding_dim", 0);
  if (r.rotary == 0) r.rotary = r.width;
  if (r.rotary < 0 || r.rotary > r.width || r.rotary % 2 != 0)
    return invalid_model("rotary_embedding_dim does not fit");
  r.interleaved = ctx.node().int_attr("interleaved", 0) != 0;
  return r;
}

// Caches of cosines and sines, [cache rows, rotary / 2] by position or [batch, rows, rotary / 2]; `positions` gets one
// number per batch and row where there is an input for them (which may be one number, where all rows start).
Status read_caches(const RunContext& ctx, size_t cos, size_t position_input, std::vector<int64_t>& positions,
                   Rotary& r) {
  const View &c = ctx.input(cos), &s = ctx.input(cos + 1);
  if (c.dtype != DType::kFloat || s.dtype != DType::kFloat || c.dims != s.dims || c.rank() < 2 ||
      c.dims.back() != r.rotary / 2) {
    return invalid_model("the caches " + to_string(c.dims) + " do not fit heads of " + std::to_string(r.width));
  }
  r.cos = c.as<float>();
  r.sin = s.as<float>();
  const int64_t cached = c.size() / std::max<int64_t>(c.dims.back(), 1), wanted = r.batch * r.rows;
  if (!ctx.has_input(position_input)) {
    return cached == wanted ? ok_status() : invalid_model("the caches hold another number of rows");
  }
  HT_ASSIGN(positions, int_input(ctx, position_input));
  const auto inside = [&](int64_t p) { return p >= 0 && p < cached; };
  if (positions.size() == 1 && wanted != 1 && inside(positions[0])) {
    const int64_t first = positions[0];
    positions.clear();
    for (int64_t i = 0; i < wanted; ++i) positions.push_back(first + i % r.rows);
  }
  if (static_cast<int64_t>(positions.size()) != wanted || !std::all_of(positions.begin(), positions.end(), inside)) {
    return invalid_model("position_ids must hold one position of the caches per batch and row");
  }
  r.positions = positions.data();
  return ok_status();
}

Status run_rotation(RunContext& ctx, Rotary r, size_t caches, size_t position_input) {
  std::vector<int64_t> positions;
  HT_TRY(read_caches(ctx, caches, position_input, positions, r));
  HT_ASSIGN(MutView y, ctx.output(0, DType::kFloat, ctx.input(0).dims));
  rotate_f32(r, ctx.input(0).as<float>(), y.as<float>());
  return ok_status();
}

Status run_rotary(RunContext& ctx) {
  HT_ASSIGN(Rotary r, read_rotary(ctx, ctx.node().int_attr("num_heads", 0)));
  return run_rotation(ctx, r, 1, 3);
}

// com.microsoft: x, position_ids, cos, sin; without num_heads the caches tell the width of a head.
Status run_rotary_contrib(RunContext& ctx) {
  int64_t heads = ctx.node().int_attr("num_heads", 0);
  const View &x = ctx.input(0), &cache = ctx.input(2);
  if (heads == 0 && x.rank() == 3 && cache.rank() == 2 && cache.dims[1] > 0) heads = x.dims[2] / (2 * cache.dims[1]);
  HT_ASSIGN(Rotary r, read_rotary(ctx, heads));
  return run_rotation(ctx, r, 2, 1);
}

// --- TensorScatter ----------------------------------------------------------------------------

// A cache [batch, ..., rows, ...] with rows of the update written from write_indices[batch] on, past the end refused or
// from the front again.
Status run_tensor_scatter(RunContext& ctx) {
  const View &cache = ctx.input(0), &update = ctx.input(1);
  HT_ASSIGN(const int64_t axis, axis_in_rank(ctx.node().int_attr("axis", -2), cache.rank()));
  const bool circular = ctx.node().string_attr("mode", "linear") == "circular";
  Dims expected = cache.dims;
  if (axis == 0 || update.rank() != cache.rank()) return invalid_model("axis must not be the batch");
  expected[static_cast<size_t>(axis)] = update.dims[static_cast<size_t>(axis)];
  if (update.dims != expected || update.dtype != cache.dtype) return invalid_model("the update does not fit the cache");
  std::vector<int64_t> first(static_cast<size_t>(cache.dims[0]), 0);
  if (ctx.has_input(2)) {
    HT_ASSIGN(first, int_input(ctx, 2));
  }
  if (static_cast<int64_t>(first.size()) != cache.dims[0])
    return invalid_model("write_indices must name one row per batch");
  HT_ASSIGN(MutView y, ctx.output(0, cache.dtype, cache.dims));
  HT_TRY(move_elements(y, dense_place(cache.dims), cache, dense_place(cache.dims), cache.dims));
  const int64_t n = cache.dims[static_cast<size_t>(axis)], rows = update.dims[static_cast<size_t>(axis)];
  const Dims strides = row_major_strides(cache.dims), from = row_major_strides(update.dims);
  Dims block(cache.dims.begin() + 1, cache.dims.end());
  block[static_cast<size_t>(axis) - 1] = 1;
  for (int64_t i = 0; i < cache.dims[0] * rows; ++i) {
    const int64_t b = i / rows;
    int64_t start = first[static_cast<size_t>(b)];
    if (circular && n > 0) start = (start % n + n) % n;
    if (start < 0 || start > n) return invalid_model("the update starts beyond the cache");
    int64_t row = start + i % rows;
    if (circular && n > 0) row %= n;
    if (row < 0 || row >= n) return invalid_model("the update reaches beyond the cache");
    const Place to{b * strides[0] + row * strides[static_cast<size_t>(axis)], Dims(strides.begin() + 1, strides.end())};
    const Place source{b * from[0] + i % rows * from[static_cast<size_t>(axis)], Dims(from.begin() + 1, from.end())};
    HT_TRY(move_elements(y, to, update, source, block));
  }
  return ok_status();
}

}  // namespace

std::span<const OpDef> rotary_ops() {
  static constexpr OpDef kOps[] = {
      {.name = "RotaryEmbedding",
       .schema = {3, 4, 1, 1},
       .infer = infer_like,
       .run = in_single<run_rotary>,
       .cost = elementwise_cost},
      {.name = "RotaryEmbedding",
       .domain = "com.microsoft",
       .schema = {4, 4, 1, 1},
       .infer = infer_like,
       .run = in_single<run_rotary_contrib>,
       .cost = elementwise_cost},
      {.name = "TensorScatter",
       .schema = {2, 3, 1, 1},
       .infer = infer_like,
       .run = run_tensor_scatter,
       .cost = move_cost},
  };
  return kOps;
}

}  // namespace halftone
