// Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout (inference): the output is the input's bytes under other
// dims. Source: ONNX operator specification, Reshape-1/5/13/14/19/21, Squeeze-1/11/13, Unsqueeze-1/11/13,
// Dropout-1..22.
#include <algorithm>
#include <cstring>
#include <string>

#include "core/base/checked.h"
#include "core/ops/families.h"
#include "core/ops/infer_util.h"
#include "core/ops/move_util.h"
#include "core/ops/resolve.h"

namespace halftone {
namespace {

// Output 0 has input 0's type and this shape; a list stays a list with the same contents.
void set_reshaped(InferContext& ctx, SymShape shape) {
  const bool list = is_list(shape);
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  if (!list) return;
  if (auto contents = ctx.shape_contents(0)) ctx.set_output_contents(0, *std::move(contents));
}

// The dim that -1 stands for. `from` and `to` are the dims on both sides that do not obviously stay.
Result<Dim> remaining_dim(std::vector<Dim> from, std::vector<Dim> to) {
  for (auto it = to.begin(); it != to.end();) {
    auto twin = std::find_if(from.begin(), from.end(), [&](const Dim& d) { return !d.known() && d.same(*it); });
    if (twin == from.end()) {
      ++it;
    } else {
      from.erase(twin);
      it = to.erase(it);
    }
  }
  int64_t have = 1, used = 1;
  std::vector<Dim> open;
  for (const Dim& dim : from) {
    if (!dim.known()) {
      open.push_back(dim);
      continue;
    }
    auto product = checked_mul(have, dim.value);
    if (!product) return invalid_model("the number of elements overflows");
    have = *product;
  }
  for (const Dim& dim : to) {
    if (!dim.known()) return Dim();
    auto product = checked_mul(used, dim.value);
    if (!product) return invalid_model("the number of elements overflows");
    used = *product;
  }
  if (open.size() == 1 && have == used) return open[0];
  if (!open.empty()) return Dim();
  if (used == 0 || have % used != 0) {
    return invalid_model("cannot reshape " + std::to_string(have) + " elements into rows of " + std::to_string(used));
  }
  return Dim(have / used);
}

Result<SymShape> reshape_shape(const SymShape& in, const std::vector<Dim>& target, bool allow_zero) {
  std::vector<Dim> out(target.size()), from, to;
  std::vector<bool> stays(static_cast<size_t>(in.has_rank() ? in.rank() : 0), false);
  int64_t open = -1;
  for (size_t i = 0; i < target.size(); ++i) {
    const auto literal = content_literal(target[i]);
    out[i] = target[i];
    if (literal && *literal == -1) {
      if (open >= 0) return invalid_model("more than one -1 in the new shape");
      open = static_cast<int64_t>(i);
    } else if (literal && *literal == 0 && !allow_zero) {
      if (in.has_rank() && static_cast<int64_t>(i) >= in.rank()) {
        return invalid_model("0 at position " + std::to_string(i) + " of the new shape, beyond the input's rank");
      }
      out[i] = in.has_rank() ? in[static_cast<int64_t>(i)] : Dim();
      if (in.has_rank()) stays[i] = true;
    } else if (literal && *literal < 0) {
      return invalid_model("the new shape holds " + std::to_string(*literal));
    } else {
      to.push_back(out[i]);
    }
  }
  if (!in.has_rank()) {
    if (open >= 0) out[static_cast<size_t>(open)] = Dim();
    return SymShape(std::move(out));
  }
  for (size_t i = 0; i < stays.size(); ++i) {
    if (!stays[i]) from.push_back(in.dims()[i]);
  }
  if (open >= 0) {
    HT_ASSIGN(out[static_cast<size_t>(open)], remaining_dim(std::move(from), std::move(to)));
    return SymShape(std::move(out));
  }
  const auto have = SymShape(from).concrete(), want = SymShape(to).concrete();
  if (have && want && (!checked_product(*have) || checked_product(*have) != checked_product(*want))) {
    return invalid_model("cannot reshape " + in.to_string() + " to " + SymShape(out).to_string());
  }
  return SymShape(std::move(out));
}

Status infer_reshape(InferContext& ctx) {
  std::optional<std::vector<Dim>> target;
  if (ctx.opset() < 5) {
    target.emplace();
    for (int64_t v : ctx.node().ints_attr("shape")) target->push_back(content_dim(v));
  } else {
    target = ctx.shape_contents(1);
  }
  if (!target) {
    const SymShape& shape = ctx.shape(1);
    const bool rank_known = shape.has_rank() && shape.rank() == 1 && shape[0].known() && shape[0].value <= kMaxRank;
    ctx.set_output(0, ctx.dtype(0), rank_known ? SymShape::unknown_dims(shape[0].value) : SymShape());
    return ok_status();
  }
  HT_ASSIGN(SymShape shape, reshape_shape(ctx.shape(0), *target, ctx.node().int_attr("allowzero", 0) != 0));
  set_reshaped(ctx, std::move(shape));
  return ok_status();
}

// Product of known dims [begin, end), or the one symbol among ones.
Dim flat_dim(const SymShape& shape, int64_t begin, int64_t end) {
  Dim out(1);
  for (int64_t i = begin; i < end; ++i) {
    if (shape[i].known() && shape[i].value == 1) continue;
    if (out.known() && out.value == 1) {
      out = shape[i];
    } else if (out.known() && shape[i].known()) {
      auto product = checked_mul(out.value, shape[i].value);
      if (!product) return Dim();
      out = Dim(*product);
    } else {
      return Dim();
    }
  }
  return out;
}

Status infer_flatten(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  SymShape out = SymShape::unknown_dims(2);
  if (in.has_rank()) {
    const int64_t given = ctx.node().int_attr("axis", 1);
    const int64_t axis = given < 0 ? given + in.rank() : given;
    if (axis < 0 || axis > in.rank()) {
      return invalid_model("axis " + std::to_string(given) + " is outside a tensor of rank " +
                           std::to_string(in.rank()));
    }
    out = SymShape({flat_dim(in, 0, axis), flat_dim(in, axis, in.rank())});
  }
  ctx.set_output(0, ctx.dtype(0), std::move(out));
  return ok_status();
}

Status infer_squeeze(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  HT_ASSIGN(IntsArgument arg, ints_argument(ctx, "axes", 1, 13));
  if (!in.has_rank() || (arg.present && !arg.known)) {
    ctx.set_output(0, ctx.dtype(0), {});
    return ok_status();
  }
  std::vector<bool> drop(static_cast<size_t>(in.rank()), false);
  if (arg.present) {
    HT_ASSIGN(auto axes, axes_in_rank(arg.values, in.rank()));
    for (int64_t axis : axes) {
      if (in[axis].known() && in[axis].value != 1) {
        return invalid_model("axis " + std::to_string(axis) + " of " + in.to_string() + " is not 1");
      }
      drop[static_cast<size_t>(axis)] = true;
    }
  } else {
    for (int64_t i = 0; i < in.rank(); ++i) {
      if (!in[i].known()) {
        ctx.set_output(0, ctx.dtype(0), {});
        return ok_status();
      }
      drop[static_cast<size_t>(i)] = in[i].value == 1;
    }
  }
  std::vector<Dim> out;
  for (int64_t i = 0; i < in.rank(); ++i) {
    if (!drop[static_cast<size_t>(i)]) out.push_back(in[i]);
  }
  set_reshaped(ctx, SymShape(std::move(out)));
  return ok_status();
}

Status infer_unsqueeze(InferContext& ctx) {
  const SymShape& in = ctx.shape(0);
  HT_ASSIGN(IntsArgument arg, ints_argument(ctx, "axes", 1, 13));
  if (!arg.present) return invalid_model("axes are missing");
  if (!in.has_rank() || !arg.known) {
    ctx.set_output(0, ctx.dtype(0), {});
    return ok_status();
  }
  const int64_t rank = in.rank() + static_cast<int64_t>(arg.values.size());
  if (rank > kMaxRank) return invalid_model("rank " + std::to_string(rank) + " is too high");
  HT_ASSIGN(auto axes, axes_in_rank(arg.values, rank));
  std::vector<Dim> out;
  int64_t next = 0;
  for (int64_t i = 0; i < rank; ++i) {
    const bool added = std::find(axes.begin(), axes.end(), i) != axes.end();
    out.push_back(added ? Dim(1) : in[next++]);
  }
  set_reshaped(ctx, SymShape(std::move(out)));
  return ok_status();
}

Status infer_dropout(InferContext& ctx) {
  ctx.set_output(0, ctx.dtype(0), ctx.shape(0));
  if (ctx.node().output(1) != kNoValue) {
    ctx.set_output(1, ctx.opset() < 10 ? ctx.dtype(0) : DType::kBool, ctx.shape(0));
  }
  return ok_status();
}

// A dense output whose bytes are input 0's.
template <InferFn kInfer>
Status run_alias(RunContext& ctx) {
  HT_ASSIGN(auto specs, resolve_outputs(ctx, kInfer));
  // Sizes that multiply to the right number may still overflow on the way (0 beside the largest integer).
  if (element_count(specs[0].dims) != ctx.input(0).size()) {
    return invalid_model("shape " + to_string(specs[0].dims) + " is out of range");
  }
  return ctx.output_alias(0, 0, specs[0].dims);
}

// Whether this Dropout drops nothing: not training, or a ratio of 0.
Result<bool> dropout_is_identity(const RunContext& ctx) {
  if (ctx.opset() < 7) return ctx.node().int_attr("is_test", 0) != 0;
  if (!ctx.has_input(2)) return true;
  const View& training = ctx.input(2);
  if (training.dtype != DType::kBool || training.size() != 1) return invalid_model("training_mode must be one bool");
  if (!*training.as<bool>()) return true;
  if (!ctx.has_input(1)) return false;
  const View& ratio = ctx.input(1);
  return ratio.dtype == DType::kFloat && ratio.size() == 1 && *ratio.as<float>() == 0.0f;
}

Status run_dropout(RunContext& ctx) {
  HT_ASSIGN(const bool identity, dropout_is_identity(ctx));
  if (!identity) return unsupported("Dropout in training mode is random", "export the model for inference");
  HT_ASSIGN(auto specs, resolve_outputs(ctx, infer_dropout));
  if (ctx.wants_output(1)) {
    HT_ASSIGN(MutView mask, ctx.output(1, specs[1].dtype, specs[1].dims));
    const int64_t count = mask.size();
    if (mask.dtype == DType::kBool) {
      std::fill_n(mask.as<bool>(), count, true);
    } else if (mask.dtype == DType::kFloat) {
      std::fill_n(mask.as<float>(), count, 1.0f);
    } else {
      return unsupported("a Dropout mask of type " + std::string(dtype_name(mask.dtype)));
    }
  }
  return ctx.output_alias(0, 0, specs[0].dims);
}

}  // namespace

std::span<const OpDef> reshape_ops() {
  static constexpr OpDef kOps[] = {
      move_row("Reshape", {1, 2, 1, 1}, infer_reshape, run_alias<infer_reshape>),
      move_row("Flatten", {1, 1, 1, 1}, infer_flatten, run_alias<infer_flatten>),
      move_row("Squeeze", {1, 2, 1, 1}, infer_squeeze, run_alias<infer_squeeze>),
      move_row("Unsqueeze", {1, 2, 1, 1}, infer_unsqueeze, run_alias<infer_unsqueeze>),
      move_row("Identity", {1, 1, 1, 1}, infer_same, run_alias<infer_same>),
      move_row("Dropout", {1, 3, 1, 2}, infer_dropout, run_dropout),
  };
  return kOps;
}

}  // namespace halftone
