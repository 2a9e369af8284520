// Channels-first tensors for channels-last kernels; see the header.
#include "core/ops/conv_layout.h"

#include <algorithm>

#include "core/base/checked.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"

namespace halftone {
namespace {

template <typename List>
List to_last(List out) {
  if (out.size() > 2) std::rotate(out.begin() + 1, out.begin() + 2, out.end());
  return out;
}

template <typename List>
List to_first(List out) {
  if (out.size() > 2) std::rotate(out.begin() + 1, out.end() - 1, out.end());
  return out;
}

// Copies between a channels-first view and channels-last memory of the same type.
Status move_layout(const MutView& dst, const View& src, const Dims& last_dims, bool to_channels_last) {
  Place first = dense_place(to_channels_last ? src.dims : dst.dims);
  first.strides = to_last(std::move(first.strides));
  const Place last = dense_place(last_dims);
  return move_elements(dst, to_channels_last ? last : first, src, to_channels_last ? first : last, last_dims);
}

struct ConvMemo final : Memo {
  ConvPlan plan;
};

}  // namespace

Dims channels_last_dims(std::span<const int64_t> dims) { return to_last(Dims(dims)); }
Dims channels_first_dims(std::span<const int64_t> dims) { return to_first(Dims(dims)); }

SymShape channels_last_shape(const SymShape& shape) {
  return shape.has_rank() ? SymShape(to_last(shape.dims())) : shape;
}
SymShape channels_first_shape(const SymShape& shape) {
  return shape.has_rank() ? SymShape(to_first(shape.dims())) : shape;
}

Result<ConvRun> start_conv(RunContext& ctx, std::span<const int64_t> w, DType output) {
  const View& x = ctx.input(0);
  const bool last = ctx.node().has(kChannelsLastAttr);
  auto& memo = memo_of<ConvMemo>(ctx);
  if (!memo.known) {
    HT_ASSIGN(memo.plan, plan_conv(ctx.node(), last ? channels_first_dims(x.dims) : x.dims, w));
    memo.known = true;
  }
  const ConvPlan& plan = memo.plan;
  ConvRun run{.geometry = plan.geometry, .x = x.data, .moves = !last};
  HT_ASSIGN(run.output, ctx.output(0, output, last ? channels_last_dims(plan.output_dims) : plan.output_dims));
  run.y = run.output.data;
  if (last) return run;
  HT_ASSIGN(const int64_t in_bytes, element_bytes(x.dtype));
  HT_ASSIGN(const int64_t out_bytes, element_bytes(output));
  HT_ASSIGN(void* copy, ctx.scratch(checked_mul(x.size(), in_bytes).value_or(kMaxBytes + 1)));
  HT_ASSIGN(run.y, ctx.scratch(checked_mul(run.output.size(), out_bytes).value_or(kMaxBytes + 1)));
  const Dims dims = channels_last_dims(x.dims);
  HT_TRY(move_layout(MutView{x.dtype, dims, copy}, x, dims, true));
  run.x = copy;
  return run;
}

Status finish_conv(const ConvRun& run) {
  if (!run.moves) return ok_status();
  const Dims dims = channels_last_dims(run.output.dims);
  return move_layout(run.output, View{run.output.dtype, dims, run.y}, dims, false);
}

}  // namespace halftone
