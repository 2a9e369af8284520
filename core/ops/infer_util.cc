// Helpers of the operators' infer functions; see the header.
#include "core/ops/infer_util.h"

#include <algorithm>
#include <utility>

namespace halftone {

Failure invalid_model(const char* message) { return invalid_model(std::string(message)); }

Failure unsupported(const char* message) { return unsupported(std::string(message)); }

Failure invalid_model(std::string message, std::string hint) {
  return Error{ErrorCode::kInvalidModel, std::move(message), {}, std::move(hint)};
}

Failure unsupported(std::string message, std::string hint) {
  return Error{ErrorCode::kUnsupportedOperator, std::move(message), {}, std::move(hint)};
}

Result<int64_t> axis_in_rank(int64_t axis, int64_t rank) {
  auto normal = normalize_axis(axis, rank);
  if (!normal) {
    return invalid_model("axis " + std::to_string(axis) + " is outside a tensor of rank " + std::to_string(rank));
  }
  return *normal;
}

Result<Dims> axes_in_rank(Dims axes, int64_t rank) {
  SmallVector<bool, 8> seen(static_cast<size_t>(std::max<int64_t>(rank, 0)), false);
  for (int64_t& axis : axes) {
    HT_ASSIGN(axis, axis_in_rank(axis, rank));
    if (seen[static_cast<size_t>(axis)]) return invalid_model("axis " + std::to_string(axis) + " is listed twice");
    seen[static_cast<size_t>(axis)] = true;
  }
  return axes;
}

namespace {

// One dim of a broadcast; nullopt where two numbers disagree.
std::optional<Dim> broadcast_dim(const Dim& a, const Dim& b) {
  if (a.known() && b.known()) {
    if (a.value == b.value || b.value == 1) return a;
    if (a.value == 1) return b;
    return std::nullopt;
  }
  if (a.same(b)) return a;
  if (a.known()) return a.value == 1 ? b : a;  // the other is 1 or equal
  if (b.known()) return b.value == 1 ? a : b;
  return Dim();
}

}  // namespace

Result<SymShape> broadcast_shapes(const SymShape& a, const SymShape& b) {
  if (!a.has_rank() || !b.has_rank()) return SymShape();
  const int64_t rank = std::max(a.rank(), b.rank());
  std::vector<Dim> dims(static_cast<size_t>(rank), Dim(1));
  for (int64_t i = 0; i < rank; ++i) {
    const int64_t ia = i - (rank - a.rank()), ib = i - (rank - b.rank());
    auto dim = broadcast_dim(ia < 0 ? Dim(1) : a[ia], ib < 0 ? Dim(1) : b[ib]);
    if (!dim) return invalid_model("shapes " + a.to_string() + " and " + b.to_string() + " do not broadcast");
    dims[static_cast<size_t>(i)] = *std::move(dim);
  }
  return SymShape(std::move(dims));
}

Result<SymShape> broadcast_inputs(const InferContext& ctx) {
  SymShape shape = SymShape::of({});
  for (size_t i = 0; i < ctx.input_count(); ++i) {
    if (!ctx.has_input(i)) return invalid_model("input " + std::to_string(i) + " is missing");
    HT_ASSIGN(shape,
              broadcast_shapes(
                  shape, i == 1 ? legacy_aligned(ctx.node(), ctx.opset(), ctx.shape(0), ctx.shape(1)) : ctx.shape(i)));
  }
  return shape;
}

SymShape legacy_aligned(const Node& node, int64_t opset, const SymShape& a, const SymShape& b) {
  if (opset >= 7 || !node.has("axis") || !a.has_rank() || !b.has_rank() || b.rank() >= a.rank()) return b;
  int64_t axis = node.int_attr("axis", 0);
  if (axis < 0) axis += a.rank();
  if (axis < 0 || axis + b.rank() > a.rank()) return b;  // does not fit: the broadcast says so
  std::vector<Dim> dims(b.dims());
  dims.resize(static_cast<size_t>(a.rank() - axis), Dim(1));
  return SymShape(std::move(dims));
}

Result<Dims> int_elements(const Tensor& tensor) {
  Dims out;
  if (tensor.dtype() == DType::kInt64) {
    auto d = tensor.data<int64_t>();
    out.assign(d.begin(), d.end());
  } else if (tensor.dtype() == DType::kInt32) {
    auto d = tensor.data<int32_t>();
    out.assign(d.begin(), d.end());
  } else {
    return invalid_model("expected int32 or int64 elements, got " + std::string(dtype_name(tensor.dtype())));
  }
  return out;
}

Result<IntsArgument> ints_argument(const InferContext& ctx, std::string_view name, size_t i, int64_t input_since) {
  IntsArgument arg;
  if (ctx.opset() < input_since) {
    arg.present = arg.known = ctx.node().has(name);
    arg.values = ctx.node().ints_attr(name);
    return arg;
  }
  arg.present = ctx.has_input(i);
  if (!arg.present) return arg;
  if (const Tensor* t = ctx.constant(i)) {
    arg.known = true;
    HT_ASSIGN(arg.values, int_elements(*t));
  }
  return arg;
}

Result<DType> dtype_attribute(const Node& node, std::string_view name, DType fallback) {
  if (!node.has(name)) return fallback;
  const int64_t code = node.int_attr(name, 0);
  const auto type = code > 0 && code < 1000 ? dtype_from_onnx(static_cast<int32_t>(code)) : std::nullopt;
  if (!type) return unsupported("element type " + std::to_string(code) + " is not known");
  return *type;
}

Dim content_dim(int64_t literal) { return literal >= 0 ? Dim(literal) : Dim(std::to_string(literal)); }

std::optional<int64_t> content_literal(const Dim& dim) {
  if (dim.known()) return dim.value;
  if (dim.symbol.size() < 2 || dim.symbol.size() > 18 || dim.symbol[0] != '-') return std::nullopt;
  int64_t v = 0;
  for (char c : dim.symbol.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    v = v * 10 + (c - '0');
  }
  return -v;
}

Status infer_like(InferContext& ctx) {
  ctx.set_output(0, ctx.dtype(0), ctx.shape(0));
  return ok_status();
}

Status infer_same(InferContext& ctx) {
  ctx.set_output(0, ctx.dtype(0), ctx.shape(0));
  if (auto contents = ctx.shape_contents(0)) ctx.set_output_contents(0, *std::move(contents));
  return ok_status();
}

Status infer_broadcast(InferContext& ctx) {
  HT_ASSIGN(SymShape shape, broadcast_inputs(ctx));
  ctx.set_output(0, ctx.dtype(0), std::move(shape));
  return ok_status();
}

}  // namespace halftone
